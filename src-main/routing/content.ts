/**
 * What a model reads of a message from a platform: its text, who wrote it in a group, what it answers, and what was sent
 * along, believed by its bytes and within limits. Files are kept under a random name; a name from outside is never a path.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecret } from "#main/base/ids.ts";
import { messageOf } from "#main/base/errors.ts";
import type { Clock } from "#main/base/clock.ts";
import type { InboundMessage, MediaRef } from "#main/channels/contract.ts";
import type { ChannelSupervisor } from "#main/channels/supervisor.ts";
import type { ContentBlock } from "#main/protocol/messages.ts";
import { sniff, toText } from "./attachments.ts";
import type { Arrival } from "./arrival.ts";

export interface ContentDeps {
  clock: Clock;
  /** Folder for what is kept, made when needed. */
  mediaDir: string;
  channels: Pick<ChannelSupervisor, "find">;
}

export type LoadContent = (arrival: Arrival, agentId: string) => Promise<ContentBlock[]>;

const MAX_MEDIA_BYTES = 20 * 1024 * 1024;
/** A larger picture is kept as a file: it would not fit a request to a model. */
const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
const MAX_TEXT_BYTES = 256 * 1024;
const DOWNLOAD_MS = 120_000;
const MAX_QUOTE = 2000;

/** Names from outside on one short line, without what could end it. */
export function oneLine(text: string): string {
  return [...text.replace(/[\p{C}\p{Z}]+/gu, " ").trim()].slice(0, 80).join("");
}

export function createContentLoader(deps: ContentDeps): LoadContent {
  return async (arrival) => {
    const { message } = arrival;
    const blocks: ContentBlock[] = [];
    const text = toWords(message);
    if (text !== "") blocks.push({ type: "text", text });
    const quote = message.replyTo;
    // Somebody else's words are data beside the message, never a part of it.
    if (quote?.text !== undefined && !quote.isToMe) {
      const fileName = `quoted message of ${oneLine(quote.senderName ?? "somebody")}`;
      blocks.push({
        type: "file",
        mimeType: "text/plain",
        fileName,
        text: quote.text.slice(0, MAX_QUOTE).toWellFormed(),
      });
    }
    for (const media of message.media) blocks.push(await loadMedia(deps, arrival, media));
    return blocks.length > 0 ? blocks : [{ type: "text", text: "[an empty message]" }];
  };
}

function toWords({ text, chat, sender, replyTo, location }: InboundMessage): string {
  const lines: string[] = [];
  if (replyTo?.isToMe === true && replyTo.text !== undefined) lines.push(`[answers: "${oneLine(replyTo.text)}"]`);
  if (text.trim() !== "") lines.push(text.trim());
  if (location) {
    const { latitude, longitude, name } = location;
    lines.push(`[location: ${latitude}, ${longitude}${name === undefined ? "" : `, ${oneLine(name)}`}]`);
  }
  const words = lines.join("\n");
  return chat.kind === "group" && words !== "" ? `${oneLine(sender.name ?? sender.id)}: ${words}` : words;
}

/** What cannot be loaded is named, with why: a message is never lost over a file. */
async function loadMedia(deps: ContentDeps, arrival: Arrival, media: MediaRef): Promise<ContentBlock> {
  const name = oneLine(media.fileName ?? media.kind);
  try {
    return await toBlock(deps, media, name, await download(deps, arrival, media));
  } catch (error) {
    return { type: "text", text: `[${media.kind} "${name}" could not be loaded: ${messageOf(error)}]` };
  }
}

async function download({ channels, clock }: ContentDeps, arrival: Arrival, media: MediaRef): Promise<Buffer> {
  const tooLarge = () => new Error(`it is larger than ${MAX_MEDIA_BYTES / 1024 / 1024} MB`);
  if ((media.sizeBytes ?? 0) > MAX_MEDIA_BYTES) throw tooLarge();
  const connection = channels.find(arrival)?.connection;
  if (!connection?.download) throw new Error("the channel cannot load files now");
  const limit = new AbortController();
  const timer = clock.after(DOWNLOAD_MS, () => limit.abort(new Error("it took too long")));
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of connection.download(media, limit.signal)) {
      size += chunk.length;
      // Whatever size was announced.
      if (size > MAX_MEDIA_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } finally {
    limit.abort();
    await timer.dispose();
  }
  return Buffer.concat(chunks);
}

async function toBlock(deps: ContentDeps, media: MediaRef, name: string, bytes: Buffer): Promise<ContentBlock> {
  const kind = sniff(bytes);
  if (kind?.mimeType.startsWith("image/") === true && bytes.length <= MAX_IMAGE_BYTES) {
    return { type: "image", mimeType: kind.mimeType, data: bytes.toString("base64"), fileName: name };
  }
  const text = kind === undefined && bytes.length <= MAX_TEXT_BYTES ? toText(bytes) : undefined;
  if (text !== undefined) return { type: "file", mimeType: "text/plain", fileName: name, text };
  const kept = `${createSecret()}.${kind?.extension ?? "bin"}`;
  const path = join(deps.mediaDir, kept);
  await mkdir(deps.mediaDir, { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, bytes, { mode: 0o600, flag: "wx" });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  const facts = [
    kind?.mimeType ?? "unknown type",
    `${Math.ceil(bytes.length / 1024)} KB`,
    ...(media.durationSeconds === undefined ? [] : [`${media.durationSeconds} s`]),
  ];
  return {
    type: "text",
    text: `[${media.kind} "${name}" (${facts.join(", ")}), kept as ${kept}; its content was not read]`,
  };
}
