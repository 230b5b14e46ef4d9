/** A run that is queued or being answered, as memory knows it: what a client needs to redraw it at any moment. */
import { BUDGET_TOOL } from "#main/agent/budget.ts";
import type { LoopEvent } from "#main/agent/events.ts";
import type { Requester } from "#main/approvals/contract.ts";
import type { ChatRef } from "#main/channels/contract.ts";
import type { ThinkingLevel } from "#main/providers/contract.ts";

/** What the caller of a run asked for; kept in the store, so that a restart goes on in the same way. */
export interface RunOptions {
  /** Who asked: decides with the policy what may run unasked. */
  requester: Requester;
  thinking?: ThinkingLevel;
  /** Bounds the whole turn, milliseconds. */
  timeoutMs?: number;
  /** `provider/model`, instead of the session's. */
  model?: string;
  /** Added to the system prompt. */
  extraSystem?: string;
  /** Where on a platform it was asked, and there alone it is answered; absent: in the window. */
  origin?: RunOrigin;
}

export interface RunOrigin {
  channel: string;
  account: string;
  chat: ChatRef;
  /** Platform id of the message that the answer refers to. */
  replyTo?: string;
}

/** Why a run was aborted. Decides how it ends: see `turn.ts`. */
export type AbortCause = "user" | "timeout" | "shutdown";

export class LiveRun {
  readonly runId: string;
  readonly sessionKey: string;
  readonly sessionId: string;
  readonly agentId: string;
  readonly options: RunOptions;
  readonly controller = new AbortController();
  phase: "queued" | "running" = "queued";
  startedAtMs = 0;
  /** Bound of the whole turn in force, milliseconds; set when it starts. */
  limitMs = 0;
  /** Counts the events of this run. */
  seq = 0;
  /** Text of the answer being written; empty again once it is committed. */
  text = "";
  /** Calls that were announced and have no committed result yet. */
  readonly tools = new Map<string, { toolCallId: string; name: string; args?: unknown; approvalId?: string }>();

  constructor(run: { runId: string; sessionKey: string; sessionId: string; agentId: string; options: RunOptions }) {
    this.runId = run.runId;
    this.sessionKey = run.sessionKey;
    this.sessionId = run.sessionId;
    this.agentId = run.agentId;
    this.options = run.options;
  }

  abort(cause: AbortCause): void {
    if (!this.controller.signal.aborted) this.controller.abort(new RunAborted(cause));
  }

  get abortCause(): AbortCause | undefined {
    const reason: unknown = this.controller.signal.reason;
    return reason instanceof RunAborted ? reason.cause : undefined;
  }

  /** Keeps the picture up to date. Called for every event, before it is told to others. */
  apply(event: LoopEvent): void {
    switch (event.type) {
      case "text":
        this.text += event.delta;
        break;
      case "tool-announced":
        this.tools.set(event.id, { toolCallId: event.id, name: event.name });
        break;
      case "waiting":
        this.tools.set(event.id, {
          toolCallId: event.id,
          name: event.name,
          args: event.args,
          approvalId: event.approvalId,
        });
        break;
      case "answered":
        // A question about money is not followed by a call.
        if (event.name === BUDGET_TOOL) this.tools.delete(event.id);
        break;
      case "tool-start":
        this.tools.set(event.id, { toolCallId: event.id, name: event.name, args: event.args });
        break;
      case "message":
        if (event.message.role === "assistant") {
          this.text = "";
          // A call that was announced but cut never comes.
          const made = new Set(event.message.content.map((block) => (block.type === "toolCall" ? block.id : "")));
          for (const id of this.tools.keys()) if (!made.has(id)) this.tools.delete(id);
        }
        if (event.message.toolCallId !== undefined) this.tools.delete(event.message.toolCallId);
        break;
      case "request":
      case "thinking":
      case "tool-result":
      case "usage":
        break;
    }
  }
}

/** The reason of a run's abort signal. Its name makes every library treat it as an abort. */
class RunAborted extends Error {
  override readonly name = "AbortError";
  override readonly cause: AbortCause;

  constructor(cause: AbortCause) {
    super(`the run was stopped (${cause})`);
    this.cause = cause;
  }
}
