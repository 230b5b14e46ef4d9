/** From the pipeline's messages to WhatsApp's: markup, cutting, message contents. Pure; must never fetch or send. */
import { createHash } from "node:crypto";
import type { proto } from "@whiskeysockets/baileys";
import { prefixLines, renderMarkdown, type Markup } from "#main/base/text/markup.ts";
import { splitMarkdown } from "#main/base/text/split.ts";
import type { MediaKind, OutboundMedia } from "../contract.ts";
import type { EncryptedMedia } from "./media.ts";

/** Characters that a phone sends in one message. */
export const MAX_TEXT = 65_536;
/** What a phone shows under a picture; longer words follow as a message of their own. */
const MAX_CAPTION = 1024;
const CAPTIONED: ReadonlySet<MediaKind> = new Set(["image", "video", "document"]);

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
  const hash = createHash("sha256")
    .update(JSON.stringify([idempotencyKey, chatId, part]))
    .digest("hex");
  return `3EB0${hash.slice(0, 18).toUpperCase()}`;
}

/** Whether words go under the file, or after it. */
export function fitsCaption(kind: MediaKind, text: string): boolean {
  return CAPTIONED.has(kind) && text.length <= MAX_CAPTION;
}

/** The message that is answered, as far as it is known. */
export interface Quoted {
  id: string;
  /** Address of who wrote it. */
  author: string;
  message?: proto.IMessage | undefined;
}

export function toContext(quoted: Quoted | undefined): { contextInfo?: proto.IContextInfo } {
  if (quoted === undefined) return {};
  const quotedMessage = quoted.message ?? { conversation: "" };
  return { contextInfo: { stanzaId: quoted.id, participant: quoted.author, quotedMessage } };
}

export function toTextContent(text: string, quoted?: Quoted): proto.IMessage {
  return { extendedTextMessage: { text, ...toContext(quoted) } };
}

/**
 * @param file as it was stored
 * @param caption "" for none
 * @param nowSeconds for `mediaKeyTimestamp`
 */
export function toMediaContent(
  media: OutboundMedia,
  file: EncryptedMedia & { url: string; directPath: string },
  caption: string,
  quoted: Quoted | undefined,
  nowSeconds: number,
): proto.IMessage {
  const common = {
    url: file.url,
    directPath: file.directPath,
    mediaKey: file.mediaKey,
    mediaKeyTimestamp: nowSeconds,
    fileSha256: file.fileSha256,
    fileEncSha256: file.fileEncSha256,
    fileLength: media.bytes.length,
    mimetype: media.mimeType,
    ...toContext(quoted),
  };
  const words = caption === "" ? {} : { caption };
  switch (media.kind) {
    case "image":
      return { imageMessage: { ...common, ...words } };
    case "video":
      return { videoMessage: { ...common, ...words } };
    case "audio":
      return { audioMessage: common };
    case "voice":
      return { audioMessage: { ...common, ptt: true } };
    case "sticker":
      return { stickerMessage: common };
    case "document":
      return { documentMessage: { ...common, ...words, fileName: media.fileName, title: media.fileName } };
  }
}

/** `MESSAGE_EDIT` of `ProtocolMessage.Type`; the stanza says `edit="1"` beside it. */
export function toEditContent(chatId: string, platformId: string, text: string, nowMs: number): proto.IMessage {
  return {
    protocolMessage: {
      key: { remoteJid: chatId, fromMe: true, id: platformId },
      type: 14,
      editedMessage: toTextContent(text),
      timestampMs: nowMs,
    },
  };
}
