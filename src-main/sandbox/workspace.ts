/**
 * The workspace that is shown to a command, and what in it is not. Throws Refused in words when it cannot be shown
 * without showing more than it; must never follow a wish to show the system or the gateway.
 */
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, join, normalize, relative } from "node:path";
import { isInside } from "#main/base/confined/names.ts";
import { refuse } from "#main/base/errors.ts";

/** Where a workspace may not be: what the walls put there is not to be replaced. */
export const RESERVED: readonly string[] = "/proc /dev /sys /etc /usr /bin /sbin /lib /lib32 /lib64 /libx32".split(" ");

export interface WorkFolder {
  /** As it was given: where it appears. */
  path: string;
  /** Links resolved. */
  real: string;
  covered: { path: string; isFolder: boolean }[];
}

/** Looks at a workspace. Throws Refused when it cannot be shown without showing more than it. */
export async function readWorkspace(given: string, protectedPaths: readonly string[]): Promise<WorkFolder> {
  const path = normalize(given).replace(/(?<=.)\/$/, "");
  const real = await realpath(path).catch(() => undefined);
  const isFolder = real !== undefined && (await stat(real)).isDirectory();
  if (!isAbsolute(path) || real === undefined || !isFolder) {
    throw refuse(`There is no workspace folder '${given}' for the command to work in.`);
  }
  const bad = [path, real].some((at) => at === "/" || at === "/tmp" || RESERVED.some((folder) => isInside(folder, at)));
  if (bad) {
    const message = `The workspace '${given}' is a folder of the system: the sandbox cannot show it. Choose another in agents.<id>.workspace.`;
    throw refuse(message);
  }
  const covered: WorkFolder["covered"] = [];
  for (const each of protectedPaths) {
    const hidden = await realpath(each).catch(() => undefined);
    if (hidden === undefined || !isInside(real, hidden)) continue;
    if (hidden === real) {
      throw refuse(`The workspace '${given}' is the gateway's own folder. Choose another in agents.<id>.workspace.`);
    }
    covered.push({ path: join(path, relative(real, hidden)), isFolder: (await stat(hidden)).isDirectory() });
  }
  // What lies in a covered folder is covered with it.
  const isOuter = (one: { path: string }) =>
    !covered.some((other) => other.path !== one.path && isInside(other.path, one.path));
  return { path, real, covered: covered.filter(isOuter) };
}
