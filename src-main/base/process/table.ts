/**
 * The processes of this machine as `/proc` tells them, and which of them a command started. Reads only; it never
 * signals anybody, and never takes a process for ours by its number alone: numbers are used again.
 */
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

/** One process, told apart from a later one with the same number by when it started. */
export interface ProcessId {
  pid: number;
  /** Clock ticks since the machine started: field 22 of `/proc/PID/stat`, see proc(5). */
  startedAt: number;
}

interface Entry extends ProcessId {
  parent: number;
  group: number;
  session: number;
}

/** A command that was started: the first process, and the mark that its descendants inherit. */
export interface Root extends ProcessId {
  /** Value of `MARK_VARIABLE` in the environment of the command. */
  mark: string;
}

/**
 * By this variable a command's processes are found again after they left its group and lost their parent. It holds a
 * random id and nothing else.
 */
export const MARK_VARIABLE = "GATEHOUSE_COMMAND";

/** When a process started, or undefined when there is none (any more). Synchronous: used right before a signal. */
export function startOf(pid: number): number | undefined {
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, "latin1"))?.startedAt;
  } catch {
    return undefined;
  }
}

/**
 * Every living process of a command, the first included while it lives: its descendants, its process group and session,
 * and whatever carries its mark. A process that wiped its environment, left the group and lost its parent is not found:
 * only a sandbox holds such a one.
 */
export async function processesOf(root: Root): Promise<ProcessId[]> {
  const entries = await readAll();
  const isRoot = (entry: Entry) => entry.pid === root.pid && entry.startedAt === root.startedAt;
  const ours = new Set<number>();
  // While a member lives, the number of its leader is not used again; another leader of that number has other members.
  const groupIsOurs = !entries.some((entry) => entry.pid === root.pid && !isRoot(entry));
  for (const entry of entries) {
    const inGroup = groupIsOurs && entry.group === root.pid && entry.session === root.pid;
    if (entry.startedAt >= root.startedAt && (isRoot(entry) || inGroup)) ours.add(entry.pid);
  }
  for (const entry of entries) {
    if (!ours.has(entry.pid) && entry.startedAt >= root.startedAt && (await hasMark(entry.pid, root.mark))) {
      ours.add(entry.pid);
    }
  }
  for (let grew = true; grew;) {
    const before = ours.size;
    for (const entry of entries) if (ours.has(entry.parent)) ours.add(entry.pid);
    grew = ours.size > before;
  }
  ours.delete(process.pid);
  return entries.filter((entry) => ours.has(entry.pid)).map(({ pid, startedAt }) => ({ pid, startedAt }));
}

async function readAll(): Promise<Entry[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
      return parseStat(pid, stat);
    }),
  );
  return entries.filter((entry) => entry !== undefined);
}

/** Zombies are left out: they are dead, and wait only for their parent to notice. */
function parseStat(pid: number, stat: string): Entry | undefined {
  // The name in parentheses may hold anything, spaces and parentheses too: the fields begin after the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group, session] = fields;
  const startedAt = fields[19];
  if (startedAt === undefined || state === "Z" || state === "X") return undefined;
  return { pid, parent: Number(parent), group: Number(group), session: Number(session), startedAt: Number(startedAt) };
}

async function hasMark(pid: number, mark: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
  return `\0${environment}`.includes(`\0${MARK_VARIABLE}=${mark}\0`);
}
