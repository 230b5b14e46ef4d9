/**
 * Limits that hold for all processes of a command together: a control group of its own, where this user may make one.
 * Must never change a group that it did not make. Source: the kernel's "Control Group v2" (delegation, pids, memory,
 * cpu controllers).
 */
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { createId } from "#main/base/ids.ts";
import type { SandboxLimits } from "../contract.ts";

export interface ControlGroups {
  /** Absolute folder in which groups are made. */
  dir: string;
  hasCpu: boolean;
}

/** Where a group can be made, or undefined: no version 2, no controllers, or no right. Leaves nothing behind. */
export async function findControlGroups(proc = "/proc/self"): Promise<ControlGroups | undefined> {
  const own = await ownGroup(proc);
  if (own === undefined) return undefined;
  // A group with processes cannot hand controllers on ("no internal process"): siblings are made, not children.
  for (const dir of new Set([dirname(own), own])) {
    const handedOn = (await readText(join(dir, "cgroup.subtree_control"))).trim().split(/\s+/);
    if (!handedOn.includes("pids") || !handedOn.includes("memory")) continue;
    const groups = { dir, hasCpu: handedOn.includes("cpu") };
    const made = await makeGroup(groups, { memoryMb: 64, processes: 4, fileMb: 1 }).catch(() => undefined);
    if (made === undefined) continue;
    await removeGroup(made);
    return groups;
  }
  return undefined;
}

/**
 * Makes a group with the limits in force. Throws what the system says when it cannot.
 * @returns its absolute folder
 */
export async function makeGroup(groups: ControlGroups, limits: SandboxLimits): Promise<string> {
  const dir = join(groups.dir, createId("gatehouse"));
  await mkdir(dir);
  try {
    // Besides the command: what builds and watches its walls.
    await writeFile(join(dir, "pids.max"), String(limits.processes + 3));
    await writeFile(join(dir, "memory.max"), String(limits.memoryMb * 1024 * 1024));
    await writeFile(join(dir, "memory.swap.max"), "0").catch(() => undefined);
    await writeFile(join(dir, "memory.oom.group"), "1").catch(() => undefined);
    const period = 100_000;
    if (limits.cpus !== undefined && groups.hasCpu) {
      await writeFile(join(dir, "cpu.max"), `${Math.max(1000, Math.round(limits.cpus * period))} ${period}`);
    }
    return dir;
  } catch (error) {
    await removeGroup(dir);
    throw error;
  }
}

/** Ends what is in the group and removes it. Never throws. */
export async function removeGroup(dir: string): Promise<void> {
  await writeFile(join(dir, "cgroup.kill"), "1").catch(() => undefined);
  await rmdir(dir).catch(() => undefined);
}

/** Arguments that put whatever follows into a group before it starts. */
export function enterGroup(sh: string, dir: string): string[] {
  return [sh, "-c", 'echo $$ >"$1/cgroup.procs" || exit 125; shift; exec "$@"', "sh", dir];
}

/** Absolute folder of the group this process is in, under version 2. */
async function ownGroup(proc: string): Promise<string | undefined> {
  const path = /^0::(.*)$/m.exec(await readText(join(proc, "cgroup")))?.[1];
  // ID parent major:minor ROOT MOUNT options … - type source options; proc_pid_mountinfo(5)
  const mount = /^\d+ \d+ \S+ (\S+) (\S+) .* - cgroup2 /m.exec(await readText(join(proc, "mountinfo")));
  const [, root, point] = mount ?? [];
  if (path === undefined || root === undefined || point === undefined) return undefined;
  const below = relative(root, path);
  return below.startsWith("..") ? undefined : join(point, below);
}

function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
