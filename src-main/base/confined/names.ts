/**
 * Which names a confined path may have, on every system alike: what is harmless here and dangerous on Windows (streams,
 * devices, trailing dots) is refused here too, since workspaces travel. Pure; must never look at the disk.
 */
import { isAbsolute, relative, resolve, sep } from "node:path";
import { refuse, type Refused } from "../errors.ts";

/** Bytes of a whole path and of one name (Linux: PATH_MAX 4096, NAME_MAX 255). */
const MAX_PATH = 4096;
const MAX_NAME = 255;
/** Names that are devices in every Windows folder, with any extension (Microsoft, "Naming Files, Paths, Namespaces"). */
const DEVICE_NAME = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\.|$)/i;
const CONTROL = /[\u0000-\u001f\u007f]/;

/** A Refused in words for the model; the path is quoted and cut. */
export function refusePath(path: string, what: string): Refused {
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  return refuse(`'${shown.toWellFormed()}' ${what}.`);
}

/** The refusal of everything that is outside. */
export function leaves(path: string): Refused {
  return refusePath(path, "leads out of the workspace; only files inside it can be used");
}

/** True for the folder itself and everything below it. Both absolute. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The names that lead from a folder to a path inside it; empty for the folder itself. */
export function namesBetween(root: string, path: string): string[] {
  return relative(root, path)
    .split(sep)
    .filter((part) => part !== "");
}

/** One spelling for all those that some disk takes for the same name: letter case, composed and compatible forms. */
export function foldName(path: string): string {
  return path.normalize("NFKC").toLowerCase().normalize("NFKC");
}

/**
 * The names from the root to a path, `..` resolved by the words alone; empty for the root itself. Throws Refused.
 * @param roots the root's real path first, then the way by which it was given; a path may be absolute below either
 * @param path as the model wrote it: relative to the root, or absolute
 */
export function toParts(roots: readonly string[], path: string): string[] {
  checkWords(path);
  const [real = sep] = roots;
  const wanted = resolve(real, path);
  const root = roots.find((one) => isInside(one, wanted));
  if (root === undefined) throw leaves(path);
  const parts = namesBetween(root, wanted);
  for (const part of parts) checkName(part, path);
  return parts;
}

function checkWords(path: string): void {
  if (path.includes("\0")) throw refusePath(path.replaceAll("\0", "␀"), "holds a zero byte");
  if (!path.isWellFormed()) throw refusePath(path, "is not valid Unicode");
  if (Buffer.byteLength(path) > MAX_PATH) throw refusePath(path, "is too long for a path");
  if (/^[\\/]{2}[.?]([\\/]|$)/.test(path) || path.startsWith("\\\\") || path.startsWith("\\??\\")) {
    throw refusePath(path, "names a device or another computer");
  }
  if (sep !== "\\" && path.includes("\\")) throw refusePath(path, "holds a backslash; write / between folders");
}

function checkName(name: string, path: string): void {
  if (Buffer.byteLength(name) > MAX_NAME) throw refusePath(path, "is too long for a path: one name has over 255 bytes");
  if (CONTROL.test(name)) throw refusePath(path, "holds a control character");
  if (name.includes(":")) throw refusePath(path, "holds a colon, which on Windows names a hidden stream of a file");
  if (/[. ]$/.test(name)) throw refusePath(path, "has a name that ends with a dot or a space");
  if (DEVICE_NAME.test(name)) throw refusePath(path, `holds '${name}', which is a device on Windows`);
}
