/**
 * Answers what a person typed without asking a model: a command such as `/elevated on`. Question and answer become part
 * of the conversation, in one commit, with a run that is over at once. It must never decide whether the command may be.
 */
import type { Clock } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import type { Message } from "#main/protocol/messages.ts";
import { addMessage } from "#main/sessions/add-message.ts";
import type { SessionKey } from "#main/sessions/key.ts";
import type { RunOptions } from "#main/sessions/live-run.ts";
import type { Database } from "#main/store/database.ts";
import { endRun, insertRun } from "#main/store/runs.ts";
import { ensureSession } from "#main/store/sessions.ts";

export interface ReplyDeps {
  db: Database;
  clock: Clock;
  /** Told after the commit, once for each message. */
  onCommitted(sessionKey: string, message: Message, created: boolean): void;
}

export interface Question {
  /** The idempotency key. */
  runId: string;
  channel: string;
  text: string;
  options: RunOptions;
}

/** @returns the committed question and answer, or undefined when this key was answered before */
export type Reply = (
  session: SessionKey,
  question: Question,
  answer: string,
) => Promise<{ asked: Message; answered: Message } | undefined>;

export function createReply({ db, clock, onCommitted }: ReplyDeps): Reply {
  return async ({ key, agentId }, { runId, channel, text, options }, answer) => {
    const now = clock.now();
    const base = { timestamp: now, runId };
    const asked: Message = { ...base, id: createId("msg"), role: "user", content: [{ type: "text", text }] };
    const answered: Message = {
      ...{ ...base, id: createId("msg"), role: "assistant", stopReason: "stop", label: "gatehouse" },
      content: [{ type: "text", text: answer }],
    };
    const created = await db.transaction().execute(async (trx) => {
      const made = await ensureSession(trx, { key, agentId, kind: "direct", channel }, now);
      const place = { sessionKey: key, sessionId: made.session.session_id };
      const where = { session_key: key, session_id: made.session.session_id };
      const run = { ...where, run_id: runId, channel, account: "default", message_id: runId };
      if (!(await insertRun(trx, { ...run, options: JSON.stringify(options) }, now))) return undefined;
      for (const message of [asked, answered]) {
        await addMessage(trx, place, message);
      }
      await endRun(trx, runId, { state: "ok", summary: answer }, now);
      return made.created;
    });
    if (created === undefined) return undefined;
    onCommitted(key, asked, created);
    onCommitted(key, answered, false);
    return { asked, answered };
  };
}
