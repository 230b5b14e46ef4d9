import { mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { globTool } from "#main/tools/glob/index.ts";
import { createWorkspace, refusalOf, type TestWorkspace } from "#test/fakes/workspace.ts";

function fill(workspace: TestWorkspace, ...paths: string[]): void {
  for (const [index, path] of paths.entries()) {
    workspace.put(path, "");
    utimesSync(join(workspace.dir, path), 1000 + index, 1000 + index);
  }
}

const find = async (workspace: TestWorkspace, pattern: string, path?: string) =>
  (await workspace.act(globTool, { pattern, ...(path === undefined ? {} : { path }) })).text.split("\n");

it("[H05] finds files by pattern, the newest first", async () => {
  const workspace = createWorkspace();
  fill(workspace, "src/a.ts", "src/deep/b.ts", "src/c.tsx", "d.ts", ".hidden/e.ts");
  expect(await find(workspace, "**/*.ts")).toEqual([".hidden/e.ts", "d.ts", "src/deep/b.ts", "src/a.ts"]);
  expect(await find(workspace, "*.ts")).toEqual(["d.ts"]);
  expect(await find(workspace, "src/**/*.{ts,tsx}")).toEqual(["src/c.tsx", "src/deep/b.ts", "src/a.ts"]);
  expect(await find(workspace, "*.ts", "src")).toEqual(["src/a.ts"]);
  expect(await find(workspace, "./src/[ab].ts")).toEqual(["src/a.ts"]);
});

it("[H05] says that nothing matches, and that a folder is not there", async () => {
  const workspace = createWorkspace();
  expect(await find(workspace, "*.ts")).toEqual(["No files found"]);
  expect(await find(workspace, "no/such/*.ts")).toEqual(["No files found"]);
  expect(await refusalOf(find(workspace, "*.ts", "no"))).toContain("does not exist");
});

it("[H05] passes over .git and node_modules unless they are named", async () => {
  const workspace = createWorkspace();
  fill(workspace, ".git/a.ts", "node_modules/x/b.ts", "c.ts");
  expect(await find(workspace, "**/*.ts")).toEqual(["c.ts"]);
  expect(await find(workspace, "node_modules/**/*.ts")).toEqual(["node_modules/x/b.ts"]);
  expect(await find(workspace, "*", ".git")).toEqual([".git/a.ts"]);
});

it("[H05] cuts at 1000 and says how many there are", async () => {
  const workspace = createWorkspace();
  for (let i = 0; i < 1003; i++) workspace.put(`f${i}`, "");
  const lines = await find(workspace, "*");
  expect(lines).toHaveLength(1001);
  expect(lines.at(-1)).toBe("[cut here: the newest 1000 of 1003 files]");
});

it("[FS-01] [FS-02] looks nowhere outside, by pattern, path or link", async () => {
  const workspace = createWorkspace();
  symlinkSync(workspace.outside, join(workspace.dir, "out"));
  symlinkSync(".", join(workspace.dir, "loop"));
  for (const pattern of ["../outside/*", "/etc/*", "{..,x}/*", "a/../../*"]) {
    const [first] = await find(workspace, pattern).catch((error: Error) => [error.message]);
    expect(first).toMatch(/No files found|begins with|holds \.\./);
  }
  expect(await refusalOf(find(workspace, "*", "out"))).toContain("leads out");
  expect(await find(workspace, "**/secret.txt")).toEqual(["No files found"]);
});

it("[FS-10] names nothing of the gateway's own", async () => {
  const workspace = createWorkspace();
  mkdirSync(join(workspace.dir, "state"));
  fill(workspace, "state/gatehouse.db", "a.db");
  const more = { protectedPaths: [join(workspace.dir, "state")] };
  expect((await workspace.act(globTool, { pattern: "**/*.db" }, more)).text).toBe("a.db");
  expect(await find(workspace, "**/*.db")).toHaveLength(2);
});
