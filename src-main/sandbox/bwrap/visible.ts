/**
 * What of a command's paths exists behind the walls: its home, folder and program. Throws Refused in words for what
 * does not; must never widen what is shown so that a command fits.
 */
import { realpath } from "node:fs/promises";
import { isAbsolute, join, normalize, relative } from "node:path";
import type { CommandSpec } from "#main/base/command.ts";
import { isInside } from "#main/base/confined/names.ts";
import { refuse } from "#main/base/errors.ts";
import { findProgram } from "#main/base/process/program.ts";
import { RESERVED, type WorkFolder } from "../workspace.ts";

/** The home of a command whose own cannot be used. */
const PLAIN_HOME = "/home/user";
/** Where a command works that may not see the workspace. */
export const SCRATCH = "/scratch";
/** Folders of programs and libraries, all read-only. */
const SYSTEM: readonly string[] = "/usr /bin /sbin /lib /lib32 /lib64 /libx32 /etc/alternatives".split(" ");

/** Path of the home behind the walls: as the environment says, where that is possible. */
export function homeOf(env: Readonly<Record<string, string>>): string {
  const wanted = normalize(env["HOME"] ?? "").replace(/(?<=.)\/$/, "");
  const isUsable =
    isAbsolute(wanted) && wanted !== "/" && ![...RESERVED, "/tmp", SCRATCH].some((folder) => isInside(folder, wanted));
  return isUsable ? wanted : PLAIN_HOME;
}

/** Where behind the walls a command starts. */
export async function findCwd(cwd: string, work: WorkFolder, isShown: boolean, home: string): Promise<string> {
  const real = await realpath(cwd).catch(() => undefined);
  if (real !== undefined && isInside(work.real, real))
    return isShown ? join(work.path, relative(work.real, real)) : SCRATCH;
  // A workspace may lie in /tmp: what is named in it is looked for there alone.
  const isHere =
    isAbsolute(cwd) &&
    !isOf(work, normalize(cwd)) &&
    ["/tmp", home, ...SYSTEM].some((folder) => isInside(folder, normalize(cwd)));
  if (isHere) return normalize(cwd);
  throw refuse(`The sandbox does not show the folder '${cwd}'. Run the command in the workspace.`);
}

/** Absolute path of the program as it is behind the walls. */
export async function findVisible(
  spec: CommandSpec,
  work: WorkFolder,
  isShown: boolean,
  home: string,
): Promise<string> {
  const name = spec.argv[0];
  const isSeen = (path: string) => SYSTEM.some((folder) => isInside(folder, path)) || (isShown && isOf(work, path));
  if (!isAbsolute(name) && name.includes("/")) throw refuse(`'${name}' is not an absolute path.`);
  const isOwn =
    isAbsolute(name) &&
    !isOf(work, normalize(name)) &&
    ["/tmp", home].some((folder) => isInside(folder, normalize(name)));
  if (isOwn && !isSeen(normalize(name))) return normalize(name);
  const path = (spec.env["PATH"] ?? "").split(":").filter((folder) => isAbsolute(folder) && isSeen(normalize(folder)));
  const found = await findProgram(name, path.join(":"), spec.cwd);
  if (found === undefined) throw refuse(`The sandbox shows no program '${name}', or it may not be run.`);
  const real = await realpath(found);
  if (isSeen(normalize(found)) && isSeen(real)) return normalize(found);
  throw refuse(`The sandbox does not show the program '${name}': it is at '${real}'.`);
}

function isOf(work: WorkFolder, path: string): boolean {
  return isInside(work.path, path) || isInside(work.real, path);
}
