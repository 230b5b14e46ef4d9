/**
 * Rows of Messages' database as events. Pure; rows hold what other people's devices sent, so every value is looked at and
 * nothing throws.
 *
 * Facts: `chat.style` 43 is a group, 45 a direct chat; `item_type` other than 0 is an event of the group; tapbacks are
 * messages with `associated_message_type` 2000 to 2006, taken back 3000 to 3006; dates count from 2001, in nanoseconds
 * since macOS 10.13 and in seconds before.
 */
import type { ChatRef, InboundEvent, InboundMessage, MediaKind, MediaRef, Sender } from "../contract.ts";
import { readAttributedBody } from "./attributed-body.ts";
import type { AttachmentRow, MessageRow } from "./chat-db.ts";

const GROUP_STYLE = 43;
/** 2001-01-01 in milliseconds since 1970. */
export const EPOCH_MS = 978_307_200_000;
const TAPBACKS = ["❤️", "👍", "👎", "😂", "‼️", "❓"] as const;
/** Stands in the text where a file is. */
const PLACEHOLDER = "\uFFFC";

/** A message that came. @returns undefined for what is no message or reaction of another person */
export function toInbound(
  row: MessageRow,
  attachments: readonly AttachmentRow[],
): InboundMessage | Extract<InboundEvent, { type: "reaction" }> | undefined {
  const place = toPlace(row);
  if (place === undefined) return undefined;
  const { chat, sender, own } = place;
  const association = numberOf(row.associatedType);
  if (association >= 1000) return toReaction(row, chat, sender);
  const body = readAttributedBody(row.attributedBody);
  const text = toText(row, body?.text);
  const media = attachments.map((each) => toMedia(each, row)).filter((each) => each !== undefined);
  if (text === "" && media.length === 0) return undefined;
  const guid = textOf(row.guid);
  const repliedGuid = textOf(row.repliedGuid);
  const repliedText = textOf(row.repliedText);
  return {
    type: "message",
    messageId: guid,
    platformId: guid,
    chat,
    sender,
    at: toMillis(row.date),
    text,
    mentionsMe: chat.kind === "group" && (body?.mentions ?? []).some((handle) => own.has(handle.toLowerCase())),
    media,
    ...(repliedGuid === ""
      ? {}
      : {
          replyTo: {
            platformId: repliedGuid,
            isToMe: row.repliedIsFromMe === 1,
            ...(repliedText === "" ? {} : { text: repliedText }),
          },
        }),
  };
}

/** What became of an earlier message: other words, or nothing any more. */
export function toChange(row: MessageRow, hasFiles: boolean): InboundEvent | undefined {
  const place = toPlace(row);
  if (place === undefined || numberOf(row.associatedType) >= 1000) return undefined;
  const { chat, sender } = place;
  const platformId = textOf(row.guid);
  const text = toText(row, readAttributedBody(row.attributedBody)?.text);
  if (numberOf(row.retracted) > 0 || (text === "" && !hasFiles)) {
    return { type: "delete", chat, platformIds: [platformId] };
  }
  return { type: "edit", chat, sender, platformId, text };
}

/** Milliseconds since 1970 of a date of the database. */
export function toMillis(date: unknown): number {
  const value = numberOf(date);
  return EPOCH_MS + Math.round(value > 1e11 ? value / 1e6 : value * 1000);
}

/** Where a row belongs and who wrote it; undefined unless another person did, in a chat that is known. */
function toPlace(row: MessageRow): { chat: ChatRef; sender: Sender; own: ReadonlySet<string> } | undefined {
  const id = textOf(row.chatGuid);
  const handle = textOf(row.handle);
  if (id === "" || handle === "" || textOf(row.guid) === "" || row.isFromMe !== 0 || numberOf(row.itemType) !== 0) {
    return undefined;
  }
  const own = ownHandles(row);
  // Who writes to themselves gets a copy that looks like another's.
  if (own.has(handle.toLowerCase())) return undefined;
  const title = textOf(row.chatName);
  const kind = row.chatStyle === GROUP_STYLE || id.includes(";+;") ? "group" : "direct";
  return { chat: { id, kind, ...(title === "" ? {} : { title }) }, sender: { id: handle }, own };
}

/** Our addresses as far as the row tells: `account` is `E:` or `P:` and the address that is signed in. */
function ownHandles({ account, destination }: MessageRow): Set<string> {
  const handles = [textOf(account).replace(/^[a-z]:/i, ""), textOf(destination)];
  return new Set(handles.filter((handle) => handle !== "").map((handle) => handle.toLowerCase()));
}

function toReaction(
  row: MessageRow,
  chat: ChatRef,
  sender: Sender,
): Extract<InboundEvent, { type: "reaction" }> | undefined {
  const type = numberOf(row.associatedType);
  // `p:0/GUID` names a part of the message, `bp:GUID` its bubble.
  const platformId = textOf(row.associatedGuid).replace(/^(p:\d+\/|bp:)/, "");
  if (platformId === "") return undefined;
  if (type >= 3000 && type <= 3006) return { type: "reaction", chat, sender, platformId };
  const emoji = type === 2006 ? textOf(row.associatedEmoji) : (TAPBACKS[type - 2000] ?? "");
  return emoji === "" ? undefined : { type: "reaction", chat, sender, platformId, emoji };
}

function toText(row: MessageRow, archived: string | undefined): string {
  return (textOf(row.text) || (archived ?? "")).replaceAll(PLACEHOLDER, "");
}

function toMedia(attachment: AttachmentRow, row: MessageRow): MediaRef | undefined {
  const ref = textOf(attachment.guid);
  const fileName = textOf(attachment.shownName);
  const mimeType = textOf(attachment.mimeType);
  const sizeBytes = numberOf(attachment.sizeBytes);
  // The preview of a link, not something a person sent.
  if (ref === "" || fileName.endsWith(".pluginPayloadAttachment")) return undefined;
  return {
    kind: attachment.isSticker === 1 ? "sticker" : row.isAudio === 1 ? "voice" : toKind(mimeType),
    ref,
    ...(mimeType === "" ? {} : { mimeType }),
    ...(fileName === "" ? {} : { fileName }),
    ...(sizeBytes > 0 ? { sizeBytes } : {}),
  };
}

function toKind(mimeType: string): MediaKind {
  for (const kind of ["image", "audio", "video"] as const) if (mimeType.startsWith(`${kind}/`)) return kind;
  return "document";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
