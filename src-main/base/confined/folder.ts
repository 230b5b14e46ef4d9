/**
 * A folder held by an open handle, so that what is done in it is done in that very folder, whatever its name leads to
 * meanwhile. Linux: names below `/proc/self/fd/N` (proc(5)) are looked up from the handle, as openat(2) does it.
 * Elsewhere: by path, checked before and after; there a swap between check and use is made unlikely, not impossible.
 */
import { constants, type BigIntStats } from "node:fs";
import { lstat, open, readlink, realpath, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Disposable } from "../disposable.ts";
import { systemCodeOf } from "../atomic-file.ts";
import { foldName } from "./names.ts";

/** macOS fcntl.h: refuses a link anywhere on the way, not only at its end. Unknown elsewhere, hence never used there. */
const NOFOLLOW_ANY = 0x20000000;
/** Never through a link at the end, never waiting for a pipe's other end, never taking over a terminal. */
const SAFE = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

const FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0);

/** How names in a folder are reached. `path` is what systems without `/proc` use; tests use it anywhere. */
export type Anchoring = "handle" | "path";

/** Device and inode: which thing it is, whatever it is called. */
export function identityOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** Thrown inside this folder only: the world moved while it was looked at. The caller starts again or refuses. */
export class Moved extends Error {}

export class HeldFolder implements Disposable {
  readonly handle: FileHandle;
  /** Absolute path without links, as it was opened. */
  readonly real: string;
  readonly identity: string;
  readonly anchoring: Anchoring;
  #closed = false;

  private constructor(handle: FileHandle, real: string, identity: string, anchoring: Anchoring) {
    this.handle = handle;
    this.real = real;
    this.identity = identity;
    this.anchoring = anchoring;
  }

  /**
   * Opens a folder by its path, links in it followed. Throws the system's error, or Moved.
   * @param path absolute
   */
  static async openRoot(path: string, wish: Anchoring = "handle"): Promise<HeldFolder> {
    const real = await realpath(path);
    const handle = await open(real, toFlags(FOLDER));
    return unlessItFails(handle, async () => {
      const identity = identityOf(await checkFolder(handle));
      const anchoring = wish === "handle" && (await realOf(handle)) !== undefined ? "handle" : "path";
      const root = new HeldFolder(handle, real, identity, anchoring);
      await root.verify();
      return root;
    });
  }

  /** Where a name in this folder is reached. Valid while the folder is held. `.` is the folder itself. */
  at(name: string): string {
    if (this.#closed) throw new Moved("the folder is closed");
    return this.anchoring === "handle" ? `/proc/self/fd/${this.handle.fd}/${name}` : join(this.real, name);
  }

  /** What a name is, links not followed; undefined when there is nothing. */
  async look(name: string): Promise<BigIntStats | undefined> {
    try {
      return await lstat(this.at(name), { bigint: true });
    } catch (error) {
      if (systemCodeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Opens a folder in this one; `.` opens this one again. Throws Moved when it is a link or no folder (any more). */
  async openFolder(name: string): Promise<HeldFolder> {
    const handle = await this.#open(name, FOLDER);
    return unlessItFails(handle, async () => {
      const identity = identityOf(await checkFolder(handle));
      const folder = new HeldFolder(handle, join(this.real, name), identity, this.anchoring);
      if (this.anchoring === "path") await folder.verify();
      return folder;
    });
  }

  /**
   * Opens what a name is, never over a link, without waiting. Throws Moved for a link, and when what was opened does not
   * lie in this folder under this name.
   */
  async openFile(name: string, flags: number = constants.O_RDONLY, mode = 0o600): Promise<FileHandle> {
    const handle = await this.#open(name, flags, mode);
    await unlessItFails(handle, () => this.#checkOpened(handle, name));
    return handle;
  }

  /** Throws Moved unless this folder still is what its path leads to. */
  async verify(): Promise<void> {
    if (this.anchoring === "handle") {
      if (!isSamePath(await realOf(this.handle), this.real)) throw new Moved("the folder was moved");
      return;
    }
    const [real, stats] = await Promise.all([realpath(this.real), stat(this.real, { bigint: true })]);
    if (!isSamePath(real, this.real) || identityOf(stats) !== this.identity) throw new Moved("the folder was moved");
  }

  async dispose(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.handle.close();
  }

  async #open(name: string, flags: number, mode?: number): Promise<FileHandle> {
    if (this.anchoring === "path") await this.verify();
    try {
      return await open(this.at(name), toFlags(flags), mode);
    } catch (error) {
      // ELOOP: a link; ENOTDIR: a file or a link where a folder was; ENXIO: a pipe or a socket.
      if (/^(ELOOP|EMLINK|ENOTDIR|ENXIO)$/.test(systemCodeOf(error) ?? "")) throw new Moved("it is a link or special");
      throw error;
    }
  }

  async #checkOpened(handle: FileHandle, name: string): Promise<void> {
    if (this.anchoring === "handle") {
      if (!isSamePath(await realOf(handle), join(this.real, name))) throw new Moved("it was moved");
      return;
    }
    const [opened, there] = await Promise.all([handle.stat({ bigint: true }), this.look(name)]);
    if (there === undefined || identityOf(there) !== identityOf(opened)) throw new Moved("it was moved");
    await this.verify();
  }
}

/** What `act` makes of an open handle, which is closed when that fails. */
export async function unlessItFails<T>(handle: FileHandle, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function toFlags(flags: number): number {
  return flags | SAFE | (process.platform === "darwin" ? NOFOLLOW_ANY : 0);
}

async function checkFolder(handle: FileHandle): Promise<BigIntStats> {
  const stats = await handle.stat({ bigint: true });
  if (!stats.isDirectory()) throw new Moved("it is no folder");
  return stats;
}

/** Where the system says that an open handle lies; undefined where it does not say. */
async function realOf(handle: FileHandle): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  return await readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined);
}

/** Disks that ignore letter case may answer with another spelling of the same path. */
function isSamePath(one: string | undefined, other: string): boolean {
  return one === other || (one !== undefined && foldName(one) === foldName(other));
}
