/** Notes in a conversation what happened to a message that was answered already: it was changed, taken back, reacted to. */
import type { Clock } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import type { InboundEvent } from "#main/channels/contract.ts";
import type { AccountName } from "#main/channels/supervisor.ts";
import type { Message } from "#main/protocol/messages.ts";
import { addMessage } from "#main/sessions/add-message.ts";
import type { Database } from "#main/store/database.ts";
import type { Place } from "#main/store/messages.ts";
import { findRun } from "#main/store/runs.ts";
import { findSession } from "#main/store/sessions.ts";
import { oneLine } from "./content.ts";

type Change = Exclude<InboundEvent, { type: "message" }>;

const MAX_TEXT = 20_000;

function toNote(event: Change): string | undefined {
  switch (event.type) {
    case "edit":
      return `[an earlier message was changed to:]\n${event.text.slice(0, MAX_TEXT).toWellFormed()}`;
    case "delete":
      return "[an earlier message was taken back by its sender]";
    case "reaction":
      return event.emoji === undefined ? undefined : `[reacted with ${[...event.emoji].slice(0, 8).join("")}]`;
  }
}

/** Makes the function. The assistant reads the note with the next message; nothing is answered because of it. */
export function createAnnotator(deps: {
  db: Database;
  clock: Clock;
  /** The conversation of whoever caused an event. */
  sessionOf(at: AccountName, event: Change): string | undefined;
  onCommitted(sessionKey: string, message: Message, created: boolean): void;
}) {
  return async (at: AccountName, event: Change, runId: string | null): Promise<void> => {
    const note = toNote(event);
    const place = note === undefined ? undefined : await findPlace(deps, at, event, runId);
    if (!place || note === undefined) return;
    const label = event.sender?.name ?? event.sender?.id ?? at.channel;
    // As in messages: a text must not be taken for somebody else's.
    const text = event.chat.kind === "group" && event.sender ? `${oneLine(label)}: ${note}` : note;
    const now = deps.clock.now();
    const base = { id: createId("msg"), role: "user" as const, timestamp: now, label };
    const message: Message = { ...base, content: [{ type: "text", text }] };
    await deps.db.transaction().execute(async (trx) => {
      await addMessage(trx, place, message);
    });
    deps.onCommitted(place.sessionKey, message, false);
  };
}

/** Where the message stands: with its run, or, where its owner answers by hand, in the conversation of its sender. */
async function findPlace(
  { db, sessionOf }: { db: Database; sessionOf(at: AccountName, event: Change): string | undefined },
  at: AccountName,
  event: Change,
  runId: string | null,
): Promise<Place | undefined> {
  const run = runId === null ? undefined : await findRun(db, runId);
  if (run) return { sessionKey: run.session_key, sessionId: run.session_id };
  const key = sessionOf(at, event);
  const session = key === undefined ? undefined : await findSession(db, key);
  return session && { sessionKey: session.key, sessionId: session.session_id };
}
