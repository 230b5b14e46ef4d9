/** How a run ended, in the terms of those who wait for it. Pure. */
import type { LoopOutcome } from "#main/agent/events.ts";
import { messageOf, Refused } from "#main/base/errors.ts";
import type { ErrorKind } from "#main/protocol/events.ts";
import type { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";
import { ProviderError, toErrorKind } from "#main/providers/contract.ts";
import { toRefusal } from "#main/store/database.ts";
import type { RunEnd } from "#main/store/runs.ts";
import type { LiveRun } from "./live-run.ts";

export interface RunResult {
  runId: string;
  status: RunEnd;
  /** The last answer, whole or cut; absent when nothing had arrived. */
  message?: Message;
  error?: string;
  errorKind?: ErrorKind;
  startedAt: number;
  endedAt: number;
}

export function toResult(run: LiveRun, outcome: LoopOutcome, endedAt: number): RunResult {
  const base = { runId: run.runId, startedAt: run.startedAtMs, endedAt };
  const message = outcome.message === undefined ? {} : { message: outcome.message };
  if (outcome.status === "ok") return { ...base, status: "ok", ...message };
  if (outcome.status === "aborted" && run.abortCause !== "timeout") return { ...base, status: "aborted", ...message };
  if (outcome.status === "aborted") {
    const seconds = Math.round(run.limitMs / 100) / 10;
    return {
      ...base,
      status: "error",
      ...message,
      error: `The answer took longer than ${seconds} s and was stopped.`,
      errorKind: "timeout",
    };
  }
  const { error } = outcome;
  const errorKind = toKind(error);
  return { ...base, status: "error", ...message, error: messageOf(toRefusal(error, "of this gateway")), errorKind };
}

/** What is written down of it. */
export function toEnd({ status: state, message, error, errorKind = "unknown" }: RunResult) {
  const summary = message ? { summary: textOf(message) } : {};
  return { state, ...summary, ...(error === undefined ? {} : { error, errorKind }) };
}

function toKind(error: unknown): ErrorKind {
  if (error instanceof ProviderError) return toErrorKind(error.failure);
  return error instanceof Refused && error.code === "BUDGET" ? "rate_limit" : "unknown";
}
