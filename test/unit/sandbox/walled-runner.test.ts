import { describe, expect, it } from "vitest";
import type { BackgroundCommand, CommandResult, CommandRunner, CommandSpec } from "#main/base/command.ts";
import { Refused } from "#main/base/errors.ts";
import { createWalledRunner } from "#main/sandbox/walled-runner.ts";
import { shell } from "#test/fakes/walls.ts";

const result: CommandResult = {
  ...{ exitCode: 0, signal: null, stdout: "", stderr: "", timedOut: false, droppedBytes: 0, durationMs: 1 },
};
function ground(given: { fails?: boolean; running?: boolean[] } = {}) {
  const seen: CommandSpec[] = [];
  let released = 0;
  const background: BackgroundCommand = {
    pid: 7,
    poll: () => ({ stdout: "", stderr: "", running: given.running?.shift() ?? false, exitCode: 0 }),
    kill: () => Promise.resolve(),
  };
  const answer = <T>(spec: CommandSpec, value: T): Promise<T> => {
    seen.push(spec);
    return given.fails === true ? Promise.reject(new Error("failed")) : Promise.resolve(value);
  };
  const plain: CommandRunner = { run: (spec) => answer(spec, result), start: (spec) => answer(spec, background) };
  const walled = (spec: CommandSpec): CommandSpec => ({ ...spec, argv: ["wall", ...spec.argv] });
  const runner = (check?: (found: CommandResult) => void) =>
    createWalledRunner(plain, (spec) =>
      Promise.resolve({ spec: walled(spec), release: () => released++, ...(check === undefined ? {} : { check }) }),
    );
  return { seen, runner, plain, released: () => released };
}
const signal = () => new AbortController().signal;

describe("a walled runner", () => {
  it("hands on what was rewritten, and releases once at the end", async () => {
    const { seen, runner, released } = ground();
    expect(await runner().run(shell("/w", "x"), signal())).toBe(result);
    expect(seen[0]?.argv).toEqual(["wall", "/bin/sh", "-c", "x"]);
    expect(released()).toBe(1);
  });
  it("never runs a command as it was given when it cannot be rewritten", async () => {
    const { plain, seen } = ground();
    const runner = createWalledRunner(plain, () => Promise.reject(new Refused("INVALID_REQUEST", "no walls")));
    await expect(runner.run(shell("/w", "x"), signal())).rejects.toThrow("no walls");
    await expect(runner.start(shell("/w", "x"))).rejects.toThrow("no walls");
    expect(seen).toEqual([]);
  });
  it("releases when the command fails or was not built", async () => {
    const failing = ground({ fails: true });
    await expect(failing.runner().run(shell("/w", "x"), signal())).rejects.toThrow("failed");
    await expect(failing.runner().start(shell("/w", "x"))).rejects.toThrow("failed");
    expect(failing.released()).toBe(2);
    const unbuilt = ground();
    const check = () => {
      throw new Refused("UNAVAILABLE", "not built");
    };
    await expect(unbuilt.runner(check).run(shell("/w", "x"), signal())).rejects.toThrow("not built");
    expect(unbuilt.released()).toBe(1);
  });
  it("keeps a background command's place until it is seen to have ended", async () => {
    const { runner, released } = ground({ running: [true, false, false] });
    const command = await runner().start(shell("/w", "x"));
    command.poll();
    expect(released()).toBe(0);
    command.poll();
    command.poll();
    await command.kill();
    expect(released()).toBe(1);
  });
});
