/**
 * Where every message enters, whoever brought it: the window, a command, later a channel or a schedule. The message is
 * committed with its run in one transaction before anything else happens; only then may the sender be told it arrived.
 */
import type { Clock } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import type { ContentBlock, Message } from "#main/protocol/messages.ts";
import { addMessage } from "#main/sessions/add-message.ts";
import { LiveRun, type RunOptions } from "#main/sessions/live-run.ts";
import type { SessionKey } from "#main/sessions/key.ts";
import type { Turns } from "#main/sessions/turn.ts";
import type { Database } from "#main/store/database.ts";
import { commitWithoutFlush } from "#main/store/durability.ts";
import { findRun, insertRun, type RunRecord } from "#main/store/runs.ts";
import { ensureSession } from "#main/store/sessions.ts";

/** One shape for all that comes in. */
export interface Inbound {
  /** `webchat` for the window and everything else that speaks the wire. */
  channel: string;
  account: string;
  /** The platform's own id: the same one again is the same message. For the wire: the idempotency key. */
  messageId: string;
  session: SessionKey;
  content: ContentBlock[];
  options: RunOptions;
}

export type Receipt =
  | { state: "accepted"; run: LiveRun; message: Message }
  /** Known already. `run` as it stands in the store. */
  | { state: "duplicate"; run: RunRecord };

export interface InboxDeps {
  db: Database;
  clock: Clock;
  turns: Turns;
  /** Resolves when what was committed is safe from a power cut. */
  flush(): Promise<void>;
  /** Told after the commit, before the turn begins. */
  onCommitted(sessionKey: string, message: Message, created: boolean): void;
}

export type Receive = (inbound: Inbound) => Promise<Receipt>;

/** Makes the one function through which messages enter. */
export function createInbox(deps: InboxDeps): Receive {
  return async (inbound) => {
    const { db, clock, turns } = deps;
    const now = clock.now();
    const runId = inbound.messageId;
    const message: Message = { id: createId("msg"), role: "user", content: inbound.content, timestamp: now, runId };
    const committed = await commitWithoutFlush(db, async (trx) => {
      // Before anything is made: a message that comes again makes no session.
      if (await findRun(trx, runId)) return undefined;
      const { key, agentId } = inbound.session;
      const made = await ensureSession(trx, { key, agentId, kind: "direct", channel: inbound.channel }, now);
      const isNew = await insertRun(
        trx,
        {
          run_id: runId,
          channel: inbound.channel,
          account: inbound.account,
          message_id: inbound.messageId,
          session_key: key,
          session_id: made.session.session_id,
          options: JSON.stringify(inbound.options),
        },
        now,
      );
      if (!isNew) return undefined;
      // In a conversation with somebody else, what its owner writes is told apart.
      if (made.session.chat !== null) message.label = "you";
      await addMessage(trx, { sessionKey: key, sessionId: made.session.session_id }, message);
      return made;
    });
    // Beside the main thread, and shared by those who come together: only then may the sender be told.
    const flushed = await deps.flush().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (!committed) {
      if (flushed) throw flushed.error;
      const run = await findRun(db, runId);
      if (!run) throw new Error(`run ${runId} is known but cannot be found`);
      return { state: "duplicate", run };
    }
    const run = new LiveRun({
      runId,
      sessionKey: committed.session.key,
      sessionId: committed.session.session_id,
      agentId: committed.session.agent_id,
      options: inbound.options,
    });
    deps.onCommitted(run.sessionKey, message, committed.created);
    turns.enqueue(run);
    // It is in the store and is answered; but nobody may rely on it.
    if (flushed) throw flushed.error;
    return { state: "accepted", run, message };
  };
}
