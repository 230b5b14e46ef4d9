/**
 * Walks what lies below a folder of a confined root, each folder opened from the one above and held while it is read.
 * Must never follow a link, enter what is denied, or go on after the caller stops.
 */
import type { BigIntStats } from "node:fs";
import { readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { ConfinedFiles } from "../confined-files.ts";
import type { Denials } from "./denials.ts";
import { identityOf, type HeldFolder } from "./folder.ts";

/** Folders inside each other; each holds a handle. */
const MAX_DEPTH = 64;

/** Folders that nobody means when all files are meant: not entered unless they are named. */
export const LARGE_FOLDERS: readonly string[] = [".git", "node_modules"];

export interface TreeEntry {
  /** From the root of the walk, with `/`. */
  relative: string;
  isFolder: boolean;
  isFile: boolean;
  /** What it is now, links not followed; undefined when it is gone. */
  look(): Promise<BigIntStats | undefined>;
  /** The open plain file; undefined for everything that may not be read. The caller closes it. */
  open(): Promise<FileHandle | undefined>;
}

export interface TreeOptions {
  /** Names of folders that are not entered. */
  skip: ReadonlySet<string>;
  signal: AbortSignal;
}

/** Everything below `path`, folder by folder, names sorted. An entry is good until the next is asked for. */
export async function* walkTree(
  files: ConfinedFiles,
  path: string,
  options: TreeOptions,
): AsyncGenerator<TreeEntry, void, void> {
  const { folder, denials } = await files.openFolder(path);
  yield* walkFolder(folder, "", { ...options, denials, depth: 0 });
}

/** Owns the folder. */
async function* walkFolder(
  folder: HeldFolder,
  prefix: string,
  options: TreeOptions & { denials: Denials; depth: number },
): AsyncGenerator<TreeEntry, void, void> {
  const { denials, depth, signal, skip } = options;
  try {
    const entries = await readdir(folder.at("."), { withFileTypes: true });
    entries.sort((one, other) => (one.name < other.name ? -1 : 1));
    for (const entry of entries) {
      signal.throwIfAborted();
      const { name } = entry;
      const isFolder = entry.isDirectory();
      if (denials.holds(join(folder.real, name)) || (isFolder && skip.has(name))) continue;
      const relative = prefix + name;
      yield {
        relative,
        isFolder,
        isFile: entry.isFile(),
        look: () => folder.look(name).catch(() => undefined),
        open: () => openPlain(folder, name, denials),
      };
      if (!isFolder || depth >= MAX_DEPTH) continue;
      const inner = await folder.openFolder(name).catch(() => undefined);
      if (inner === undefined) continue;
      if (denials.holdsIdentity(inner.identity)) await inner.dispose();
      else yield* walkFolder(inner, `${relative}/`, { ...options, depth: depth + 1 });
    }
  } finally {
    await folder.dispose();
  }
}

/** A second name may be a file outside: it is passed over, as are pipes, devices and links. */
async function openPlain(folder: HeldFolder, name: string, denials: Denials): Promise<FileHandle | undefined> {
  const before = await folder.look(name).catch(() => undefined);
  if (before?.isFile() !== true) return undefined;
  const handle = await folder.openFile(name).catch(() => undefined);
  if (handle === undefined) return undefined;
  const stats = await handle.stat({ bigint: true });
  const isSame = identityOf(stats) === identityOf(before) && before.nlink === 1n;
  if (isSame && stats.isFile() && stats.nlink === 1n && !denials.holdsIdentity(identityOf(stats))) return handle;
  await handle.close();
  return undefined;
}
