/**
 * OpenClaw's unmodified command line against the built gateway. The package is not a dependency: whoever wants this
 * run installs `openclaw@2026.9.6` anywhere and names its `openclaw.mjs` in OPENCLAW_BIN; without that it is skipped,
 * and the recorded frames in test/integration/peer stand for it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startFakeOpenAI } from "#test/fakes/openai.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { serveGateway, startProgram, type Finished, type ServedGateway } from "./built-cli.ts";

const bin = process.env["OPENCLAW_BIN"];
/** The package starts in seconds, and several commands run one after the other. */
const timeout = 120_000;

interface Scene {
  gateway: ServedGateway;
  /** Runs `openclaw` with these arguments, in a home of its own that only knows where the gateway is. */
  run(...args: string[]): Promise<Finished>;
}

async function setScene(): Promise<Scene> {
  const fake = await startFakeOpenAI();
  onTestFinished(() => fake.close());
  const gateway = await serveGateway(tempState(), {
    llm: {
      model: "fake/fake-model",
      providers: { fake: { kind: "openai", baseUrl: `${fake.url}/v1`, apiKey: "sk-fake-key-000000" } },
    },
  });
  const home = tempState();
  const state = join(home, ".openclaw");
  const remote = { url: gateway.url.replace("http", "ws"), token: gateway.token };
  mkdirSync(state, { mode: 0o700 });
  writeFileSync(join(state, "openclaw.json"), JSON.stringify({ gateway: { mode: "remote", remote } }), { mode: 0o600 });
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    OPENCLAW_STATE_DIR: state,
    OPENCLAW_GATEWAY_URL: remote.url,
    OPENCLAW_GATEWAY_TOKEN: gateway.token,
    OPENCLAW_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
  return {
    gateway,
    run(...args) {
      const running = startProgram(process.execPath, [bin ?? "", ...args], env);
      running.child.stdin.end();
      return running.ended;
    },
  };
}

async function expectOk(finished: Promise<Finished>): Promise<string> {
  const { code, stdout, stderr } = await finished;
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

const reason = bin === undefined ? " (skipped: OPENCLAW_BIN does not name its openclaw.mjs)" : "";

describe.skipIf(bin === undefined)(`openclaw's command line${reason}`, { timeout }, () => {
  it("[B16] reads health and status, in print and as JSON", async () => {
    const { run } = await setScene();
    expect(await expectOk(run("gateway", "call", "health"))).toContain('"ok": true');
    expect(await expectOk(run("gateway", "health"))).toContain("OK");
    const health = await expectOk(run("health"));
    expect(health).toContain("Agents: main (default)");
    expect(health).toContain("Session store (main): gatehouse.db (0 entries)");
    expect(await expectOk(run("gateway", "call", "status"))).toContain('"runtimeVersion"');
    expect(await expectOk(run("status"))).toContain("reachable");
    const status = JSON.parse(await expectOk(run("status", "--json"))) as Record<string, unknown>;
    expect(status).toMatchObject({ gateway: { reachable: true }, agents: { defaultId: "main" } });
  });

  it("[B12] talks to the agent, in the conversation that it names", async () => {
    const { run } = await setScene();
    expect(await expectOk(run("agent", "--message", "hello", "--agent", "main"))).toContain(
      "Hello from the fake model.",
    );
    const answer = await expectOk(run("agent", "--message", "hello", "--session-id", "s1", "--json"));
    expect(JSON.parse(answer)).toMatchObject({ status: "ok", sessionKey: "agent:main:explicit:s1" });
    const status = JSON.parse(await expectOk(run("status", "--json"))) as { sessions: { count: number } };
    expect(status.sessions.count).toBe(2);
  });

  it("lists devices, models and log lines", async () => {
    const { run } = await setScene();
    expect(JSON.parse(await expectOk(run("devices", "list", "--json")))).toMatchObject({ pending: [], paired: [] });
    expect(await expectOk(run("models", "list"))).toContain("fake/fake-model");
    expect(await expectOk(run("logs", "--limit", "20"))).toContain("gateway ready");
  });

  it("is refused with a wrong token, and says so", async () => {
    const { gateway, run } = await setScene();
    const url = gateway.url.replace("http", "ws");
    const { code, stdout, stderr } = await run("gateway", "call", "health", "--url", url, "--token", "wrong");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("gateway token mismatch");
  });
});
