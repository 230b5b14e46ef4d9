/**
 * What no file tool may touch although it lies inside a root: the gateway's own state and configuration. Known by device
 * and inode where it exists, and by name in every spelling where it does not yet. Must never be empty by mistake: a
 * path that cannot be looked at is denied by name.
 */
import { stat, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCodeOf } from "../atomic-file.ts";
import type { Refused } from "../errors.ts";
import { identityOf } from "./folder.ts";
import { foldName, isInside, refusePath } from "./names.ts";

export interface Denials {
  /** True when the real path is one of them or below one. */
  holds(real: string): boolean;
  /** True when the thing is one of them, under whatever name. */
  holdsIdentity(identity: string): boolean;
}

export function refuseDenied(path: string): Refused {
  return refusePath(path, "belongs to Gatehouse itself (its state or configuration) and is closed to tools");
}

/**
 * @param root real path of the root. A denied folder around the root does not deny the root: that is how the workspace
 * lies in the state directory. A denied path that is the root denies all of it.
 * @param denied absolute paths, existing or not
 */
export async function createDenials(root: string, denied: readonly string[]): Promise<Denials> {
  const names: string[] = [];
  const identities = new Set<string>();
  for (const one of denied) {
    const real = await toReal(one);
    for (const path of new Set([one, real])) {
      if (isInside(path, root) && foldName(path) !== foldName(root)) continue;
      names.push(foldName(path));
      const stats = await stat(path, { bigint: true }).catch(() => undefined);
      if (stats !== undefined) identities.add(identityOf(stats));
    }
  }
  return {
    holds(real) {
      const folded = foldName(real);
      return names.some((name) => isInside(name, folded));
    },
    holdsIdentity: (identity) => identities.has(identity),
  };
}

/** Links resolved as far as the path exists. */
async function toReal(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if (systemCodeOf(error) !== "ENOENT" || parent === path) return path;
    return join(await toReal(parent), basename(path));
  }
}
