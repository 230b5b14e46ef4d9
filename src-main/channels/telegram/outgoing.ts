/**
 * The calls that write to Telegram or load from it, each made once. Must never try again: whether and when is decided
 * above.
 */
import type { RawApi } from "grammy";
import { messageOf } from "#main/base/errors.ts";
import {
  ChannelError,
  type ChannelConnection,
  type ChatRef,
  type MediaRef,
  type OutboundMessage,
} from "../contract.ts";
import type { Client } from "./client.ts";
import { MAX_CAPTION, toFileName, toHtml, toKeyboard, toUpload, visibleLength } from "./outbound.ts";

type Calls = Required<Pick<ChannelConnection, "send" | "edit" | "typing" | "react" | "download">>;
type Emoji = Extract<NonNullable<Parameters<RawApi["setMessageReaction"]>[0]["reaction"]>[number], { type: "emoji" }>;

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
      const reaction = emoji === undefined ? [] : [{ type: "emoji", emoji } as Emoji];
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
  const upload = { ...place, ...reply, ...(isCaption && caption), [field]: file } as unknown as Document;
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

type Document = Parameters<RawApi["sendDocument"]>[0];

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
