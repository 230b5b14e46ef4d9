import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Compile } from "typebox/compile";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "#main/base/clock.ts";
import type { CommandResult, CommandRunner } from "#main/base/command.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { Refused } from "#main/base/errors.ts";
import { silentLogger } from "#main/base/logger.ts";
import { createCommandRunner } from "#main/base/run-command.ts";
import { toCustomTool } from "#main/tools/create_tool/custom-tool.ts";
import type { CustomTool, ToolContext } from "#main/tools/contract.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

let workspace: string;
let commands: CommandRunner & Disposable;

beforeEach(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), "custom-")));
  commands = createCommandRunner({ clock: createSystemClock(), log: silentLogger });
});
afterEach(async () => {
  await commands.dispose();
  rmSync(workspace, { recursive: true, force: true });
});

const greet: CustomTool = {
  name: "custom_greet",
  description: "Greets somebody by name.",
  runtime: "bash",
  params: { type: "object", properties: { who: { type: "string" } }, required: ["who"] },
  source: 'echo "got $(cat)"',
  timeoutSeconds: 10,
};
const done: CommandResult = {
  ...{ exitCode: 0, signal: null, stdout: "ok\n", stderr: "", timedOut: false, droppedBytes: 0, durationMs: 1 },
};

async function run(custom: CustomTool, args: Record<string, unknown>, given: Partial<ToolContext> = {}) {
  const context = createToolContext({ workspace, commands, ...given });
  const tool = toCustomTool(custom);
  const plan = (await tool.plan?.(args as never, context)) ?? { summary: "" };
  return tool.run(args as never, context, plan);
}

describe("a custom tool", () => {
  it("[H20] is level 7 and shows its text and its arguments", async () => {
    const tool = toCustomTool(greet);
    expect(tool.level({} as never)).toBe(7);
    const plan = await tool.plan?.({ who: "you" } as never, createToolContext({ workspace }));
    expect(plan?.exec?.command).toContain('# standard input: {"who":"you"}');
    expect(plan?.exec?.command).toContain(greet.source);
    expect(plan?.exec?.argv.slice(0, 4)).toEqual(["/bin/bash", "--noprofile", "--norc", "-c"]);
    expect(plan?.files?.[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
  it("[H20] reads its arguments as JSON on standard input", async () => {
    expect(await run(greet, { who: 'a "b" $(rm x)' })).toEqual({
      text: 'got {"who":"a \\"b\\" $(rm x)"}',
      untrusted: "output of custom_greet",
    });
  });
  it("takes only the parameters it names", () => {
    const validator = Compile(
      toCustomTool({ ...greet, params: { ...greet.params, additionalProperties: true } }).params,
    );
    expect([{ who: "x" }, {}, { who: "x", more: 1 }].map((args) => validator.Check(args))).toEqual([
      true,
      false,
      false,
    ]);
  });
  it("[H20] fails when its text fails or takes too long", async () => {
    expect(await run({ ...greet, source: "-x; exit 4" }, {})).toMatchObject({
      isError: true,
      text: expect.stringContaining("exit_code: 4"),
    });
    expect(await run({ ...greet, source: "sleep 100", timeoutSeconds: 1 }, {})).toMatchObject({
      isError: true,
      text: expect.stringContaining("timed_out: true"),
    });
  });
  it("says so when its language is not here", async () => {
    const plan = run({ ...greet, runtime: "python" }, {}, { commandEnv: { PATH: "/nowhere" } });
    await expect(plan).rejects.toThrow("no python on this computer");
  });
});

describe("a custom tool that cannot be started just now", () => {
  const failing = (times: number, error: Error) => {
    const starts: number[] = [];
    const clock = createManualClock();
    const runner: CommandRunner = {
      run: async () => {
        starts.push(clock.monotonic());
        if (starts.length <= times) throw error;
        return done;
      },
      start: async () => expect.fail("not in the background"),
    };
    return { starts, clock, runner };
  };
  const busy = new Refused("UNAVAILABLE", "short of memory", { retryAfterMs: 100 });

  it("[H20] is tried up to ten times more, after 100 ms and then twice as long up to 5 s", async () => {
    const { starts, clock, runner } = failing(10, busy);
    const running = run(greet, { who: "x" }, { commands: runner, clock });
    while (starts.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(60_000);
    expect((await running).text).toBe("ok");
    const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000]);
  });
  it("[H20] is given up after that", async () => {
    const { starts, clock, runner } = failing(99, busy);
    const running = run(greet, { who: "x" }, { commands: runner, clock });
    const thrown = running.catch((error: unknown) => error);
    while (starts.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(120_000);
    expect(await thrown).toBe(busy);
    expect(starts).toHaveLength(11);
  });
  it("is not tried again when it was refused for good, or had started", async () => {
    for (const error of [
      new Refused("INVALID_REQUEST", "no"),
      new Error("broke"),
      new Refused("UNAVAILABLE", "closing"),
    ]) {
      const { starts, clock, runner } = failing(1, error);
      await expect(run(greet, { who: "x" }, { commands: runner, clock })).rejects.toThrow(error.message);
      expect(starts).toHaveLength(1);
    }
  });
  it("stops waiting on abort", async () => {
    const { starts, clock, runner } = failing(99, busy);
    const controller = new AbortController();
    const running = run(greet, { who: "x" }, { commands: runner, clock, signal: controller.signal });
    while (starts.length === 0 || clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(clock.pendingTimers).toBe(0);
  });
});
