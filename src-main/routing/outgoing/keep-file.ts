/** Keeps a file that is to leave until it was sent: under a random name, with a type that its bytes say. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refused } from "#main/base/errors.ts";
import { createSecret } from "#main/base/ids.ts";
import type { AnyChannel, MediaKind } from "#main/channels/contract.ts";
import { sniff, type RawAttachment } from "../attachments.ts";
import type { StoredMedia } from "./outbox-item.ts";

/**
 * @param folder made when needed
 * Throws Refused `INVALID_REQUEST` when the channel cannot send it, or it is no file at all.
 */
export async function keepFile(
  file: RawAttachment,
  { capabilities: { maxMediaBytes }, label }: Pick<AnyChannel, "capabilities" | "label">,
  folder: string,
): Promise<StoredMedia> {
  const refuse = (message: string) => new Refused("INVALID_REQUEST", message);
  const bytes = Buffer.from(file.content.replace(/^data:[^,]{0,200},/u, ""), "base64");
  if (maxMediaBytes === 0) throw refuse(`${label} cannot send files from here`);
  if (bytes.length === 0) throw refuse("the file is empty or not base64");
  if (bytes.length > maxMediaBytes)
    throw refuse(`${label} takes files up to ${Math.floor(maxMediaBytes / 1024 / 1024)} MB`);
  const kind = sniff(bytes);
  const path = join(folder, createSecret());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path, bytes, { mode: 0o600, flag: "wx" });
  const mimeType = kind?.mimeType ?? "application/octet-stream";
  const fileName = file.fileName?.replace(/[\\/\p{C}]/gu, "_") ?? `file.${kind?.extension ?? "bin"}`;
  return { path, mimeType, fileName, kind: toMediaKind(mimeType) };
}

/** Takes it away again: it was sent, or never will be. */
export const dropFile = ({ path }: Pick<StoredMedia, "path">): Promise<void> => rm(path, { force: true });

function toMediaKind(mimeType: string): MediaKind {
  if (mimeType === "audio/ogg") return "voice";
  const [family] = mimeType.split("/");
  return family === "image" || family === "audio" || family === "video" ? family : "document";
}
