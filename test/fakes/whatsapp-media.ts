/** Where files lie in the fake of WhatsApp: encrypted, on HTTP, by name. Encrypts with the client library's keys. */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { hkdf, hkdfInfoKey, type MediaType, type proto } from "@whiskeysockets/baileys";
import type { Written } from "./channel-platform.ts";

type Media = NonNullable<Written["media"]>;

export type MediaStore = ReturnType<typeof createMediaStore>;

export function createMediaStore() {
  const files = new Map<string, Buffer>();
  let downloads = 0;
  return {
    files,
    downloads: () => downloads,
    /** A message with a file that somebody sends. */
    toMessage({ kind, bytes, fileName }: Media, caption: string, port: number): proto.IMessage {
      const type = kind === "voice" ? "ptt" : kind;
      const mediaKey = randomBytes(32);
      const { encrypted, path } = store(files, Buffer.from(bytes), mediaKey, type);
      const common = {
        url: `http://127.0.0.1:${port}${path}`,
        directPath: path,
        mediaKey,
        fileLength: bytes.length,
        fileEncSha256: createHash("sha256").update(encrypted).digest(),
        fileSha256: createHash("sha256").update(bytes).digest(),
      };
      if (kind === "voice") return { audioMessage: { ...common, ptt: true, mimetype: "audio/ogg", seconds: 3 } };
      if (kind === "image") return { imageMessage: { ...common, caption, mimetype: "image/png" } };
      const name = fileName === undefined ? {} : { fileName };
      return { documentMessage: { ...common, caption, mimetype: "text/plain", ...name } };
    },
    /** The bytes that a message of ours points at. */
    open(url: string, mediaKey: Uint8Array, type: MediaType): Buffer {
      const { iv, cipherKey } = keysOf(mediaKey, type);
      const encrypted = files.get(new URL(url).pathname) ?? Buffer.alloc(0);
      const decipher = createDecipheriv("aes-256-cbc", cipherKey, iv);
      return Buffer.concat([decipher.update(encrypted.subarray(0, -10)), decipher.final()]);
    },
    serve(request: IncomingMessage, response: ServerResponse, port: number): void {
      const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
      if (request.method === "POST") {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          files.set(pathname, Buffer.concat(chunks));
          const answer = { url: `http://127.0.0.1:${port}${pathname}`, direct_path: pathname };
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
        });
        return;
      }
      downloads += 1;
      const file = files.get(pathname);
      response.writeHead(file ? 200 : 404).end(file);
    },
  };
}

/** As the library's `getMediaKeys` draws them; that one is asynchronous for no reason. */
function keysOf(mediaKey: Uint8Array, type: MediaType) {
  const drawn = Buffer.from(hkdf(Buffer.from(mediaKey), 112, { info: hkdfInfoKey(type) }));
  return { iv: drawn.subarray(0, 16), cipherKey: drawn.subarray(16, 48), macKey: drawn.subarray(48, 80) };
}

function store(files: Map<string, Buffer>, plain: Buffer, mediaKey: Buffer, type: MediaType) {
  const { iv, cipherKey, macKey } = keysOf(mediaKey, type);
  const cipher = createCipheriv("aes-256-cbc", cipherKey, iv);
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  const mac = createHmac("sha256", macKey).update(iv).update(data).digest().subarray(0, 10);
  const encrypted = Buffer.concat([data, mac]);
  const path = `/mms/${type}/${randomBytes(9).toString("hex")}`;
  files.set(path, encrypted);
  return { encrypted, path };
}
