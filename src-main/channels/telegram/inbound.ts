/**
 * From Telegram's updates to inbound events. Pure. Must never throw, whatever the payload holds: what is sound is mapped,
 * the rest dropped. Field names and their meaning: core.telegram.org/bots/api, "Update" and what it refers to.
 */
import type { ButtonPress, ChatRef, InboundEvent, InboundMessage, MediaKind, MediaRef, Sender } from "../contract.ts";

/** Who we are there, by getMe. */
export interface Me {
  id: string;
  /** Without `@`. */
  username: string;
}

/** A press with the id that answerCallbackQuery needs. */
export interface CallbackQuery {
  id: string;
  press: ButtonPress;
}

type Fields = Readonly<Record<string, unknown>>;

/** Undefined for what we do not act on, for our own messages, and for what is no update at all. */
export function toInbound(update: unknown, me: Me): InboundEvent | undefined {
  const { message, edited_message: edited, message_reaction: reaction } = fieldsOf(update);
  if (message !== undefined) return toMessage(fieldsOf(message), me);
  if (edited !== undefined) return toEdit(fieldsOf(edited), me);
  if (reaction !== undefined) return toReaction(fieldsOf(reaction), me);
  return undefined;
}

/** The press that an update reports, or undefined when it reports something else. */
export function toCallbackQuery(update: unknown): CallbackQuery | undefined {
  const query = fieldsOf(fieldsOf(update)["callback_query"]);
  const id = textOf(query["id"]);
  const data = textOf(query["data"]);
  const origin = toOrigin(fieldsOf(query["message"]), query["from"]);
  return id && data && origin ? { id, press: { ...origin, data } } : undefined;
}

function toMessage(message: Fields, me: Me): InboundMessage | undefined {
  const origin = toOrigin(message, writerOf(message));
  const seconds = numberOf(message["date"]);
  if (!origin || seconds === undefined || origin.sender.id === me.id) return undefined;
  const words = readText(message, me);
  const media = toMedia(message);
  const location = toLocation(message);
  // Someone joined, a message was pinned: nothing that a person says.
  if (words.text === "" && media.length === 0 && !location && !words.mentionsMe) return undefined;
  return given<InboundMessage>({
    type: "message",
    messageId: `${origin.chat.id}:${origin.platformId}`,
    ...origin,
    at: seconds * 1000,
    ...words,
    media,
    replyTo: toReply(message, me),
    location,
    albumId: textOf(message["media_group_id"]),
  });
}

/** A live location that moves is an edit too, without words. */
function toEdit(edited: Fields, me: Me): InboundEvent | undefined {
  const message = toMessage(edited, me);
  if (!message || message.text === "") return undefined;
  const { chat, sender, platformId, text } = message;
  return { type: "edit", chat, sender, platformId, text };
}

/** Told as the whole set of a person's reactions before and after: what is new in it, or that the last one is gone. */
function toReaction(reaction: Fields, me: Me): InboundEvent | undefined {
  const origin = toOrigin(reaction, reaction["actor_chat"] ?? reaction["user"]);
  if (!origin || origin.sender.id === me.id) return undefined;
  const before = emojisOf(reaction["old_reaction"]);
  const after = emojisOf(reaction["new_reaction"]);
  const emoji = after.find((one) => !before.includes(one));
  if (emoji !== undefined) return { type: "reaction", ...origin, emoji };
  return before.length > 0 && after.length === 0 ? { type: "reaction", ...origin } : undefined;
}

function emojisOf(reactions: unknown): string[] {
  return listOf(reactions).flatMap((one) => textOf(fieldsOf(one)["emoji"]) ?? []);
}

/** What every kind of update tells of its message; undefined if it is unsound. */
function toOrigin(message: Fields, from: unknown): Pick<ButtonPress, "chat" | "sender" | "platformId"> | undefined {
  const chat = toChat(message);
  const sender = toSender(from);
  const platformId = idOf(message["message_id"]);
  return chat && sender && platformId ? { chat, sender, platformId } : undefined;
}

/** Undefined for channels, where nobody talks with us. */
function toChat(message: Fields): ChatRef | undefined {
  const chat = fieldsOf(message["chat"]);
  const id = idOf(chat["id"]);
  const isDirect = chat["type"] === "private";
  if (id === undefined || !(isDirect || chat["type"] === "group" || chat["type"] === "supergroup")) return undefined;
  return given<ChatRef>({
    id,
    kind: isDirect ? "direct" : "group",
    // Without the mark, the number only names the message that a chain of replies began with.
    threadId: message["is_topic_message"] === true ? idOf(message["message_thread_id"]) : undefined,
    title: nameOf(chat),
  });
}

/**
 * The chat in whose name a message was written, if there is one: then `from` is a stand-in that all such chats share, and
 * letting it in would let in every anonymous administrator of every group.
 */
function writerOf(message: Fields): unknown {
  return message["sender_chat"] ?? message["from"];
}

function toSender(from: unknown): Sender | undefined {
  const source = fieldsOf(from);
  const id = idOf(source["id"]);
  if (id === undefined) return undefined;
  return given<Sender>({ id, name: nameOf(source), isBot: source["is_bot"] === true || undefined });
}

function nameOf(source: Fields): string | undefined {
  const name = [textOf(source["first_name"]), textOf(source["last_name"])].filter(Boolean).join(" ");
  return textOf(source["title"]) ?? (name || textOf(source["username"]));
}

/** Text or caption without the marks that mean us. */
function readText(message: Fields, me: Me): { text: string; mentionsMe: boolean } {
  const isText = typeof message["text"] === "string";
  const text = textOf(message[isText ? "text" : "caption"]) ?? "";
  const marks = listOf(message[isText ? "entities" : "caption_entities"])
    .flatMap((entity) => toMark(fieldsOf(entity), text, me) ?? [])
    .sort((a, b) => a.start - b.start);
  let kept = "";
  let at = 0;
  for (const { start, end } of marks) {
    kept += text.slice(at, start);
    at = Math.max(at, end);
    // Of the spaces around it one side is enough.
    if (/(^|\s)$/.test(kept)) at += text.slice(at).length - text.slice(at).trimStart().length;
  }
  return marks.length > 0 ? { text: (kept + text.slice(at)).trim(), mentionsMe: true } : { text, mentionsMe: false };
}

/** The piece of the text that addresses us, if the entity does. Offsets count UTF-16 units, as ours do. */
function toMark(entity: Fields, text: string, me: Me): { start: number; end: number } | undefined {
  const start = numberOf(entity["offset"]) ?? -1;
  const end = start + (numberOf(entity["length"]) ?? 0);
  if (!Number.isInteger(start) || !Number.isInteger(end)) return undefined;
  if (start < 0 || end <= start || end > text.length) return undefined;
  if (entity["type"] === "text_mention")
    return idOf(fieldsOf(entity["user"])["id"]) === me.id ? { start, end } : undefined;
  const name = `@${me.username}`.toLowerCase();
  const marked = text.slice(start, end).toLowerCase();
  const isName =
    entity["type"] === "mention" ? marked === name : entity["type"] === "bot_command" && marked.endsWith(name);
  return isName ? { start: end - name.length, end } : undefined;
}

function toReply(message: Fields, me: Me): InboundMessage["replyTo"] {
  const reply = fieldsOf(message["reply_to_message"]);
  const platformId = idOf(reply["message_id"]);
  // In a topic every message answers the one that opened it, unless its writer chose another.
  if (platformId === undefined || reply["forum_topic_created"] !== undefined) return undefined;
  const sender = toSender(writerOf(reply));
  return given<NonNullable<InboundMessage["replyTo"]>>({
    platformId,
    isToMe: sender?.id === me.id,
    text: textOf(fieldsOf(message["quote"])["text"]) ?? textOf(reply["text"]) ?? textOf(reply["caption"]),
    senderName: sender?.name,
  });
}

/** Fields of a message that hold a file, what it is to us, and its type where only the field tells it. */
const FILES: readonly (readonly [field: string, kind: MediaKind, mimeType?: string])[] = [
  ["photo", "image", "image/jpeg"],
  ["voice", "voice", "audio/ogg"],
  ["audio", "audio"],
  ["video", "video"],
  ["video_note", "video", "video/mp4"],
  ["animation", "video", "video/mp4"],
  ["sticker", "sticker"],
  ["document", "document"],
];

function toMedia(message: Fields): MediaRef[] {
  return FILES.flatMap(([field, kind, mimeType]) => {
    // An animation is there a second time as a document, for old programs.
    if (field === "document" && message["animation"] !== undefined) return [];
    const file = fieldsOf(field === "photo" ? largestOf(message[field]) : message[field]);
    const ref = textOf(file["file_id"]);
    if (!ref) return [];
    return given<MediaRef>({
      kind,
      ref,
      mimeType: textOf(file["mime_type"]) ?? mimeType,
      fileName: textOf(file["file_name"]),
      sizeBytes: numberOf(file["file_size"]),
      durationSeconds: numberOf(file["duration"]),
    });
  });
}

/** A photo comes in several sizes. */
function largestOf(sizes: unknown): unknown {
  const widthOf = (size: unknown) => numberOf(fieldsOf(size)["width"]) ?? 0;
  return listOf(sizes).toSorted((a, b) => widthOf(b) - widthOf(a))[0];
}

function toLocation(message: Fields): InboundMessage["location"] {
  const point = fieldsOf(message["location"]);
  const latitude = numberOf(point["latitude"]);
  const longitude = numberOf(point["longitude"]);
  if (latitude === undefined || longitude === undefined) return undefined;
  const venue = fieldsOf(message["venue"]);
  const name = [textOf(venue["title"]), textOf(venue["address"])].filter(Boolean).join(", ");
  return { latitude, longitude, ...(name && { name }) };
}

/** Without the fields that Telegram did not tell. */
function given<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.toWellFormed() : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Ids are whole numbers of at most 52 bits; 0 is none. */
function idOf(value: unknown): string | undefined {
  return Number.isSafeInteger(value) && value !== 0 ? String(value) : undefined;
}
