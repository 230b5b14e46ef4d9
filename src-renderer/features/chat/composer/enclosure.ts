/**
 * Turns files into what a message can carry: pictures scaled down, text as it is. A frame has room for half a megabyte
 * in all, so each picture gets what is left. Must never send a file that the person did not choose.
 */
import { type Attachment, type Enclosure, toBase64 } from "../../../gateway/chat-model.ts";

/** Longest side of a picture, in pixels: what models look at. */
export const MAX_SIDE = 1568;
/** Largest text file, in bytes. */
export const MAX_TEXT = 200 * 1024;
/** Base64 characters of all enclosures of one message, at most; the words and the frame need the rest. */
export const MAX_TOTAL = 440_000;
/** Below this a picture would be unreadable. */
const MIN_ROOM = 24_000;

export type EnclosureProblem = "tooLarge" | "full" | "notText";

/** Width and height that fit into a square of `side`, in whole pixels. Pure. */
export function toFitting(width: number, height: number, side: number): { width: number; height: number } {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** True for names and types of text that a person would call so. Pure. */
export function isTextFile(file: { name: string; type: string }): boolean {
  if (file.type.startsWith("text/")) return true;
  if (/^application\/(?:json|xml|yaml|x-yaml|toml|javascript|typescript|sql|x-sh)/.test(file.type)) return true;
  return /\.(?:txt|md|csv|tsv|json5?|ya?ml|toml|ini|log|xml|html?|css|s?css|[cm]?[jt]sx?|py|rb|go|rs|java|kt|swift|c|h|cpp|hpp|cs|php|sh|ps1|sql|diff|patch|env|conf)$/i.test(
    file.name,
  );
}

async function readPicture(file: File, room: number): Promise<Attachment | undefined> {
  const bitmap = await createImageBitmap(file);
  const isSmall = Math.max(bitmap.width, bitmap.height) <= MAX_SIDE && file.size * 1.37 < Math.min(room, 200_000);
  if (isSmall && /^image\/(?:png|jpeg|webp|gif)$/.test(file.type)) {
    bitmap.close();
    return { mimeType: file.type, fileName: file.name, content: toBase64(new Uint8Array(await file.arrayBuffer())) };
  }
  for (const side of [MAX_SIDE, 1200, 900, 640]) {
    for (const quality of [0.86, 0.7, 0.5]) {
      const blob = await draw(bitmap, side, quality);
      if (blob.size * 1.37 > room) continue;
      bitmap.close();
      const name = file.name.replace(/\.[^.]*$/, "") || file.name;
      return {
        mimeType: "image/jpeg",
        fileName: `${name}.jpg`,
        content: toBase64(new Uint8Array(await blob.arrayBuffer())),
      };
    }
  }
  bitmap.close();
  return undefined;
}

async function draw(bitmap: ImageBitmap, side: number, quality: number): Promise<Blob> {
  const { width, height } = toFitting(bitmap.width, bitmap.height, side);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no drawing context");
  // JPEG has no transparency: without this it would turn black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas.convertToBlob({ type: "image/jpeg", quality });
}

/**
 * Reads one file.
 * @param room base64 characters that are still free in this message
 * @returns the enclosure, or why it cannot come along
 */
export async function toEnclosure(file: File, room: number, id: string): Promise<Enclosure | EnclosureProblem> {
  if (file.type.startsWith("image/") && file.type !== "image/svg+xml") {
    if (room < MIN_ROOM) return "full";
    const attachment = await readPicture(file, room).catch(() => "notText" as const);
    if (attachment === "notText") return "notText";
    if (!attachment) return "full";
    return { id, name: file.name, attachment, preview: `data:${attachment.mimeType};base64,${attachment.content}` };
  }
  if (!isTextFile(file)) return "notText";
  if (file.size > MAX_TEXT) return "tooLarge";
  if (file.size * 1.37 > room) return "full";
  const content = toBase64(new Uint8Array(await file.arrayBuffer()));
  return { id, name: file.name, attachment: { mimeType: file.type || "text/plain", fileName: file.name, content } };
}
