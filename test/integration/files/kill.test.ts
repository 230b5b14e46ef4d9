/** A process that is killed while it writes leaves the old content or the new, and what it leaves behind is cleared. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { withConfined } from "#main/base/confined-files.ts";
import { createWorkspace } from "#test/fakes/workspace.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const SIZE = 300_000;
const KILLS = 30;

it("[FS-05] leaves old or new after kill -9 in the middle of writes, never a part", { timeout: 60_000 }, async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "0".repeat(SIZE));
  const module = join(ROOT, "src-main/base/confined-files.ts");
  const program = `
    const { withConfined } = await import(${JSON.stringify(`file://${module}`)});
    process.stdout.write("go");
    for (let i = 0; ; i++) {
      await withConfined(process.argv[1], {}, async (files) => {
        const { state } = await files.look("a.txt");
        await files.write("a.txt", Buffer.alloc(${SIZE}, String(i % 10)), state);
      });
      process.stdout.write(".");
    }`;
  const seen = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, workspace.dir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const gone = new Promise<void>((done) => child.once("close", () => done()));
    // After a few writes, and then at another moment of one each time.
    for (let write = 0; write < (kill % 5) + 1; write++) await once(child.stdout, "data");
    for (let turn = 0; turn < kill * 40; turn++) await setImmediate();
    child.kill("SIGKILL");
    await gone;
    const content = workspace.get("a.txt");
    expect(content.length).toBe(SIZE);
    expect(new Set(content).size).toBe(1);
    seen.add(content.charAt(0));
  }
  // Some writes were done before the end, so kills came while writing.
  expect(seen.size).toBeGreaterThan(1);
});

it("[FS-05] [FS-16] clears temporary files that a crash left an hour ago, and no others", async () => {
  const workspace = createWorkspace();
  const old = `.gatehouse-w_${"x".repeat(22)}.tmp`;
  const fresh = `.gatehouse-w_${"y".repeat(22)}.tmp`;
  for (const name of [old, fresh, ".gatehouse-mine.tmp"]) {
    writeFileSync(join(workspace.dir, name), "");
    if (name !== fresh) utimesSync(join(workspace.dir, name), 1000, 1000);
  }
  await withConfined(workspace.dir, {}, (files) => files.write("a.txt", Buffer.from("x"), null));
  expect(readdirSync(workspace.dir).sort()).toEqual([".gatehouse-mine.tmp", fresh, "a.txt"].sort());
  expect(readFileSync(join(workspace.dir, "a.txt"), "utf8")).toBe("x");
});
