/**
 * A second process swaps names for links outside, as fast as it can, while files are read and written: not one byte of
 * outside may come in, not one may go out. The unguarded way of doing the same is seen to fail.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { identityOfFolder, withConfined, type ConfinedOptions } from "#main/base/confined-files.ts";
import { createWorkspace, type TestWorkspace } from "#test/fakes/workspace.ts";

const ROUNDS = 2000;

/** Steps of one turn of the swapping process; `w` is the workspace, `o` the outside. Failures are part of the race. */
const ATTACKS = {
  leaf: `
    t(() => fs.symlinkSync(o + "/secret.txt", w + "/swap")); t(() => fs.renameSync(w + "/swap", w + "/d/leaf")); wait();
    t(() => fs.writeFileSync(w + "/swap", "inside")); t(() => fs.renameSync(w + "/swap", w + "/d/leaf")); wait();`,
  dangling: `
    t(() => fs.symlinkSync(o + "/new.txt", w + "/swap")); t(() => fs.renameSync(w + "/swap", w + "/d/leaf")); wait();
    t(() => fs.unlinkSync(w + "/d/leaf")); wait();`,
  parent: `
    t(() => fs.renameSync(w + "/d", w + "/real")); t(() => fs.symlinkSync(o, w + "/d")); wait();
    t(() => fs.unlinkSync(w + "/d")); t(() => fs.renameSync(w + "/real", w + "/d")); wait();`,
  grandparent: `
    t(() => fs.renameSync(w + "/p", w + "/real")); t(() => fs.symlinkSync(o, w + "/p")); wait();
    t(() => fs.unlinkSync(w + "/p")); t(() => fs.renameSync(w + "/real", w + "/p")); wait();`,
  hardlink: `
    t(() => fs.linkSync(o + "/secret.txt", w + "/swap")); t(() => fs.renameSync(w + "/swap", w + "/d/leaf")); wait();
    t(() => fs.writeFileSync(w + "/swap2", "inside")); t(() => fs.renameSync(w + "/swap2", w + "/d/leaf")); wait();`,
  root: `
    t(() => fs.renameSync(w, w + ".real")); t(() => fs.symlinkSync(o, w)); wait();
    t(() => fs.unlinkSync(w)); t(() => fs.renameSync(w + ".real", w)); wait();`,
} as const;

/** The path that each attack is after, and its counterpart outside. */
const AIMS: Record<keyof typeof ATTACKS, { path: string; outside: string }> = {
  leaf: { path: "d/leaf", outside: "secret.txt" },
  dangling: { path: "d/leaf", outside: "new.txt" },
  parent: { path: "d/secret.txt", outside: "secret.txt" },
  grandparent: { path: "p/q/secret.txt", outside: "q/secret.txt" },
  hardlink: { path: "d/leaf", outside: "secret.txt" },
  root: { path: "secret.txt", outside: "secret.txt" },
};

function fill(workspace: TestWorkspace): void {
  for (const path of ["d/leaf", "d/secret.txt", "p/q/secret.txt", "secret.txt"]) workspace.put(path, "inside");
  mkdirSync(join(workspace.outside, "q"));
  writeFileSync(join(workspace.outside, "q/secret.txt"), "secret");
}

/** Runs until the test ends. Resolves once it swaps. */
async function attack(workspace: TestWorkspace, steps: string): Promise<void> {
  const program = `
    const fs = require("node:fs"); const [w, o] = process.argv.slice(1);
    const t = (step) => { try { step(); } catch {} };
    // Dwells in each state for up to a millisecond, so that work begins in one and ends in another.
    const wait = () => { const end = performance.now() + Math.random(); while (performance.now() < end); };
    process.stdout.write("go");
    const parent = process.ppid;
    for (let i = 0; ; i++) { ${steps} if (i % 500 === 0 && process.ppid !== parent) process.exit(); }`;
  const child = spawn(process.execPath, ["-e", program, workspace.dir, workspace.outside], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await gone;
  });
  await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
}

/** Reads and writes by turns; returns what was read. Refusals are what is hoped for. */
async function campaign(workspace: TestWorkspace, path: string, options: ConfinedOptions) {
  let [reads, writes] = [0, 0];
  const contents = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const step = withConfined(workspace.dir, options, async (files) => {
      const found = await files.look(path);
      if (round % 2 === 0) {
        contents.add((await files.read(path, 1000)).bytes.toString());
        reads++;
      } else {
        await files.write(path, Buffer.from("written"), found.state ?? null);
        writes++;
      }
    });
    await step.catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== "Refused") throw error;
    });
  }
  return { contents, reads, writes };
}

it.each(Object.keys(AIMS) as (keyof typeof AIMS)[])(
  "[FS-04] lets nothing in or out while a process swaps the %s",
  { timeout: 90_000 },
  async (name) => {
    const workspace = createWorkspace();
    fill(workspace);
    const outside = workspace.tree(workspace.outside);
    const identity = await identityOfFolder(workspace.dir);
    await attack(workspace, ATTACKS[name]);
    const { contents, reads, writes } = await campaign(workspace, AIMS[name].path, { identity });
    expect(workspace.tree(workspace.outside)).toEqual(outside);
    expect([...contents].filter((content) => content !== "inside" && content !== "written")).toEqual([]);
    // The race was run, not refused from the start.
    expect(reads + writes).toBeGreaterThan(10);
  },
);

it.each(["leaf", "parent"] as const)(
  "is a race that plain reading and writing lose (%s)",
  { timeout: 60_000 },
  async (name) => {
    const workspace = createWorkspace();
    fill(workspace);
    await attack(workspace, ATTACKS[name]);
    const path = join(workspace.dir, AIMS[name].path);
    const isLost = () => readFileSync(join(workspace.outside, "secret.txt"), "utf8") !== "secret";
    for (let round = 0; round < 100_000 && !isLost(); round++) {
      try {
        writeFileSync(path, "written");
      } catch {
        // Swapped away just now.
      }
    }
    expect(isLost()).toBe(true);
  },
);

it(
  "[FS-04] holds on systems without lookups from a handle, as far as checks before and after reach",
  { timeout: 60_000 },
  async () => {
    const workspace = createWorkspace();
    fill(workspace);
    await attack(workspace, ATTACKS.leaf);
    const { contents } = await campaign(workspace, AIMS.leaf.path, { anchoring: "path" });
    expect([...contents].filter((content) => content === "secret")).toEqual([]);
    expect(readFileSync(join(workspace.outside, "secret.txt"), "utf8")).toBe("secret");
  },
);
