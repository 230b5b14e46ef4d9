/**
 * Sends, changes and reacts. A message counts as sent when the platform acknowledged its stanza; nothing is tried twice
 * here. Must never encrypt for a conversation while one of its messages is being taken in.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { on } from "node:events";
import type { BinaryNode, proto } from "@whiskeysockets/baileys";
import { ChannelError, type ChannelConnection, type OutboundMessage } from "../contract.ts";
import type { Account } from "./account.ts";
import { toChannelError, toRefusal } from "./failures.ts";
import { bareJid } from "./jid.ts";
import { encryptMedia, upload } from "./media.ts";
import * as outbound from "./outbound.ts";
import type { Session } from "./session.ts";

/** An acknowledgement that takes longer does not come. The pipeline's own signal ends a send earlier. */
const ACK_TIMEOUT_MS = 5 * 60_000;

/** @param session the open connection; throws ChannelError `offline` */
export function createSending(
  account: Account,
  session: () => Session,
): Required<Pick<ChannelConnection, "send" | "edit" | "react" | "typing">> {
  const { context, recent } = account;
  return {
    async send(message, signal) {
      const platformIds: string[] = [];
      for (const content of await toContents(account, session(), message, signal)) {
        const chatId = message.chat.id;
        const id = outbound.toMessageId(message.idempotencyKey, chatId, platformIds.length);
        await relay(account, session(), { chatId, content, id, signal });
        const author = bareJid(account.keyring.creds?.me?.id) ?? "";
        recent.add(chatId, id, { fromMe: true, author, message: content });
        platformIds.push(id);
      }
      return { platformIds };
    },
    async edit(chat, platformId, { text }) {
      const content = outbound.toEditContent(chat.id, platformId, outbound.render(text), context.clock.now());
      await relay(account, session(), { chatId: chat.id, content, additionalAttributes: { edit: "1" } });
    },
    async react(chat, platformId, emoji) {
      const target = recent.get(chat.id, platformId);
      if (target === undefined && chat.kind === "group") {
        throw new ChannelError("rejected", "The message is too old to react to: WhatsApp wants to know who wrote it.");
      }
      const { fromMe, author } = target ?? { fromMe: false, author: chat.id };
      const participant = chat.kind === "group" && !fromMe && { participant: author };
      const key = { remoteJid: chat.id, id: platformId, fromMe, ...participant };
      const reactionMessage = { key, text: emoji ?? "", senderTimestampMs: context.clock.now() };
      await relay(account, session(), { chatId: chat.id, content: { reactionMessage } });
    },
    async typing(chat) {
      try {
        await session().sock.sendPresenceUpdate("composing", chat.id);
      } catch (error) {
        throw toChannelError(error);
      }
    },
  };
}

/** One or two platform messages: words that do not fit under a file follow it. */
async function toContents(
  { context, webSocketUrl, recent }: Account,
  session: Session,
  message: OutboundMessage,
  signal: AbortSignal,
): Promise<proto.IMessage[]> {
  const { chat, media, replyTo } = message;
  const text = outbound.render(message.text);
  const quoted = replyTo === undefined ? {} : outbound.toQuote(chat, replyTo, recent.get(chat.id, replyTo));
  if (media === undefined) return [outbound.toTextContent(text, quoted)];
  const encrypted = encryptMedia(media.bytes, media.kind);
  const place = await uploadPlace(session, signal);
  const stored = await upload(encrypted, media.kind, place, { fetch: context.fetch, webSocketUrl, signal });
  const isCaption = outbound.fitsCaption(media.kind, text);
  const mediaKeyTimestamp = Math.floor(context.clock.now() / 1000);
  const file = { ...encrypted.described, ...stored, mediaKeyTimestamp, ...quoted };
  const content = outbound.toMediaContent(media, file, isCaption ? text : "");
  return isCaption || text === "" ? [content] : [content, outbound.toTextContent(text)];
}

async function uploadPlace({ sock, closed }: Session, signal: AbortSignal) {
  try {
    const { hosts, auth } = await unlessEnded(sock.refreshMediaConn(false), AbortSignal.any([closed, signal]));
    if (hosts[0]) return { hostname: hosts[0].hostname, auth };
  } catch (error) {
    const cause = toChannelError(error);
    // Nothing but a question was sent.
    if (cause.failure !== "unknown") throw cause;
  }
  throw new ChannelError("retry", "WhatsApp did not say where to put the file.");
}

interface Relay {
  chatId: string;
  content: proto.IMessage;
  /** Absent: one that was never used. */
  id?: string;
  signal?: AbortSignal;
  additionalAttributes?: Record<string, string>;
}

/** Encrypts for every device, sends, and waits for the acknowledgement. Throws ChannelError. */
async function relay(
  { context, lane }: Account,
  { sock, closed }: Session,
  { chatId, content, id: messageId = outbound.toMessageId(randomUUID(), chatId, 0), signal, ...attributes }: Relay,
): Promise<void> {
  const over = new AbortController();
  const timer = context.clock.after(ACK_TIMEOUT_MS, () => over.abort());
  const ends = AbortSignal.any([closed, over.signal, signal ?? over.signal]);
  const answers: AsyncIterable<BinaryNode[]> = on(sock.ws, "CB:ack,class:message", { signal: ends });
  let hasBegun = false;
  try {
    const sent = lane.run(async () => {
      ends.throwIfAborted();
      hasBegun = true;
      const secret = { messageContextInfo: { messageSecret: randomBytes(32) } };
      const message = content.reactionMessage ? content : { ...content, ...secret };
      // To its end, whoever still waits: the next one must not encrypt before this one is written down.
      await unlessEnded(sock.relayMessage(chatId, message, { messageId, ...attributes }), closed);
    });
    await unlessEnded(sent, ends);
    for await (const [answer] of answers) if (answer?.attrs["id"] === messageId) return judge(answer);
    throw new Error("no answer came");
  } catch (error) {
    if (hasBegun) throw toChannelError(error);
    throw new ChannelError("offline", "The connection to WhatsApp ended first.", { cause: error });
  } finally {
    over.abort();
    void timer.dispose();
  }
}

function judge({ attrs: { error, backoff } }: BinaryNode): void {
  if (error !== undefined) throw toRefusal(Number(error) || 500, Number(backoff) || undefined);
}

/** The client leaves its questions open when a connection ends: whoever waits must look at the end too. */
async function unlessEnded<T>(work: Promise<T>, ends: AbortSignal): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new Error("the connection ended"));
  ends.addEventListener("abort", stop);
  if (ends.aborted) stop();
  return Promise.race([work, ended]).finally(() => ends.removeEventListener("abort", stop));
}
