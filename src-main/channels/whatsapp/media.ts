/**
 * Files: encrypted before they leave, decrypted and checked as they come, as the client of the platform does it (AES-256
 * in CBC mode, ten bytes of HMAC-SHA256 behind, keys drawn from a key that travels in the message). Must never fetch
 * from a host that is not WhatsApp's, whatever a message says.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import type { proto } from "@whiskeysockets/baileys";
import { ChannelError, type MediaKind, type MediaRef } from "../contract.ts";

const MAC_BYTES = 10;

/** As what each kind is encrypted and stored. */
const STORED_AS = {
  image: "Image",
  video: "Video",
  audio: "Audio",
  voice: "Audio",
  document: "Document",
  sticker: "Image",
} as const;

/** A file as a message describes it, whatever its kind. */
export type FileMessage = proto.Message.IDocumentMessage & Pick<proto.Message.IVideoMessage, "seconds">;

/** @returns undefined when it could never be loaded */
export function toMediaRef(kind: MediaKind, file: FileMessage): MediaRef | undefined {
  const { directPath, mediaKey, mimetype, fileName, seconds } = file;
  const url = file.url || (directPath?.startsWith("/") === true && `https://mmg.whatsapp.net${directPath}`);
  if (!url || mediaKey?.length !== 32) return undefined;
  const sizeBytes = Number(file.fileLength ?? 0);
  return {
    kind,
    ref: `${url}#${Buffer.from(mediaKey).toString("base64")}`,
    ...(mimetype && { mimeType: mimetype }),
    ...(fileName && { fileName: fileName.toWellFormed() }),
    ...(Number.isSafeInteger(sizeBytes) && sizeBytes > 0 && { sizeBytes }),
    ...(seconds != null && seconds > 0 && { durationSeconds: seconds }),
  };
}

/** With a `webSocketUrl` a server of one's own, which keeps its files itself. */
interface FileServer {
  fetch: typeof fetch;
  webSocketUrl: string | undefined;
  signal: AbortSignal;
}

/** Lets WhatsApp's hosts be, and the one of a `webSocketUrl` of one's own. Throws ChannelError for any other place. */
export function checkPlace(address: string, webSocketUrl: string | undefined): URL {
  const url = URL.parse(address);
  const own = webSocketUrl === undefined ? undefined : URL.parse(webSocketUrl.replace(/^ws/, "http"));
  const isTheirs = url?.protocol === "https:" && /(^|\.)whatsapp\.net$/.test(url.hostname) && url.port === "";
  if (url && url.username === "" && (isTheirs || url.origin === own?.origin)) return url;
  throw new ChannelError("rejected", "The file does not lie on WhatsApp's servers, so it is not loaded.");
}

/** Loads and decrypts what `ref` names, in pieces; the last piece comes only when all of it proved unchanged. */
export async function* download({ ref, kind }: MediaRef, server: FileServer): AsyncGenerator<Uint8Array> {
  const [address = "", key = ""] = ref.split("#");
  const response = await ask(server, address);
  if (response.ok && response.body) return yield* decryptMedia(response.body, Buffer.from(key, "base64"), kind);
  await response.body?.cancel();
  const isGone = response.status === 404 || response.status === 410;
  if (isGone) throw new ChannelError("rejected", "WhatsApp no longer keeps this file. Ask for it to be sent again.");
  throw new ChannelError("retry", `WhatsApp's file server answered ${response.status}.`);
}

async function ask(
  { fetch, ...server }: FileServer,
  address: string,
  body?: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const url = checkPlace(address, server.webSocketUrl);
  const method = body ? "POST" : "GET";
  const headers = { origin: "https://web.whatsapp.com", ...(body && { "content-type": "application/octet-stream" }) };
  try {
    return await fetch(url, { method, body: body ?? null, headers, redirect: "error", signal: server.signal });
  } catch (cause) {
    throw new ChannelError("retry", "WhatsApp's file server could not be reached.", { cause });
  }
}

function keysOf(mediaKey: Uint8Array, kind: MediaKind) {
  const drawn = Buffer.from(hkdfSync("sha256", mediaKey, "", `WhatsApp ${STORED_AS[kind]} Keys`, 112));
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
  const isWhole = held.length === MAC_BYTES && timingSafeEqual(held, mac.digest().subarray(0, MAC_BYTES));
  let last: Buffer | undefined;
  try {
    last = isWhole ? decipher.final() : undefined;
  } catch {
    // Wrongly padded by its sender.
  }
  if (last === undefined) throw new ChannelError("rejected", "The file was changed or cut short on its way.");
  yield last;
}

/** A file ready to be stored with the platform, and what the message says of it. */
export function encryptMedia(plain: Uint8Array, kind: MediaKind) {
  const mediaKey = randomBytes(32);
  const keys = keysOf(mediaKey, kind);
  const cipher = createCipheriv("aes-256-cbc", keys.cipher, keys.iv);
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const mac = createHmac("sha256", keys.mac).update(keys.iv).update(encrypted).digest().subarray(0, MAC_BYTES);
  const bytes = Buffer.concat([encrypted, mac]);
  const digests = { fileSha256: hash("sha256", plain, "buffer"), fileEncSha256: hash("sha256", bytes, "buffer") };
  return { bytes, described: { mediaKey, ...digests } };
}

/**
 * Stores an encrypted file with the platform, with one try.
 * @param place host and permission, from the platform (`media_conn`)
 * Throws ChannelError `retry`, or `rejected` for a file that it will never take.
 */
export async function upload(
  { bytes, described }: ReturnType<typeof encryptMedia>,
  kind: MediaKind,
  place: { hostname: string; auth: string },
  server: FileServer,
): Promise<{ url: string; directPath: string }> {
  const token = described.fileEncSha256.toString("base64url");
  const scheme = server.webSocketUrl?.startsWith("ws:") === true ? "http" : "https";
  const path = `/mms/${STORED_AS[kind].toLowerCase()}/${token}?auth=${encodeURIComponent(place.auth)}&token=${token}`;
  const response = await ask(server, `${scheme}://${place.hostname}${path}`, bytes);
  const answer: unknown = await response.json().catch(() => undefined);
  const { url, direct_path: directPath } = Object(answer) as { url?: unknown; direct_path?: unknown };
  if (response.ok && typeof url === "string" && typeof directPath === "string") return { url, directPath };
  const isRefused = [400, 413, 415].includes(response.status);
  const message = `WhatsApp's file server did not take the file (${response.status}).`;
  throw new ChannelError(isRefused ? "rejected" : "retry", message);
}
