import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { acquireLock, readLockInfo } from "#main/store/lock.ts";
import { tempState } from "#test/fakes/temp-state.ts";

/** Another process that holds the lock and has written whom to talk to. */
async function startHolder(path: string): Promise<ChildProcess> {
  const source = new URL("../../../src-main/store/lock.ts", import.meta.url).href;
  const script = `
    const { acquireLock } = await import(${JSON.stringify(source)});
    const { writeFileSync } = await import("node:fs");
    acquireLock(process.argv[1]);
    writeFileSync(process.argv[1], JSON.stringify({ pid: process.pid, url: "http://127.0.0.1:7" }));
    process.stdout.write("held");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout ?? child, "data");
  return child;
}

it("[ST-10] is held by one process at a time, and the second is told who has it", async () => {
  const path = join(tempState(), "gateway.lock");
  const holder = await startHolder(path);
  expect(() => acquireLock(path)).toThrow(`process ${holder.pid} at http://127.0.0.1:7`);
  try {
    acquireLock(path);
  } catch (error) {
    expect(error).toMatchObject({ code: "LOCKED", details: { pid: holder.pid, url: "http://127.0.0.1:7" } });
  }
  expect(holder.exitCode).toBeNull();
});

it("[ST-10] comes back by itself when its holder is killed, and the next owner knows of the crash", async () => {
  const path = join(tempState(), "gateway.lock");
  const holder = await startHolder(path);
  const gone = once(holder, "exit");
  holder.kill("SIGKILL");
  await gone;
  const lock = acquireLock(path);
  expect(lock.wasUnclean).toBe(true);
  await lock.dispose();
  expect(readLockInfo(path)).toBeUndefined();
});

it("[ST-11] does not believe a left-over file, whatever process has its number now", async () => {
  const path = join(tempState(), "gateway.lock");
  // This very process is alive and has that number.
  writeFileSync(path, JSON.stringify({ pid: process.pid, url: "http://127.0.0.1:1", startedAtMs: 1, version: "0" }));
  const lock = acquireLock(path);
  expect(lock.wasUnclean).toBe(true);
  await lock.dispose();
});

it("[ST-10] is given back on dispose, and then leaves no trace of a crash", async () => {
  const path = join(tempState(), "gateway.lock");
  const first = acquireLock(path);
  expect(first.wasUnclean).toBe(false);
  // The same process does not get it twice either.
  expect(() => acquireLock(path)).toThrow("another process that is just starting");
  await first.dispose();
  await first.dispose();
  const second = acquireLock(path);
  expect(second.wasUnclean).toBe(false);
  await second.dispose();
});

it("reads nothing out of a lock file that is not one", () => {
  const path = join(tempState(), "gateway.lock");
  expect(readLockInfo(path)).toBeUndefined();
  writeFileSync(path, "{ half");
  expect(readLockInfo(path)).toBeUndefined();
});
