/**
 * Ends a command with everything it started: asks first, then forces. Must never signal a process that the command did
 * not start, whatever number it has.
 */
import { execFile } from "node:child_process";
import { sleep, type Clock } from "../clock.ts";
import { processesOf, startOf, type ProcessId, type Root } from "./table.ts";

/** Milliseconds between looks at what is left. */
const LOOK_EVERY = 25;
/** Milliseconds of forcing before it is given up: with the longest grace below, five seconds in all. */
const FORCE_FOR = 2000;

export interface TreeEnd {
  root: Root;
  clock: Clock;
  platform: NodeJS.Platform;
  /** Milliseconds between asking and forcing. */
  graceMs: number;
  /** False as soon as the first process was reaped: then its number may belong to another. */
  rootIsOurs(): boolean;
}

/** Resolves when nothing of the command is left, or when forcing did not help within two seconds: then with what is. */
export async function endTree(end: TreeEnd): Promise<ProcessId[]> {
  if (end.platform === "win32") return endOnWindows(end);
  if (end.platform !== "linux") return endGroup(end);
  let left = await signalAll(end, "SIGTERM");
  const { clock } = end;
  for (const until = clock.monotonic() + end.graceMs; left.length > 0 && clock.monotonic() < until;) {
    await sleep(clock, LOOK_EVERY);
    left = await processesOf(end.root);
  }
  for (const until = clock.monotonic() + FORCE_FOR; left.length > 0 && clock.monotonic() < until;) {
    left = await signalAll(end, "SIGKILL");
    if (left.length > 0) await sleep(clock, LOOK_EVERY);
  }
  return left;
}

/** Signals the group while its leader is ours, and each process of the tree by itself. Returns who was there. */
async function signalAll(end: TreeEnd, signal: NodeJS.Signals): Promise<ProcessId[]> {
  if (end.rootIsOurs()) signalPid(-end.root.pid, signal);
  const living = await processesOf(end.root);
  for (const { pid, startedAt } of living) if (startOf(pid) === startedAt) signalPid(pid, signal);
  // One that was stopped hears the question only when it goes on.
  if (signal === "SIGTERM" && end.rootIsOurs()) signalPid(-end.root.pid, "SIGCONT");
  return living;
}

/** Where there is no `/proc`: the group alone. After the leader's end only in that same moment: its number is free then. */
async function endGroup(end: TreeEnd): Promise<ProcessId[]> {
  const { clock, root } = end;
  if (!end.rootIsOurs()) {
    signalPid(-root.pid, "SIGKILL");
    return [];
  }
  signalPid(-root.pid, "SIGTERM");
  for (const until = clock.monotonic() + end.graceMs; end.rootIsOurs() && clock.monotonic() < until;) {
    await sleep(clock, LOOK_EVERY);
  }
  // Members may outlive the leader; the group's number is theirs as long as one of them lives.
  signalPid(-root.pid, "SIGKILL");
  return [];
}

/** `taskkill /T` ends a process with its children; there are no groups to signal. */
function endOnWindows(end: TreeEnd): Promise<ProcessId[]> {
  if (!end.rootIsOurs()) return Promise.resolve([]);
  return new Promise((resolve) => {
    execFile("taskkill", ["/pid", String(end.root.pid), "/t", "/f"], { windowsHide: true }, () => resolve([]));
  });
}

function signalPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, or not ours to signal: whoever calls looks again.
  }
}
