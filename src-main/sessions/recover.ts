/**
 * What a restart does with runs that were open when the process ended: a message that was acknowledged is answered.
 * What had arrived is kept and marked, a call that was cut is told to the model as unknown and never run again, and a
 * run that keeps ending the process is given up.
 */
import { INTERRUPTED } from "#main/agent/prompt.ts";
import type { Clock } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import type { Logger } from "#main/base/logger.ts";
import type { Message } from "#main/protocol/messages.ts";
import type { Database } from "#main/store/database.ts";
import { insertMessage, readRunMessages } from "#main/store/messages.ts";
import { endRun, findOpenRuns, type RunRecord } from "#main/store/runs.ts";
import { countMessage } from "#main/store/sessions.ts";
import { textOf } from "#main/protocol/text-of.ts";
import { isWholeAnswer } from "./commit.ts";
import { parseSessionKey } from "./key.ts";
import type { Leave, RunRef } from "./leave.ts";
import { LiveRun, type RunOptions } from "./live-run.ts";

/** Starts of one run that ended in a crash before it is given up: then it is likely the cause. */
const MAX_ATTEMPTS = 5;

export interface RecoverDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  /** Told of each call that a crash cut, after the commit. */
  onCut?(call: { runId: string; callId: string; tool: string; sessionKey: string }): Promise<void>;
  /** Writes what leaves for a platform, in the transaction of an end. */
  leave?: Leave | undefined;
}

/** Mends what the crash left and returns the runs to answer now, oldest first. Called once, before clients are let in. */
export async function recoverRuns(deps: RecoverDeps): Promise<LiveRun[]> {
  const open = await findOpenRuns(deps.db);
  const runs: LiveRun[] = [];
  for (const record of open) {
    const run = await recoverRun(deps, record);
    if (run) runs.push(run);
  }
  if (open.length > 0) deps.log.info("interrupted runs found", { found: open.length, resumed: runs.length });
  return runs;
}

async function recoverRun(deps: RecoverDeps, record: RunRecord): Promise<LiveRun | undefined> {
  const { db, clock } = deps;
  const messages = await readRunMessages(db, record.run_id);
  const last = messages.at(-1);
  if (last && isWholeAnswer(last)) {
    await endRun(db, record.run_id, { state: "ok", summary: textOf(last) }, clock.now());
    return undefined;
  }
  const end = last && toEndOfCut(last);
  if (end) {
    await db.transaction().execute(async (trx) => {
      await endRun(trx, record.run_id, end, clock.now());
      await deps.leave?.onEnd(trx, toRef(record), toEnd(end));
    });
    return undefined;
  }
  const additions = toAdditions(record, messages, clock.now());
  const givenUp = record.attempts >= MAX_ATTEMPTS;
  await db.transaction().execute(async (trx) => {
    const place = { sessionKey: record.session_key, sessionId: record.session_id };
    for (const message of additions) {
      await insertMessage(trx, place, message);
      await countMessage(trx, record.session_key, { now: message.timestamp });
    }
    if (record.partial_text !== null) {
      await trx.updateTable("runs").set({ partial_text: null }).where("run_id", "=", record.run_id).execute();
    }
    if (givenUp) {
      const error = `Gatehouse stopped ${record.attempts} times while answering this; it was given up.`;
      await endRun(trx, record.run_id, { state: "error", error, errorKind: "unknown" }, clock.now());
      await deps.leave?.onEnd(trx, toRef(record), { status: "error", error });
    }
  });
  for (const { toolCallId, toolName } of additions) {
    if (toolCallId === undefined || toolName === undefined) continue;
    const call = { runId: record.run_id, callId: toolCallId, tool: toolName, sessionKey: record.session_key };
    await deps.onCut?.(call);
  }
  if (givenUp) return undefined;
  return new LiveRun({
    runId: record.run_id,
    sessionKey: record.session_key,
    sessionId: record.session_id,
    agentId: parseSessionKey(record.session_key).agentId,
    options: JSON.parse(record.options) as RunOptions,
  });
}

function toRef(record: RunRecord): RunRef {
  const { run_id: runId, session_key: sessionKey, session_id: sessionId } = record;
  return { runId, sessionKey, sessionId, options: JSON.parse(record.options) as RunOptions };
}

function toEnd({ state, error }: Parameters<typeof endRun>[2]): Parameters<Leave["onEnd"]>[2] {
  return error === undefined ? { status: state } : { status: state, error };
}

/** An answer that was cut before the crash, by a stop or a failure, was the end already: only the row lacked it. */
function toEndOfCut(message: Message): Parameters<typeof endRun>[2] | undefined {
  if (message.role !== "assistant" || message.incomplete !== true) return undefined;
  if (message.stopReason === "aborted") return { state: "aborted", summary: textOf(message) };
  if (message.stopReason !== "error") return undefined;
  return { state: "error", error: message.errorMessage ?? "the answer failed", errorKind: "unknown" };
}

/** The text that had arrived, and a result for each call that has none. Pure. */
function toAdditions(record: RunRecord, messages: readonly Message[], now: number): Message[] {
  const additions: Message[] = [];
  const answered = new Set(messages.map((message) => message.toolCallId));
  for (const message of messages) {
    for (const block of message.content) {
      if (block.type !== "toolCall" || answered.has(block.id)) continue;
      additions.push({
        id: createId("msg"),
        role: "toolResult",
        content: [{ type: "text", text: INTERRUPTED }],
        timestamp: now,
        runId: record.run_id,
        toolCallId: block.id,
        toolName: block.name,
        isError: true,
      });
    }
  }
  if (record.partial_text !== null && record.partial_text !== "") {
    additions.push({
      id: createId("msg"),
      role: "assistant",
      content: [{ type: "text", text: record.partial_text }],
      timestamp: now,
      runId: record.run_id,
      stopReason: "interrupted",
      incomplete: true,
      errorMessage: "Gatehouse was stopped while this was being written.",
    });
  }
  return additions;
}
