/**
 * Files inside one folder and nowhere else: opens, lists, writes and removes, and checks what was really opened, not
 * what a name pointed to a moment before. Writes are whole or not at all. Must never follow a link out, touch what is
 * denied, wait for a pipe, truncate a file in place, or reach a second name of a file outside.
 */
import { constants, type BigIntStats } from "node:fs";
import { access, opendir, rename, rmdir, unlink, type FileHandle } from "node:fs/promises";
import { systemCodeOf } from "./atomic-file.ts";
import { createDenials, type Denials } from "./confined/denials.ts";
import { HeldFolder, identityOf, Moved, type Anchoring } from "./confined/folder.ts";
import { refusePath, toParts } from "./confined/names.ts";
import { sweepTemporaries, temporaryName } from "./confined/temporary.ts";
import { findPlace, type Place } from "./confined/walk.ts";
import type { Disposable } from "./disposable.ts";
import { Refused } from "./errors.ts";

export interface ConfinedOptions {
  /** Absolute paths closed to tools though they lie inside: the gateway's own state and configuration. */
  denied?: readonly string[];
  /** `path`: as on systems that cannot look up names from a handle. For tests. */
  anchoring?: Anchoring;
}

/** What a file was: which one, and everything that changes when its content does. */
export interface FileState {
  /** `dev:ino`. */
  identity: string;
  /** Bytes. */
  size: number;
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
  /** Times of the last change of content and of anything, nanoseconds: equal means untouched. */
  stamp: string;
}

export interface Found {
  kind: "missing" | "file" | "folder" | "special";
  /** Absolute, without links; also for what does not exist yet. */
  real: string;
  /** From the root, with `/`; empty for the root. */
  relative: string;
  /** Absent when missing. */
  state?: FileState;
}

export interface OpenFile extends Found {
  handle: FileHandle;
  state: FileState;
  /** Bytes. */
  size: number;
}

export interface Entry {
  name: string;
  kind: "file" | "folder" | "link" | "special";
  /** Bytes; of files only. */
  size: number;
}

/** Opens a folder for confined work, and closes it when `act` ends. Throws what `act` throws. */
export async function withConfined<T>(
  root: string,
  options: ConfinedOptions,
  act: (files: ConfinedFiles) => Promise<T>,
): Promise<T> {
  const files = await ConfinedFiles.open(root, options);
  try {
    return await act(files);
  } finally {
    await files.dispose();
  }
}

export class ConfinedFiles implements Disposable {
  readonly #root: HeldFolder;
  readonly #roots: readonly string[];
  readonly #denials: Denials;

  private constructor(root: HeldFolder, roots: readonly string[], denials: Denials) {
    this.#root = root;
    this.#roots = roots;
    this.#denials = denials;
  }

  /** @param root absolute path of an existing folder. Throws Refused when it is none. */
  static async open(root: string, options: ConfinedOptions = {}): Promise<ConfinedFiles> {
    let held: HeldFolder;
    try {
      held = await HeldFolder.openRoot(root, options.anchoring);
    } catch (error) {
      throw refusePath(
        root,
        `cannot be used as a workspace (${systemCodeOf(error) ?? "it moved while it was opened"})`,
      );
    }
    return new ConfinedFiles(held, [held.real, root], await createDenials(held.real, options.denied ?? []));
  }

  /** Absolute, without links. */
  get root(): string {
    return this.#root.real;
  }

  /** `dev:ino` of the root. */
  get identity(): string {
    return this.#root.identity;
  }

  dispose(): Promise<void> {
    return this.#root.dispose();
  }

  /** What a path is, links inside followed. Throws Refused when it leaves, is denied, or may not be looked at. */
  look(path: string): Promise<Found> {
    return this.#at(path, "read", {}, async (place) => toFound(place));
  }

  /**
   * An open plain file; the caller closes the handle. Throws Refused, in words for the model, when the path leaves by
   * itself or over a link, is denied, is not a plain file, has a second name (it may be a file outside), or is missing.
   */
  openFile(path: string): Promise<OpenFile> {
    return this.#at(path, "read", {}, async (place) => {
      checkPlain(place, path, "read");
      const handle = await place.folder.openFile(place.name);
      try {
        const opened = await handle.stat({ bigint: true });
        this.#denials.checkIdentity(identityOf(opened), path);
        const found = toFound({ ...place, stats: opened });
        checkPlain({ ...place, stats: opened }, path, "read");
        const state = toState(opened);
        return { ...found, handle, state, size: state.size };
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  /** A whole file of at most `maxBytes`. Throws Refused like `openFile`, and when it is larger. */
  async read(path: string, maxBytes: number): Promise<Found & { state: FileState; bytes: Buffer }> {
    const { handle, ...found } = await this.openFile(path);
    try {
      if (found.size > maxBytes) throw refusePath(path, `has ${found.size} bytes; at most ${maxBytes} can be changed`);
      const bytes = Buffer.alloc(found.size + 1);
      let filled = 0;
      for (;;) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
        filled += bytesRead;
        if (bytesRead === 0 || filled === bytes.length) break;
      }
      const after = toState(await handle.stat({ bigint: true }));
      if (filled !== found.size || after.stamp !== found.state.stamp) throw changed(path);
      return { ...found, bytes: bytes.subarray(0, filled) };
    } finally {
      await handle.close();
    }
  }

  /** Names in a folder, at most `max`, in the system's order. Throws Refused when it is no folder inside. */
  async list(path: string, max: number): Promise<{ entries: Entry[]; hasMore: boolean; relative: string }> {
    const { folder, relative } = await this.openFolder(path);
    try {
      const entries: Entry[] = [];
      for await (const { name } of await opendir(folder.at("."))) {
        if (entries.length === max) return { entries, hasMore: true, relative };
        const stats = await folder.look(name).catch(() => undefined);
        if (stats !== undefined) entries.push({ name, kind: kindOf(stats), size: Number(stats.size) });
      }
      return { entries, hasMore: false, relative };
    } catch (error) {
      throw tellFailure(error, path, "read");
    } finally {
      await folder.dispose();
    }
  }

  /** A folder to be walked; the caller disposes it. `isDenied` holds for names met on the way. */
  openFolder(path: string): Promise<{ folder: HeldFolder; relative: string; denials: Denials }> {
    return this.#at(path, "read", {}, async (place) => {
      if (place.stats === undefined) throw refusePath(path, "does not exist in the workspace");
      if (!place.stats.isDirectory()) throw refusePath(path, "is not a folder");
      const folder = await place.folder.openFolder(place.name);
      return { folder, relative: place.relative, denials: this.#denials };
    });
  }

  /**
   * Puts content in a file as a whole: beside it, flushed, renamed over it. Missing folders are made (0700). A new file
   * is 0600, an old one keeps its permissions and, where the system lets us, its owner.
   * @param expect what the file was when the change was worked out; null: it must not exist. Throws Refused otherwise
   * @param mode permission bits, when they are not to be those
   * @returns the file as it is now, and the folders that were made, from the root, outermost first
   */
  write(
    path: string,
    data: Uint8Array,
    expect: FileState | null,
    mode = expect?.mode ?? 0o600,
  ): Promise<{ state: FileState; made: readonly string[] }> {
    return this.#at(path, "changed", { makeParents: true }, async (place) => {
      if (place.name === ".") throw refusePath(path, "is a folder");
      checkExpected(place, expect, path);
      if (place.stats !== undefined) {
        checkPlain(place, path, "changed");
        await checkWritable(place, path);
      }
      return { state: await replace(place, data, { expect, mode, path }), made: place.made };
    });
  }

  /** Removes a plain file that is as expected. Throws Refused otherwise. */
  remove(path: string, expect: FileState): Promise<void> {
    return this.#at(path, "changed", {}, async (place) => {
      checkExpected(place, expect, path);
      checkPlain(place, path, "changed");
      await checkWritable(place, path);
      await place.folder.verify();
      checkExpected({ ...place, stats: await place.folder.look(place.name) }, expect, path);
      await unlink(place.folder.at(place.name));
      await place.folder.handle.sync().catch(() => {});
    });
  }

  /** Removes folders that are empty, last first; the others stay. For undoing `made`. */
  async removeEmpty(folders: readonly string[]): Promise<void> {
    for (const folder of folders.toReversed()) {
      const removal = this.#at(folder, "changed", {}, async (place) => {
        if (place.name !== "." && place.stats?.isDirectory() === true) await rmdir(place.folder.at(place.name));
      });
      await removal.catch(() => {});
    }
  }

  /** Finds the place of a path and does something there; once more when the world moved meanwhile, then refuses. */
  async #at<T>(
    path: string,
    verb: "read" | "changed",
    options: { makeParents?: boolean },
    act: (place: Place) => Promise<T>,
  ): Promise<T> {
    const parts = toParts(this.#roots, path);
    const walk = { root: this.#root, roots: this.#roots, denials: this.#denials, path, ...options };
    for (let attempt = 0; ; attempt++) {
      try {
        const place = await findPlace(parts, walk);
        try {
          return await act(place);
        } finally {
          await place.folder.dispose();
        }
      } catch (error) {
        if (!(error instanceof Moved)) throw tellFailure(error, path, verb);
        if (attempt === 2) throw changed(path);
      }
    }
  }
}

function toFound(place: Pick<Place, "real" | "relative" | "stats">): Found {
  const { real, relative, stats } = place;
  if (stats === undefined) return { kind: "missing", real, relative };
  const kind = stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "special";
  return { kind, real, relative, state: toState(stats) };
}

function toState(stats: BigIntStats): FileState {
  return {
    identity: identityOf(stats),
    size: Number(stats.size),
    mode: Number(stats.mode & 0o777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    stamp: `${stats.mtimeNs}:${stats.ctimeNs}`,
  };
}

function kindOf(stats: BigIntStats): Entry["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  return stats.isSymbolicLink() ? "link" : "special";
}

function checkPlain({ stats }: Pick<Place, "stats">, path: string, verb: string): void {
  if (stats === undefined) throw refusePath(path, "does not exist in the workspace");
  if (stats.isDirectory()) throw refusePath(path, `is a folder and cannot be ${verb} as a file`);
  if (!stats.isFile()) throw refusePath(path, "is not a plain file");
  if (stats.nlink > 1n) {
    throw refusePath(path, "has more than one name (a hard link), so it may be a file outside the workspace");
  }
}

function checkExpected({ stats }: Pick<Place, "stats">, expect: FileState | null, path: string): void {
  if (stats === undefined && expect === null) return;
  if (stats?.isDirectory() === true) throw refusePath(path, "is a folder");
  const now = stats === undefined ? undefined : toState(stats);
  if (now === undefined || expect === null || now.identity !== expect.identity || now.stamp !== expect.stamp) {
    throw refusePath(path, "was changed by someone else meanwhile; nothing was written. Read it again");
  }
}

/** A file that its owner made read-only stays as it is, although a rename would get around that. */
async function checkWritable(place: Place, path: string): Promise<void> {
  const mode = place.stats?.mode ?? 0n;
  if ((mode & 0o222n) === 0n) throw refusePath(path, "is read-only");
  if (!(await isAllowed(place.folder.at(place.name))))
    throw refusePath(path, "may not be changed: the system denies it");
}

async function isAllowed(path: string): Promise<boolean> {
  return await access(path, constants.W_OK).then(
    () => true,
    (error: unknown) => !/^(EACCES|EPERM|EROFS)$/.test(systemCodeOf(error) ?? ""),
  );
}

async function replace(
  place: Place,
  data: Uint8Array,
  { expect, mode, path }: { expect: FileState | null; mode: number; path: string },
): Promise<FileState> {
  const { folder, name } = place;
  const temporary = temporaryName();
  // O_EXCL: never into a file or through a link that somebody else put there.
  const file = await folder.openFile(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    try {
      if (expect !== null && (expect.uid !== process.getuid?.() || expect.gid !== process.getgid?.())) {
        await file.chown(expect.uid, expect.gid).catch(() => {});
      }
      await file.chmod(mode);
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await folder.verify();
    checkExpected({ stats: await folder.look(name) }, expect, path);
    await rename(folder.at(temporary), folder.at(name));
  } catch (error) {
    await unlink(folder.at(temporary)).catch(() => {});
    throw error;
  }
  // Windows and some network disks cannot flush a folder: the rename is done, only less certain.
  await folder.handle.sync().catch(() => {});
  await sweepTemporaries(folder, name);
  const written = await folder.look(name);
  if (written === undefined) throw changed(path);
  return toState(written);
}

function changed(path: string): Refused {
  return refusePath(path, "changed while it was opened; try again");
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist in the workspace",
  ENOTDIR: "does not exist in the workspace",
  ELOOP: "is a chain of links without an end",
  ENAMETOOLONG: "is too long for a path",
  EISDIR: "is a folder",
  ENOSPC: "cannot be written: the disk is full",
  EDQUOT: "cannot be written: the disk quota is used up",
  EROFS: "cannot be written: the disk is read-only",
};

function tellFailure(error: unknown, path: string, verb: "read" | "changed"): Error {
  if (error instanceof Refused) return error;
  const code = systemCodeOf(error);
  if (code === "EACCES" || code === "EPERM") return refusePath(path, `may not be ${verb}: the system denies it`);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return refusePath(path, REASONS[code] ?? `cannot be ${verb} (${code})`);
}
