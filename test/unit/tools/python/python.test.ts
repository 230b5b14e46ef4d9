import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "#main/base/clock.ts";
import type { CommandRunner, CommandSpec } from "#main/base/command.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { silentLogger } from "#main/base/logger.ts";
import { findProgram } from "#main/base/process/program.ts";
import { createCommandRunner } from "#main/base/run-command.ts";
import { pythonTool } from "#main/tools/python/index.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

let workspace: string;
let commands: CommandRunner & Disposable;

beforeEach(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), "python-")));
  commands = createCommandRunner({ clock: createSystemClock(), log: silentLogger });
});
afterEach(async () => {
  await commands.dispose();
  rmSync(workspace, { recursive: true, force: true });
});

const hasPython = (await findProgram("python3", "/usr/bin:/bin", "/")) !== undefined;

async function python(code: string, timeout_ms?: number) {
  const context = createToolContext({
    workspace,
    commands,
    commandEnv: { PATH: "/usr/bin:/bin", PYTHONPATH: workspace },
  });
  const plan = (await pythonTool.plan?.({ code }, context)) ?? { summary: "" };
  return pythonTool.run({ code, ...(timeout_ms === undefined ? {} : { timeout_ms }) }, context, plan);
}

describe.runIf(hasPython)("python", () => {
  it("[H15] runs code and gives what it prints", async () => {
    const { text, isError } = await python("import sys\nprint(6 * 7, 'ä')\nprint('no', file=sys.stderr)");
    expect(text).toMatch(
      /^exit_code: 0\ntimed_out: false\nduration_ms: \d+\n--- stdout ---\n42 ä\n--- stderr ---\nno$/,
    );
    expect(isError).toBeUndefined();
  });
  it("[H15] gives the trace of an error", async () => {
    expect(await python("1 / 0")).toMatchObject({ isError: true, text: expect.stringContaining("ZeroDivisionError") });
  });
  it("[H15] ends when its time is up", async () => {
    expect(await python("while True: pass", 200)).toMatchObject({ text: expect.stringContaining("timed_out: true") });
  });
  it("does not load modules of the workspace", async () => {
    writeFileSync(join(workspace, "json.py"), "raise SystemExit('mine')");
    expect((await python("import json; print(json.dumps([1]))")).text).toContain("[1]");
  });
});

describe("the plan of python", () => {
  const withPython = () => {
    writeFileSync(join(workspace, "python3"), "#!/bin/sh\n", { mode: 0o755 });
    return createToolContext({
      workspace,
      commandEnv: { PATH: workspace, LD_PRELOAD: "x", PYTHONPATH: "y", LANG: "C" },
    });
  };
  it("shows all of the code, the interpreter and what it is now", async () => {
    const plan = await pythonTool.plan?.({ code: "print(1)\nPYTHON\n" }, withPython());
    const program = join(workspace, "python3");
    expect(plan?.exec).toMatchObject({
      command: `${program} -I - <<'PYTHON_'\nprint(1)\nPYTHON\n\nPYTHON_`,
      argv: [program, "-I", "-"],
      env: { PATH: workspace, LANG: "C" },
    });
    expect(plan?.exec?.env).not.toHaveProperty("LD_PRELOAD");
    expect(plan?.files?.[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
  it("feeds the code, and bounds it", async () => {
    const specs: CommandSpec[] = [];
    const context = createToolContext({
      ...withPython(),
      commands: {
        run: async (spec) => {
          specs.push(spec);
          throw new Error("stop");
        },
        start: async () => expect.fail("not in the background"),
      },
    });
    const plan = (await pythonTool.plan?.({ code: "x" }, context)) ?? { summary: "" };
    await expect(pythonTool.run({ code: "x" }, context, plan)).rejects.toThrow("stop");
    expect(specs[0]).toMatchObject({ stdin: "x", timeoutMs: 120_000 });
  });
  it("says so when there is no Python, and is level 7", async () => {
    const context = createToolContext({ workspace, commandEnv: { PATH: "/nowhere" } });
    await expect(pythonTool.plan?.({ code: "x" }, context)).rejects.toThrow("There is no Python 3 on this computer");
    expect(pythonTool.level({ code: "x" })).toBe(7);
  });
});
