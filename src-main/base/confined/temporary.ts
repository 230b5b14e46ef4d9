/**
 * Temporary files beside their targets: unguessable names, and the removal of those that a crash left. Must never touch
 * a file that is not named like one of ours and an hour old.
 */
import { opendir, unlink } from "node:fs/promises";
import { createId } from "../ids.ts";
import type { HeldFolder } from "./folder.ts";

const PATTERN = /^\.gatehouse-w_[\w-]{22}\.tmp$/;
/** Nobody writes one file for an hour. */
const LEFT_BEHIND_NS = 3_600_000_000_000n;
/** Entries looked at: a huge folder is swept another time. */
const MAX_LOOKED_AT = 10_000;

export function temporaryName(): string {
  return `.gatehouse-${createId("w")}.tmp`;
}

/** Removes what crashes left in a folder, as seen from a file just written there: the disk's own time counts. */
export async function sweepTemporaries(folder: HeldFolder, written: string): Promise<void> {
  try {
    const now = (await folder.look(written))?.ctimeNs;
    if (now === undefined) return;
    let looked = 0;
    for await (const { name } of await opendir(folder.at("."))) {
      if (++looked > MAX_LOOKED_AT) return;
      if (!PATTERN.test(name)) continue;
      const stats = await folder.look(name);
      if (stats?.isFile() === true && now - stats.mtimeNs > LEFT_BEHIND_NS) await unlink(folder.at(name));
    }
  } catch {
    // What is left costs room, nothing else.
  }
}
