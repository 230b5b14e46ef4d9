/**
 * The types of deciding: who calls, what the policy says, what the desk keeps. `guard.ts` is the only way to a tool's
 * `run`: the loop, `POST /tools/invoke` and every later caller go through `Guard.execute`.
 */
import type { Level, ToolResult } from "#main/tools/contract.ts";

/** Who asked for the turn in which the call is made. Facts from the connection or the channel, never from the model. */
export interface Requester {
  /** `webchat`, `http`, later `telegram` … */
  channel: string;
  /** Id of the sender on that channel, or of the device. */
  sender: string;
  /** True for the owner's own window, command line and devices. */
  isOwner: boolean;
}

/** One call, validated, on its way to being decided. */
export interface GuardedCall {
  /** The provider's id of the call; unique within the run. */
  callId: string;
  tool: string;
  args: Record<string, unknown>;
  level: Level;
  agentId: string;
  sessionKey: string;
  runId: string;
  requester: Requester;
}

export type Verdict =
  | { decision: "allow"; reason: string; rule?: string }
  | { decision: "ask"; reason: string; rule?: string }
  | { decision: "deny"; reason: string; rule?: string };

/** What `tools.explain` answers. */
export interface Explanation {
  level: Level;
  decision: Verdict["decision"];
  reason: string;
  rule?: string;
}

/** How an approval ended. Kept apart: no answer is not a no by the owner. */
export type ApprovalOutcome = "allowed" | "denied" | "expired" | "could-not-show";

/** Told to the loop while a call waits, for events. */
export interface GuardProgress {
  onWaiting(approvalId: string): void;
  onResolved(outcome: ApprovalOutcome): void;
  /** The call was allowed and starts now. */
  onStart(): void;
}

export interface Guard {
  /**
   * Decides about a call, asks if it must, checks the plan again and runs it. Throws only the abort; a refusal and a
   * tool's own failure are results that the model can read.
   */
  execute(call: GuardedCall, progress: GuardProgress, signal: AbortSignal): Promise<ToolResult>;
  /** What would happen, without doing or asking anything. */
  explain(call: Omit<GuardedCall, "callId" | "runId">): Promise<Explanation>;
}
