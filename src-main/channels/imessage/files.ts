/**
 * Files that come and go with messages. They lie in Messages' own folder, beside its database: Messages is confined to it
 * by macOS and silently sends nothing from elsewhere. Must never read outside of that folder.
 */
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import { systemCodeOf } from "#main/base/atomic-file.ts";
import { ChannelError, type MediaRef, type OutboundMedia } from "../contract.ts";
import { readChatDb } from "./chat-db.ts";

/** Our place in Messages' folder, for files on their way out. */
export function outgoingDir(chatDb: string): string {
  return join(dirname(chatDb), "Attachments", "gatehouse");
}

/** Lays a file down for Messages to send. @returns its folder, of a random name, and its path; the file's name is shown */
export async function layDown(chatDb: string, media: OutboundMedia): Promise<{ folder: string; path: string }> {
  const folder = join(outgoingDir(chatDb), randomUUID());
  const path = join(folder, toSafeName(media.fileName));
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(path, media.bytes, { mode: 0o600, flag: "wx" });
    return { folder, path };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new ChannelError("retry", `The file could not be given to Messages (${systemCodeOf(error) ?? "no reason"}).`);
  }
}

/** A name without folders, leading dots or dashes, or anything that is not a letter, a digit or plain punctuation. */
export function toSafeName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? "";
  const clean = base.replace(/[^\p{L}\p{N}._ -]/gu, "_").replace(/^[.\- ]+/, "");
  const ending = /\.\w{1,8}$/.exec(clean)?.[0] ?? "";
  return clean.length > 100 ? clean.slice(0, 100 - ending.length) + ending : clean || "file";
}

/** The bytes of a file that came. Throws ChannelError. */
export async function* readAttachment(chatDb: string, media: MediaRef, signal: AbortSignal): AsyncIterable<Uint8Array> {
  try {
    const row = await readChatDb(chatDb, (db) => db.attachment(media.ref));
    const name = typeof row?.fileName === "string" ? row.fileName : "";
    if (name === "") throw new ChannelError("rejected", "Messages no longer has this file.");
    const room = await realpath(dirname(chatDb));
    const path = await realpath(resolve(room, name.replace(/^~(?=\/)/, homedir())));
    if (!path.startsWith(room + sep)) throw new ChannelError("rejected", "The file lies outside of Messages' folder.");
    yield* createReadStream(path, { signal }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof ChannelError) throw error;
    // Large files are loaded by Messages some time after the message came.
    const why = systemCodeOf(error) ?? "stopped";
    throw new ChannelError("retry", `Messages has not loaded the file yet, or it cannot be read (${why}).`);
  }
}
