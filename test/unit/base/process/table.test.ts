import { spawn, type ChildProcess } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "#main/base/clock.ts";
import { endTree } from "#main/base/process/end-tree.ts";
import { MARK_VARIABLE, processesOf, startOf } from "#main/base/process/table.ts";

const children: ChildProcess[] = [];

function sleeper(mark: string): { pid: number; startedAt: number; child: ChildProcess } {
  const child = spawn("/bin/sleep", ["1000"], { detached: true, stdio: "ignore", env: { [MARK_VARIABLE]: mark } });
  children.push(child);
  const pid = child.pid ?? -1;
  return { pid, startedAt: startOf(pid) ?? -1, child };
}

afterEach(async () => {
  const ending = children.splice(0).map(async (child) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  });
  await Promise.all(ending);
});

const end = (root: { pid: number; startedAt: number; mark: string }) =>
  endTree({ root, clock: createSystemClock(), platform: "linux", graceMs: 200, rootIsOurs: () => false });
const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

describe("the processes of a command", () => {
  it("are found by what they carry, wherever they are", async () => {
    const root = sleeper("cmd_a");
    const stray = sleeper("cmd_a");
    const other = sleeper("cmd_ab");
    const found = (await processesOf({ pid: root.pid, startedAt: root.startedAt, mark: "cmd_a" })).map((p) => p.pid);
    expect(found).toEqual(expect.arrayContaining([root.pid, stray.pid]));
    expect(found).not.toContain(other.pid);
  });
  it("[AP-34] do not include a later process that got the number of the first", async () => {
    const later = sleeper("cmd_other");
    const root = { pid: later.pid, startedAt: later.startedAt - 1, mark: "cmd_gone" };
    expect(await processesOf(root)).toEqual([]);
    expect(await end(root)).toEqual([]);
    expect(isRunning(later.child)).toBe(true);
  });
  it("[AP-34] are ended when it is the number and the start that fit: the guard alone made the difference", async () => {
    const { child, ...root } = sleeper("cmd_other");
    const gone = new Promise((resolve) => child.once("exit", resolve));
    expect(await end({ ...root, mark: "cmd_gone" })).toEqual([]);
    await gone;
    expect(child.signalCode).toBe("SIGTERM");
  });
  it("has no start for a number that nobody has", () => {
    expect(startOf(2 ** 30)).toBeUndefined();
  });
});
