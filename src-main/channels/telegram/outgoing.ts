/**
 * The calls that write to Telegram or load from it, each made once. Must never try again: whether and when is decided
 * above.
 */
import type { Api, InputFile } from "grammy";
import { messageOf } from "#main/base/errors.ts";
import {
  ChannelError,
  type ChannelConnection,
  type ChatRef,
  type MediaRef,
  type OutboundMessage,
} from "../contract.ts";
import type { Client, LibrarySignal } from "./client.ts";
import {
  MAX_CAPTION,
  mediaMethod,
  toFileName,
  toHtml,
  toKeyboard,
  visibleLength,
  type MediaMethod,
} from "./outbound.ts";

type Calls = Required<Pick<ChannelConnection, "send" | "edit" | "typing" | "react" | "download">>;

export function createCalls(client: Client): Calls {
  return {
    send: (message, signal) => send(client, message, signal),
    async edit(chat, platformId, { text, buttons }) {
      const keyboard = toKeyboard(buttons);
      const extra = { parse_mode: "HTML", ...(keyboard && { reply_markup: keyboard }) } as const;
      try {
        await client.call((api, ends) => api.editMessageText(chat.id, Number(platformId), toHtml(text), extra, ends));
      } catch (error) {
        // It reads so already: that is what was asked for.
        if (!(error instanceof ChannelError) || !error.message.includes("message is not modified")) throw error;
      }
    },
    async typing(chat) {
      // A hint that comes late or not at all harms nobody.
      await client.call((api, ends) => api.sendChatAction(chat.id, "typing", threadOf(chat), ends)).catch(() => {});
    },
    async react(chat, platformId, emoji) {
      const call = { chat_id: chat.id, message_id: Number(platformId) };
      // Telegram names the emojis that it takes, and refuses the others itself.
      const reaction = emoji === undefined ? [] : [{ type: "emoji", emoji: emoji as "\u{1F44D}" } as const];
      await client.call((api, ends) => api.raw.setMessageReaction({ ...call, reaction }, ends));
    },
    download: (media, signal) => download(client, media, signal),
  };
}

async function send(client: Client, message: OutboundMessage, signal: AbortSignal): Promise<{ platformIds: string[] }> {
  const { chat, media } = message;
  const html = toHtml(message.text);
  const keyboard = toKeyboard(message.buttons);
  const buttons = keyboard && { reply_markup: keyboard };
  const place = { ...threadOf(chat), ...replyOf(message.replyTo) };
  const sendText = (extra: typeof place) =>
    client.call(
      (api, ends) => api.sendMessage(chat.id, html, { parse_mode: "HTML", ...extra, ...buttons }, ends),
      signal,
    );
  if (media === undefined) return { platformIds: [String((await sendText(place)).message_id)] };

  const method = mediaMethod(media);
  const isCaption = visibleLength(html) <= MAX_CAPTION && method !== "sendSticker";
  const isWhole = isCaption || html === "";
  const caption = isCaption && html !== "" ? ({ caption: html, parse_mode: "HTML" } as const) : {};
  const file = client.toFile(media.bytes, toFileName(media.fileName));
  const extra = { ...place, ...caption, ...(isWhole ? buttons : undefined) };
  const sent = await client.call((api, ends) => sendFile(api, method, chat.id, file, extra, ends), signal);
  if (isWhole) return { platformIds: [String(sent.message_id)] };
  try {
    const { message_id: textId } = await sendText(threadOf(chat));
    return { platformIds: [String(sent.message_id), String(textId)] };
  } catch (error) {
    // The file is there: the same once more would show it twice.
    const words = `The file reached Telegram, but the text that goes with it did not: ${messageOf(error)}`;
    throw new ChannelError("unknown", words);
  }
}

type Extra = NonNullable<Parameters<Api["sendDocument"]>[2]>;

function sendFile(
  api: Api,
  method: MediaMethod,
  chatId: string,
  file: InputFile,
  extra: Extra,
  signal: LibrarySignal,
): Promise<{ message_id: number }> {
  switch (method) {
    case "sendPhoto":
      return api.sendPhoto(chatId, file, extra, signal);
    case "sendVoice":
      return api.sendVoice(chatId, file, extra, signal);
    case "sendAudio":
      return api.sendAudio(chatId, file, extra, signal);
    case "sendVideo":
      return api.sendVideo(chatId, file, extra, signal);
    case "sendSticker":
      return api.sendSticker(chatId, file, extra, signal);
    case "sendDocument":
      return api.sendDocument(chatId, file, extra, signal);
  }
}

function threadOf(chat: ChatRef): { message_thread_id?: number } {
  return chat.threadId === undefined ? {} : { message_thread_id: Number(chat.threadId) };
}

/** Sent all the same when the message that it answers is gone. */
function replyOf(platformId: string | undefined) {
  const id = Number(platformId);
  return Number.isSafeInteger(id) ? { reply_parameters: { message_id: id, allow_sending_without_reply: true } } : {};
}

async function* download(client: Client, media: MediaRef, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  // Named anew each time: a path holds for an hour, a file id for ever. Above 20 MB Telegram refuses it here.
  const { file_path: path } = await client.call((api, ends) => api.getFile(media.ref, ends), signal);
  if (path === undefined) throw new ChannelError("rejected", "Telegram does not hand out this file.");
  const body = await client.open(path, signal);
  try {
    for await (const bytes of body) yield bytes;
  } catch {
    throw new ChannelError("retry", "The connection to Telegram broke while a file was loaded.");
  }
}
