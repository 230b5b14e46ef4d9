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

const SIGNATURES: readonly { mimeType: string; matches(bytes: Uint8Array): boolean }[] = [
  { mimeType: "image/png", matches: (b) => startsWith(b, [0x89, 0x50, 0x4e, 0x47]) },
  { mimeType: "image/jpeg", matches: (b) => startsWith(b, [0xff, 0xd8, 0xff]) },
  { mimeType: "image/gif", matches: (b) => startsWith(b, [0x47, 0x49, 0x46, 0x38]) },
  {
    mimeType: "image/webp",
    matches: (b) => startsWith(b, [0x52, 0x49, 0x46, 0x46]) && startsWith(b.subarray(8), [0x57, 0x45, 0x42, 0x50]),
  },
];

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
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
    const image = SIGNATURES.find((signature) => signature.matches(bytes));
    if (image) return { type: "image", mimeType: image.mimeType, data: base64, fileName: name };
    if (bytes.length > MAX_TEXT_BYTES)
      throw refuse(`${name} is larger than 256 KB; text files up to that size can be sent`);
    const text = toText(bytes);
    if (text === undefined) throw refuse(`${name} is neither a picture (PNG, JPEG, GIF, WebP) nor text`);
    return { type: "file", mimeType: attachment.mimeType ?? "text/plain", fileName: name, text };
  });
}

function toText(bytes: Uint8Array): string | undefined {
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
