/**
 * Files that are there whole or not at all: written beside the target, flushed, renamed over it. Private by default:
 * files 0600, folders 0700. Never leaves a half-written target, and never says nothing about why a write failed.
 */
import { constants } from "node:fs";
import { chmod, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { messageOf, Refused } from "./errors.ts";
import { createId } from "./ids.ts";
import type { Logger } from "./logger.ts";

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: "this user may not access it; check its owner and permissions",
  EPERM: "this user may not change it; check its owner and permissions",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ENOTDIR: "a part of the path is not a folder",
  EISDIR: "it is a folder",
  EMFILE: "too many files are open",
  EIO: "the disk reported an error",
};

/** The `code` of a thrown system error, undefined for anything else. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

/** A Refused `UNAVAILABLE` that names what was tried, the path and the cause in words. */
export function toFileError(verb: string, path: string, thrown: unknown): Refused {
  const code = systemCodeOf(thrown);
  const cause = (code !== undefined ? CAUSES[code] : undefined) ?? messageOf(thrown);
  return new Refused("UNAVAILABLE", `cannot ${verb} ${path}: ${cause}${code === undefined ? "" : ` (${code})`}`, {
    cause: thrown,
    details: { path, ...(code === undefined ? {} : { code }) },
  });
}

/** Flushes a folder, so that a rename in it survives a power cut. Windows and some network disks cannot: ignored. */
async function flushFolder(path: string): Promise<void> {
  let folder;
  try {
    folder = await open(path, constants.O_RDONLY);
    await folder.sync();
  } catch {
    // The rename itself is done; only its durability is less certain.
  } finally {
    await folder?.close();
  }
}

/**
 * Replaces a file as a whole. On failure the old file is untouched and the temporary one removed; a process killed in
 * the middle leaves at most a `.<name>.<id>.tmp` beside it.
 * @param path absolute; its folder must exist
 * Throws Refused `UNAVAILABLE` with path and cause.
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${createId("w")}.tmp`);
  try {
    // O_EXCL: never through a link or into a file that somebody else put there.
    const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => {});
    throw toFileError("write", path, thrown);
  }
  await flushFolder(dirname(path));
}

/**
 * The bytes of a file, undefined when there is none.
 * Throws Refused `UNAVAILABLE` with path and cause for everything else, a folder in the file's place included.
 */
export async function readIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (thrown) {
    if (systemCodeOf(thrown) === "ENOENT") return undefined;
    throw toFileError("read", path, thrown);
  }
}

/**
 * Narrows what others may do with a path to `mode`, and warns when it was wider. Does nothing on Windows, where these
 * bits mean nothing, or when the path is missing. Never throws: a mode that cannot be changed is a warning too.
 */
export async function tightenMode(path: string, mode: number, log: Logger): Promise<void> {
  if (process.platform === "win32") return;
  try {
    const found = (await stat(path)).mode & 0o777;
    if ((found & ~mode) === 0) return;
    await chmod(path, found & mode);
    log.warn(`${path} was open to other users (mode ${found.toString(8)}); it is private now`);
  } catch (thrown) {
    if (systemCodeOf(thrown) === "ENOENT") return;
    log.warn(`${path} may be open to other users and its mode cannot be changed: ${messageOf(thrown)}`);
  }
}

/**
 * Makes a private folder (0700) with its parents, or makes an existing one private, with a warning.
 * Throws Refused `UNAVAILABLE` with path and cause when it cannot be made or is not a folder.
 */
export async function ensureDir(path: string, log: Logger): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
  } catch (thrown) {
    throw toFileError("make the folder", path, thrown);
  }
  await tightenMode(path, 0o700, log);
}
