import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "#main/base/clock.ts";
import type { CommandRunner } from "#main/base/command.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { silentLogger } from "#main/base/logger.ts";
import { createCommandRunner } from "#main/base/run-command.ts";
import { createBashTools } from "#main/tools/bash/index.ts";
import type { AnyTool, ToolContext, ToolResult } from "#main/tools/contract.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

let workspace: string;
let commands: CommandRunner & Disposable;
let tools: readonly AnyTool[];

beforeEach(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), "bash-")));
  commands = createCommandRunner({ clock: createSystemClock(), log: silentLogger });
  tools = createBashTools("linux");
});
afterEach(async () => {
  await commands.dispose();
  rmSync(workspace, { recursive: true, force: true });
});

const toolNamed = (name: string): AnyTool => tools.find((tool) => tool.name === name) ?? expect.fail(`no ${name}`);
async function call(
  name: string,
  args: Record<string, unknown>,
  given: Partial<ToolContext> = {},
): Promise<ToolResult> {
  const context = createToolContext({ workspace, commands, overflowDir: join(workspace, "over"), ...given });
  const tool = toolNamed(name);
  const plan = (await tool.plan?.(args as never, context)) ?? { summary: name };
  return tool.run(args as never, context, plan);
}
const bash = (command: string, more: Record<string, unknown> = {}) => call("bash", { command, ...more });

describe("bash", () => {
  it("[H01] gives standard output, standard error and the exit code", async () => {
    const { text, isError, untrusted } = await bash("echo out; echo err >&2");
    expect(text).toMatch(
      /^exit_code: 0\ntimed_out: false\nduration_ms: \d+\n--- stdout ---\nout\n--- stderr ---\nerr$/,
    );
    expect([isError, untrusted]).toEqual([undefined, "command output"]);
  });
  it("[H01] calls a command failed that does not end with 0", async () => {
    expect(await bash("exit 3")).toMatchObject({ isError: true, text: expect.stringContaining("exit_code: 3") });
    expect(await bash("ls no-such-file")).toMatchObject({
      isError: true,
      text: expect.stringContaining("No such file"),
    });
  });
  it("[H13] reports to callers of `exec` in the form that they read", async () => {
    const exec = async (command: string) => await bash(command, { report: "exec" });
    expect((await exec("echo out; echo err >&2; exit 3")).text).toBe("Output:\nout\nErrors:\nerr\nExit code: 3");
    expect(await exec("true")).toEqual({ text: "Exit code: 0", untrusted: "command output" });
    expect(await exec("exit 1")).toMatchObject({ text: "Exit code: 1", isError: true });
    const killed = await bash("kill -9 $$", { report: "exec" });
    expect(killed).toMatchObject({ isError: true, text: expect.stringContaining("Exit code: none (SIGKILL)") });
    const late = await bash("sleep 1000", { report: "exec", timeout_ms: 100 });
    expect(late).toMatchObject({ isError: true, text: expect.stringContaining("Exit code: none (timed out)") });
  });
  it("[H01] ends a command with its children when its time is up", async () => {
    const result = await bash("sleep 1000 & echo $!; wait", { timeout_ms: 200 });
    expect(result).toMatchObject({ isError: true, text: expect.stringContaining("timed_out: true") });
    const pid = /^\d+$/m.exec(result.text.slice(result.text.indexOf("stdout")))?.[0];
    expect(pid).toBeDefined();
    // Dead, if perhaps not yet noticed by whoever inherited it.
    expect(existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/stat`, "latin1") : ") Z ").toContain(") Z ");
  });
  it("[H01] says where the whole output is when it was too much", async () => {
    const { text } = await bash("seq 100000");
    const path = /whole_output: (.*)/.exec(text)?.[1];
    expect(readFileSync(path ?? "", "utf8").split("\n")).toHaveLength(100_001);
    expect(text.length).toBeLessThan(34_000);
    expect(text).toContain("bytes left out");
  });
  it("[H13] runs in the folder that was asked for", async () => {
    expect((await bash("pwd", { cwd: "." })).text).toContain(workspace);
    expect((await bash("echo $PWD", { cwd: "/" })).text).toMatch(/\n\/$/);
  });
  it("puts names in where a looking command has a pattern", async () => {
    writeFileSync(join(workspace, "a.ts"), "");
    writeFileSync(join(workspace, "b c.ts"), "");
    expect((await bash("ls ./*.ts")).text).toContain("./a.ts\n./b c.ts");
    expect((await bash("echo '*' \"a'b\" ./*")).text).toContain("* a'b ./a.ts ./b c.ts");
  });
  it("[AP-36] does not wait for input", async () => {
    expect((await bash("cat")).text).toContain("exit_code: 0");
  });
  it("[AP-19] runs the plan and nothing else", async () => {
    const context = createToolContext({ workspace, commands });
    const tool = toolNamed("bash");
    const plan = (await tool.plan?.({ command: "echo planned" } as never, context)) ?? { summary: "" };
    expect((await tool.run({ command: "echo other" } as never, context, plan)).text).toContain("planned");
  });
  it("[I01] is level 5 for what only looks and 7 for the rest", () => {
    const level = (command: string) => toolNamed("bash").level({ command } as never);
    expect(["git status", "ls -l", "ls | sh", "env"].map(level)).toEqual([5, 5, 7, 7]);
  });
  it("[AP-33] is level 7 on Windows, whatever the text", () => {
    const [windows] = createBashTools("win32");
    expect(windows?.level({ command: "ls" } as never)).toBe(7);
  });
});

describe("a command in the background", () => {
  const idOf = (result: ToolResult) => /^id: (\w+)$/m.exec(result.text)?.[1] ?? "";

  it("is looked at until it ends", async () => {
    const id = idOf(await bash("echo started; exit 2", { background: true }));
    let text = "";
    let last = "";
    do {
      last = (await call("bash_output", { id })).text;
      text += last;
      await new Promise((resolve) => setImmediate(resolve));
    } while (last.includes("running: true"));
    expect(text).toContain("started");
    expect(last).toContain("exit_code: 2");
    await expect(call("bash_output", { id })).rejects.toThrow("no background command");
  });
  it("is ended by bash_kill, with its children", async () => {
    const id = idOf(await bash("sleep 1000 & sleep 1000", { background: true }));
    expect((await call("bash_kill", { id })).text).toContain(`Ended ${id}`);
    await expect(call("bash_kill", { id })).rejects.toThrow("There are: none");
  });
  it("is not seen by another session", async () => {
    const id = idOf(await bash("sleep 1000", { background: true }));
    await expect(call("bash_output", { id }, { sessionKey: "agent:main:other" })).rejects.toThrow("There are: none");
    await expect(call("bash_kill", { id }, { sessionKey: "agent:main:other" })).rejects.toThrow("There are: none");
    await call("bash_kill", { id });
  });
  it("is one of sixteen at most", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 16; i++) ids.push(idOf(await bash("sleep 1000 | cat", { background: true })));
    await expect(bash("sleep 1000", { background: true })).rejects.toThrow("16 commands");
    await commands.dispose();
  });
});
