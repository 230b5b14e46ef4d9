/**
 * Changing one file in a held folder: what must hold before, and the write itself. Must never truncate in place, write
 * through a link, put new content over a file that is not the one expected, or sweep away a file that is not ours.
 */
import { constants, type BigIntStats } from "node:fs";
import { access, opendir, rename, unlink } from "node:fs/promises";
import { systemCodeOf } from "../atomic-file.ts";
import { createId } from "../ids.ts";
import type { HeldFolder } from "./folder.ts";
import { refusePath } from "./names.ts";
import { toState, type FileState } from "./state.ts";
import type { Place } from "./walk.ts";

/** Temporary files beside their targets. */
const TEMPORARY = /^\.gatehouse-w_[\w-]{22}\.tmp$/;
/** Nobody writes one file for an hour. */
const LEFT_BEHIND_NS = 3_600_000_000_000n;
/** Entries looked at: a huge folder is swept another time. */
const MAX_LOOKED_AT = 10_000;

export function checkPlain({ stats }: Pick<Place, "stats">, path: string, verb: string): void {
  if (stats === undefined) throw refusePath(path, "does not exist in the workspace");
  if (stats.isDirectory()) throw refusePath(path, `is a folder and cannot be ${verb} as a file`);
  if (!stats.isFile()) throw refusePath(path, "is not a plain file");
  if (stats.nlink > 1n) {
    throw refusePath(path, "has more than one name (a hard link), so it may be a file outside the workspace");
  }
}

export function checkExpected({ stats }: Pick<Place, "stats">, expect: FileState | null, path: string): void {
  if (stats === undefined && expect === null) return;
  if (stats?.isDirectory() === true) throw refusePath(path, "is a folder");
  const now = stats === undefined ? undefined : toState(stats);
  if (now === undefined || expect === null || now.identity !== expect.identity || now.stamp !== expect.stamp) {
    throw refusePath(path, "was changed by someone else meanwhile; nothing was written. Read it again");
  }
}

/** A file that its owner made read-only stays as it is, although a rename would get around that. */
export async function checkWritable(place: Place, path: string): Promise<void> {
  const mode = place.stats?.mode ?? 0n;
  if ((mode & 0o222n) === 0n) throw refusePath(path, "is read-only");
  await access(place.folder.at(place.name), constants.W_OK).catch((error: unknown) => {
    if (!/^(EACCES|EPERM|EROFS)$/.test(systemCodeOf(error) ?? "")) return;
    throw refusePath(path, "may not be changed: the system denies it");
  });
}

/** Whole or not at all: beside the target, flushed, renamed over it. @returns the file as it is now */
export async function replace(
  place: Place,
  data: Uint8Array,
  { expect, mode, path }: { expect: FileState | null; mode: number; path: string },
): Promise<FileState> {
  const { folder, name } = place;
  const temporary = `.gatehouse-${createId("w")}.tmp`;
  // O_EXCL: never into a file or through a link that somebody else put there.
  const file = await folder.openFile(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  let made: BigIntStats;
  try {
    try {
      if (expect !== null && (expect.uid !== process.getuid?.() || expect.gid !== process.getgid?.())) {
        await file.chown(expect.uid, expect.gid).catch(() => {});
      }
      await file.chmod(mode);
      await file.writeFile(data);
      await file.sync();
      made = await file.stat({ bigint: true });
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
  return toState((await folder.look(name)) ?? made);
}

/** Removes what crashes left in a folder: named like one of ours and an hour old. As seen from a file just written there: the disk's own time counts. */
async function sweepTemporaries(folder: HeldFolder, written: string): Promise<void> {
  try {
    const now = (await folder.look(written))?.ctimeNs;
    if (now === undefined) return;
    let looked = 0;
    for await (const { name } of await opendir(folder.at("."))) {
      if (++looked > MAX_LOOKED_AT) return;
      if (!TEMPORARY.test(name)) continue;
      const stats = await folder.look(name);
      if (stats?.isFile() === true && now - stats.mtimeNs > LEFT_BEHIND_NS) await unlink(folder.at(name));
    }
  } catch {
    // What is left costs room, nothing else.
  }
}
