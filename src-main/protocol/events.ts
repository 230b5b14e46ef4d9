/**
 * Every event the gateway may send. A member here, its scope in `EVENT_SCOPES`, and exhaustive switches point at each
 * place that must care. A family that is not listed goes to nobody.
 */
import Type, { type Static } from "typebox";
import { Message, Usage } from "./messages.ts";
import { PresenceEntry } from "./frames.ts";
import { Approval, ApprovalDecision, ApprovalOutcome } from "./methods/approvals.ts";
import { ChannelAccount, ChatPairing, OutboxItem } from "./methods/channels.ts";
import type { Scope } from "./scopes.ts";

const closed = { additionalProperties: false } as const;

/** Kinds of a failed turn, for a client to choose its words by. */
export const ErrorKind = Type.Union([
  Type.Literal("refusal"),
  Type.Literal("timeout"),
  Type.Literal("rate_limit"),
  Type.Literal("context_length"),
  Type.Literal("unknown"),
]);
export type ErrorKind = Static<typeof ErrorKind>;

const turn = { runId: Type.String(), sessionKey: Type.String(), seq: Type.Integer({ minimum: 0 }) };

/**
 * What a person sees of a turn. `deltaText` is what was added since the last delta; `message` what there is so far, left
 * out for connections with the cap `delta-only`.
 */
export const ChatEvent = Type.Union([
  Type.Object(
    {
      ...turn,
      state: Type.Literal("delta"),
      deltaText: Type.Optional(Type.String()),
      message: Type.Optional(Type.Unknown()),
    },
    closed,
  ),
  Type.Object({ ...turn, state: Type.Literal("final"), message: Type.Optional(Message) }, closed),
  Type.Object({ ...turn, state: Type.Literal("aborted"), message: Type.Optional(Message) }, closed),
  Type.Object(
    {
      ...turn,
      state: Type.Literal("error"),
      errorMessage: Type.String(),
      errorKind: Type.Optional(ErrorKind),
      message: Type.Optional(Message),
    },
    closed,
  ),
]);
export type ChatEvent = Static<typeof ChatEvent>;

const agent = { ...turn, ts: Type.Integer() };

/** What the agent does, step by step. The `tool` stream goes only to connections with the cap `tool-events`. */
export const AgentEvent = Type.Union([
  Type.Object(
    {
      ...agent,
      stream: Type.Literal("lifecycle"),
      data: Type.Object(
        {
          phase: Type.Union([
            Type.Literal("start"),
            Type.Literal("model"),
            Type.Literal("waiting-approval"),
            Type.Literal("approval-resolved"),
            Type.Literal("retry"),
            Type.Literal("end"),
            Type.Literal("error"),
          ]),
          model: Type.Optional(Type.String()),
          error: Type.Optional(Type.String()),
          approvalId: Type.Optional(Type.String()),
          /** For `retry`: when the next attempt starts, milliseconds from now. */
          retryAfterMs: Type.Optional(Type.Number()),
        },
        closed,
      ),
    },
    closed,
  ),
  Type.Object(
    {
      ...agent,
      stream: Type.Literal("assistant"),
      data: Type.Object({ delta: Type.String(), text: Type.String() }, closed),
    },
    closed,
  ),
  Type.Object(
    {
      ...agent,
      stream: Type.Literal("thinking"),
      data: Type.Object({ delta: Type.String() }, closed),
    },
    closed,
  ),
  Type.Object(
    {
      ...agent,
      stream: Type.Literal("tool"),
      data: Type.Object(
        {
          phase: Type.Union([Type.Literal("start"), Type.Literal("update"), Type.Literal("result")]),
          toolCallId: Type.String(),
          name: Type.String(),
          args: Type.Optional(Type.Unknown()),
          result: Type.Optional(Type.String()),
          isError: Type.Optional(Type.Boolean()),
        },
        closed,
      ),
    },
    closed,
  ),
  Type.Object({ ...agent, stream: Type.Literal("usage"), data: Usage }, closed),
  Type.Object(
    { ...agent, stream: Type.Literal("compaction"), data: Type.Object({ phase: Type.String() }, closed) },
    closed,
  ),
]);
export type AgentEvent = Static<typeof AgentEvent>;

/** The payload of each event by name. */
export const EVENTS = {
  "connect.challenge": Type.Object({ nonce: Type.String(), ts: Type.Integer() }, closed),
  tick: Type.Object({ ts: Type.Integer() }, closed),
  health: Type.Unknown(),
  presence: Type.Object({ presence: Type.Array(PresenceEntry) }, closed),
  shutdown: Type.Object({ reason: Type.String(), restartExpectedMs: Type.Optional(Type.Integer()) }, closed),
  agent: AgentEvent,
  chat: ChatEvent,
  /** A message was committed to a transcript (sent by someone, injected). To `sessions.messages.subscribe`rs. */
  "session.message": Type.Object({ sessionKey: Type.String(), message: Message }, closed),
  /** A session was made, renamed, pinned, reset or deleted. To `sessions.subscribe`rs. */
  "sessions.changed": Type.Object(
    {
      sessionKey: Type.String(),
      reason: Type.Union([
        Type.Literal("created"),
        Type.Literal("updated"),
        Type.Literal("reset"),
        Type.Literal("deleted"),
      ]),
    },
    closed,
  ),
  /** The configuration in force changed, or a file that does not parse left the last good one in force. */
  "config.changed": Type.Object(
    { hash: Type.String(), changedPaths: Type.Array(Type.String()), issues: Type.Array(Type.String()) },
    closed,
  ),
  /** The owner is asked. To everyone who may answer. */
  "exec.approval.requested": Approval,
  "exec.approval.resolved": Type.Object(
    {
      id: Type.String(),
      decision: Type.Union([ApprovalDecision, Type.Null()]),
      outcome: ApprovalOutcome,
      resolvedBy: Type.String(),
      ts: Type.Integer(),
    },
    closed,
  ),
  "device.pair.requested": Type.Object(
    {
      requestId: Type.String(),
      deviceId: Type.String(),
      displayName: Type.Optional(Type.String()),
      platform: Type.Optional(Type.String()),
      role: Type.String(),
      scopes: Type.Array(Type.String()),
      ts: Type.Integer(),
    },
    closed,
  ),
  "device.pair.resolved": Type.Object(
    {
      requestId: Type.String(),
      deviceId: Type.String(),
      decision: Type.Union([Type.Literal("approved"), Type.Literal("rejected"), Type.Literal("expired")]),
      ts: Type.Integer(),
    },
    closed,
  ),
  /** An account of a channel stands otherwise than before. */
  "channels.status": Type.Object({ channel: Type.String(), account: ChannelAccount }, closed),
  /** Linking: a new picture to scan, a code to type, or how it ended. */
  "channels.login": Type.Object(
    {
      channel: Type.String(),
      accountId: Type.String(),
      state: Type.Union([Type.Literal("qr"), Type.Literal("code"), Type.Literal("linked"), Type.Literal("failed")]),
      qrDataUrl: Type.Optional(Type.String()),
      qr: Type.Optional(Type.String()),
      code: Type.Optional(Type.String()),
      expiresAtMs: Type.Optional(Type.Integer()),
      message: Type.Optional(Type.String()),
    },
    closed,
  ),
  /** Somebody unknown wrote, or it was decided about them. */
  "channels.pairing": Type.Object(
    {
      state: Type.Union([
        Type.Literal("requested"),
        Type.Literal("approved"),
        Type.Literal("dismissed"),
        Type.Literal("expired"),
      ]),
      request: ChatPairing,
    },
    closed,
  ),
  /** Something that leaves stands otherwise than before. */
  "outbox.changed": Type.Object({ item: OutboxItem }, closed),
} as const;

export type EventName = keyof typeof EVENTS;
export type EventPayload<N extends EventName> = Static<(typeof EVENTS)[N]>;

/** The scope a connection needs to be sent an event; `"none"`: everyone authenticated. */
export const EVENT_SCOPES: Record<EventName, Scope | "none"> = {
  "connect.challenge": "none",
  tick: "none",
  health: "none",
  presence: "none",
  shutdown: "none",
  agent: "operator.read",
  chat: "operator.read",
  "session.message": "operator.read",
  "sessions.changed": "operator.read",
  "config.changed": "operator.read",
  "exec.approval.requested": "operator.approvals",
  "exec.approval.resolved": "operator.approvals",
  "device.pair.requested": "operator.pairing",
  "device.pair.resolved": "operator.pairing",
  "channels.status": "operator.read",
  "channels.login": "operator.admin",
  "channels.pairing": "operator.pairing",
  "outbox.changed": "operator.read",
};
