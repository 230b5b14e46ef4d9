/**
 * From Markdown and files to what Telegram takes. Pure. Must never make HTML that Telegram refuses: each tag is closed
 * where it belongs, and nothing that a model wrote gets out unescaped. The rules: core.telegram.org/bots/api, "HTML
 * style", "Sending files" and the methods named below.
 */
import type { InlineKeyboardMarkup } from "grammy/types";
import { renderMarkdown, type Markup } from "#main/base/text/markup.ts";
import { splitMarkdown } from "#main/base/text/split.ts";
import type { Button, MediaKind, OutboundMedia } from "../contract.ts";

/** Characters of a text and of a caption, counted after the tags are taken out. */
export const MAX_TEXT = 4096;
export const MAX_CAPTION = 1024;

/** Bytes of a file that a bot may send. */
export const MAX_MEDIA_BYTES = 50_000_000;

const BUTTONS_PER_ROW = 2;

const HTML: Markup = {
  text: escape,
  strong: (inner) => `<b>${inner}</b>`,
  em: (inner) => `<i>${inner}</i>`,
  del: (inner) => `<s>${inner}</s>`,
  code: (plain) => `<code>${escape(plain)}</code>`,
  codeBlock: (plain, language) =>
    /^[\w+#.-]{1,40}$/.test(language)
      ? `<pre><code class="language-${language}">${escape(plain)}</code></pre>`
      : `<pre>${escape(plain)}</pre>`,
  // Links and quotations may not lie in their own kind. What looks like a tag in the text is escaped: only ours match.
  link: (inner, url) => `<a href="${escape(url).replaceAll('"', "&quot;")}">${inner.replace(/<\/?a\b[^>]*>/g, "")}</a>`,
  heading: (inner) => `<b>${inner}</b>`,
  quote: (inner) => `<blockquote>${inner.replace(/<\/?blockquote>/g, "")}</blockquote>`,
};

function escape(plain: string): string {
  return plain.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Markdown as Telegram's HTML, for `parse_mode: "HTML"`. */
export function toHtml(markdown: string): string {
  return renderMarkdown(markdown, HTML);
}

/** Length of HTML made by `toHtml` as Telegram counts it, in UTF-16 units. */
export function visibleLength(html: string): number {
  return html.replace(/<[^>]*>/g, "").replace(/&(amp|lt|gt|quot);/g, "&").length;
}

/** Cuts Markdown into parts that each fit one message. */
export function split(markdown: string): string[] {
  return splitMarkdown(markdown, MAX_TEXT, (part) => visibleLength(toHtml(part)));
}

/** The keyboard under a message, as a part of the call. Left out without buttons, which takes away one that was there. */
export function toKeyboard(buttons: readonly Button[] = []): { reply_markup?: InlineKeyboardMarkup } {
  if (buttons.length === 0) return {};
  const keys = buttons.map(({ label, data, style }) => ({ text: label, callback_data: data, ...(style && { style }) }));
  const rows = keys.flatMap((_, at) => (at % BUTTONS_PER_ROW === 0 ? [keys.slice(at, at + BUTTONS_PER_ROW)] : []));
  return { reply_markup: { inline_keyboard: rows } };
}

interface Upload {
  method: "sendPhoto" | "sendVoice" | "sendAudio" | "sendVideo" | "sendDocument";
  /** Of the call, for the file. */
  field: string;
}

/** Shows everything as a file, and takes all. */
const DOCUMENT: Upload = { method: "sendDocument", field: "document" };

/** What is shown as its kind, by type. */
const UPLOADS: Readonly<Partial<Record<MediaKind, Upload & { types: RegExp; maxBytes?: number }>>> = {
  image: { method: "sendPhoto", field: "photo", types: /^image\/(jpeg|png|webp)$/, maxBytes: 10_000_000 },
  voice: { method: "sendVoice", field: "voice", types: /^audio\/(ogg|mpeg|mp4|x-m4a)$/ },
  audio: { method: "sendAudio", field: "audio", types: /^audio\/(mpeg|mp4|x-m4a)$/ },
  video: { method: "sendVideo", field: "video", types: /^video\/mp4$/ },
};

/** How a file is sent. */
export function toUpload({ kind, mimeType, bytes }: OutboundMedia): Upload {
  const upload = UPLOADS[kind];
  const type = mimeType.split(";")[0]?.trim().toLowerCase() ?? "";
  return upload?.types.test(type) && bytes.length <= (upload.maxBytes ?? MAX_MEDIA_BYTES) ? upload : DOCUMENT;
}

/** A file name that the library can write into a header without quotes. */
export function toFileName(name: string): string {
  return name.toWellFormed().replace(/[\p{Cc}"\\/;]/gu, "_") || "file";
}
