/** Writes one message of a run with everything that must be true together with it: index, counters, usage, the run's end. */
import type { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";
import type { Database } from "#main/store/database.ts";
import { commitWithoutFlush } from "#main/store/durability.ts";
import { insertMessage } from "#main/store/messages.ts";
import { endRun } from "#main/store/runs.ts";
import { countMessage } from "#main/store/sessions.ts";
import { insertUsage } from "#main/store/usage.ts";
import type { Leave, RunRef } from "./leave.ts";

const PREVIEW_CHARS = 200;

/** A whole answer without calls: with it the run is over. */
export function isWholeAnswer(message: Message): boolean {
  const isAnswer = message.role === "assistant" && message.incomplete !== true;
  return isAnswer && !message.content.some((block) => block.type === "toolCall");
}

/** A call that is about to run must outlast a power cut: after it nobody may believe that it was never made. */
function mustOutlast(message: Message): boolean {
  return message.role === "assistant" && message.content.some((block) => block.type === "toolCall");
}

/**
 * A whole answer ends its run in the same transaction: one flush instead of two, and never the one without the other.
 * @param now milliseconds since 1970
 */
export async function commitMessage(
  db: Database,
  run: RunRef,
  message: Message,
  now: number,
  leave?: Leave,
): Promise<void> {
  const text = textOf(message);
  const { usage } = message;
  const write = async (trx: Database) => {
    await insertMessage(trx, run, message);
    const tokens = usage ? usage.input + usage.output : 0;
    const preview = text === "" ? {} : { preview: text.slice(0, PREVIEW_CHARS).toWellFormed() };
    await countMessage(trx, run.sessionKey, { now, tokens, ...preview });
    if (isWholeAnswer(message)) await endRun(trx, run.runId, { state: "ok", summary: text }, now);
    const after = await leave?.onMessage(trx, run, message);
    if (!usage) return after;
    const entry = { at: now, sessionKey: run.sessionKey, runId: run.runId, model: message.model ?? "unknown" };
    await insertUsage(trx, { ...entry, usage });
    return after;
  };
  const after = mustOutlast(message) ? await db.transaction().execute(write) : await commitWithoutFlush(db, write);
  after?.();
}
