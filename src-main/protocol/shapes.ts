/**
 * The shapes that several methods and events share, by name: `$defs` of the schema document, and top-level types for
 * clients in other languages. A list only: what a shape holds is said where it is declared.
 */
import { AgentEvent, ChatEvent, ErrorKind } from "./events.ts";
import {
  ConnectParams,
  ErrorShape,
  EventFrame,
  HelloOk,
  PresenceEntry,
  RequestFrame,
  ResponseFrame,
  StateVersion,
} from "./frames.ts";
import * as messages from "./messages.ts";
import { Approval, ApprovalDecision, ApprovalOutcome, ApprovalRequest, Grant, GrantRule } from "./methods/approvals.ts";
import { AuditEntry } from "./methods/audit.ts";
import { ChangeRow, SandboxState } from "./methods/changes.ts";
import { Attachment } from "./methods/chat.ts";
import { ThinkingLevel } from "./methods/common.ts";
import { ModelRow, ProviderOffer, ProviderStatus } from "./methods/config.ts";
import { PairedDevice, PendingDevice } from "./methods/devices.ts";
import { SessionRow } from "./methods/sessions.ts";
import { HealthSummary } from "./methods/system.ts";

/** The frames first, then the shared shapes by alphabet. The order is the document's. */
export const SHAPES = {
  RequestFrame,
  ResponseFrame,
  EventFrame,
  ErrorShape,
  ConnectParams,
  HelloOk,
  AgentEvent,
  Approval,
  ApprovalDecision,
  ApprovalOutcome,
  ApprovalRequest,
  Attachment,
  AuditEntry,
  ChangeRow,
  ChatEvent,
  ContentBlock: messages.ContentBlock,
  ErrorKind,
  FileBlock: messages.FileBlock,
  Grant,
  GrantRule,
  HealthSummary,
  ImageBlock: messages.ImageBlock,
  Message: messages.Message,
  ModelRow,
  PairedDevice,
  PendingDevice,
  PresenceEntry,
  ProviderOffer,
  ProviderStatus,
  SandboxState,
  SessionRow,
  StateVersion,
  StopReason: messages.StopReason,
  TextBlock: messages.TextBlock,
  ThinkingBlock: messages.ThinkingBlock,
  ThinkingLevel,
  ToolCallBlock: messages.ToolCallBlock,
  Usage: messages.Usage,
} as const;
