/** Turns what came with a message into content blocks. Pure; believes the bytes, not the label. */
import { Refused } from "#main/base/errors.ts";
import type { ContentBlock } from "#main/protocol/messages.ts";

export interface RawAttachment {
  mimeType?: string;
  fileName?: string;
  /** Base64, with or without a data-URL prefix. */
  content: string;
}

const MAX_TOTAL_BYTES = 5 * 1024 * 1024;
const MAX_TEXT_BYTES = 256 * 1024;

/** What a file begins with, by the formats' own documentation; `at`: where. */
const SIGNATURES: readonly { mimeType: string; extension: string; at?: number; bytes: readonly number[] | string }[] = [
  { mimeType: "image/png", extension: "png", bytes: [0x89, 0x50, 0x4e, 0x47] },
  { mimeType: "image/jpeg", extension: "jpg", bytes: [0xff, 0xd8, 0xff] },
  { mimeType: "image/gif", extension: "gif", bytes: "GIF8" },
  { mimeType: "image/webp", extension: "webp", at: 8, bytes: "WEBP" },
  { mimeType: "audio/wav", extension: "wav", at: 8, bytes: "WAVE" },
  { mimeType: "audio/ogg", extension: "ogg", bytes: "OggS" },
  { mimeType: "audio/mpeg", extension: "mp3", bytes: "ID3" },
  { mimeType: "audio/mpeg", extension: "mp3", bytes: [0xff, 0xfb] },
  { mimeType: "audio/mp4", extension: "m4a", at: 4, bytes: "ftypM4A" },
  { mimeType: "video/mp4", extension: "mp4", at: 4, bytes: "ftyp" },
  { mimeType: "video/webm", extension: "webm", bytes: [0x1a, 0x45, 0xdf, 0xa3] },
  { mimeType: "application/pdf", extension: "pdf", bytes: "%PDF-" },
  { mimeType: "application/zip", extension: "zip", bytes: [0x50, 0x4b, 0x03, 0x04] },
];

/** What the bytes are, whatever they were called; undefined for text and what is not known. */
export function sniff(bytes: Uint8Array): { mimeType: string; extension: string } | undefined {
  return SIGNATURES.find((signature) => {
    const wanted = typeof signature.bytes === "string" ? Buffer.from(signature.bytes, "latin1") : signature.bytes;
    const from = signature.at ?? 0;
    return wanted.every((byte, index) => bytes[from + index] === byte);
  });
}

/** Throws Refused `INVALID_REQUEST` naming the file, for what is neither a picture nor text, or is too large. */
export function toBlocks(attachments: readonly RawAttachment[]): ContentBlock[] {
  let total = 0;
  return attachments.map((attachment, index): ContentBlock => {
    const name = attachment.fileName ?? `attachment ${index + 1}`;
    const base64 = attachment.content.replace(/^data:[^,]{0,200},/u, "");
    if (!/^[A-Za-z0-9+/]*={0,2}$/u.test(base64)) throw refuse(`${name} is not valid base64`);
    const bytes = Buffer.from(base64, "base64");
    total += bytes.length;
    if (total > MAX_TOTAL_BYTES) throw refuse(`the attachments are larger than 5 MB together (at ${name})`);
    const image = sniff(bytes);
    if (image?.mimeType.startsWith("image/") === true)
      return { type: "image", mimeType: image.mimeType, data: base64, fileName: name };
    if (bytes.length > MAX_TEXT_BYTES)
      throw refuse(`${name} is larger than 256 KB; text files up to that size can be sent`);
    const text = toText(bytes);
    if (text === undefined) throw refuse(`${name} is neither a picture (PNG, JPEG, GIF, WebP) nor text`);
    return { type: "file", mimeType: attachment.mimeType ?? "text/plain", fileName: name, text };
  });
}

/** UTF-8 without zeros, or undefined. */
export function toText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function refuse(message: string): Refused {
  return new Refused("INVALID_REQUEST", message);
}
