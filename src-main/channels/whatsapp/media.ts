/**
 * Files: encrypted before they leave, decrypted and checked as they come, as the client of the platform does it (AES-256
 * in CBC mode, ten bytes of HMAC-SHA256 behind, keys drawn from a key that travels in the message). Must never fetch
 * from a host that is not WhatsApp's, whatever a message says.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import type { MediaKind, MediaRef } from "../contract.ts";
import { ChannelError } from "../contract.ts";

const MAC_BYTES = 10;
const DEFAULT_HOST = "https://mmg.whatsapp.net";

/** What each kind's keys are drawn for, and where its files lie. */
const KINDS: Readonly<Record<MediaKind, { info: string; path: string }>> = {
  image: { info: "WhatsApp Image Keys", path: "/mms/image" },
  video: { info: "WhatsApp Video Keys", path: "/mms/video" },
  audio: { info: "WhatsApp Audio Keys", path: "/mms/audio" },
  voice: { info: "WhatsApp Audio Keys", path: "/mms/audio" },
  document: { info: "WhatsApp Document Keys", path: "/mms/document" },
  sticker: { info: "WhatsApp Image Keys", path: "/mms/image" },
};

/** A file as a message describes it: `IImageMessage` and its siblings. */
export interface FileMessage {
  url?: string | null;
  directPath?: string | null;
  mediaKey?: Uint8Array | null;
  mimetype?: string | null;
  fileName?: string | null;
  fileLength?: unknown;
  seconds?: number | null;
}

/** What `download` needs, as `MediaRef.ref` holds it. */
interface Pointer {
  url: string;
  key: string;
}

/** @returns undefined when it could never be loaded */
export function toMediaRef(kind: MediaKind, file: FileMessage): MediaRef | undefined {
  const url = file.url || (file.directPath?.startsWith("/") ? DEFAULT_HOST + file.directPath : undefined);
  if (!url || file.mediaKey?.length !== 32) return undefined;
  const size = Number(file.fileLength ?? 0);
  const pointer: Pointer = { url, key: Buffer.from(file.mediaKey).toString("base64") };
  return {
    kind,
    ref: JSON.stringify(pointer),
    ...(file.mimetype ? { mimeType: file.mimetype } : {}),
    ...(file.fileName ? { fileName: file.fileName.toWellFormed() } : {}),
    ...(Number.isSafeInteger(size) && size > 0 ? { sizeBytes: size } : {}),
    ...(file.seconds != null && file.seconds > 0 ? { durationSeconds: file.seconds } : {}),
  };
}

/** Where media may lie: WhatsApp's hosts, and the host of a `webSocketUrl` of one's own. */
export function createMediaHosts(webSocketUrl: string | undefined) {
  const own = webSocketUrl === undefined ? undefined : new URL(webSocketUrl);
  const scheme = own?.protocol === "ws:" ? "http:" : "https:";
  return {
    scheme,
    /** Throws ChannelError `rejected` for any other place. */
    check(address: string): URL {
      const url = URL.canParse(address) ? new URL(address) : undefined;
      const isTheirs = url?.protocol === "https:" && /(^|\.)whatsapp\.net$/.test(url.hostname) && url.port === "";
      const isOwn = own !== undefined && url?.protocol === scheme && url.host === own.host;
      if (url && (isTheirs || isOwn) && url.username === "") return url;
      throw new ChannelError("rejected", "The file does not lie on WhatsApp's servers, so it is not loaded.");
    },
  };
}

export type MediaHosts = ReturnType<typeof createMediaHosts>;

/** Loads and decrypts what `ref` names, in pieces; the last piece comes only when all of it proved unchanged. */
export async function* download(
  media: MediaRef,
  options: { fetch: typeof fetch; hosts: MediaHosts; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const pointer = readPointer(media.ref);
  const url = options.hosts.check(pointer.url);
  const response = await options
    .fetch(url, { signal: options.signal, redirect: "error", headers: { origin: "https://web.whatsapp.com" } })
    .catch((cause: unknown) => {
      throw new ChannelError("retry", "WhatsApp's file server could not be reached.", { cause });
    });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    if (response.status === 404 || response.status === 410) {
      throw new ChannelError("rejected", "WhatsApp no longer keeps this file. Ask for it to be sent again.");
    }
    throw new ChannelError("retry", `WhatsApp's file server answered ${response.status}.`);
  }
  yield* decryptMedia(response.body, Buffer.from(pointer.key, "base64"), media.kind);
}

function readPointer(ref: string): Pointer {
  try {
    const { url, key } = JSON.parse(ref) as Partial<Pointer>;
    if (typeof url === "string" && typeof key === "string") return { url, key };
  } catch {
    // Said below.
  }
  throw new ChannelError("rejected", "This file is not known to WhatsApp.");
}

interface MediaKeys {
  iv: Buffer;
  cipher: Buffer;
  mac: Buffer;
}

function keysOf(mediaKey: Uint8Array, kind: MediaKind): MediaKeys {
  const drawn = Buffer.from(hkdfSync("sha256", mediaKey, new Uint8Array(), KINDS[kind].info, 112));
  return { iv: drawn.subarray(0, 16), cipher: drawn.subarray(16, 48), mac: drawn.subarray(48, 80) };
}

/** Throws ChannelError `rejected` at the end when a bit of it is not what was sent. */
export async function* decryptMedia(
  body: AsyncIterable<Uint8Array>,
  mediaKey: Uint8Array,
  kind: MediaKind,
): AsyncGenerator<Uint8Array> {
  const keys = keysOf(mediaKey, kind);
  const decipher = createDecipheriv("aes-256-cbc", keys.cipher, keys.iv);
  const mac = createHmac("sha256", keys.mac).update(keys.iv);
  let held = Buffer.alloc(0);
  for await (const chunk of body) {
    held = Buffer.concat([held, chunk]);
    const ready = held.subarray(0, Math.max(0, held.length - MAC_BYTES));
    held = held.subarray(ready.length);
    mac.update(ready);
    const plain = decipher.update(ready);
    if (plain.length > 0) yield plain;
  }
  const expected = mac.digest().subarray(0, MAC_BYTES);
  if (held.length !== MAC_BYTES || !timingSafeEqual(held, expected)) {
    throw new ChannelError("rejected", "The file was changed or cut short on its way.");
  }
  try {
    yield decipher.final();
  } catch (cause) {
    throw new ChannelError("rejected", "The file was changed or cut short on its way.", { cause });
  }
}

/** A file ready to be stored with the platform, and what the message says of it. */
export interface EncryptedMedia {
  mediaKey: Buffer;
  bytes: Buffer;
  fileSha256: Buffer;
  fileEncSha256: Buffer;
}

/** @param mediaKey 32 bytes; absent: new ones */
export function encryptMedia(plain: Uint8Array, kind: MediaKind, mediaKey = randomBytes(32)): EncryptedMedia {
  const keys = keysOf(mediaKey, kind);
  const cipher = createCipheriv("aes-256-cbc", keys.cipher, keys.iv);
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const mac = createHmac("sha256", keys.mac).update(keys.iv).update(encrypted).digest().subarray(0, MAC_BYTES);
  const bytes = Buffer.concat([encrypted, mac]);
  const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest();
  return { mediaKey, bytes, fileSha256: sha256(plain), fileEncSha256: sha256(bytes) };
}

/**
 * Stores a file with the platform, with one try.
 * @param place host and permission, from the platform (`media_conn`)
 * Throws ChannelError `retry`, or `rejected` for a file that it will never take.
 */
export async function upload(
  media: EncryptedMedia,
  kind: MediaKind,
  place: { hostname: string; auth: string },
  options: { fetch: typeof fetch; hosts: MediaHosts; signal: AbortSignal },
): Promise<{ url: string; directPath: string }> {
  const token = media.fileEncSha256.toString("base64url");
  const path = `${KINDS[kind].path}/${token}?auth=${encodeURIComponent(place.auth)}&token=${token}`;
  const url = options.hosts.check(`${options.hosts.scheme}//${place.hostname}${path}`);
  const response = await options
    .fetch(url, {
      method: "POST",
      body: new Uint8Array(media.bytes),
      signal: options.signal,
      redirect: "error",
      headers: { "content-type": "application/octet-stream", origin: "https://web.whatsapp.com" },
    })
    .catch((cause: unknown) => {
      throw new ChannelError("retry", "The file could not be brought to WhatsApp's file server.", { cause });
    });
  const answer = (await response.json().catch(() => undefined)) as { url?: unknown; direct_path?: unknown } | undefined;
  if (response.ok && typeof answer?.url === "string" && typeof answer.direct_path === "string") {
    return { url: answer.url, directPath: answer.direct_path };
  }
  const isRefused = [400, 413, 415].includes(response.status);
  const message = `WhatsApp's file server did not take the file (${response.status}).`;
  throw new ChannelError(isRefused ? "rejected" : "retry", message);
}
