/**
 * From Markdown and files to Telegram, and the calls for it, each made once. Must never make HTML that Telegram refuses,
 * nor let out unescaped what a model wrote; must never try again: that is decided above. The rules:
 * core.telegram.org/bots/api, "HTML style", "Sending files" and the methods named below.
 */
import type { RawApi } from "grammy";
import type { InlineKeyboardMarkup, ReactionTypeEmoji } from "grammy/types";
import { messageOf } from "#main/base/errors.ts";
import { renderMarkdown, type Markup } from "#main/base/text/markup.ts";
import { splitMarkdown } from "#main/base/text/split.ts";
import {
  ChannelError,
  type Button,
  type ChannelConnection,
  type ChatRef,
  type MediaKind,
  type MediaRef,
  type OutboundMedia,
  type OutboundMessage,
} from "../contract.ts";
import type { Client } from "./client.ts";

/** Characters of a text and of a caption, counted after the tags are taken out. */
export const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;

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

type SendDocument = Parameters<RawApi["sendDocument"]>[0];
type Calls = Required<Pick<ChannelConnection, "send" | "edit" | "typing" | "react" | "download">>;

export function createCalls(client: Client): Calls {
  return {
    send: (message, signal) => send(client, message, signal),
    async edit(chat, platformId, { text, buttons }) {
      const message = { chat_id: chat.id, message_id: Number(platformId) };
      try {
        await client.call((api) => api.editMessageText({ ...message, ...toText(text), ...toKeyboard(buttons) }));
      } catch (error) {
        // It reads so already: that is what was asked for.
        if (!messageOf(error).includes("message is not modified")) throw error;
      }
    },
    async typing(chat) {
      // A hint that comes late or not at all harms nobody.
      await client.call((api) => api.sendChatAction({ ...toPlace(chat), action: "typing" })).catch(() => {});
    },
    async react(chat, platformId, emoji) {
      // Telegram names the emojis that it takes, and refuses the others itself.
      const reaction = emoji === undefined ? [] : [{ type: "emoji", emoji } as ReactionTypeEmoji];
      const message = { chat_id: chat.id, message_id: Number(platformId) };
      await client.call((api) => api.setMessageReaction({ ...message, reaction }));
    },
    download: (media, signal) => download(client, media, signal),
  };
}

async function send(client: Client, message: OutboundMessage, signal: AbortSignal): Promise<{ platformIds: string[] }> {
  const { chat, media, replyTo } = message;
  const words = toText(message.text);
  const keyboard = toKeyboard(message.buttons);
  const place = toPlace(chat);
  // Sent all the same when the message that it answers is gone.
  const reply = replyTo ? { reply_parameters: { message_id: Number(replyTo), allow_sending_without_reply: true } } : {};
  const sendWords = async (extra: object) => {
    const sent = await client.call((api) => api.sendMessage({ ...place, ...words, ...keyboard, ...extra }), signal);
    return String(sent.message_id);
  };
  if (media === undefined) return { platformIds: [await sendWords(reply)] };

  const { method, field } = toUpload(media);
  const isCaption = visibleLength(words.text) <= MAX_CAPTION;
  const caption = { caption: words.text, parse_mode: words.parse_mode, ...keyboard };
  const file = client.toFile(media.bytes, toFileName(media.fileName));
  // The methods differ in nothing but the name of the field that holds the file.
  const upload = { ...place, ...reply, ...(isCaption && caption), [field]: file } as unknown as SendDocument;
  const sent = await client.call((api) => (api[method] as RawApi["sendDocument"])(upload), signal);
  const fileId = String(sent.message_id);
  if (isCaption) return { platformIds: [fileId] };
  try {
    return { platformIds: [fileId, await sendWords({})] };
  } catch (error) {
    // The file is there: the same once more would show it twice.
    const fault = `The file reached Telegram, but the text that goes with it did not: ${messageOf(error)}`;
    throw new ChannelError("unknown", fault);
  }
}

function toText(markdown: string) {
  return { text: toHtml(markdown), parse_mode: "HTML" } as const;
}

function toPlace({ id, threadId }: ChatRef) {
  return { chat_id: id, ...(threadId !== undefined && { message_thread_id: Number(threadId) }) };
}

async function* download(client: Client, media: MediaRef, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  // Named anew each time: a path holds for an hour, a file id for ever. Above 20 MB Telegram refuses it here.
  const { file_path: path } = await client.call((api) => api.getFile({ file_id: media.ref }), signal);
  if (path === undefined) throw new ChannelError("rejected", "Telegram does not hand out this file.");
  const body = await client.open(path, signal);
  try {
    yield* body;
  } catch {
    throw new ChannelError("retry", "The connection to Telegram broke while a file was loaded.");
  }
}
