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

/** Entities that are looked at in one message; Telegram itself gives no more than a hundred. */
const MAX_ENTITIES = 200;

/**
 * The event that an update means to us; undefined for what we do not act on, for our own messages, and for what is no
 * update at all.
 */
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
  const message = fieldsOf(query["message"]);
  const id = textOf(query["id"]);
  const data = textOf(query["data"]);
  const chat = toChat(message);
  const sender = toSender(query["from"], undefined);
  const platformId = idOf(message["message_id"]);
  if (!id || !data || !chat || !sender || platformId === undefined) return undefined;
  return { id, press: { chat, sender, data, platformId } };
}

function toMessage(message: Fields, me: Me): InboundMessage | undefined {
  const chat = toChat(message);
  const sender = toSender(message["from"], message["sender_chat"]);
  const platformId = idOf(message["message_id"]);
  const seconds = numberOf(message["date"]);
  if (!chat || !sender || platformId === undefined || seconds === undefined || sender.id === me.id) return undefined;
  const { text, mentionsMe } = readText(message, me);
  const media = toMedia(message);
  const location = toLocation(message);
  // Someone joined, a message was pinned: nothing that a person says.
  if (text === "" && media.length === 0 && location === undefined && !mentionsMe) return undefined;
  const replyTo = toReply(message, me);
  const albumId = textOf(message["media_group_id"]);
  return {
    type: "message",
    messageId: `${chat.id}:${platformId}`,
    platformId,
    chat,
    sender,
    at: seconds * 1000,
    text,
    mentionsMe,
    media,
    ...(replyTo && { replyTo }),
    ...(location && { location }),
    ...(albumId && { albumId }),
  };
}

function toEdit(message: Fields, me: Me): InboundEvent | undefined {
  const chat = toChat(message);
  const sender = toSender(message["from"], message["sender_chat"]);
  const platformId = idOf(message["message_id"]);
  const { text } = readText(message, me);
  // A live location that moves is an edit too, without words.
  if (!chat || !sender || platformId === undefined || text === "" || sender.id === me.id) return undefined;
  return { type: "edit", chat, sender, platformId, text };
}

/** Told as the whole set of a person's reactions before and after: what is new in it, or that the last one is gone. */
function toReaction(reaction: Fields, me: Me): InboundEvent | undefined {
  const chat = toChat(reaction);
  const sender = toSender(reaction["user"], reaction["actor_chat"]);
  const platformId = idOf(reaction["message_id"]);
  if (!chat || !sender || platformId === undefined || sender.id === me.id) return undefined;
  const before = emojisOf(reaction["old_reaction"]);
  const after = emojisOf(reaction["new_reaction"]);
  const emoji = after.find((one) => !before.includes(one));
  if (emoji !== undefined) return { type: "reaction", chat, sender, platformId, emoji };
  return before.length > 0 && after.length === 0 ? { type: "reaction", chat, sender, platformId } : undefined;
}

function emojisOf(reactions: unknown): string[] {
  return listOf(reactions).flatMap((one) => textOf(fieldsOf(one)["emoji"]) ?? []);
}

/** Undefined for channels, where nobody talks with us. */
function toChat(message: Fields): ChatRef | undefined {
  const chat = fieldsOf(message["chat"]);
  const id = idOf(chat["id"]);
  const isDirect = chat["type"] === "private";
  if (id === undefined || !(isDirect || chat["type"] === "group" || chat["type"] === "supergroup")) return undefined;
  // Without the mark, the number only names the message that a chain of replies began with.
  const threadId = message["is_topic_message"] === true ? idOf(message["message_thread_id"]) : undefined;
  const title = nameOf(chat);
  return { id, kind: isDirect ? "direct" : "group", ...(threadId && { threadId }), ...(title && { title }) };
}

/**
 * @param behalf the chat in whose name it was written: then `from` is a stand-in that all such chats share, and letting
 *   it in would let in every anonymous administrator of every group
 */
function toSender(from: unknown, behalf: unknown): Sender | undefined {
  const source = fieldsOf(behalf ?? from);
  const id = idOf(source["id"]);
  if (id === undefined) return undefined;
  const name = nameOf(source);
  return { id, ...(name && { name }), ...(source["is_bot"] === true && { isBot: true }) };
}

function nameOf(source: Fields): string | undefined {
  const name = [textOf(source["first_name"]), textOf(source["last_name"])].filter(Boolean).join(" ");
  return textOf(source["title"]) ?? (name || textOf(source["username"]));
}

/** Text or caption without the marks that mean us. */
function readText(message: Fields, me: Me): { text: string; mentionsMe: boolean } {
  const isText = typeof message["text"] === "string";
  let text = textOf(message[isText ? "text" : "caption"]) ?? "";
  const marks = listOf(message[isText ? "entities" : "caption_entities"])
    .slice(0, MAX_ENTITIES)
    .flatMap((entity) => toMark(fieldsOf(entity), text, me) ?? [])
    .sort((a, b) => b.start - a.start);
  let last = text.length;
  for (const { start, end } of marks) {
    if (end > last) continue;
    last = start;
    const before = text.slice(0, start);
    const after = text.slice(end);
    text = before === before.trimEnd() && before !== "" ? before + after : before + after.trimStart();
  }
  return { text: marks.length > 0 ? text.trim() : text, mentionsMe: marks.length > 0 };
}

/** The piece of the text that addresses us, if the entity does. Offsets count UTF-16 units, as ours do. */
function toMark(entity: Fields, text: string, me: Me): { start: number; end: number } | undefined {
  const start = numberOf(entity["offset"]);
  const length = numberOf(entity["length"]);
  if (start === undefined || length === undefined || start < 0 || length < 1) return undefined;
  const end = start + length;
  if (end > text.length || !Number.isInteger(start) || !Number.isInteger(length)) return undefined;
  const name = `@${me.username}`.toLowerCase();
  const marked = text.slice(start, end).toLowerCase();
  switch (entity["type"]) {
    case "mention":
      return marked === name ? { start, end } : undefined;
    case "text_mention":
      return idOf(fieldsOf(entity["user"])["id"]) === me.id ? { start, end } : undefined;
    case "bot_command":
      return marked.endsWith(name) ? { start: end - name.length, end } : undefined;
    default:
      return undefined;
  }
}

function toReply(message: Fields, me: Me): InboundMessage["replyTo"] {
  const reply = fieldsOf(message["reply_to_message"]);
  const platformId = idOf(reply["message_id"]);
  // In a topic every message answers the one that opened it, unless its writer chose another.
  if (platformId === undefined || reply["forum_topic_created"] !== undefined) return undefined;
  const sender = toSender(reply["from"], reply["sender_chat"]);
  const text = textOf(fieldsOf(message["quote"])["text"]) ?? textOf(reply["text"]) ?? textOf(reply["caption"]);
  return {
    platformId,
    isToMe: sender?.id === me.id,
    ...(text && { text }),
    ...(sender?.name && { senderName: sender.name }),
  };
}

/** Fields of a message that hold a file, with what they are to us and their type where Telegram does not say. */
const FILES: readonly (readonly [field: string, kind: MediaKind, mimeType?: string])[] = [
  ["voice", "voice", "audio/ogg"],
  ["audio", "audio"],
  ["video", "video"],
  ["video_note", "video", "video/mp4"],
  ["animation", "video", "video/mp4"],
  ["sticker", "sticker"],
  ["document", "document"],
];

function toMedia(message: Fields): MediaRef[] {
  const media = FILES.flatMap(([field, kind, mimeType]) => {
    // An animation is there a second time as a document, for old programs.
    if (field === "document" && message["animation"] !== undefined) return [];
    const file = fieldsOf(message[field]);
    return toMediaRef(file, kind, field === "sticker" ? stickerType(file) : mimeType) ?? [];
  });
  const areaOf = (size: Fields) => (numberOf(size["width"]) ?? 0) * (numberOf(size["height"]) ?? 0);
  const sizes = listOf(message["photo"]).map(fieldsOf);
  const [largest] = sizes.sort((a, b) => areaOf(b) - areaOf(a));
  const photo = largest && toMediaRef(largest, "image", "image/jpeg");
  return photo ? [...media, photo] : media;
}

function toMediaRef(file: Fields, kind: MediaKind, usualType: string | undefined): MediaRef | undefined {
  const ref = textOf(file["file_id"]);
  if (!ref) return undefined;
  const mimeType = textOf(file["mime_type"]) ?? usualType;
  const fileName = textOf(file["file_name"]);
  const sizeBytes = numberOf(file["file_size"]);
  const durationSeconds = numberOf(file["duration"]);
  return {
    kind,
    ref,
    ...(mimeType && { mimeType }),
    ...(fileName && { fileName }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(durationSeconds !== undefined && { durationSeconds }),
  };
}

function stickerType(sticker: Fields): string {
  if (sticker["is_video"] === true) return "video/webm";
  return sticker["is_animated"] === true ? "application/x-tgsticker" : "image/webp";
}

function toLocation(message: Fields): InboundMessage["location"] {
  const venue = fieldsOf(message["venue"]);
  const point = fieldsOf(message["location"] ?? venue["location"]);
  const latitude = numberOf(point["latitude"]);
  const longitude = numberOf(point["longitude"]);
  if (latitude === undefined || longitude === undefined) return undefined;
  const name = [textOf(venue["title"]), textOf(venue["address"])].filter(Boolean).join(", ");
  return { latitude, longitude, ...(name && { name }) };
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
