/**
 * Opens a file of the workspace for reading, and nothing else. Checks what was really opened, not what a name pointed
 * to a moment before. Must never hang on a pipe, and never open a device on purpose.
 */
import { constants, type BigIntStats } from "node:fs";
import { open, readdir, realpath, stat, type FileHandle } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { Refused } from "#main/base/errors.ts";

/** Entries of a folder that its refusal names. */
const MAX_ENTRIES = 50;

export interface OpenFile {
  handle: FileHandle;
  /** Bytes. */
  size: number;
}

/**
 * The open file; the caller closes it. Throws Refused, in words for the model, when the path leaves the workspace by
 * itself or over a link, is not a plain file, has a second name (a hard link may be a file outside), or is missing.
 * @param workspace absolute path of an existing folder
 * @param path relative to the workspace, or absolute inside it
 */
export async function openInWorkspace(workspace: string, path: string): Promise<OpenFile> {
  if (path.includes("\0")) throw refuse(path, "holds a zero byte");
  const root = await realpath(workspace);
  const wanted = resolve(root, path);
  if (!isInside(root, wanted) && !isInside(resolve(workspace), wanted)) throw leaves(path);
  const before = await place(root, wanted, path);
  if (before.stats.isDirectory()) throw await tellFolder(before.real, path);
  checkPlain(before.stats, path);
  // Non-blocking: opening a pipe that was put here in the meantime returns instead of waiting for a writer.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
  const handle = await open(before.real, flags).catch((error: unknown) => {
    throw tellFailure(error, path);
  });
  try {
    const opened = await handle.stat({ bigint: true });
    checkPlain(opened, path);
    const after = await place(root, wanted, path);
    if (!isSame(opened, after.stats)) throw refuse(path, "changed while it was opened; try again");
    return { handle, size: Number(opened.size) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Where a path really leads, links resolved, and what is there. Refuses what leads out of the workspace. */
async function place(root: string, wanted: string, path: string): Promise<{ real: string; stats: BigIntStats }> {
  try {
    const real = await realpath(wanted);
    if (!isInside(root, real)) throw leaves(path);
    return { real, stats: await stat(real, { bigint: true }) };
  } catch (error) {
    throw tellFailure(error, path);
  }
}

/** True for the folder itself and everything below it. */
function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function checkPlain(stats: BigIntStats, path: string): void {
  if (!stats.isFile()) throw refuse(path, "is not a plain file");
  if (stats.nlink > 1n) {
    throw refuse(path, "has more than one name (a hard link), so it may be a file outside the workspace");
  }
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

async function tellFolder(folder: string, path: string): Promise<Refused> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  const shown = names.slice(0, MAX_ENTRIES).join("\n");
  const more = names.length > MAX_ENTRIES ? `\nand ${names.length - MAX_ENTRIES} more` : "";
  const what = names.length === 0 ? "is an empty folder." : `is a folder. Read a file in it:\n${shown}${more}`;
  return new Refused("INVALID_REQUEST", `'${path}' ${what}`);
}

function tellFailure(error: unknown, path: string): Error {
  if (error instanceof Refused) return error;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return refuse(path, "does not exist in the workspace");
  if (code === "EACCES" || code === "EPERM") return refuse(path, "may not be read: the system denies it");
  if (code === "ELOOP") return refuse(path, "is a chain of links without an end");
  if (code === "ENAMETOOLONG") return refuse(path.slice(0, 100), "is too long for a path");
  return refuse(path, `cannot be opened (${typeof code === "string" ? code : "unknown reason"})`);
}

function leaves(path: string): Refused {
  return refuse(path, "leads out of the workspace; only files inside it can be read");
}

function refuse(path: string, what: string): Refused {
  return new Refused("INVALID_REQUEST", `'${path}' ${what}.`);
}
