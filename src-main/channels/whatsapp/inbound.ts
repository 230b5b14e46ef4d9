/**
 * From WhatsApp's decrypted messages to what the pipeline knows. Pure; never throws for anything that a person, a hostile
 * one included, can put into a message: what makes no sense is dropped.
 *
 * A person is known by the address of the phone number when the platform tells it, and by the hidden one (`…@lid`) only
 * when it does not. A direct chat has the id of its person.
 */
import type { proto, WAMessageKey } from "@whiskeysockets/baileys";
import type { InboundEvent, InboundMessage, MediaKind } from "../contract.ts";
import { bareJid, isGroupJid, isPersonJid, isPhoneJid, userOf } from "./jid.ts";
import { toMediaRef, type FileMessage } from "./media.ts";

/** One decrypted message with what its envelope said. Addresses as they came. */
export interface Received {
  key: WAMessageKey;
  message: proto.IMessage;
  pushName?: string | null;
  /** Milliseconds since 1970. */
  at: number;
  /** Subject of the group, where known. */
  title?: string | undefined;
  /** The number behind a hidden address, where we learned it earlier. */
  phoneJid?: string | null | undefined;
}

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

/** What carries words, a file or a place, and as which kind of file it is known. */
const BODIES = {
  extendedTextMessage: undefined,
  imageMessage: "image",
  videoMessage: "video",
  ptvMessage: "video",
  audioMessage: "audio",
  documentMessage: "document",
  stickerMessage: "sticker",
  locationMessage: undefined,
  liveLocationMessage: undefined,
} as const satisfies Partial<Record<keyof proto.IMessage, MediaKind | undefined>>;

/** What the bodies have between them. */
type Body = FileMessage &
  proto.Message.IExtendedTextMessage &
  proto.Message.IAudioMessage &
  proto.Message.ILocationMessage;

/**
 * @param own our bare addresses: the number and the hidden one
 * @returns undefined for our own, for statuses and newsletters, and for what means nothing to an assistant
 */
export function toInbound(received: Received, own: ReadonlySet<string>): InboundEvent | undefined {
  const { key } = received;
  const where = toPlace(received);
  if (where === undefined || !key.id || key.fromMe === true || own.has(where.sender.id)) return undefined;
  const message = unwrap(received.message);
  const { protocolMessage, reactionMessage } = message;
  if (protocolMessage) return toChange(protocolMessage, where);
  if (!reactionMessage) return toMessage({ ...where, message, at: received.at, platformId: key.id }, own);
  const { text: emoji, key: target } = reactionMessage;
  return target?.id ? { type: "reaction", ...where, platformId: target.id, ...(emoji && { emoji }) } : undefined;
}

type Place = Pick<InboundMessage, "chat" | "sender">;

function toPlace({ key, pushName, title, phoneJid }: Received): Place | undefined {
  const chatJid = bareJid(key.remoteJid) ?? "";
  const isGroup = isGroupJid(chatJid);
  if (!isGroup && !isPersonJid(chatJid)) return undefined;
  const [alt, jid] = isGroup ? [key.participantAlt, key.participant] : [key.remoteJidAlt, chatJid];
  const jids = [alt, phoneJid, jid].map((one) => bareJid(one) ?? "").filter(isPersonJid);
  const id = jids.find(isPhoneJid) ?? jids.at(-1);
  if (id === undefined) return undefined;
  const sender = {
    id,
    ...(pushName && { name: pushName.toWellFormed() }),
    ...(id.endsWith("@bot") && { isBot: true }),
  };
  if (!isGroup) return { chat: { id, kind: "direct" }, sender };
  return { chat: { id: chatJid, kind: "group", ...(title !== undefined && { title }) }, sender };
}

/** The message inside of disappearing, view-once and similar envelopes. */
export function unwrap(message: proto.IMessage): proto.IMessage {
  let content = message;
  for (let depth = 0; depth < 6; depth++) {
    const inner: proto.IMessage | null | undefined = WRAPPERS.map((name) => content[name]?.message).find(Boolean);
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
  { message, ...where }: Place & { message: proto.IMessage; at: number; platformId: string },
  own: ReadonlySet<string>,
): InboundMessage | undefined {
  const { body, kind } = bodyOf(message);
  const file = kind && toMediaRef(body.ptt === true ? "voice" : kind, body);
  const location = toLocation(body);
  const text = textOf(message);
  if (text === "" && file === undefined && location === undefined) return undefined;
  const { mentionedJid, ...context } = body.contextInfo ?? {};
  const ownMentions = (mentionedJid ?? []).map((jid) => bareJid(jid) ?? "").filter((jid) => own.has(jid));
  const replyTo = toReply(context, own);
  const albumId = message.messageContextInfo?.messageAssociation?.parentMessageKey?.id;
  return {
    type: "message",
    ...where,
    messageId: `${where.chat.id}:${where.platformId}`,
    text: withoutMarks(text, ownMentions),
    mentionsMe: ownMentions.length > 0,
    ...(replyTo && { replyTo }),
    media: file ? [file] : [],
    ...(location && { location }),
    ...(albumId && { albumId }),
  };
}

function bodyOf(message: proto.IMessage): { body: Body; kind?: MediaKind | undefined } {
  for (const [name, kind] of Object.entries(BODIES)) {
    const body: Body | null | undefined = message[name as keyof typeof BODIES];
    if (body) return { body, kind };
  }
  return { body: {} };
}

function textOf(message: proto.IMessage): string {
  const { text, caption } = bodyOf(message).body;
  return (message.conversation || text || caption || "").toWellFormed();
}

/** A mention stands in the text as `@` and the number. */
function withoutMarks(text: string, mentions: readonly string[]): string {
  if (mentions.length === 0) return text;
  return mentions.reduce((rest, jid) => rest.replaceAll(`@${userOf(jid)}`, ""), text).trim();
}

function toReply(context: proto.IContextInfo, own: ReadonlySet<string>): InboundMessage["replyTo"] {
  if (!context.stanzaId) return undefined;
  const text = context.quotedMessage ? textOf(unwrap(context.quotedMessage)) : "";
  const isToMe = own.has(bareJid(context.participant) ?? "");
  return { platformId: context.stanzaId, isToMe, ...(text && { text }) };
}

function toLocation(body: Body): InboundMessage["location"] {
  const { degreesLatitude: latitude, degreesLongitude: longitude, name } = body;
  if (latitude == null || longitude == null) return undefined;
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined;
  return { latitude, longitude, ...(name && { name: name.toWellFormed() }) };
}
