/**
 * Finds the folder in which a confined path ends, name by name, each opened from the one before and never over a link:
 * links are read and walked by us, so that one that leaves is refused whenever it appears. Must never leave the root.
 */
import type { BigIntStats } from "node:fs";
import { mkdir, readlink } from "node:fs/promises";
import { isAbsolute, join, normalize, relative, sep } from "node:path";
import { systemCodeOf } from "../atomic-file.ts";
import { refuseDenied, type Denials } from "./denials.ts";
import { identityOf, Moved, type HeldFolder } from "./folder.ts";
import { isInside, leaves, namesBetween, refusePath } from "./names.ts";

/** Links followed for one path, as in Linux. Starting again after a change counts as one. */
const MAX_LINKS = 40;

/** The end of a path: a name in a held folder. The caller disposes the folder. */
export interface Place {
  folder: HeldFolder;
  /** `.` for the root itself; where parents are missing too, the first of them. */
  name: string;
  /** Undefined: nothing is there. */
  stats: BigIntStats | undefined;
  /** Absolute, without links; also for what does not exist yet. */
  real: string;
  /** From the root, with `/`. */
  relative: string;
  /** Folders that were made on the way, from the root, outermost first. */
  made: readonly string[];
}

export interface WalkOptions {
  root: HeldFolder;
  /** The ways by which an absolute link may name the root. */
  roots: readonly string[];
  denials: Denials;
  /** As the model wrote it, for messages. */
  path: string;
  /** Makes missing parents, 0700. */
  makeParents?: boolean;
}

/** Throws Refused when the path leaves, is denied, or never ends. */
export async function findPlace(parts: readonly string[], options: WalkOptions): Promise<Place> {
  const made: string[] = [];
  let way = [...parts];
  for (let links = 0; links <= MAX_LINKS; links++) {
    try {
      const found = await walkOnce(way, options, made);
      if (!Array.isArray(found)) return { ...found, made };
      way = found;
    } catch (error) {
      if (!(error instanceof Moved)) throw error;
      await options.root.verify().catch(() => {
        throw refusePath(options.path, "cannot be reached: the workspace itself was moved; try again");
      });
    }
  }
  throw refusePath(options.path, "is a chain of links without an end");
}

/** The place, or the way to go instead because a link was met. */
async function walkOnce(
  way: readonly string[],
  options: WalkOptions,
  made: string[],
): Promise<Omit<Place, "made"> | string[]> {
  const { root, denials, path } = options;
  let folder = await root.openFolder(".");
  const done: string[] = [];
  const toPlace = (name: string, stats: BigIntStats | undefined, names: readonly string[] = [name]) => {
    const real = join(root.real, ...done, ...names);
    if (denials.holds(real)) throw refuseDenied(path);
    return { folder, name, stats, real, relative: relative(root.real, real).split(sep).join("/") };
  };
  try {
    for (const [index, name] of way.entries()) {
      const rest = way.slice(index + 1);
      const stats = await folder.look(name);
      if (stats?.isSymbolicLink()) {
        const target = await readlink(folder.at(name));
        await folder.dispose();
        return follow(target, { done, rest }, options);
      }
      if (stats !== undefined && denials.holdsIdentity(identityOf(stats))) throw refuseDenied(path);
      if (rest.length === 0) return toPlace(name, stats);
      if (stats === undefined) {
        if (options.makeParents !== true) return toPlace(name, undefined, [name, ...rest]);
        if (denials.holds(join(root.real, ...way))) throw refuseDenied(path);
        await makeFolder(folder, name);
        made.push([...done, name].join("/"));
      } else if (!stats.isDirectory()) {
        throw refusePath(path, "does not exist in the workspace: a file is in the way");
      }
      const next = await folder.openFolder(name);
      await folder.dispose();
      folder = next;
      done.push(name);
      // Again, of what was really opened.
      if (denials.holdsIdentity(folder.identity)) throw refuseDenied(path);
    }
    return toPlace(".", await folder.look("."));
  } catch (error) {
    await folder.dispose();
    throw error;
  }
}

/** Private whatever the umask: 0700. Somebody else making it first is fine; what it is shows when it is opened. */
async function makeFolder(folder: HeldFolder, name: string): Promise<void> {
  try {
    await folder.verify();
    await mkdir(folder.at(name), 0o700);
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return;
    throw error;
  }
  const made = await folder.openFolder(name);
  try {
    await made.handle.chmod(0o700);
  } finally {
    await made.dispose();
  }
}

/** The way from the root that a link stands for. */
function follow(
  target: string,
  { done, rest }: { done: readonly string[]; rest: readonly string[] },
  { root, roots, path }: WalkOptions,
): string[] {
  const aim = isAbsolute(target) ? normalize(target) : join(root.real, ...done, target);
  const base = roots.find((one) => isInside(one, aim));
  if (base === undefined) throw leaves(path);
  return [...namesBetween(base, aim), ...rest];
}
