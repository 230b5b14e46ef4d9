import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commitChanges, readBefore, toDiff, toShownFiles, type Change } from "#main/base/confined/changes.ts";
import { withConfined, type ConfinedFiles } from "#main/base/confined-files.ts";
import { createWorkspace, refusalOf, type TestWorkspace } from "#test/fakes/workspace.ts";

async function commit(
  workspace: TestWorkspace,
  contents: Record<string, string | null>,
  between: (files: ConfinedFiles) => Promise<void> = async () => {},
): Promise<void> {
  await withConfined(workspace.dir, {}, async (files) => {
    const changes: Change[] = [];
    for (const [path, after] of Object.entries(contents)) {
      changes.push({ before: await readBefore(files, path), after: after === null ? null : Buffer.from(after) });
    }
    await commitChanges(files, changes, { shown: toShownFiles(files, changes), keep: () => between(files) });
  });
}

it("makes all changes of several files", async () => {
  const workspace = createWorkspace();
  workspace.put("a", "1");
  workspace.put("b", "2");
  await commit(workspace, { a: "A", b: null, "c/d": "3" });
  expect(workspace.tree()).toEqual({ a: "A", "c/": "folder", "c/d": "3" });
});

it("puts everything back when a later file cannot be changed, permissions and folders too", async () => {
  const workspace = createWorkspace();
  workspace.put("a", "1");
  workspace.put("b", "2");
  workspace.put("z", "26");
  chmodSync(join(workspace.dir, "a"), 0o755);
  let first = true;
  const meddle = async () => {
    if (first) workspace.put("z", "meddled");
    first = false;
  };
  expect(await refusalOf(commit(workspace, { a: "A", "n/m/o": "new", b: "B", z: "Z" }, meddle))).toContain(
    "someone else",
  );
  expect(workspace.tree()).toEqual({ a: "1", b: "2", z: "meddled" });
  expect(statSync(join(workspace.dir, "a")).mode & 0o777).toBe(0o755);
});

it("names what could not be put back", async () => {
  const workspace = createWorkspace();
  workspace.put("a", "1");
  workspace.put("z", "26");
  // The first file is written, then made read-only by someone, and the second refuses.
  const failing = async (files: ConfinedFiles) => {
    const write = files.write.bind(files);
    files.write = async (path, ...rest) => {
      const done = await write(path, ...rest);
      if (path === "a") chmodSync(join(workspace.dir, "a"), 0o444);
      return done;
    };
    workspace.put("z", "meddled");
  };
  expect(await refusalOf(commit(workspace, { a: "A", z: "Z" }, failing))).toContain("could not be put back: a");
});

it("writes nothing when one change cannot be kept", async () => {
  const workspace = createWorkspace();
  workspace.put("a", "1");
  let calls = 0;
  const keep = async () => {
    if (++calls === 2) throw new Error("full");
  };
  await expect(commit(workspace, { a: "A", b: "B" }, keep)).rejects.toThrow("full");
  expect(workspace.tree()).toEqual({ a: "1" });
});

it("caps what it shows, over all files together", async () => {
  const workspace = createWorkspace();
  mkdirSync(join(workspace.dir, "d"));
  await withConfined(workspace.dir, {}, async (files) => {
    const changes: Change[] = [];
    for (const path of ["a", "b", "c", "d/e"]) {
      changes.push({ before: await readBefore(files, path), after: Buffer.from("line\n".repeat(300)) });
    }
    const diff = toDiff(changes);
    expect(diff.split("\n").length).toBeLessThan(420);
    expect(diff).toMatch(/more lines\)\n\(and 2 more files\)$/);
  });
});
