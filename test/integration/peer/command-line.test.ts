/** OpenClaw's command line against the whole gateway, by the frames that it sends and the fields that it reads. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestGateway, type TestGateway } from "#test/fakes/gateway.ts";
import { asBackend, asCommandLine, asProbe, runAgentCommand, runCommand } from "./peer.ts";

let world: TestGateway;
beforeAll(async () => {
  world = await startTestGateway();
});
afterAll(() => world.dispose());

describe("health", () => {
  it("[B16] holds the event loop and the store of each agent, which the printed form takes for granted", async () => {
    const health = await runCommand<Record<string, never>>(world, asBackend("health"), "health", undefined);
    expect(health["eventLoop"]).toMatchObject({
      degraded: expect.any(Boolean) as boolean,
      reasons: expect.any(Array) as string[],
      delayMaxMs: expect.any(Number) as number,
      delayP99Ms: expect.any(Number) as number,
      utilization: expect.any(Number) as number,
      cpuCoreRatio: expect.any(Number) as number,
    });
    const store = { path: "gatehouse.db", count: expect.any(Number) as number, recent: [] };
    expect(health["sessions"]).toEqual(store);
    expect(health["agents"]).toEqual([
      { agentId: "main", isDefault: true, heartbeat: { enabled: false }, sessions: store },
    ]);
    expect(health["durationMs"]).toEqual(expect.any(Number));
  });

  it("takes the probe of --verbose and --deep", async () => {
    expect(await runCommand(world, asBackend("health"), "health", { probe: true })).toMatchObject({ ok: true });
  });

  it("names no conversation and no path, since every connection may ask for it", async () => {
    await runCommand(world, asBackend("x", "operator.write"), "sessions.create", { key: "secret-name" });
    const text = JSON.stringify(await runCommand(world, asProbe(), "health"));
    expect(text).not.toContain("secret-name");
    expect(text).not.toContain(world.stateDir);
  });
});

describe("status", () => {
  it("[B16] holds every list and counter that the printed form takes for granted", async () => {
    const status = await runCommand(world, asBackend("status"), "status", { includeChannelSummary: false });
    expect(status).toMatchObject({
      runtimeVersion: "1.2.3-test",
      heartbeat: { defaultAgentId: "main", agents: [{ agentId: "main", enabled: false }] },
      channelSummary: [],
      queuedSystemEvents: [],
      degradedSecretOwners: [],
      degradedPlugins: [],
      tasks: { total: 0, byStatus: { queued: 0, running: 0, lost: 0 }, byRuntime: { subagent: 0, cron: 0 } },
      taskAudit: { warnings: 0, errors: 0, byCode: { stale_queued: 0, inconsistent_timestamps: 0 } },
      sessions: { paths: [], byAgent: [{ agentId: "main", path: "gatehouse.db" }] },
    });
    expect(status).not.toHaveProperty("cliProjection");
  });

  it("shows the newest conversations, by agent too", async () => {
    await runCommand(world, asBackend("x", "operator.write"), "sessions.create", { key: "shown" });
    const { sessions } = await runCommand<{
      sessions: { count: number; recent: Record<string, unknown>[]; byAgent: { count: number; recent: unknown[] }[] };
    }>(world, asBackend("status"), "status");
    expect(sessions.recent[0]).toMatchObject({ key: "agent:main:shown", kind: "direct", model: "fake/fake-model" });
    expect(sessions.recent[0]?.["age"]).toBeGreaterThanOrEqual(0);
    expect(sessions.byAgent[0]?.count).toBe(sessions.count);
    expect(sessions.byAgent[0]?.recent).toEqual(sessions.recent);
  });

  it("adds what --json takes from the gateway when asked, and refuses what nobody sends", async () => {
    const asked = { includeChannelSummary: false, includeCliProjection: true };
    expect(await runCommand(world, asBackend("status"), "status", asked)).toMatchObject({
      cliProjection: {
        agents: { defaultId: "main", ownership: "sole", selectionRequired: false, rows: [{ id: "main" }] },
        memoryPlugin: { enabled: false },
      },
    });
    const client = await world.connect(asBackend("status"));
    expect((await client.refusal("status", { includeSecrets: true })).message).toBe(
      "invalid status params: at root: unexpected property 'includeSecrets'",
    );
  });

  it("answers the probe before it with the missing scope, which status prints as a limit", async () => {
    const probe = await world.connect(asProbe());
    expect((await probe.refusal("system-presence")).details).toMatchObject({
      code: "MISSING_SCOPE",
      missingScope: "operator.read",
    });
  });
});

describe("agent", () => {
  const base = { message: "hello", deliver: false, timeout: 600 };

  it("[B12] answers accepted and then the words, in the place that is printed", async () => {
    const client = await world.connect(asCommandLine("operator.write"));
    const answers = await runAgentCommand(client, { ...base, agentId: "main", idempotencyKey: "peer-1" });
    expect(answers).toMatchObject([
      { runId: "peer-1", status: "accepted", sessionKey: "agent:main:main", agentId: "main" },
      { runId: "peer-1", status: "ok", result: { payloads: [{ text: "Hello from the fake model." }] } },
    ]);
  });

  it("keeps conversations with different --session-id apart, and finds one again", async () => {
    const client = await world.connect(asCommandLine("operator.write"));
    const run = async (sessionId: string, key: string) =>
      (await runAgentCommand(client, { ...base, sessionId, idempotencyKey: key })).at(-1)?.["sessionKey"];
    expect(await run("s1", "peer-2")).toBe("agent:main:explicit:s1");
    expect(await run("s2", "peer-3")).toBe("agent:main:explicit:s2");
    expect(await run("s1", "peer-4")).toBe("agent:main:explicit:s1");
    const reader = await world.connect(asCommandLine("operator.read"));
    const shown = await reader.call<{ sessionId: string; totalMessages: number }>("chat.history", {
      sessionKey: "agent:main:explicit:s1",
    });
    expect(shown.totalMessages).toBe(4);
    expect(await run(shown.sessionId, "peer-5")).toBe("agent:main:explicit:s1");
  });

  it("takes a bare --session-key and a recipient", async () => {
    const client = await world.connect(asCommandLine("operator.write"));
    const bare = await runAgentCommand(client, { ...base, sessionKey: "foo", idempotencyKey: "peer-6" });
    expect(bare.at(-1)).toMatchObject({ status: "ok", sessionKey: "agent:main:foo" });
    const to = { agentId: "main", to: "+15551234567", sessionKey: "agent:main:main" };
    const recipient = await runAgentCommand(client, { ...base, ...to, idempotencyKey: "peer-7" });
    expect(recipient.at(-1)).toMatchObject({ status: "ok", sessionKey: "agent:main:main" });
  });
});

describe("models list", () => {
  const params = { view: "default", includeDetails: true };

  it("announces the capability without which the command does not even ask", async () => {
    const client = await world.connect(asBackend("models.list"));
    expect(client.hello?.features.capabilities).toContain("published-model-catalog");
    const { models } = await client.call<{ models: Record<string, unknown>[] }>("models.list", params);
    expect(models.find((model) => model["id"] === "fake-model")).toMatchObject({ provider: "fake", available: true });
  });

  it("keeps to one provider when told", async () => {
    const ask = (provider: string) =>
      runCommand<{ models: { provider: string }[] }>(world, asBackend("models.list"), "models.list", {
        ...params,
        view: "all",
        provider,
      });
    expect((await ask("fake")).models.every((model) => model.provider === "fake")).toBe(true);
    expect((await ask("fake")).models).not.toHaveLength(0);
    expect((await ask("nobody")).models).toEqual([]);
  });
});

describe("logs and usage", () => {
  it("gives lines, and from the cursor only what came after", async () => {
    const first = await runCommand<{ cursor: number; lines: string[]; file: string }>(
      world,
      asCommandLine("operator.read"),
      "logs.tail",
      { limit: 200, maxBytes: 250_000 },
    );
    expect(first.lines.join("\n")).toContain("gateway ready");
    const next = { cursor: first.cursor, limit: 200, maxBytes: 250_000 };
    const { lines } = await runCommand<{ lines: string[] }>(world, asCommandLine("operator.read"), "logs.tail", next);
    expect(lines.join("\n")).not.toContain("gateway ready");
  });

  it("counts the cost of thirty days", async () => {
    const cost = await runCommand(world, asCommandLine("operator.read"), "usage.cost", { days: 30 });
    expect(cost).toMatchObject({ days: 30, totals: { totalTokens: expect.any(Number) as number } });
  });
});
