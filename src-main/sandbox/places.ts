/**
 * What stays of a place between commands: a folder with its home, its temporary files and a scratch folder, and a record
 * of when it was made and used. Must never put into a name or record whose conversation it is, nor remove a place in use.
 */
import { hash } from "node:crypto";
import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ensureDir, readIfExists, writeFileAtomic } from "#main/base/atomic-file.ts";
import type { Clock } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import type { Logger } from "#main/base/logger.ts";
import type { SandboxContext, SandboxPlace, SandboxSettings } from "./contract.ts";

/** Milliseconds after which a place that nobody used is removed, and after which any is: row I06. */
export const IDLE_LIMIT = 24 * 3_600_000;
export const AGE_LIMIT = 7 * 24 * 3_600_000;
/** Milliseconds within which a second use is not written down. */
const STAMP_EVERY = 60_000;
const RECORD = "place.json";
const NAME = /^[0-9a-f]{24}$/;

/** Hex digits that tell places apart, without saying whose they are. */
export function placeName(place: SandboxPlace, scope: SandboxSettings["scope"]): string {
  const owner = { session: place.sessionKey, agent: place.agentId, shared: "" }[scope];
  return hash("sha256", JSON.stringify([scope, owner])).slice(0, 24);
}

/** True for a place that is to be removed. Milliseconds since 1970. */
export function isStale(record: PlaceRecord, now: number): boolean {
  return now - record.usedAtMs > IDLE_LIMIT || now - record.createdAtMs > AGE_LIMIT;
}

export interface PlaceRecord {
  createdAtMs: number;
  usedAtMs: number;
}

/** Absolute folders of a place. */
export interface PlaceFolders {
  root: string;
  home: string;
  tmp: string;
  /** Stands in for a workspace that a command may not see. */
  scratch: string;
  etc: string;
}

export function foldersOf(root: string): PlaceFolders {
  const [home, tmp, scratch, etc] = ["home", "tmp", "scratch", "etc"].map((name) => join(root, name));
  return { root, home: home ?? "", tmp: tmp ?? "", scratch: scratch ?? "", etc: etc ?? "" };
}

export interface PlacesOptions {
  /** Absolute; holds a folder per place. */
  dir: string;
  clock: Clock;
  log: Logger;
}

export class Places {
  readonly #options: PlacesOptions;
  readonly #uses = new Map<string, number>();
  readonly #records = new Map<string, PlaceRecord>();
  readonly #making = new Map<string, Promise<PlaceFolders>>();

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** The places of an adapter, in its folder. Throws Refused when that cannot be made. */
  static async open({ dataDir, clock, log }: Pick<SandboxContext, "dataDir" | "clock" | "log">): Promise<Places> {
    const dir = join(dataDir, "places");
    await ensureDir(dir, log);
    return new Places({ dir, clock, log });
  }

  /** Makes the place when it is not there, and keeps it until `release` is called as often. */
  async use(name: string): Promise<PlaceFolders> {
    this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    try {
      const making = this.#making.get(name) ?? this.#make(name);
      this.#making.set(name, making);
      return await making.finally(() => this.#making.delete(name));
    } catch (error) {
      this.release(name);
      throw error;
    }
  }

  release(name: string): void {
    const left = (this.#uses.get(name) ?? 1) - 1;
    if (left > 0) this.#uses.set(name, left);
    else this.#uses.delete(name);
  }

  /** Removes what nobody uses and is too old. Never throws: what cannot be removed is tried again the next time. */
  async prune(): Promise<void> {
    const { dir, clock, log } = this.#options;
    const now = clock.now();
    for (const name of await readdir(dir).catch(() => [])) {
      if (name.startsWith(".gone-")) await this.#remove(join(dir, name));
      if (!NAME.test(name) || this.#uses.has(name)) continue;
      const record = this.#records.get(name) ?? (await readRecord(join(dir, name)));
      // Without a record nobody knows how old it is: from now on somebody does.
      if (record === undefined) await this.#stamp(name, { createdAtMs: now, usedAtMs: now });
      if (record === undefined || !isStale(record, now) || this.#uses.has(name)) continue;
      // Renamed first: a command that begins in this moment gets a new place, not half of the old one.
      const gone = join(dir, `.gone-${createId("p")}`);
      this.#records.delete(name);
      await rename(join(dir, name), gone).catch(() => undefined);
      await this.#remove(gone);
      log.debug("the temporary files of a sandbox are removed", { place: name });
    }
  }

  async #make(name: string): Promise<PlaceFolders> {
    const { dir, clock, log } = this.#options;
    const folders = foldersOf(join(dir, name));
    const now = clock.now();
    await ensureDir(folders.root, log);
    for (const folder of [folders.home, folders.tmp, folders.scratch, folders.etc]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    const known = this.#records.get(name);
    if (known !== undefined && now - known.usedAtMs < STAMP_EVERY) return folders;
    const kept = known ?? (await readRecord(folders.root));
    await this.#stamp(name, { createdAtMs: kept?.createdAtMs ?? now, usedAtMs: now });
    return folders;
  }

  async #stamp(name: string, record: PlaceRecord): Promise<void> {
    this.#records.set(name, record);
    await writeFileAtomic(join(this.#options.dir, name, RECORD), JSON.stringify(record));
  }

  async #remove(path: string): Promise<void> {
    try {
      await openFolders(path);
      await rm(path, { recursive: true, force: true, maxRetries: 2 });
    } catch (error) {
      this.#options.log.warn("the temporary files of a sandbox could not be removed", { error });
    }
  }
}

async function readRecord(root: string): Promise<PlaceRecord | undefined> {
  try {
    const text = (await readIfExists(join(root, RECORD)))?.toString("utf8") ?? "{}";
    const { createdAtMs, usedAtMs } = JSON.parse(text) as Partial<Record<keyof PlaceRecord, unknown>>;
    return typeof createdAtMs === "number" && typeof usedAtMs === "number" ? { createdAtMs, usedAtMs } : undefined;
  } catch {
    return undefined;
  }
}

/** A command may have closed its folders even to their owner. Links are not followed. */
async function openFolders(path: string): Promise<void> {
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(path, entry.name));
  }
}
