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

/** Without Twilio's prefix: `+15551234567`. The id of chat and sender. */
export function withoutPrefix(address: string): string {
  return address.startsWith(PREFIX) ? address.slice(PREFIX.length) : address;
}

/** The address that Twilio sends to. */
export function toAddress(chatId: string): string {
  return chatId.startsWith(PREFIX) ? chatId : PREFIX + chatId;
}

/**
 * @param own our number as the settings have it, `whatsapp:+15557654321`
 * @param now wall time in milliseconds: Twilio does not say when a message was written
 * @returns undefined for what is not a message of a person to us
 */
export function toInbound(params: URLSearchParams, own: string, now: number): InboundMessage | undefined {
  const messageId = params.get("MessageSid") ?? "";
  const from = params.get("From") ?? "";
  const isToUs = params.get("To") === own && from !== own && from.startsWith(PREFIX);
  if (messageId === "" || !isToUs || isStatusCallback(params)) return undefined;
  const id = withoutPrefix(from);
  if (id === "") return undefined;
  const name = params.get("ProfileName") ?? "";
  const text = params.get("Body") ?? "";
  const media = toMedia(params);
  const location = toLocation(params);
  if (text === "" && media.length === 0 && location === undefined) return undefined;
  const repliedId = params.get("OriginalRepliedMessageSid") ?? "";
  return {
    type: "message",
    messageId,
    platformId: messageId,
    chat: { id, kind: "direct", ...(name === "" ? {} : { title: name }) },
    sender: { id, ...(name === "" ? {} : { name }) },
    at: now,
    text,
    mentionsMe: false,
    media,
    ...(location === undefined ? {} : { location }),
    ...(repliedId === ""
      ? {}
      : { replyTo: { platformId: repliedId, isToMe: params.get("OriginalRepliedMessageSender") === own } }),
  };
}

/** What became of a message of ours: Twilio tells it at the same kind of address. */
export function isStatusCallback(params: URLSearchParams): boolean {
  return params.has("MessageStatus") || (params.get("SmsStatus") ?? "received") !== "received";
}

function toMedia(params: URLSearchParams): MediaRef[] {
  const count = Math.min(MAX_MEDIA, Number.parseInt(params.get("NumMedia") ?? "", 10) || 0);
  const isSticker = params.get("MessageType") === "sticker";
  const media: MediaRef[] = [];
  for (let index = 0; index < count; index++) {
    const ref = params.get(`MediaUrl${index}`) ?? "";
    if (!URL.canParse(ref)) continue;
    const mimeType = (params.get(`MediaContentType${index}`) ?? "").toLowerCase();
    media.push({ kind: isSticker ? "sticker" : toKind(mimeType), ref, ...(mimeType === "" ? {} : { mimeType }) });
  }
  return media;
}

function toKind(mimeType: string): MediaKind {
  // WhatsApp records voice as Opus in Ogg and sends other sound in other wrappers.
  if (mimeType.startsWith("audio/ogg")) return "voice";
  for (const kind of ["image", "audio", "video"] as const) if (mimeType.startsWith(`${kind}/`)) return kind;
  return "document";
}

function toLocation(params: URLSearchParams): InboundMessage["location"] {
  const latitude = Number.parseFloat(params.get("Latitude") ?? "");
  const longitude = Number.parseFloat(params.get("Longitude") ?? "");
  // Not a number fails both comparisons.
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined;
  const name = params.get("Label") || params.get("Address");
  return { latitude, longitude, ...(name ? { name } : {}) };
}
