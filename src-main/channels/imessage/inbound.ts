/**
 * Rows of Messages' database as events. Pure; rows hold what other people's devices sent, so every value is looked at and
 * nothing throws.
 *
 * Facts: `chat.style` 43 is a group, 45 a direct chat; `item_type` other than 0 is an event of the group; with
 * `associated_message_type` from 1000 it is a reaction to another message, or a sticker on it; dates count from 2001, in
 * nanoseconds since macOS 10.13 and in seconds before.
 */
import type { ChatRef, InboundMessage, MediaKind, MediaRef, Sender } from "../contract.ts";
import { readAttributedBody } from "./attributed-body.ts";
import type { AttachmentRow, MessageRow } from "./chat-db.ts";

const GROUP_STYLE = 43;
/** 2001-01-01 in milliseconds since 1970. */
const EPOCH_MS = 978_307_200_000;

/** A message that came. @returns undefined for what is no message of another person */
export function toInbound(row: MessageRow, attachments: readonly AttachmentRow[]): InboundMessage | undefined {
  const place = toPlace(row);
  if (place === undefined) return undefined;
  const { chat, sender, own } = place;
  const { text, mentions } = toText(row);
  const media = attachments.flatMap((each) => toMedia(each, row));
  if (text === "" && media.length === 0) return undefined;
  const guid = textOf(row.guid);
  const repliedGuid = textOf(row.repliedGuid);
  const replyTo = {
    platformId: repliedGuid,
    isToMe: row.repliedIsFromMe === 1,
    ...filled({ text: textOf(row.repliedText) }),
  };
  return {
    type: "message",
    messageId: guid,
    platformId: guid,
    chat,
    sender,
    at: toMillis(row.date),
    text,
    mentionsMe: chat.kind === "group" && mentions.some((handle) => own.includes(handle.toLowerCase())),
    media,
    ...(repliedGuid === "" ? {} : { replyTo }),
  };
}

/** Milliseconds since 1970 of a date of the database. */
export function toMillis(date: unknown): number {
  const value = numberOf(date);
  return EPOCH_MS + Math.round(value > 1e11 ? value / 1e6 : value * 1000);
}

/** Where a row belongs, who wrote it, and our addresses; undefined unless another person did, in a chat that is known. */
function toPlace(row: MessageRow): { chat: ChatRef; sender: Sender; own: readonly string[] } | undefined {
  const id = textOf(row.chatGuid);
  const handle = textOf(row.handle);
  const isOfPerson = row.isFromMe === 0 && numberOf(row.itemType) === 0 && numberOf(row.associatedType) < 1000;
  if (!isOfPerson || id === "" || handle === "" || textOf(row.guid) === "") return undefined;
  // `account` is `E:` or `P:` and the address that is signed in.
  const own = [textOf(row.account).replace(/^[a-z]:/i, ""), textOf(row.destination)].map((one) => one.toLowerCase());
  // Who writes to themselves gets a copy that looks like another's.
  if (own.includes(handle.toLowerCase())) return undefined;
  const kind = row.chatStyle === GROUP_STYLE || id.includes(";+;") ? "group" : "direct";
  return { chat: { id, kind, ...filled({ title: textOf(row.chatName) }) }, sender: { id: handle }, own };
}

/** The words, without the signs that stand where files are. */
function toText(row: MessageRow): { text: string; mentions: readonly string[] } {
  const { text, mentions } = readAttributedBody(row.attributedBody) ?? { text: "", mentions: [] };
  return { text: (textOf(row.text) || text).replaceAll("\uFFFC", ""), mentions };
}

function toMedia(attachment: AttachmentRow, { isAudio }: MessageRow): MediaRef[] {
  const ref = textOf(attachment.guid);
  const fileName = textOf(attachment.shownName);
  const mimeType = textOf(attachment.mimeType);
  // The preview of a link, not something a person sent.
  if (ref === "" || fileName.endsWith(".pluginPayloadAttachment")) return [];
  const kind = attachment.isSticker === 1 ? "sticker" : isAudio === 1 ? "voice" : toKind(mimeType);
  return [{ kind, ref, ...filled({ mimeType, fileName, sizeBytes: numberOf(attachment.sizeBytes) }) }];
}

function toKind(mimeType: string): MediaKind {
  return (["image", "audio", "video"] as const).find((kind) => mimeType.startsWith(`${kind}/`)) ?? "document";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** The fields that are neither empty nor 0. */
function filled<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => Boolean(value))) as Partial<T>;
}
