/** From the pipeline's messages to WhatsApp's: markup, cutting, message contents. Pure; must never fetch or send. */
import { hash } from "node:crypto";
import type { proto } from "@whiskeysockets/baileys";
import { prefixLines, renderMarkdown, type Markup } from "#main/base/text/markup.ts";
import { splitMarkdown } from "#main/base/text/split.ts";
import type { ChatRef, MediaKind, OutboundMedia } from "../contract.ts";
import type { RecentMessage } from "./account.ts";

/** Characters that a phone sends in one message. */
export const MAX_TEXT = 65_536;
/** What a phone shows under a picture; longer words follow as a message of their own. */
const MAX_CAPTION = 1024;

/** WhatsApp has no way to escape: a mark that would begin a format is parted from its word by a space without width. */
const WHATSAPP: Markup = {
  text: (plain) => plain.replace(/(^|[^\p{L}\p{N}])([*_~`])(?=\S|$)/gu, "$1$2\u200B"),
  strong: (inner) => `*${inner}*`,
  em: (inner) => `_${inner}_`,
  del: (inner) => `~${inner}~`,
  code: (plain) => (plain.includes("`") ? plain : `\`${plain}\``),
  codeBlock: (plain) => `\`\`\`${plain}\`\`\``,
  link: (inner, url) => (inner === url || `mailto:${inner}` === url ? inner : `${inner} (${url})`),
  heading: (inner) => `*${inner}*`,
  quote: (inner) => prefixLines(inner, "> "),
};

export function render(markdown: string): string {
  return renderMarkdown(markdown, WHATSAPP);
}

export function split(markdown: string): string[] {
  return splitMarkdown(markdown, MAX_TEXT, (part) => render(part).length);
}

/** The same message gets the same id at each try, of the form that the platform's web client uses. */
export function toMessageId(idempotencyKey: string, chatId: string, part: number): string {
  const digest = hash("sha256", JSON.stringify([idempotencyKey, chatId, part]));
  return `3EB0${digest.slice(0, 18).toUpperCase()}`;
}

/** Whether words go under the file, or after it. */
export function fitsCaption(kind: MediaKind, text: string): boolean {
  return ["image", "video", "document"].includes(kind) && text.length <= MAX_CAPTION;
}

type Quote = Pick<proto.Message.IExtendedTextMessage, "contextInfo">;

/** @param known the message that is answered, as far as it is remembered */
export function toQuote(chat: ChatRef, stanzaId: string, known: RecentMessage | undefined): Quote {
  // In a direct chat it is the other's; in a group nobody knows whose.
  if (known === undefined && chat.kind === "group") return {};
  const { author, message } = known ?? { author: chat.id, message: { conversation: "" } };
  return { contextInfo: { stanzaId, participant: author, quotedMessage: message } };
}

export function toTextContent(text: string, quote: Quote = {}): proto.IMessage {
  return { extendedTextMessage: { text, ...quote } };
}

/**
 * @param stored what the platform is told of any file: where it lies, its key, its digests
 * @param caption "" for none
 */
export function toMediaContent(
  { kind, bytes, mimeType, fileName }: OutboundMedia,
  stored: proto.Message.IImageMessage,
  caption: string,
): proto.IMessage {
  const name = kind === "voice" ? "audioMessage" : (`${kind}Message` as const);
  const file = {
    ...stored,
    fileLength: bytes.length,
    mimetype: mimeType,
    ...(caption && { caption }),
    ...(kind === "voice" && { ptt: true }),
    ...(kind === "document" && { fileName, title: fileName }),
  };
  return { [name]: file };
}

/** `MESSAGE_EDIT` of `ProtocolMessage.Type`; the stanza says `edit="1"` beside it. */
export function toEditContent(chatId: string, platformId: string, text: string, timestampMs: number): proto.IMessage {
  const key = { remoteJid: chatId, fromMe: true, id: platformId };
  return { protocolMessage: { key, type: 14, editedMessage: toTextContent(text), timestampMs } };
}
