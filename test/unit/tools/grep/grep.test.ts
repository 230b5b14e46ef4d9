import { linkSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { CommandResult, CommandSpec } from "#main/base/command.ts";
import { Refused } from "#main/base/errors.ts";
import { grepTool } from "#main/tools/grep/index.ts";
import type { ToolContext } from "#main/tools/contract.ts";
import { createWorkspace, refusalOf, type TestWorkspace } from "#test/fakes/workspace.ts";

const bare = { commandEnv: { PATH: "" } };
const grep = async (workspace: TestWorkspace, args: object, more: Partial<ToolContext> = bare) =>
  (await workspace.act(grepTool, args, more)).text;

/** A runner that answers as ripgrep does, with a program of that name on the path. */
function withRipgrep(workspace: TestWorkspace, answer: Partial<CommandResult>) {
  const specs: CommandSpec[] = [];
  writeFileSync(join(workspace.outside, "rg"), "", { mode: 0o755 });
  const result = { exitCode: 0, signal: null, stdout: "", stderr: "", timedOut: false, droppedBytes: 0, durationMs: 1 };
  const run = async (spec: CommandSpec) => {
    specs.push(spec);
    return { ...result, ...answer };
  };
  const commands = { run, start: async () => Promise.reject(new Error("not asked for")) };
  return { specs, more: { commandEnv: { PATH: workspace.outside }, commands } };
}

it("[H06] finds lines with path and number, without ripgrep", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "one\r\ntwo\r\nThree two");
  workspace.put("d/b.ts", "two\n");
  expect(await grep(workspace, { pattern: "two" })).toBe("a.txt:2:two\na.txt:3:Three two\nd/b.ts:1:two");
  expect(await grep(workspace, { pattern: "THREE", ignore_case: true })).toBe("a.txt:3:Three two");
  expect(await grep(workspace, { pattern: "two", glob: "*.ts" })).toBe("d/b.ts:1:two");
  expect(await grep(workspace, { pattern: "two", path: "d" })).toBe("d/b.ts:1:two");
  expect(await grep(workspace, { pattern: "two", path: "d/b.ts" })).toBe("d/b.ts:1:two");
});

it("[H06] says when nothing matches, and what is wrong with a pattern or a path", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "one");
  expect(await grep(workspace, { pattern: "two" })).toBe("No matches found");
  expect(await refusalOf(grep(workspace, { pattern: "(" }))).toContain("not closed");
  expect(await refusalOf(grep(workspace, { pattern: "x", path: "no" }))).toContain("does not exist");
});

it("[H06] asks ripgrep where there is one, and shows what it reads itself", async () => {
  const workspace = createWorkspace();
  workspace.put("d/a.txt", "one\ntwo\nthree\n");
  const { specs, more } = withRipgrep(workspace, { stdout: "./d/a.txt\u00002:[Omitted]\n./d/a.txt\u00003:x\n" });
  const args = { pattern: "t(wo|hree)", path: "d", glob: "*.txt", ignore_case: true };
  expect(await grep(workspace, args, more)).toBe("d/a.txt:2:two\nd/a.txt:3:three");
  const [spec] = specs;
  expect(spec?.argv[0]).toBe(join(workspace.outside, "rg"));
  expect(spec?.argv).toEqual(
    expect.arrayContaining(["--no-follow", "--ignore-case", "--glob=*.txt", "--regexp=t(wo|hree)"]),
  );
  expect(spec?.argv.slice(-2)).toEqual(["--", "./d"]);
  expect(spec?.cwd).toBe(workspace.dir);
});

it("[FS-04] shows nothing that ripgrep names outside, over a link or by a second name", async () => {
  const workspace = createWorkspace();
  symlinkSync(workspace.outside, join(workspace.dir, "out"));
  linkSync(join(workspace.outside, "secret.txt"), join(workspace.dir, "hard"));
  const stdout = ["./outgoing/secret.txt", "./hard", "./../outside/secret.txt"]
    .map((path) => `${path}\u00001:secret\n`)
    .join("");
  const { more } = withRipgrep(workspace, { stdout });
  expect(await grep(workspace, { pattern: "secret" }, more)).toBe("No matches found");
});

it("[H06] goes on without ripgrep when it cannot be run, and tells of a pattern it cannot read", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "one");
  const broken = withRipgrep(workspace, { exitCode: 2, stderr: "rg: cannot allocate" });
  expect(await grep(workspace, { pattern: "one" }, broken.more)).toBe("a.txt:1:one");
  const failing = {
    ...broken.more,
    commands: {
      ...broken.more.commands,
      run: async () => {
        throw new Refused("UNAVAILABLE", "no sandbox");
      },
    },
  };
  expect(await grep(workspace, { pattern: "one" }, failing)).toBe("a.txt:1:one");
  const fault = withRipgrep(workspace, { exitCode: 2, stderr: "regex parse error: unclosed group" });
  expect(await refusalOf(grep(workspace, { pattern: "(" }, fault.more))).toContain("unclosed group");
});

it("[H06] takes no ripgrep that lies in the workspace", async () => {
  const workspace = createWorkspace();
  writeFileSync(join(workspace.dir, "rg"), "planted", { mode: 0o755 });
  expect(await grep(workspace, { pattern: "plan" }, { commandEnv: { PATH: workspace.dir } })).toBe("rg:1:planted");
});

it("[FS-02] [FS-07] passes over links, binary files, .git and node_modules", async () => {
  const workspace = createWorkspace();
  workspace.put("a.bin", "x\0secret");
  workspace.put(".git/a", "secret");
  workspace.put("node_modules/a", "secret");
  symlinkSync(join(workspace.outside, "secret.txt"), join(workspace.dir, "leaf"));
  symlinkSync(workspace.outside, join(workspace.dir, "out"));
  linkSync(join(workspace.outside, "secret.txt"), join(workspace.dir, "hard"));
  expect(await grep(workspace, { pattern: "secret" })).toBe("No matches found");
  expect(await grep(workspace, { pattern: "secret", path: ".git" })).toBe(".git/a:1:secret");
});

it("[FS-10] finds nothing in the gateway's own files", async () => {
  const workspace = createWorkspace();
  workspace.put("state/config.yaml", "token");
  const more = { ...bare, protectedPaths: [join(workspace.dir, "state")] };
  expect(await grep(workspace, { pattern: "token" }, more)).toBe("No matches found");
  expect(await grep(workspace, { pattern: "token" })).toBe("state/config.yaml:1:token");
});

it("[FS-06] stops in a huge file, soon and in little memory, and says so", async () => {
  const workspace = createWorkspace();
  workspace.put("huge.txt", `start\n${"some words in a line\n".repeat(50_000)}`);
  workspace.put("sparse", "x\n");
  truncateSync(join(workspace.dir, "sparse"), 50 * 1024 ** 3);
  const before = process.memoryUsage().rss;
  const began = performance.now();
  expect(await grep(workspace, { pattern: "words$" })).toBe("No matches found");
  const text = await grep(workspace, { pattern: "words" });
  expect(text.split("\n")).toHaveLength(501);
  expect(text).toMatch(/\[cut here after 500 lines; .*\]$/);
  expect(performance.now() - began).toBeLessThan(2000);
  expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
});
