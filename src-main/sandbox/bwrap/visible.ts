/**
 * What of a command's paths exists behind the walls: its workspace, folder and program. Throws Refused in words for what
 * does not; must never widen what is shown so that a command fits.
 */
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, join, normalize, relative } from "node:path";
import type { CommandSpec } from "#main/base/command.ts";
import { Refused } from "#main/base/errors.ts";
import { findProgram } from "#main/base/process/program.ts";
import { RESERVED } from "./system.ts";

/** The home of a command whose own cannot be used. */
const PLAIN_HOME = "/home/user";
/** Where a command works that may not see the workspace. */
export const SCRATCH = "/scratch";
/** Folders of programs and libraries, all read-only. */
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives"] as const;

export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith("../") && !isAbsolute(way));
}

/** Path of the home behind the walls: as the environment says, where that is possible. */
export function homeOf(env: Readonly<Record<string, string>>): string {
  const wanted = normalize(env["HOME"] ?? "").replace(/(?<=.)\/$/, "");
  const isUsable =
    isAbsolute(wanted) && wanted !== "/" && ![...RESERVED, "/tmp", SCRATCH].some((folder) => isInside(wanted, folder));
  return isUsable ? wanted : PLAIN_HOME;
}

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
    throw new Refused("INVALID_REQUEST", `There is no workspace folder '${given}' for the command to work in.`);
  }
  const bad = [path, real].some((at) => at === "/" || at === "/tmp" || RESERVED.some((folder) => isInside(at, folder)));
  if (bad) {
    const message = `The workspace '${given}' is a folder of the system: the sandbox cannot show it. Choose another in agents.<id>.workspace.`;
    throw new Refused("INVALID_REQUEST", message);
  }
  const covered = [];
  for (const each of protectedPaths) {
    const hidden = await realpath(each).catch(() => undefined);
    if (hidden === undefined || !isInside(hidden, real)) continue;
    if (hidden === real) {
      throw new Refused(
        "INVALID_REQUEST",
        `The workspace '${given}' is the gateway's own folder. Choose another in agents.<id>.workspace.`,
      );
    }
    covered.push({ path: join(path, relative(real, hidden)), isFolder: (await stat(hidden)).isDirectory() });
  }
  return { path, real, covered };
}

/** Where behind the walls a command starts. */
export async function findCwd(cwd: string, work: WorkFolder, isShown: boolean, home: string): Promise<string> {
  const real = await realpath(cwd).catch(() => undefined);
  if (real !== undefined && isInside(real, work.real))
    return isShown ? join(work.path, relative(work.real, real)) : SCRATCH;
  const isHere = isAbsolute(cwd) && ["/tmp", home, ...SYSTEM].some((folder) => isInside(normalize(cwd), folder));
  if (isHere) return normalize(cwd);
  throw new Refused(
    "INVALID_REQUEST",
    `The sandbox does not show the folder '${cwd}'. Run the command in the workspace.`,
  );
}

/** Absolute path of the program as it is behind the walls. */
export async function findVisible(
  spec: CommandSpec,
  work: WorkFolder,
  isShown: boolean,
  home: string,
): Promise<string> {
  const name = spec.argv[0];
  const isSeen = (path: string) =>
    SYSTEM.some((folder) => isInside(path, folder)) ||
    (isShown && (isInside(path, work.path) || isInside(path, work.real)));
  if (!isAbsolute(name) && name.includes("/"))
    throw new Refused("INVALID_REQUEST", `'${name}' is not an absolute path.`);
  const isOwn = isAbsolute(name) && ["/tmp", home].some((folder) => isInside(normalize(name), folder));
  if (isOwn && !isSeen(normalize(name))) return normalize(name);
  const path = (spec.env["PATH"] ?? "").split(":").filter((folder) => isAbsolute(folder) && isSeen(normalize(folder)));
  const found = await findProgram(name, path.join(":"), spec.cwd);
  if (found === undefined) {
    throw new Refused("INVALID_REQUEST", `The sandbox shows no program '${name}', or it may not be run.`);
  }
  const real = await realpath(found);
  if (isSeen(normalize(found)) && isSeen(real)) return normalize(found);
  throw new Refused("INVALID_REQUEST", `The sandbox does not show the program '${name}': it is at '${real}'.`);
}
