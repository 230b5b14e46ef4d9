/**
 * What the loop tells while it runs: one union that the store, the wire and the tests all read. The loop emits in this
 * order per model request: `request`, then any of text, thinking, tool-start, then `message` (the assistant's, whole),
 * then per call `tool-run`, `message` (the result). `message` is the only event that must be persisted, and it is
 * awaited: the next step does not begin before the commit.
 */
import type { Message, Usage } from "#main/protocol/messages.ts";

export type LoopEvent =
  | { type: "request"; turn: number }
  | { type: "text"; delta: string }
  | { type: "thinking"; delta: string }
  /** The model began to write a call; its arguments are not known yet. */
  | { type: "tool-announced"; id: string; name: string }
  /** The owner is asked whether a call may run. */
  | { type: "waiting"; id: string; name: string; args: Record<string, unknown>; approvalId: string }
  | { type: "answered"; id: string; name: string; outcome: string }
  /** A call was validated and allowed and starts now. */
  | { type: "tool-start"; id: string; name: string; args: Record<string, unknown> }
  | { type: "tool-result"; id: string; name: string; text: string; isError: boolean }
  | { type: "usage"; usage: Usage }
  /** To be persisted before the loop goes on. */
  | { type: "message"; message: Message };

/** How a run ended. */
export type LoopOutcome =
  | { status: "ok"; message: Message }
  | { status: "aborted"; message?: Message }
  | { status: "error"; error: unknown; message?: Message };
