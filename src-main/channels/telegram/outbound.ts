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

const MAX_PHOTO_BYTES = 10_000_000;
const BUTTONS_PER_ROW = 2;

const HTML: Markup = {
  text: escape,
  strong: (inner) => `<b>${inner}</b>`,
  em: (inner) => `<i>${inner}</i>`,
  del: (inner) => `<s>${inner}</s>`,
  code: (plain) => `<code>${escape(plain)}</code>`,
  codeBlock(plain, language) {
    const isName = /^[\w+#.-]{1,40}$/.test(language);
    return isName
      ? `<pre><code class="language-${language}">${escape(plain)}</code></pre>`
      : `<pre>${escape(plain)}</pre>`;
  },
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

/** The keyboard under a message; undefined without buttons, which takes away one that was there. */
export function toKeyboard(buttons: readonly Button[] = []): InlineKeyboardMarkup | undefined {
  if (buttons.length === 0) return undefined;
  const keys = buttons.map(({ label, data, style }) => ({ text: label, callback_data: data, ...(style && { style }) }));
  const rows = Array.from({ length: Math.ceil(keys.length / BUTTONS_PER_ROW) }, (_, row) =>
    keys.slice(row * BUTTONS_PER_ROW, (row + 1) * BUTTONS_PER_ROW),
  );
  return { inline_keyboard: rows };
}

export type MediaMethod = "sendPhoto" | "sendVoice" | "sendAudio" | "sendVideo" | "sendSticker" | "sendDocument";

/** What each method shows as its kind; anything else goes as a document, which takes all. */
const METHODS: Readonly<Record<MediaKind, readonly [method: MediaMethod, types: RegExp]>> = {
  image: ["sendPhoto", /^image\/(jpeg|png|webp)$/],
  voice: ["sendVoice", /^audio\/(ogg|mpeg|mp4|x-m4a)$/],
  audio: ["sendAudio", /^audio\/(mpeg|mp4|x-m4a)$/],
  video: ["sendVideo", /^video\/mp4$/],
  sticker: ["sendSticker", /^(image\/webp|video\/webm|application\/x-tgsticker)$/],
  document: ["sendDocument", /./],
};

/** The method by which a file is sent. */
export function mediaMethod({ kind, mimeType, bytes }: OutboundMedia): MediaMethod {
  const [method, types] = METHODS[kind];
  const type = mimeType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (!types.test(type) || (method === "sendPhoto" && bytes.length > MAX_PHOTO_BYTES)) return "sendDocument";
  return method;
}

/** A file name that the library can write into a header without quotes. */
export function toFileName(name: string): string {
  return name.toWellFormed().replace(/[\p{Cc}"\\/;]/gu, "_") || "file";
}
