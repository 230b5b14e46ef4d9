/**
 * From WhatsApp's decrypted messages to what the pipeline knows. Pure; never throws for anything that a person, a hostile
 * one included, can put into a message: what makes no sense is dropped.
 *
 * A person is known by the address of the phone number when the platform tells it, and by the hidden one (`…@lid`) only
 * when it does not. A direct chat has the id of its person.
 */
import type { proto } from "@whiskeysockets/baileys";
import type { ChatRef, InboundEvent, InboundMessage, MediaKind, MediaRef, Sender } from "../contract.ts";
import { bareJid, isGroupJid, isPersonJid, isPhoneJid, userOf } from "./jid.ts";
import { toMediaRef } from "./media.ts";

/** One decrypted message with what its envelope said. Addresses as they came. */
export interface Received {
  key: {
    id?: string | null;
    remoteJid?: string | null;
    /** The same person or chat under the other kind of address. */
    remoteJidAlt?: string | null;
    participant?: string | null;
    participantAlt?: string | null;
    fromMe?: boolean | null;
  };
  message: proto.IMessage;
  pushName?: string | null;
  /** Milliseconds since 1970. */
  at: number;
  /** Subject of the group, where known. */
  title?: string | undefined;
  /** The number behind a hidden address, where we learned it earlier. */
  phoneJid?: string | undefined;
}

/** Our own bare addresses: the number and the hidden one. */
export type OwnJids = ReadonlySet<string>;

/** `REVOKE` and `MESSAGE_EDIT` of `ProtocolMessage.Type`. */
const REVOKE = 0;
const MESSAGE_EDIT = 14;

/** Messages that only wrap another one. */
const WRAPPERS = [
  "ephemeralMessage",
  "viewOnceMessage",
  "viewOnceMessageV2",
  "viewOnceMessageV2Extension",
  "documentWithCaptionMessage",
  "editedMessage",
  "groupMentionedMessage",
  "botInvokeMessage",
  "associatedChildMessage",
] as const;

/** @returns undefined for our own, for statuses and newsletters, and for what means nothing to an assistant */
export function toInbound(received: Received, own: OwnJids): InboundEvent | undefined {
  const { key } = received;
  const where = toPlace(received);
  if (where === undefined || key.fromMe === true || typeof key.id !== "string" || key.id === "") return undefined;
  if (own.has(where.sender.id)) return undefined;
  const content = unwrap(received.message);
  const { protocolMessage, reactionMessage } = content;
  if (protocolMessage) return toChange(protocolMessage, where);
  if (reactionMessage) {
    const platformId = reactionMessage.key?.id;
    if (!platformId) return undefined;
    return { type: "reaction", ...where, platformId, ...(reactionMessage.text ? { emoji: reactionMessage.text } : {}) };
  }
  return toMessage({ ...received, message: content }, where, key.id, own);
}

interface Place {
  chat: ChatRef;
  sender: Sender;
}

function toPlace({ key, pushName, title, phoneJid }: Received): Place | undefined {
  const chatJid = bareJid(key.remoteJid);
  if (chatJid === undefined) return undefined;
  const isGroup = isGroupJid(chatJid);
  if (!isGroup && !isPersonJid(chatJid)) return undefined;
  const candidates = isGroup ? [key.participantAlt, phoneJid, key.participant] : [key.remoteJidAlt, phoneJid, chatJid];
  const jids = candidates.map(bareJid).filter((jid) => jid !== undefined && isPersonJid(jid));
  const id = jids.find((jid) => jid !== undefined && isPhoneJid(jid)) ?? jids.at(-1);
  if (id === undefined) return undefined;
  const sender: Sender = {
    id,
    ...(typeof pushName === "string" && pushName !== "" ? { name: pushName.toWellFormed() } : {}),
    ...(id.endsWith("@bot") ? { isBot: true } : {}),
  };
  const chat: ChatRef = isGroup
    ? { id: chatJid, kind: "group", ...(title === undefined ? {} : { title }) }
    : { id, kind: "direct" };
  return { chat, sender };
}

/** The message inside of disappearing, view-once and similar envelopes. */
export function unwrap(message: proto.IMessage): proto.IMessage {
  let content = message;
  for (let depth = 0; depth < 6; depth++) {
    const wrapper: (typeof WRAPPERS)[number] | undefined = WRAPPERS.find((name) => content[name]?.message);
    const inner: proto.IMessage | null | undefined = wrapper && content[wrapper]?.message;
    if (!inner) return content;
    content = inner;
  }
  return content;
}

/** An edit or a deletion. Whose the message was is for the pipeline to look up: the platform does not check it. */
function toChange(change: proto.Message.IProtocolMessage, { chat, sender }: Place): InboundEvent | undefined {
  const platformId = change.key?.id;
  if (!platformId) return undefined;
  if ((change.type ?? REVOKE) === REVOKE) return { type: "delete", chat, platformIds: [platformId] };
  if (change.type !== MESSAGE_EDIT || !change.editedMessage) return undefined;
  return { type: "edit", chat, sender, platformId, text: textOf(unwrap(change.editedMessage)) };
}

function toMessage(
  { message, at }: Received,
  { chat, sender }: Place,
  platformId: string,
  own: OwnJids,
): InboundMessage | undefined {
  const found = mediaOf(message);
  const location = locationOf(message);
  const text = textOf(message);
  if (text === "" && found === undefined && location === undefined) return undefined;
  const context = contextOf(message);
  const ownMentions = (context?.mentionedJid ?? []).map(bareJid).filter((jid) => jid !== undefined && own.has(jid));
  const reply = context && toReply(context, own);
  const albumId = message.messageContextInfo?.messageAssociation?.parentMessageKey?.id;
  return {
    type: "message",
    messageId: `${chat.id}:${platformId}`,
    platformId,
    chat,
    sender,
    at,
    text: withoutMarks(text, ownMentions),
    mentionsMe: ownMentions.length > 0,
    ...(reply ? { replyTo: reply } : {}),
    media: found ? [found] : [],
    ...(location ? { location } : {}),
    ...(albumId ? { albumId } : {}),
  };
}

/** A mention stands in the text as `@` and the number. */
function withoutMarks(text: string, mentions: readonly (string | undefined)[]): string {
  let out = text;
  for (const jid of mentions) if (jid !== undefined) out = out.replaceAll(`@${userOf(jid)}`, "");
  return mentions.length === 0 ? out : out.trim();
}

function toReply(context: proto.IContextInfo, own: OwnJids): InboundMessage["replyTo"] {
  if (!context.stanzaId) return undefined;
  const author = bareJid(context.participant);
  const text = context.quotedMessage ? textOf(unwrap(context.quotedMessage)) : "";
  return {
    platformId: context.stanzaId,
    isToMe: author !== undefined && own.has(author),
    ...(text === "" ? {} : { text }),
  };
}

function textOf(message: proto.IMessage): string {
  const text =
    message.conversation ||
    message.extendedTextMessage?.text ||
    message.imageMessage?.caption ||
    message.videoMessage?.caption ||
    message.documentMessage?.caption ||
    "";
  return text.toWellFormed();
}

function contextOf(message: proto.IMessage): proto.IContextInfo | null | undefined {
  return (
    message.extendedTextMessage?.contextInfo ??
    message.imageMessage?.contextInfo ??
    message.videoMessage?.contextInfo ??
    message.audioMessage?.contextInfo ??
    message.documentMessage?.contextInfo ??
    message.stickerMessage?.contextInfo ??
    message.locationMessage?.contextInfo
  );
}

function locationOf(message: proto.IMessage): InboundMessage["location"] {
  const place: proto.Message.ILocationMessage | null | undefined =
    message.locationMessage ?? message.liveLocationMessage;
  const { degreesLatitude: latitude, degreesLongitude: longitude } = place ?? {};
  if (latitude == null || longitude == null) return undefined;
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined;
  return { latitude, longitude, ...(place?.name ? { name: place.name.toWellFormed() } : {}) };
}

function mediaOf(message: proto.IMessage): MediaRef | undefined {
  const { imageMessage, videoMessage, audioMessage, documentMessage, stickerMessage, ptvMessage } = message;
  const found: readonly [MediaKind, Parameters<typeof toMediaRef>[1] | null | undefined][] = [
    ["image", imageMessage],
    ["video", videoMessage ?? ptvMessage],
    [audioMessage?.ptt === true ? "voice" : "audio", audioMessage],
    ["document", documentMessage],
    ["sticker", stickerMessage],
  ];
  for (const [kind, file] of found) if (file) return toMediaRef(kind, file);
  return undefined;
}
