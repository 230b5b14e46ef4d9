/**
 * The record of what happened: append-only, chained, encrypted. Whoever does something that counts tells it here before
 * (a decision) or after (an outcome); nobody changes or removes an entry.
 */

/** What can be recorded. Add a type here, never reuse one. */
export const AUDIT_TYPES = [
  "gateway.started",
  "gateway.stopped",
  "auth.connected",
  "auth.refused",
  "auth.locked",
  "device.paired",
  "device.rejected",
  "device.removed",
  "token.issued",
  "token.rotated",
  "token.revoked",
  "config.changed",
  "secret.stored",
  "secret.removed",
  "message.received",
  "message.sent",
  "message.dropped",
  "session.reset",
  "session.deleted",
  "model.requested",
  "model.failed",
  "budget.exceeded",
  "tool.allowed",
  "tool.denied",
  "tool.started",
  "tool.finished",
  "tool.failed",
  "approval.requested",
  "approval.resolved",
  "approval.expired",
  "approval.late",
  "grant.created",
  "grant.revoked",
  "file.changed",
  "file.undone",
  "elevation.changed",
  "session.taken",
  "chat.approved",
  "chat.dismissed",
  "chat.role",
  "sandbox.changed",
  "audit.rotated",
  "audit.exported",
] as const;

export type AuditType = (typeof AUDIT_TYPES)[number];
export type AuditLevel = "info" | "warning" | "error" | "critical";

export interface AuditEvent {
  type: AuditType;
  level?: AuditLevel;
  /** Who did it: `owner`, a device id, `agent:main`, `system`. */
  actor: string;
  /** What it was done to: a tool, a path, a device. */
  target?: string;
  sessionKey?: string;
  /** Ties entries of one matter together: a run id, an approval id. */
  correlationId?: string;
  /** One sentence. */
  message: string;
  /** Details, encrypted at rest. JSON values, at most 3 KB; longer strings are cut. */
  data?: Record<string, unknown>;
}

export interface Audit {
  /** Appends. Resolves after the commit. Throws when it cannot be written: what needs a record must not happen then. */
  append(event: AuditEvent): Promise<void>;
}
