/** Notes in a conversation what happened to a message that was answered already: it was changed, taken back, reacted to. */
import type { Clock } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import type { InboundEvent } from "#main/channels/contract.ts";
import type { AccountName } from "#main/channels/supervisor.ts";
import type { Message } from "#main/protocol/messages.ts";
import { addMessage } from "#main/sessions/add-message.ts";
import type { Database } from "#main/store/database.ts";
import { findRun } from "#main/store/runs.ts";

const MAX_TEXT = 20_000;

function toNote(event: Exclude<InboundEvent, { type: "message" }>): string | undefined {
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
  onCommitted(sessionKey: string, message: Message, created: boolean): void;
}) {
  return async (at: AccountName, event: Exclude<InboundEvent, { type: "message" }>, runId: string): Promise<void> => {
    const text = toNote(event);
    const run = text === undefined ? undefined : await findRun(deps.db, runId);
    if (!run || text === undefined) return;
    const label = event.type === "delete" ? at.channel : (event.sender.name ?? event.sender.id);
    const now = deps.clock.now();
    const base = { id: createId("msg"), role: "user" as const, timestamp: now, label };
    const message: Message = { ...base, content: [{ type: "text", text }] };
    const place = { sessionKey: run.session_key, sessionId: run.session_id };
    await deps.db.transaction().execute(async (trx) => {
      await addMessage(trx, place, message);
    });
    deps.onCommitted(run.session_key, message, false);
  };
}
