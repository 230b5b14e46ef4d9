import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ensureDir, readIfExists, tightenMode, toFileError, writeFileAtomic } from "#main/base/atomic-file.ts";
import { Refused } from "#main/base/errors.ts";
import { silentLogger, type Logger } from "#main/base/logger.ts";
import { tempState } from "#test/fakes/temp-state.ts";

const modeOf = (path: string) => statSync(path).mode & 0o777;

function recordingLogger(): Logger & { warnings: string[] } {
  const warnings: string[] = [];
  return { ...silentLogger, warnings, warn: (message) => void warnings.push(message) };
}

/** Rewrites one file for ever, with a body that is only right when it is whole; `plain` writes in place. */
function startWriter(path: string, how: "atomic" | "plain") {
  const source = new URL("../../../src-main/base/atomic-file.ts", import.meta.url).href;
  const script = `
    const { writeFileAtomic } = await import(${JSON.stringify(source)});
    const { writeFile } = await import("node:fs/promises");
    const write = ${how === "atomic" ? "writeFileAtomic" : "writeFile"};
    for (let turn = 0; ; turn++) {
      await write(process.argv[1], JSON.stringify({ turn, body: "x".repeat(3_000_000), end: turn }));
      if (turn === 1) process.stdout.write("going");
    }`;
  return spawn(process.execPath, ["--input-type=module", "-e", script, path], { stdio: ["ignore", "pipe", "inherit"] });
}

function isWhole(path: string): boolean {
  try {
    const held = JSON.parse(readFileSync(path, "utf8")) as { turn: number; end: number };
    return held.turn === held.end;
  } catch {
    return false;
  }
}

/** @param delay turns of this process's event loop until the kill: spreads the kills over the writer's steps */
async function isWholeAfterKill(path: string, delay: number): Promise<boolean> {
  const child = startWriter(path, "atomic");
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  for (let turn = 0; turn < delay; turn++) await nextTurn();
  child.kill("SIGKILL");
  await exited;
  return isWhole(path);
}

/** Looks at the file again and again while it is written; a look sees what a kill at that moment would leave. */
async function isWholeAtEachLook(path: string, how: "atomic" | "plain", looks: number): Promise<boolean> {
  const child = startWriter(path, how);
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  let whole = true;
  for (let look = 0; look < looks && whole; look++) {
    whole = isWhole(path);
    await nextTurn();
  }
  child.kill("SIGKILL");
  await exited;
  return whole;
}

describe("atomic files", () => {
  it("[I12] keeps the file whole through twenty kills in the middle of writes", { timeout: 120_000 }, async () => {
    const path = join(tempState(), "state.json");
    for (let round = 0; round < 20; round++) expect(await isWholeAfterKill(path, round * 40)).toBe(true);
  });

  it("[I12] shows the file whole at each moment of a write", { timeout: 60_000 }, async () => {
    expect(await isWholeAtEachLook(join(tempState(), "state.json"), "atomic", 100)).toBe(true);
  });

  it("shows half a file when written in place", { timeout: 60_000 }, async () => {
    expect(await isWholeAtEachLook(join(tempState(), "state.json"), "plain", 3000)).toBe(false);
  });

  it("[I12] replaces the content, leaves nothing beside it, and makes it private", async () => {
    const dir = tempState();
    const path = join(dir, "a.txt");
    writeFileSync(path, "old", { mode: 0o644 });
    await writeFileAtomic(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(readdirSync(dir)).toEqual(["a.txt"]);
    expect(modeOf(path)).toBe(0o600);
  });

  it("says path and cause when the folder is missing, and leaves nothing", async () => {
    const path = join(tempState(), "missing", "a.txt");
    await expect(writeFileAtomic(path, "x")).rejects.toThrow(path);
    expect(existsSync(path)).toBe(false);
  });

  it("keeps the old file and removes the temporary one when the rename fails", async () => {
    const dir = tempState();
    const path = join(dir, "folder");
    mkdirSync(path);
    writeFileSync(join(path, "inside"), "kept");
    await expect(writeFileAtomic(path, "x")).rejects.toBeInstanceOf(Refused);
    expect(readdirSync(dir)).toEqual(["folder"]);
    expect(readFileSync(join(path, "inside"), "utf8")).toBe("kept");
  });

  it.each([
    ["EACCES", "this user may not access it"],
    ["EROFS", "the disk is read-only"],
    ["ENOSPC", "the disk is full"],
  ])("[ST-12] names %s in words with the path", (code, words) => {
    const error = toFileError("write", "/some/file", Object.assign(new Error("raw"), { code }));
    expect(error.message).toContain(words);
    expect(error.message).toContain("/some/file");
    expect(error.code).toBe("UNAVAILABLE");
  });

  it("reads undefined where there is no file, and refuses a folder in its place", async () => {
    const dir = tempState();
    expect(await readIfExists(join(dir, "none"))).toBeUndefined();
    await expect(readIfExists(dir)).rejects.toThrow("it is a folder");
  });
});

describe("modes", () => {
  it("[Q24] makes folders 0700", async () => {
    const path = join(tempState(), "a", "b");
    await ensureDir(path, silentLogger);
    expect(modeOf(path)).toBe(0o700);
    expect(modeOf(join(path, ".."))).toBe(0o700);
  });

  it("[ST-13] narrows a folder that is open to others, and warns", async () => {
    const log = recordingLogger();
    const path = join(tempState(), "open");
    mkdirSync(path);
    chmodSync(path, 0o777);
    await ensureDir(path, log);
    expect(modeOf(path)).toBe(0o700);
    expect(log.warnings).toEqual([expect.stringContaining("mode 777")]);
  });

  it("says nothing of a mode that is narrow enough", async () => {
    const log = recordingLogger();
    const path = join(tempState(), "file");
    writeFileSync(path, "", { mode: 0o400 });
    await tightenMode(path, 0o600, log);
    expect(modeOf(path)).toBe(0o400);
    expect(log.warnings).toEqual([]);
  });

  it("refuses a file where a folder is wanted", async () => {
    const path = join(tempState(), "file");
    writeFileSync(path, "");
    await expect(ensureDir(path, silentLogger)).rejects.toThrow(path);
  });
});
