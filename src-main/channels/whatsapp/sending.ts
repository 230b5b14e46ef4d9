/**
 * Sends, changes and reacts. A message counts as sent when the platform acknowledged its stanza; nothing is tried twice
 * here. Must never encrypt for a conversation while one of its messages is being taken in.
 */
import { randomBytes } from "node:crypto";
import type { BinaryNode, proto } from "@whiskeysockets/baileys";
import type { Lane } from "#main/base/lane.ts";
import { ChannelError, type ChannelContext, type ChatRef, type OutboundMessage } from "../contract.ts";
import { toChannelError, toRefusal } from "./failures.ts";
import { encryptMedia, upload, type MediaHosts } from "./media.ts";
import * as outbound from "./outbound.ts";
import type { RecentMessages } from "./recent.ts";
import type { Session } from "./session.ts";

/** An acknowledgement that takes longer does not come. The pipeline's own signal ends a send earlier. */
const ACK_TIMEOUT_MS = 5 * 60_000;

export interface SendingOptions {
  context: ChannelContext;
  lane: Lane;
  hosts: MediaHosts;
  recent: RecentMessages;
  /** The open connection. Throws ChannelError `offline`. */
  session(): Session;
}

export interface Sending {
  send(message: OutboundMessage, signal: AbortSignal): Promise<{ platformIds: readonly string[] }>;
  edit(chat: ChatRef, platformId: string, text: string): Promise<void>;
  react(chat: ChatRef, platformId: string, emoji: string | undefined): Promise<void>;
  typing(chat: ChatRef): Promise<void>;
}

export function createSending(options: SendingOptions): Sending {
  const { context, session, recent } = options;
  const never = new AbortController().signal;
  return {
    async send(message, signal) {
      const platformIds: string[] = [];
      for (const content of await toContents(message, options, signal)) {
        const id = outbound.toMessageId(message.idempotencyKey, message.chat.id, platformIds.length);
        await relay(options, { chatId: message.chat.id, id, content, signal });
        recent.add(message.chat.id, id, { fromMe: true, author: session().jid, message: content });
        platformIds.push(id);
      }
      return { platformIds };
    },
    async edit(chat, platformId, text) {
      const content = outbound.toEditContent(chat.id, platformId, outbound.render(text), context.clock.now());
      const id = freshId();
      await relay(options, { chatId: chat.id, id, content, signal: never, attributes: { edit: "1" } });
    },
    async react(chat, platformId, emoji) {
      const target = recent.get(chat.id, platformId);
      if (target === undefined && chat.kind === "group") {
        throw new ChannelError("rejected", "The message is too old to react to: WhatsApp wants to know who wrote it.");
      }
      const fromMe = target?.fromMe === true;
      const participant = chat.kind === "group" && !fromMe ? { participant: target?.author ?? null } : {};
      const key = { remoteJid: chat.id, id: platformId, fromMe, ...participant };
      const reactionMessage = { key, text: emoji ?? "", senderTimestampMs: context.clock.now() };
      await relay(options, { chatId: chat.id, id: freshId(), content: { reactionMessage }, signal: never });
    },
    async typing(chat) {
      await session()
        .sock.sendPresenceUpdate("composing", chat.id)
        .catch((error: unknown) => {
          throw toChannelError(error);
        });
    },
  };
}

function freshId(): string {
  return outbound.toMessageId(randomBytes(16).toString("hex"), "", 0);
}

/** One or two platform messages: words that do not fit under a file follow it. */
async function toContents(
  message: OutboundMessage,
  options: SendingOptions,
  signal: AbortSignal,
): Promise<proto.IMessage[]> {
  const text = outbound.render(message.text);
  const quoted = toQuoted(message, options);
  if (message.media === undefined) return [outbound.toTextContent(text, quoted)];
  const { media } = message;
  const isCaption = outbound.fitsCaption(media.kind, text);
  const encrypted = encryptMedia(media.bytes, media.kind);
  const place = await uploadPlace(options.session(), signal);
  const stored = await upload(encrypted, media.kind, place, {
    fetch: options.context.fetch,
    hosts: options.hosts,
    signal,
  });
  const nowSeconds = Math.floor(options.context.clock.now() / 1000);
  const file = outbound.toMediaContent(media, { ...encrypted, ...stored }, isCaption ? text : "", quoted, nowSeconds);
  return isCaption || text === "" ? [file] : [file, outbound.toTextContent(text)];
}

async function uploadPlace(session: Session, signal: AbortSignal): Promise<{ hostname: string; auth: string }> {
  const media = await raceEnd(session.sock.refreshMediaConn(false), session, signal).catch((error: unknown) => {
    const cause = toChannelError(error);
    // Nothing but a question was sent.
    throw cause.failure === "unknown"
      ? new ChannelError("retry", "WhatsApp did not say where to put the file.")
      : cause;
  });
  const [host] = media.hosts;
  if (host === undefined) throw new ChannelError("retry", "WhatsApp named no server for files.");
  return { hostname: host.hostname, auth: media.auth };
}

function toQuoted({ chat, replyTo }: OutboundMessage, { recent }: SendingOptions): outbound.Quoted | undefined {
  if (replyTo === undefined) return undefined;
  const known = recent.get(chat.id, replyTo);
  if (known) return { id: replyTo, author: known.author, message: known.message };
  // In a direct chat it is the other's; in a group nobody knows whose.
  return chat.kind === "direct" ? { id: replyTo, author: chat.id } : undefined;
}

interface Relay {
  chatId: string;
  id: string;
  content: proto.IMessage;
  signal: AbortSignal;
  attributes?: Record<string, string>;
}

/** Encrypts for every device, sends, and waits for the acknowledgement. Throws ChannelError. */
async function relay(options: SendingOptions, { chatId, id, content, signal, attributes }: Relay): Promise<void> {
  const session = options.session();
  let hasBegun = false;
  const acknowledged = session.acknowledgementOf(id);
  const timer = new AbortController();
  const timeout = options.context.clock.after(ACK_TIMEOUT_MS, () => timer.abort());
  const ends = AbortSignal.any([signal, timer.signal]);
  const never = new AbortController().signal;
  try {
    const sent = options.lane.run(async () => {
      ends.throwIfAborted();
      options.session();
      hasBegun = true;
      const secret = { messageContextInfo: { messageSecret: randomBytes(32) } };
      const message = content.reactionMessage ? content : { ...content, ...secret };
      const relayed = session.sock.relayMessage(chatId, message, {
        messageId: id,
        ...(attributes ? { additionalAttributes: attributes } : {}),
      });
      // To its end, whoever still waits: the next one must not encrypt before this one is written down.
      await raceEnd(relayed, session, never);
    });
    await raceEnd(sent, session, ends);
    judge(await raceEnd(acknowledged.answer, session, ends));
  } catch (error) {
    if (error instanceof ChannelError) throw error;
    if (!hasBegun) throw new ChannelError("offline", "The connection to WhatsApp ended first.", { cause: error });
    throw toChannelError(error);
  } finally {
    acknowledged.forget();
    void timeout.dispose();
  }
}

function judge({ attrs }: BinaryNode): void {
  if (attrs["error"] === undefined) return;
  const backoff = Number(attrs["backoff"]);
  throw toRefusal(Number(attrs["error"]) || 500, backoff > 0 ? backoff : undefined);
}

/** The client leaves its questions open when a connection ends: whoever waits must look at the end too. */
async function raceEnd<T>(work: Promise<T>, { closed }: Session, signal: AbortSignal): Promise<T> {
  // Whatever comes of it after we stopped waiting is nobody's.
  work.catch(() => {});
  const ends = AbortSignal.any([closed, signal]);
  ends.throwIfAborted();
  let stop: (() => void) | undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new Error("the connection ended"));
    ends.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    if (stop) ends.removeEventListener("abort", stop);
  }
}
