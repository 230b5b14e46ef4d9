/**
 * Rows of Messages' database as events. Pure; rows hold what other people's devices sent, so every value is looked at and
 * nothing throws.
 *
 * Facts: `chat.style` 43 is a group, 45 a direct chat; `item_type` other than 0 is an event of the group; tapbacks are
 * messages with `associated_message_type` 2000 to 2006, taken back 3000 to 3006; dates count from 2001, in nanoseconds
 * since macOS 10.13 and in seconds before.
 */
import type { ChatRef, InboundEvent, MediaKind, MediaRef, Sender } from "../contract.ts";
import { readAttributedBody } from "./attributed-body.ts";
import type { AttachmentRow, MessageRow } from "./chat-db.ts";

const GROUP_STYLE = 43;
/** 2001-01-01 in milliseconds since 1970. */
export const EPOCH_MS = 978_307_200_000;
const TAPBACKS = ["❤️", "👍", "👎", "😂", "‼️", "❓"] as const;

/** A message that came. @returns undefined for what is no message or reaction of another person */
export function toInbound(row: MessageRow, attachments: readonly AttachmentRow[]): InboundEvent | undefined {
  const place = toPlace(row);
  if (place === undefined) return undefined;
  const { chat, sender, own } = place;
  if (isAssociated(row)) return toReaction(row, chat, sender);
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

/** What became of an earlier message: other words, or nothing any more. */
export function toChange(row: MessageRow, hasFiles: boolean): InboundEvent | undefined {
  const place = toPlace(row);
  if (place === undefined || isAssociated(row)) return undefined;
  const { chat, sender } = place;
  const platformId = textOf(row.guid);
  const { text } = toText(row);
  const isGone = numberOf(row.retracted) > 0 || (text === "" && !hasFiles);
  return isGone
    ? { type: "delete", chat, platformIds: [platformId] }
    : { type: "edit", chat, sender, platformId, text };
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
  const isOfPerson = row.isFromMe === 0 && numberOf(row.itemType) === 0;
  if (!isOfPerson || id === "" || handle === "" || textOf(row.guid) === "") return undefined;
  // `account` is `E:` or `P:` and the address that is signed in.
  const own = [textOf(row.account).replace(/^[a-z]:/i, ""), textOf(row.destination)].map((one) => one.toLowerCase());
  // Who writes to themselves gets a copy that looks like another's.
  if (own.includes(handle.toLowerCase())) return undefined;
  const kind = row.chatStyle === GROUP_STYLE || id.includes(";+;") ? "group" : "direct";
  return { chat: { id, kind, ...filled({ title: textOf(row.chatName) }) }, sender: { id: handle }, own };
}

/** It belongs to another message: a reaction, or a sticker put on it. */
function isAssociated(row: MessageRow): boolean {
  return numberOf(row.associatedType) >= 1000;
}

function toReaction(row: MessageRow, chat: ChatRef, sender: Sender): InboundEvent | undefined {
  const type = numberOf(row.associatedType);
  // `p:0/GUID` names a part of the message, `bp:GUID` its bubble.
  const platformId = textOf(row.associatedGuid).replace(/^(p:\d+\/|bp:)/, "");
  const isTakenBack = type >= 3000 && type <= 3006;
  const emoji = isTakenBack ? "" : type === 2006 ? textOf(row.associatedEmoji) : (TAPBACKS[type - 2000] ?? "");
  if (platformId === "" || (emoji === "" && !isTakenBack)) return undefined;
  return { type: "reaction", chat, sender, platformId, ...filled({ emoji }) };
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
