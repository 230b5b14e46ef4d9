import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lsTool } from "#main/tools/ls/index.ts";
import { createWorkspace, refusalOf } from "#test/fakes/workspace.ts";

it("[H07] lists names, kinds and sizes, hidden ones included", async () => {
  const workspace = createWorkspace();
  workspace.put(".hidden", "x");
  workspace.put("b.txt", "four");
  workspace.put("a/c", "");
  symlinkSync("b.txt", join(workspace.dir, "z"));
  expect((await workspace.act(lsTool, {})).text).toBe(".hidden (1 bytes)\na/\nb.txt (4 bytes)\nz (link)");
  expect((await workspace.act(lsTool, { path: "a" })).text).toBe("c (0 bytes)");
});

it("[H07] says that a folder is empty, missing, or none", async () => {
  const workspace = createWorkspace();
  expect((await workspace.act(lsTool, {})).text).toBe("(empty folder)");
  workspace.put("a.txt", "x");
  expect(await refusalOf(workspace.act(lsTool, { path: "b" }))).toContain("does not exist");
  expect(await refusalOf(workspace.act(lsTool, { path: "a.txt" }))).toContain("is not a folder");
});

it("[H07] cuts a long list and says so", async () => {
  const workspace = createWorkspace();
  for (let i = 0; i < 1005; i++) workspace.put(`f${i}`, "");
  const lines = (await workspace.act(lsTool, {})).text.split("\n");
  expect(lines).toHaveLength(1001);
  expect(lines.at(-1)).toContain("more than 1000 names");
});

it("[FS-01] lists nothing outside, by path or over a link", async () => {
  const workspace = createWorkspace();
  symlinkSync(workspace.outside, join(workspace.dir, "out"));
  for (const path of ["..", "/", "out", workspace.outside]) {
    expect(await refusalOf(workspace.act(lsTool, { path }))).toContain("leads out");
  }
});

it("shows control characters in names as escapes", async () => {
  const workspace = createWorkspace();
  workspace.put("a\nb\u001b[31m", "");
  expect((await workspace.act(lsTool, {})).text).toBe("a\\nb\\u001b[31m (0 bytes)");
});
