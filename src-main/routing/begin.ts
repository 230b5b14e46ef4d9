/**
 * Makes a run of messages from a platform: loads what was sent along, begins the conversation anew when its time is
 * over, and commits session, messages and run in one transaction with the rows of the inbox that they came from.
 */
import { createId } from "#main/base/ids.ts";
import type { InboundMessage } from "#main/channels/contract.ts";
import type { Message } from "#main/protocol/messages.ts";
import { addMessage } from "#main/sessions/add-message.ts";
import type { SessionKey } from "#main/sessions/key.ts";
import { LiveRun, type RunOptions } from "#main/sessions/live-run.ts";
import type { Turns } from "#main/sessions/turn.ts";
import { readAccepted, takeInbox } from "#main/store/channels/inbox.ts";
import type { Database } from "#main/store/database.ts";
import { commitWithoutFlush } from "#main/store/durability.ts";
import { insertRun } from "#main/store/runs.ts";
import type { LoadContent } from "./content.ts";
import { openSession, type OpenSessionDeps } from "./open-session.ts";
import type { Arrival } from "./arrival.ts";

export interface BeginDeps extends OpenSessionDeps {
  db: Database;
  turns: Turns;
  loadContent: LoadContent;
  /** How the sender of a message stands now; undefined: may write no more. */
  standing(arrival: Arrival): "owner" | "guest" | undefined;
  drop(seqs: readonly number[], reason: string): Promise<void>;
  /** Told after the commit, before the turn begins. */
  onCommitted(sessionKey: string, message: Message, created: boolean): void;
}

/** Resolves when the run is committed and queued. Throws when it could not be committed: the rows still wait. */
export type Begin = (session: SessionKey, batch: readonly Arrival[]) => Promise<void>;

/** Reads messages into a run that is being answered. @returns them, committed */
export type Steer = (run: LiveRun, batch: readonly Arrival[]) => Promise<Message[]>;

/** The rows as they are now: a text may have been changed, or a message taken back, while it waited. */
async function readAgain({ db }: BeginDeps, batch: readonly Arrival[]): Promise<Arrival[]> {
  const found = await readAccepted(
    db,
    batch.map(({ seq }) => seq),
  );
  const bodies = new Map(found.map((row) => [row.seq, row.body]));
  return batch.flatMap((waiting) => {
    const body = bodies.get(waiting.seq);
    return body == null ? [] : [{ ...waiting, message: JSON.parse(body) as InboundMessage }];
  });
}

/** Without those whose sender was blocked while they waited. */
async function readAllowed({ standing, drop }: BeginDeps, batch: readonly Arrival[]): Promise<Arrival[]> {
  const allowed: Arrival[] = [];
  for (const arrival of batch) {
    const now = standing(arrival);
    if (now === undefined) await drop([arrival.seq], "its sender may write no more");
    else allowed.push({ ...arrival, isOwner: now === "owner" });
  }
  return allowed;
}

/** Throws Changed when a row is not what was read: it is read again. */
async function takeUnchanged(trx: Database, batch: readonly Arrival[], runId: string | null): Promise<void> {
  for (const { seq, message } of batch) {
    if (!(await takeInbox(trx, seq, runId, JSON.stringify(message)))) throw new Changed();
  }
}

class Changed extends Error {}

function toOptions({ channel, account, message, isOwner }: Arrival): RunOptions {
  const { chat, sender, platformId } = message;
  return {
    requester: { channel, sender: sender.id, isOwner },
    origin: { channel, account, chat, ...(chat.kind === "group" ? { replyTo: platformId } : {}) },
  };
}

export function createBegin(deps: BeginDeps): { begin: Begin; steer: Steer } {
  const { db, clock, turns } = deps;
  /** Works on what came as it came, and when that was changed meanwhile, on what it is now. */
  const untilUnchanged = async <T>(waiting: readonly Arrival[], work: (batch: Arrival[]) => Promise<T>): Promise<T> => {
    // A file of a message that was taken back must not be loaded first.
    let isCurrent = waiting.every(({ message }) => message.media.length === 0);
    for (;;) {
      const batch = isCurrent ? waiting : await readAgain(deps, waiting);
      try {
        return await work(await readAllowed(deps, batch));
      } catch (error) {
        if (!(error instanceof Changed)) throw error;
        isCurrent = false;
      }
    }
  };
  const toMessages = async (batch: readonly Arrival[], agentId: string, runId: string | undefined) => {
    const messages: Message[] = [];
    for (const arrival of batch) {
      const content = await deps.loadContent(arrival, agentId);
      const base = { id: createId("msg"), role: "user" as const, content, timestamp: clock.now() };
      const { sender } = arrival.message;
      messages.push({ ...base, label: sender.name ?? sender.id, ...(runId === undefined ? {} : { runId }) });
    }
    return messages;
  };
  const beginOnce = async (session: SessionKey, batch: readonly Arrival[]) => {
    const [first] = batch;
    if (!first) return;
    const runId = createId("run");
    const messages = await toMessages(batch, session.agentId, runId);
    const options = toOptions(first);
    const made = await commitWithoutFlush(db, async (trx) => {
      const opened = await openSession(trx, deps, session, first);
      const place = { sessionKey: session.key, sessionId: opened.session.session_id };
      const isSilent = opened.session.taken_over === 1;
      for (const message of messages) await addMessage(trx, place, isSilent ? withoutRun(message) : message);
      if (!isSilent) {
        const ids = { run_id: runId, session_key: session.key, session_id: place.sessionId };
        const from = { channel: first.channel, account: first.account, message_id: first.message.messageId };
        await insertRun(trx, { ...ids, ...from, options: JSON.stringify(options) }, clock.now());
      }
      await takeUnchanged(trx, batch, isSilent ? null : runId);
      return { ...opened, isSilent };
    });
    messages.forEach((message, index) => deps.onCommitted(session.key, message, made.created && index === 0));
    if (made.isSilent) return;
    const { key: sessionKey, agentId } = session;
    turns.enqueue(new LiveRun({ runId, sessionKey, sessionId: made.session.session_id, agentId, options }));
  };
  const steerOnce = async (run: LiveRun, batch: readonly Arrival[]) => {
    if (batch.length === 0) return [];
    const messages = await toMessages(batch, run.agentId, run.runId);
    await commitWithoutFlush(db, async (trx) => {
      for (const message of messages) await addMessage(trx, run, message);
      await takeUnchanged(trx, batch, run.runId);
    });
    for (const message of messages) deps.onCommitted(run.sessionKey, message, false);
    return messages;
  };
  return {
    begin: (session, waiting) => untilUnchanged(waiting, (batch) => beginOnce(session, batch)),
    steer: (run, waiting) => untilUnchanged(waiting, (batch) => steerOnce(run, batch)),
  };
}

function withoutRun(message: Message): Message {
  const { runId: _, ...rest } = message;
  return rest;
}
