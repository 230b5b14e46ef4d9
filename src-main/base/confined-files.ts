/**
 * Files inside one folder and nowhere else: opens, lists, writes and removes, and checks what was really opened, not
 * what a name pointed to a moment before. Writes are whole or not at all. Must never follow a link out, touch what is
 * denied, wait for a pipe, truncate a file in place, or reach a second name of a file outside.
 */
import { opendir, rmdir, stat, unlink, type FileHandle } from "node:fs/promises";
import { systemCodeOf } from "./atomic-file.ts";
import { createDenials, refuseDenied, type Denials } from "./confined/denials.ts";
import { HeldFolder, identityOf, Moved, unlessItFails, type Anchoring } from "./confined/folder.ts";
import { refusePath, toParts } from "./confined/names.ts";
import { checkExpected, checkPlain, checkWritable, replace } from "./confined/replace.ts";
import { kindOf, toFound, toState, type Entry, type FileState, type Found } from "./confined/state.ts";
import { findPlace, type Place } from "./confined/walk.ts";
import type { Disposable } from "./disposable.ts";
import { Refused } from "./errors.ts";

export interface ConfinedOptions {
  /** Absolute paths closed to tools though they lie inside: the gateway's own state and configuration. */
  denied?: readonly string[];
  /** `dev:ino` that the root must have (`identityOfFolder`): a folder or a link put in its place is refused. */
  identity?: string;
  /** `path`: as on systems that cannot look up names from a handle. For tests. */
  anchoring?: Anchoring;
}

export type { Entry, FileState, Found } from "./confined/state.ts";

export interface OpenFile extends Found {
  handle: FileHandle;
  state: FileState;
  /** Bytes. */
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

/** A workspace as a tool's world names it. */
export interface Workspace {
  workspace: string;
  workspaceIdentity?: string;
  protectedPaths?: readonly string[];
  signal: AbortSignal;
}

/** The files of a workspace. Throws what `act` throws, and the signal's reason when it is aborted already. */
export async function withWorkspace<T>(world: Workspace, act: (files: ConfinedFiles) => Promise<T>): Promise<T> {
  const { workspace, workspaceIdentity, protectedPaths } = world;
  world.signal.throwIfAborted();
  const options: ConfinedOptions = {
    ...(workspaceIdentity === undefined ? {} : { identity: workspaceIdentity }),
    ...(protectedPaths === undefined ? {} : { denied: protectedPaths }),
  };
  return withConfined(workspace, options, act);
}

/** `dev:ino` of a folder, links followed: which one it is, to be held against later. Throws the system's error. */
export async function identityOfFolder(path: string): Promise<string> {
  return identityOf(await stat(path, { bigint: true }));
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
    try {
      if (options.identity !== undefined && options.identity !== held.identity) {
        throw refusePath(root, "is not the folder any more that it was as a workspace; nothing in it is used");
      }
      return new ConfinedFiles(held, [held.real, root], await createDenials(held.real, options.denied ?? []));
    } catch (error) {
      await held.dispose();
      throw error;
    }
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
    return this.#at(path, "read", async (place) => toFound(place));
  }

  /**
   * An open plain file; the caller closes the handle. Throws Refused, in words for the model, when the path leaves by
   * itself or over a link, is denied, is not a plain file, has a second name (it may be a file outside), or is missing.
   */
  openFile(path: string): Promise<OpenFile> {
    return this.#at(path, "read", async (place) => {
      checkPlain(place, path, "read");
      const handle = await place.folder.openFile(place.name);
      return unlessItFails(handle, async () => {
        const stats = await handle.stat({ bigint: true });
        const state = toState(stats);
        // A second name may be gone again by now: only the file that was looked at by its name is known to have one.
        if (place.stats === undefined || identityOf(place.stats) !== state.identity) throw changed(path);
        if (this.#denials.holdsIdentity(state.identity)) throw refuseDenied(path);
        checkPlain({ stats }, path, "read");
        return { ...toFound({ ...place, stats }), handle, state, size: state.size };
      });
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

  /** A folder to be walked; the caller disposes it. `denials` hold for what is met on the way. */
  openFolder(path: string): Promise<{ folder: HeldFolder; relative: string; denials: Denials }> {
    return this.#at(path, "read", async (place) => {
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
    const change = async (place: Place) => {
      if (place.name === ".") throw refusePath(path, "is a folder");
      checkExpected(place, expect, path);
      if (place.stats !== undefined) {
        checkPlain(place, path, "changed");
        await checkWritable(place, path);
      }
      return { state: await replace(place, data, { expect, mode, path }), made: place.made };
    };
    return this.#at(path, "changed", change, { makeParents: true });
  }

  /** Removes a plain file that is as expected. Throws Refused otherwise. */
  remove(path: string, expect: FileState): Promise<void> {
    return this.#at(path, "changed", async (place) => {
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
      const removal = this.#at(folder, "changed", async (place) => {
        if (place.name !== "." && place.stats?.isDirectory() === true) await rmdir(place.folder.at(place.name));
      });
      await removal.catch(() => {});
    }
  }

  /** Finds the place of a path and does something there; once more when the world moved meanwhile, then refuses. */
  async #at<T>(
    path: string,
    verb: "read" | "changed",
    act: (place: Place) => Promise<T>,
    options: { makeParents?: boolean } = {},
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
