/**
 * Twilio's webhook parameters as events. Pure; what is missing or senseless is left out, nothing throws. Must never be
 * given parameters whose signature was not checked.
 *
 * Facts: Twilio documentation, "Messaging webhooks" and "WhatsApp: incoming message parameters".
 */
import type { InboundMessage, MediaKind, MediaRef } from "../contract.ts";

const PREFIX = "whatsapp:";
/** WhatsApp allows one file in a message, Twilio at most ten. */
const MAX_MEDIA = 10;

type Fields = Readonly<Record<string, string | undefined>>;

/** Without Twilio's prefix: `+15551234567`. The id of chat and sender. */
export function withoutPrefix(address: string): string {
  return address.startsWith(PREFIX) ? address.slice(PREFIX.length) : address;
}

/** The address that Twilio sends to. */
export function toAddress(chatId: string): string {
  return PREFIX + withoutPrefix(chatId);
}

/**
 * @param own our number as the settings have it, `whatsapp:+15557654321`
 * @param now wall time in milliseconds: Twilio does not say when a message was written
 * @returns undefined for what is not a message of a person to us: what became of one of ours comes the same way
 */
export function toInbound(params: URLSearchParams, own: string, now: number): InboundMessage | undefined {
  const fields: Fields = Object.fromEntries(params);
  const { MessageSid: messageId, From: from = "", To: to, SmsStatus: status = "received" } = fields;
  const { Body: text = "", ProfileName: name, OriginalRepliedMessageSid: repliedId } = fields;
  const isToUs = to === own && from !== own && from.startsWith(PREFIX) && from !== PREFIX;
  if (!messageId || !isToUs || status !== "received" || fields["MessageStatus"] !== undefined) return undefined;
  const id = withoutPrefix(from);
  const media = toMedia(fields);
  const location = toLocation(fields);
  if (text === "" && media.length === 0 && !location) return undefined;
  const isToMe = fields["OriginalRepliedMessageSender"] === own;
  return {
    type: "message",
    messageId,
    platformId: messageId,
    chat: { id, kind: "direct", ...(name && { title: name }) },
    sender: { id, ...(name && { name }) },
    at: now,
    text,
    mentionsMe: false,
    media,
    ...(location && { location }),
    ...(repliedId && { replyTo: { platformId: repliedId, isToMe } }),
  };
}

function toMedia(fields: Fields): MediaRef[] {
  const count = Math.min(MAX_MEDIA, Number.parseInt(fields["NumMedia"] ?? "", 10) || 0);
  const media: MediaRef[] = [];
  for (let at = 0; at < count; at++) {
    const ref = fields[`MediaUrl${at}`] ?? "";
    const mimeType = fields[`MediaContentType${at}`]?.toLowerCase() ?? "";
    const kind = fields["MessageType"] === "sticker" ? "sticker" : toKind(mimeType);
    if (URL.canParse(ref)) media.push({ kind, ref, ...(mimeType && { mimeType }) });
  }
  return media;
}

function toKind(mimeType: string): MediaKind {
  // WhatsApp records voice as Opus in Ogg and sends other sound in other wrappers.
  if (mimeType.startsWith("audio/ogg")) return "voice";
  return (["image", "audio", "video"] as const).find((kind) => mimeType.startsWith(`${kind}/`)) ?? "document";
}

function toLocation(fields: Fields): InboundMessage["location"] {
  const latitude = Number.parseFloat(fields["Latitude"] ?? "");
  const longitude = Number.parseFloat(fields["Longitude"] ?? "");
  // Not a number fails both comparisons.
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined;
  const name = fields["Label"] || fields["Address"];
  return { latitude, longitude, ...(name && { name }) };
}
