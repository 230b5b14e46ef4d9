import Type from "typebox";
import { describe, expect, it } from "vitest";
import type { GuardedCall } from "#main/approvals/contract.ts";
import { Desk } from "#main/approvals/desk.ts";
import { createGate } from "#main/approvals/gate.ts";
import { Grants } from "#main/approvals/grants.ts";
import type { AuditEvent } from "#main/audit/contract.ts";
import type { GrantRule } from "#main/protocol/methods/approvals.ts";
import type { Config } from "#main/config/schema.ts";
import { defineTool, type AnyTool, type Level, type Plan, type ToolResult } from "#main/tools/contract.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";
import { openStore } from "../store/open-store.ts";

const owner = { id: "device:window", mayApprove: true };

interface World {
  level: Level;
  /** What the tool would do now; a test changes it while the question waits. */
  plan: Plan;
  deny: string[];
  auditFails: boolean;
  result: ToolResult;
}

async function setUp(given: Partial<World> = {}) {
  const { db } = await openStore();
  const clock = createManualClock();
  const world: World = {
    level: 7,
    plan: { summary: "Run it" },
    deny: [],
    auditFails: false,
    result: { text: "ran" },
    ...given,
  };
  const ran: Plan[] = [];
  const tool = defineTool({
    ...{ name: "act", group: "runtime" as const, description: "Acts.", params: Type.Object({}) },
    level: () => world.level,
    plan: async () => structuredClone(world.plan),
    run: async (_args, _context, plan) => {
      ran.push(plan);
      return world.result;
    },
  });
  const desk = new Desk({ db, clock });
  const grants = new Grants({ db, clock });
  const events: AuditEvent[] = [];
  const config = () =>
    ({
      tools: {
        approvals: { required: true, autoApproveLevels: [1, 2, 3], timeoutSeconds: 120 },
        ...{ allow: [], deny: world.deny, elevated: [], byChannel: {}, bySender: {}, settings: {} },
      },
      agents: {},
    }) as unknown as Config;
  const gate = createGate({
    ...{ clock, desk, grants, config },
    audit: {
      async append(event) {
        if (world.auditFails) throw new Error("the disk is full");
        events.push(event);
      },
    },
    findTool: (name): AnyTool | undefined => (name === "act" ? tool : undefined),
    createContext: (_call, signal) => createToolContext({ workspace: "/w", clock, signal }),
    isElevated: () => false,
    host: () => "this computer",
    cutSecrets: (text) => text.replaceAll("the-gateways-own-key", "[redacted]"),
  });
  const call = (more: Partial<GuardedCall> = {}): GuardedCall => ({
    ...{
      callId: "c",
      tool: "act",
      args: {},
      level: world.level,
      agentId: "main",
      sessionKey: "agent:main:main",
      runId: "r",
    },
    requester: { channel: "webchat", sender: "d", isOwner: true },
    ...more,
  });
  /** Starts a call; `id` resolves when the owner is asked. */
  const start = (more: Partial<GuardedCall> = {}, signal = new AbortController().signal) => {
    let told: (id: string) => void = () => {};
    const id = new Promise<string>((resolve) => {
      told = resolve;
    });
    const steps: string[] = [];
    const progress = {
      onWaiting(approvalId: string) {
        steps.push("waiting");
        told(approvalId);
      },
      onResolved: (outcome: string) => void steps.push(outcome),
      onStart: () => void steps.push("start"),
    };
    return { id, steps, result: gate.execute(call(more), progress, signal) };
  };
  return { db, clock, world, ran, desk, grants, events, gate, call, start };
}

const exec = {
  command: "make all",
  argv: ["/usr/bin/make", "all"],
  cwd: "/w",
  env: { PATH: "/usr/bin" },
  resolvedPath: "/usr/bin/make",
};

describe("the gate", () => {
  it("[I02] runs what the policy allows at once, and records it", async () => {
    const { ran, events, start } = await setUp({ level: 3 });
    const { steps, result } = start();
    expect(await result).toEqual({ text: "ran" });
    expect([steps, ran.length, events.map((event) => event.type)]).toEqual([
      ["start"],
      1,
      ["tool.allowed", "tool.started", "tool.finished"],
    ]);
  });

  it("[I02] asks, runs once when allowed, and keeps what came of it", async () => {
    const { ran, desk, events, start } = await setUp();
    const { id, steps, result } = start();
    await desk.resolve(await id, "allow-once", owner);
    expect(await result).toEqual({ text: "ran" });
    expect(ran).toHaveLength(1);
    expect(steps).toEqual(["waiting", "allowed", "start"]);
    expect(events.map((event) => event.type)).toEqual([
      "approval.requested",
      "approval.resolved",
      "tool.started",
      "tool.finished",
    ]);
    expect(await desk.get(await id)).toMatchObject({
      approval: { outcome: "allowed", run: "done" },
      result: "ran",
      isError: false,
    });
  });

  it.each([
    ["deny", "denied", "said no"],
    ["expire", "expired", "Nobody answered"],
    ["couldNotShow", "could-not-show", "could not be shown"],
  ])("[I04] runs nothing on %s, and says why apart", async (how, outcome, words) => {
    const { ran, clock, desk, start } = await setUp();
    const { id, steps, result } = start();
    const key = await id;
    if (how === "deny") await desk.resolve(key, "deny", owner);
    else if (how === "expire") await clock.advance(120_000);
    else await desk.couldNotShow(key, owner, "broken");
    const { text, isError } = await result;
    expect([isError, steps.at(-1), ran]).toEqual([true, outcome, []]);
    expect(text).toContain(words);
    expect(text).toContain("Nothing was done");
  });

  const drifts: [string, Plan][] = [
    ["[AP-01] argv", { summary: "Run it", exec: { ...exec, argv: ["/usr/bin/make", "clean"] } }],
    ["[AP-02] environment", { summary: "Run it", exec: { ...exec, env: { PATH: "/tmp" } } }],
    ["[AP-04] folder", { summary: "Run it", exec: { ...exec, cwd: "/v" } }],
    ["[AP-05] script", { summary: "Run it", exec, files: [{ path: "/w/Makefile", identity: "1:2", sha256: "b" }] }],
    ["[AP-06] program", { summary: "Run it", exec: { ...exec, resolvedPath: "/tmp/make" } }],
  ];
  it.each(drifts)("%s that changed after the yes runs nothing", async (_what, changed) => {
    const planned = { summary: "Run it", exec, files: [{ path: "/w/Makefile", identity: "1:2", sha256: "a" }] };
    const { ran, world, desk, start } = await setUp({ plan: planned });
    const { id, result } = start();
    const key = await id;
    world.plan = { ...planned, ...changed };
    await desk.resolve(key, "allow-once", owner);
    expect((await result).text).toMatch(/changed since the owner was asked|would run since/u);
    expect(ran).toEqual([]);
    expect((await desk.get(key))?.approval).toMatchObject({ outcome: "allowed", run: "failed" });
    // The twin: nothing changed, and it runs.
    const twin = start();
    await desk.resolve(await twin.id, "allow-once", owner);
    expect((await twin.result).text).toBe("ran");
  });

  it("[AP-29] lets a policy that became stricter while the question waited win", async () => {
    const { ran, world, desk, start } = await setUp();
    const { id, result } = start();
    const key = await id;
    world.deny = ["act"];
    await desk.resolve(key, "allow-once", owner);
    expect((await result).text).toContain("no longer allowed");
    expect(ran).toEqual([]);
  });

  it("[AP-23] an approval serves one run and no second", async () => {
    const { ran, desk, start } = await setUp();
    const { id, result } = start();
    const key = await id;
    await desk.resolve(key, "allow-once", owner);
    await result;
    expect(await desk.start(key)).toBe(false);
    expect(ran).toHaveLength(1);
  });

  it("[LG-06] runs nothing that cannot be recorded", async () => {
    for (const level of [3, 7] as const) {
      const { ran, world, start } = await setUp({ level });
      world.auditFails = true;
      await expect(start().result).rejects.toThrow("disk is full");
      expect(ran).toEqual([]);
    }
  });

  it("stops waiting when the run is stopped, and runs nothing", async () => {
    const { ran, start } = await setUp();
    const controller = new AbortController();
    const { id, result } = start({}, controller.signal);
    await id;
    controller.abort();
    await expect(result).rejects.toMatchObject({ name: "AbortError" });
    expect(ran).toEqual([]);
  });

  it("[PI-01] keeps with a result where its text came from", async () => {
    const { start } = await setUp({ level: 1, result: { text: "page", untrusted: "https://x" } });
    expect(await start().result).toMatchObject({ text: "page", untrusted: "https://x" });
  });

  it("explains without doing, asking or recording", async () => {
    const { ran, desk, events, gate, call } = await setUp({ plan: { summary: "s", why: "the command has a pipe" } });
    expect(await gate.explain(call())).toMatchObject({
      level: 7,
      decision: "ask",
      reason: "level 7 asks the owner: the command has a pipe",
    });
    expect(await gate.explain(call({ tool: "nothing" }))).toMatchObject({ decision: "deny" });
    expect([ran, desk.pending, events]).toEqual([[], 0, []]);
  });
});

describe("always", () => {
  it("[AP-12] covers the same again, and nothing else", async () => {
    const { ran, world, desk, grants, events, start } = await setUp({ plan: { summary: "Run it", exec } });
    const first = start();
    await desk.resolve(await first.id, "allow-always", owner);
    await first.result;
    expect(events.map((event) => event.type)).toContain("grant.created");
    const again = start();
    expect((await again.result).text).toBe("ran");
    expect(again.steps).toEqual(["start"]);
    expect(await grants.list(false)).toMatchObject([{ uses: 1 }]);
    for (const other of [
      { sessionKey: "agent:main:other" },
      { agentId: "b" },
      { requester: { channel: "telegram", sender: "4", isOwner: false } },
    ]) {
      const asked = start(other);
      await asked.id;
      await desk.dispose();
      expect((await asked.result).isError).toBe(true);
    }
    world.plan = { summary: "Run it", exec: { ...exec, argv: ["/usr/bin/make", "all", "X=1"] } };
    const changed = start();
    await desk.resolve(await changed.id, "deny", owner);
    expect((await changed.result).isError).toBe(true);
    expect(ran).toHaveLength(2);
  });

  it("stops counting when it is revoked", async () => {
    const { desk, grants, start } = await setUp({ plan: { summary: "Run it", exec } });
    const first = start();
    await desk.resolve(await first.id, "allow-always", owner);
    await first.result;
    const [grant] = await grants.list(false);
    expect(await grants.revoke(grant?.grantId ?? "", "owner")).toBe("revoked");
    expect(await grants.revoke(grant?.grantId ?? "", "owner")).toBe("already-revoked");
    const second = start();
    await desk.resolve(await second.id, "deny", owner);
    expect((await second.result).isError).toBe(true);
  });

  it.each<[string, Partial<GrantRule>]>([
    ["a higher level", { maxLevel: 8 }],
    ["another tool", { tool: "other" }],
    ["a program that runs anything", { match: { kind: "program", path: "/bin/bash", cwd: "/w" } }],
    ["another folder", { match: { kind: "program", path: "/usr/bin/make", cwd: "/" } }],
    ["a pattern for a program", { match: { kind: "program", path: "/usr/bin/*", cwd: "/w" } }],
    ["a pattern for a folder", { match: { kind: "program", path: "/usr/bin/make", cwd: "/*" } }],
    ["a pattern for a tool", { tool: "*" }],
  ])("[AP-10] [AP-11] [AP-13] keeps no rule with %s, but runs the one call", async (_what, change) => {
    const { desk, grants, start } = await setUp({ plan: { summary: "Run it", exec } });
    const { id, result } = start();
    const key = await id;
    const offered = (await desk.get(key))?.approval?.request.proposals[0]?.rule as GrantRule;
    await desk.resolve(key, "allow-always", owner, { ...offered, ...change });
    expect((await result).text).toBe("ran");
    expect(await grants.list(true)).toEqual([]);
  });

  it("[AP-10] offers no program rule for interpreters and wrappers, and binds the exact rule to the script", async () => {
    for (const program of ["/bin/bash", "/usr/bin/python3.11", "/usr/bin/env", "/usr/bin/xargs", "/usr/bin/git"]) {
      const plan = {
        summary: "s",
        exec: { ...exec, argv: [program, "x"], resolvedPath: program },
        files: [{ path: "/w/x", sha256: "a" }],
      };
      const { world, desk, start } = await setUp({ plan });
      const { id, result } = start();
      const request = (await desk.get(await id))?.approval?.request;
      expect(request?.proposals.map(({ rule }) => rule.match.kind)).toEqual(["exact", "exact"]);
      await desk.resolve(await id, "allow-always", owner);
      await result;
      world.plan = { ...plan, files: [{ path: "/w/x", sha256: "b" }] };
      const changed = start();
      await changed.id;
      await desk.dispose();
      expect((await changed.result).isError).toBe(true);
    }
  });

  it("[AP-22] ends at its time", async () => {
    const { clock, desk, start } = await setUp({ plan: { summary: "Run it", exec } });
    const first = start();
    const key = await first.id;
    const offered = (await desk.get(key))?.approval?.request.proposals[0]?.rule as GrantRule;
    await desk.resolve(key, "allow-always", owner, { ...offered, expiresAtMs: clock.now() + 60_000 });
    await first.result;
    expect((await start().result).text).toBe("ran");
    await clock.advance(60_000);
    const late = start();
    await desk.resolve(await late.id, "deny", owner);
    expect((await late.result).isError).toBe(true);
  });

  it("tells what it would have covered before it is kept", async () => {
    const { desk, grants, start } = await setUp({ plan: { summary: "Run it", exec } });
    for (let n = 0; n < 3; n++) {
      const { id, result } = start();
      await desk.resolve(await id, "deny", owner);
      await result;
    }
    const { id } = start();
    const rule = (await desk.get(await id))?.approval?.request.proposals[0]?.rule as GrantRule;
    expect(await grants.simulate(rule)).toMatchObject({ looked: 4, matched: { length: 4 } });
    expect((await grants.simulate({ ...rule, tool: "other" })).matched).toEqual([]);
    await desk.dispose();
  });

  it("[LG-01] cuts the gateway's own secrets out of what a tool gives back, and of what it says when it fails", async () => {
    const { desk, start } = await setUp({ result: { text: "key: the-gateways-own-key" } });
    const { id, result } = start();
    await desk.resolve(await id, "allow-once", owner);
    expect((await result).text).toBe("key: [redacted]");
    expect((await desk.get(await id))?.result).toBe("key: [redacted]");
  });

  it("[I12] tells the model what came of a run even when that cannot be written down", async () => {
    const { world, ran, start } = await setUp({ level: 3 });
    const run = start();
    Object.defineProperty(world, "result", {
      get() {
        world.auditFails = true;
        return { text: "it was done" };
      },
    });
    const { text } = await run.result;
    expect(ran).toHaveLength(1);
    expect(text).toContain("it was done");
    expect(text).toContain("could not be recorded: the disk is full");
  });
});
