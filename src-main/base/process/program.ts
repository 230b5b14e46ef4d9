/**
 * Which program a name means, and what a file is right now: the facts that a plan binds. Reads only, and hashes whole
 * files; must never guess a program that is not there.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, open, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { identityOf } from "../confined/folder.ts";

/** Bytes of a file that are hashed. A longer one is known by its inode, size and time of change. */
const MAX_HASHED = 64 * 1024 * 1024;

/**
 * Absolute path of the program that a name means, byte for byte, or undefined. A name with a slash is a path. Links are
 * not followed: a program may act by the name it is called with.
 * @param path folders as in `PATH`; entries that are not absolute are passed over
 * @param cwd absolute, for paths that are relative
 */
export async function findProgram(
  name: string,
  path: string | undefined,
  cwd: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  if (name === "" || name.includes("\0")) return undefined;
  const isWindows = platform === "win32";
  if (name.includes("/") || (isWindows && name.includes("\\"))) return firstExecutable([resolve(cwd, name)]);
  const folders = (path ?? "").split(isWindows ? ";" : ":").filter((folder) => isAbsolute(folder));
  const endings = isWindows && !/\.(exe|com|bat|cmd)$/i.test(name) ? [".exe", ".com"] : [""];
  return firstExecutable(folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))));
}

async function firstExecutable(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      if ((await stat(candidate)).isFile()) return candidate;
    } catch {
      // Not there, or not for us.
    }
  }
  return undefined;
}

/** What is at a path: what a plan says of a file. */
export interface FileIdentity {
  /** Absolute, links resolved; as given when nothing is there. */
  path: string;
  /** Device and inode, `dev:ino`; absent: the file does not exist yet. */
  identity?: string;
  /** SHA-256 of the content, hex; absent for folders, files that do not exist and files over 64 MB. */
  sha256?: string;
}

/**
 * What a path leads to right now. `identity` is `dev:ino`; of a file too long to hash `dev:ino:size:changed`, the last
 * in nanoseconds: the time of change (ctime) cannot be set back.
 * @param path absolute
 */
export async function identifyFile(path: string): Promise<FileIdentity> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return { path };
  const stats = await stat(real, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return { path: real };
  const identity = identityOf(stats);
  if (!stats.isFile()) return { path: real, identity };
  if (stats.size > MAX_HASHED) return { path: real, identity: `${identity}:${stats.size}:${stats.ctimeNs}` };
  return hashOpened(real);
}

/** Identity and hash of the very file that was opened, whatever the name points to a moment later. */
async function hashOpened(path: string): Promise<FileIdentity> {
  // Non-blocking: a pipe put here in the meantime is not waited for.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => undefined);
  if (handle === undefined) return { path };
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) return { path, identity: identityOf(stats) };
    const hash = createHash("sha256");
    const buffer = Buffer.alloc(256 * 1024);
    for (let at = 0; at <= MAX_HASHED;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return { path, identity: identityOf(stats), sha256: hash.digest("hex") };
  } finally {
    await handle.close();
  }
}
