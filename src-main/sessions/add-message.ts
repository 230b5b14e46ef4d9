/** Adds a message to a conversation that no run is answered by: counted, previewed, and its first one as the title. */
import type { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";
import type { Database } from "#main/store/database.ts";
import { insertMessage, type Place } from "#main/store/messages.ts";
import { countMessage } from "#main/store/sessions.ts";

const PREVIEW_CHARS = 200;
const TITLE_CHARS = 60;

/** The first line of a message, as a title. */
export function toTitle(text: string): string {
  const line = text.trim().split("\n", 1)[0]?.replace(/\s+/gu, " ").trim() ?? "";
  const points = [...line];
  return points.length > TITLE_CHARS ? `${points.slice(0, TITLE_CHARS - 1).join("")}…` : line;
}

/** Call it inside the transaction of whatever must be true together with it. */
export async function addMessage(trx: Database, place: Place, message: Message): Promise<void> {
  const text = textOf(message);
  await insertMessage(trx, place, message);
  await countMessage(trx, place.sessionKey, {
    now: message.timestamp,
    preview: text.slice(0, PREVIEW_CHARS).toWellFormed(),
    title: message.role === "user" ? toTitle(text) || "New chat" : "New chat",
  });
}
