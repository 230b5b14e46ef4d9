import { chmodSync, linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeTool } from "#main/tools/write/index.ts";
import { createWorkspace, refusalOf } from "#test/fakes/workspace.ts";

it("[H03] makes a file with its folders and says how many bytes", async () => {
  const workspace = createWorkspace();
  const result = await workspace.act(writeTool, { path: "a/b/ü.txt", content: "größer" });
  expect(result).toEqual({ text: "Successfully wrote 8 bytes to 'a/b/ü.txt'" });
  expect(workspace.get("a/b/ü.txt")).toBe("größer");
});

it("[H03] replaces a file and shows what changes before", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "one\ntwo\n");
  const plan = await workspace.plan(writeTool, { path: "a.txt", content: "one\n2\n" });
  expect(plan.summary).toBe("Replace the 8 bytes of a.txt with 6 bytes");
  expect(plan.diff).toBe("--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2");
  expect(plan.files?.map(({ path }) => path)).toEqual([workspace.dir, join(workspace.dir, "a.txt")]);
  expect(workspace.get("a.txt")).toBe("one\ntwo\n");
});

it("plans the same twice, so that both digests agree", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "x");
  const args = { path: "a.txt", content: "y" };
  expect(await workspace.plan(writeTool, args)).toEqual(await workspace.plan(writeTool, args));
});

it("keeps what it replaces before it writes, and writes nothing when that fails", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "old");
  await workspace.act(writeTool, { path: "a.txt", content: "new" });
  expect(workspace.changes).toEqual([{ path: "a.txt", before: Buffer.from("old"), after: Buffer.from("new") }]);
  const recordChange = async () => {
    throw new Error("disk full");
  };
  await expect(workspace.act(writeTool, { path: "a.txt", content: "newer" }, { recordChange })).rejects.toThrow("full");
  await expect(workspace.act(writeTool, { path: "n/b.txt", content: "x" }, { recordChange })).rejects.toThrow("full");
  expect(workspace.tree()).toEqual({ "a.txt": "new" });
});

it("refuses when the file, or the workspace, changed since it was shown", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "old");
  const args = { path: "a.txt", content: "new" };
  const plan = await workspace.plan(writeTool, args);
  workspace.put("a.txt", "other");
  expect(await refusalOf(workspace.run(writeTool, args, plan))).toContain("nothing was written");
  expect(await refusalOf(workspace.run(writeTool, args, { summary: "not planned" }))).toContain("nothing was written");
  expect(workspace.get("a.txt")).toBe("other");
  expect(workspace.changes).toEqual([]);
});

it("[FS-01] writes nothing outside by way of the path", async () => {
  const workspace = createWorkspace();
  for (const path of ["../outside/x", `${workspace.outside}/x`, "a/../../outside/x", "/etc/x", "..\\outside\\x"]) {
    expect(await refusalOf(workspace.act(writeTool, { path, content: "x" }))).toMatch(/leads out|backslash/);
  }
  expect(workspace.tree(workspace.outside)).toEqual({ "secret.txt": "secret" });
});

it("[FS-02] writes nothing outside over links, which plain writing follows", async () => {
  const workspace = createWorkspace();
  symlinkSync(join(workspace.outside, "secret.txt"), join(workspace.dir, "leaf"));
  symlinkSync(workspace.outside, join(workspace.dir, "folder"));
  symlinkSync(join(workspace.outside, "new.txt"), join(workspace.dir, "dangling"));
  for (const path of ["leaf", "folder/new.txt", "folder/deep/new.txt", "dangling"]) {
    expect(await refusalOf(workspace.act(writeTool, { path, content: "x" }))).toContain("leads out");
  }
  expect(workspace.tree(workspace.outside)).toEqual({ "secret.txt": "secret" });
  // Without confinement the same path reaches outside.
  writeFileSync(join(workspace.dir, "dangling"), "escaped");
  expect(workspace.tree(workspace.outside)).toHaveProperty(["new.txt"], "escaped");
});

it("writes through a link that stays inside and keeps the link", async () => {
  const workspace = createWorkspace();
  workspace.put("real/a.txt", "old");
  symlinkSync("real", join(workspace.dir, "way"));
  symlinkSync("way/a.txt", join(workspace.dir, "leaf"));
  await workspace.act(writeTool, { path: "leaf", content: "new" });
  expect(workspace.tree()).toEqual({
    leaf: "link:way/a.txt",
    "real/": "folder",
    "real/a.txt": "new",
    way: "link:real",
  });
  expect(workspace.changes[0]?.path).toBe("real/a.txt");
});

it("[FS-03] does not write to a second name of a file", async () => {
  const workspace = createWorkspace();
  linkSync(join(workspace.outside, "secret.txt"), join(workspace.dir, "hard"));
  expect(await refusalOf(workspace.act(writeTool, { path: "hard", content: "x" }))).toContain("hard link");
  expect(workspace.get("hard")).toBe("secret");
});

it("[FS-11] makes private files and folders whatever the umask, and keeps permissions that are there", async () => {
  const workspace = createWorkspace();
  const old = process.umask(0);
  try {
    await workspace.act(writeTool, { path: "d/e/new.txt", content: "x" });
  } finally {
    process.umask(old);
  }
  const mode = (path: string) => (statSync(join(workspace.dir, path)).mode & 0o777).toString(8);
  expect([mode("d"), mode("d/e"), mode("d/e/new.txt")]).toEqual(["700", "700", "600"]);
  workspace.put("run.sh", "x");
  chmodSync(join(workspace.dir, "run.sh"), 0o755);
  await workspace.act(writeTool, { path: "run.sh", content: "y" });
  expect(mode("run.sh")).toBe("755");
});

it("[AP-38] leaves a read-only file as it is", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "old");
  chmodSync(join(workspace.dir, "a.txt"), 0o444);
  expect(await refusalOf(workspace.act(writeTool, { path: "a.txt", content: "x" }))).toContain("read-only");
  expect(workspace.get("a.txt")).toBe("old");
});

it("[FS-10] does not write the gateway's own files, under any spelling, existing or not", async () => {
  const workspace = createWorkspace();
  const state = join(workspace.dir, "State");
  mkdirSync(state);
  writeFileSync(join(state, "gatehouse.db"), "db");
  symlinkSync("State", join(workspace.dir, "alias"));
  const more = { protectedPaths: [state, join(workspace.dir, "Config.yaml")] };
  for (const path of [
    "State/gatehouse.db",
    "State/new",
    "alias/gatehouse.db",
    "config.YAML",
    "Config.yaml",
    "state/x",
  ]) {
    expect(await refusalOf(workspace.act(writeTool, { path, content: "x" }, more))).toContain("closed to tools");
  }
  expect(workspace.tree()).toEqual({ "State/": "folder", "State/gatehouse.db": "db", alias: "link:State" });
  // The guard off: the same write goes through.
  await workspace.act(writeTool, { path: "State/gatehouse.db", content: "x" });
  expect(workspace.get("State/gatehouse.db")).toBe("x");
});

it("[FS-09] refuses names that mean something else on Windows", async () => {
  const workspace = createWorkspace();
  for (const path of [
    "a.txt:stream",
    "NUL",
    "com1.txt",
    "a.",
    "a /b",
    "x/aux",
    "\\\\?\\C:\\x",
    "//./pipe/x",
    "C:\\x",
  ]) {
    await refusalOf(workspace.act(writeTool, { path, content: "x" }));
  }
  expect(workspace.tree()).toEqual({});
});

it("refuses content that is no text, and what is a folder", async () => {
  const workspace = createWorkspace();
  workspace.put("d/a.txt", "x");
  expect(await refusalOf(workspace.act(writeTool, { path: "a", content: "\ud800" }))).toContain("surrogate");
  expect(await refusalOf(workspace.act(writeTool, { path: "d", content: "x" }))).toContain("is a folder");
  expect(await refusalOf(workspace.act(writeTool, { path: ".", content: "x" }))).toContain("is a folder");
  expect(await refusalOf(workspace.act(writeTool, { path: "d/a.txt/b", content: "x" }))).toContain("in the way");
});

it("is a level 4 call", () => {
  expect(writeTool.level({ path: "a", content: "" })).toBe(4);
});
