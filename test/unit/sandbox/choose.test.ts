import { describe, expect, it } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import { chooseSandbox, type SandboxChoice } from "#main/sandbox/choose.ts";
import type { Sandbox, SandboxAdapter, SandboxContext } from "#main/sandbox/contract.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { settingsWith, shell } from "#test/fakes/walls.ts";

const unused = () => Promise.reject(new Error("not to be run"));
const context: SandboxContext = {
  ...{ dataDir: "/data", clock: createManualClock(), log: silentLogger, protectedPaths: [], env: {} },
  runner: { run: unused, start: unused },
};
const sandboxOf = (adapter: Sandbox["adapter"]): Sandbox => ({
  adapter,
  badge: () => ({ adapter, label: adapter, confined: [], notConfined: [] }),
  runnerFor: () => context.runner,
  prune: () => Promise.resolve(),
  dispose() {},
});
const works = (id: SandboxAdapter["id"]): SandboxAdapter => ({
  id,
  probe: () => Promise.resolve({ ok: true, sandbox: sandboxOf(id) }),
});
const fails = (id: SandboxAdapter["id"], reason: string): SandboxAdapter => ({
  id,
  probe: () => Promise.resolve({ ok: false, reason }),
});
const choose = (given: Partial<SandboxChoice>) =>
  chooseSandbox({ mode: "auto", platform: "linux", adapters: [], context, ...given });

describe("the choice of a sandbox", () => {
  it("[I06] auto takes the first that works, and says why others do not", async () => {
    const adapters = [fails("bwrap", "not installed"), works("docker"), works("none")];
    const { sandbox, unavailable } = await choose({ adapters });
    expect(sandbox.adapter).toBe("docker");
    expect(unavailable).toEqual([{ adapter: "bwrap", reason: "not installed" }]);
  });
  it("[I06] auto leaves out what belongs to other systems", async () => {
    const adapters = [works("bwrap"), works("seatbelt"), works("job-object"), works("docker")];
    const chosen = async (platform: NodeJS.Platform) => (await choose({ adapters, platform })).sandbox.adapter;
    expect(await chosen("linux")).toBe("bwrap");
    expect(await chosen("darwin")).toBe("seatbelt");
    expect(await chosen("win32")).toBe("job-object");
    expect(await chosen("freebsd")).toBe("docker");
  });
  it("[I06] auto without any walls says openly that nothing is confined, and that approval still holds", async () => {
    const { sandbox, unavailable } = await choose({
      adapters: [fails("bwrap", "a"), fails("docker", "b"), works("none")],
    });
    const badge = sandbox.badge(settingsWith());
    expect(badge).toMatchObject({ adapter: "none", label: "Not confined" });
    expect(badge.notConfined.join(" ")).toMatch(/all rights of your account.*approval/s);
    expect(unavailable).toHaveLength(2);
    expect(sandbox.runnerFor({ sessionKey: "s", agentId: "a", workspace: "/w" }, settingsWith())).toBe(context.runner);
  });
  it("[I06] walls asked for by name that cannot be had refuse every command, in words", async () => {
    const { sandbox } = await choose({
      mode: "bwrap",
      adapters: [fails("bwrap", "not installed"), works("docker"), works("none")],
    });
    const runner = sandbox.runnerFor({ sessionKey: "s", agentId: "a", workspace: "/w" }, settingsWith());
    const words = /sandbox\.mode is 'bwrap'.*not installed.*auto or off/;
    await expect(runner.run(shell("/w", "true"), new AbortController().signal)).rejects.toThrow(words);
    await expect(runner.start(shell("/w", "true"))).rejects.toThrow(words);
    expect(sandbox.badge(settingsWith()).label).toBe("Commands are refused");
  });
  it("[I06] a name that belongs to another system refuses too", async () => {
    const { sandbox, unavailable } = await choose({ mode: "bwrap", platform: "darwin", adapters: [works("bwrap")] });
    expect(sandbox.badge(settingsWith()).label).toBe("Commands are refused");
    expect(unavailable).toEqual([{ adapter: "bwrap", reason: "bwrap does not exist on darwin" }]);
  });
  it("[I06] off is off, without a probe", async () => {
    const never: SandboxAdapter = { id: "bwrap", probe: () => Promise.reject(new Error("probed")) };
    const { sandbox, unavailable } = await choose({ mode: "off", adapters: [never] });
    expect(sandbox.badge(settingsWith()).notConfined[0]).toContain("switched off");
    expect(unavailable).toEqual([]);
  });
  it("a probe that throws is a reason and no failure", async () => {
    const broken: SandboxAdapter = { id: "bwrap", probe: () => Promise.reject(new Error("the disk is full")) };
    const { sandbox, unavailable } = await choose({ adapters: [broken] });
    expect(sandbox.adapter).toBe("none");
    expect(unavailable).toEqual([{ adapter: "bwrap", reason: "the disk is full" }]);
  });
});
