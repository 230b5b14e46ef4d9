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
  return PREFIX + withoutPrefix(chatId);
}

/**
 * @param own our number as the settings have it, `whatsapp:+15557654321`
 * @param now wall time in milliseconds: Twilio does not say when a message was written
 * @returns undefined for what is not a message of a person to us: what became of one of ours comes the same way
 */
export function toInbound(params: URLSearchParams, own: string, now: number): InboundMessage | undefined {
  const [messageId, from, title, text, repliedId] = ["MessageSid", "From", "ProfileName", "Body"].map(
    (name) => params.get(name) ?? "",
  );
  return undefined;
}
