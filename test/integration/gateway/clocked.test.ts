/** What depends on time, with the hands turned by the test: handshakes that never end, ticks, silent peers, late answers. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { DisposableStore } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import { silentLogger } from "#main/base/logger.ts";
import type { ConfigChange } from "#main/config/contract.ts";
import { announceChanges } from "#main/gateway/announce.ts";
import { Broadcast } from "#main/gateway/broadcast.ts";
import type { Connection, ConnectionDeps } from "#main/gateway/connection.ts";
import { startServer } from "#main/gateway/server.ts";
import type { AuthGrant, AuthRefusal } from "#main/identity/authorize.ts";
import type { HealthSummary } from "#main/protocol/methods/system.ts";
import { OWNER_SCOPES } from "#main/protocol/scopes.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import {
  connectClient,
  openRawWebSocket,
  toCloseCode,
  toConnectParams,
  toFrame,
  WireClient,
} from "#test/fakes/wire-client.ts";

const GRANT: AuthGrant = { ok: true, role: "operator", scopes: [...OWNER_SCOPES], method: "token" };
const REFUSAL: AuthRefusal = {
  ok: false,
  code: "INVALID_REQUEST",
  message: "unauthorized: gateway token mismatch",
  details: { code: "AUTH_TOKEN_MISMATCH" },
  isGuess: true,
};

/** A server whose time stands still, with an authority that says what it is told. */
async function setUp(change: Partial<ConnectionDeps> = {}) {
  const clock = createManualClock();
  const connections = new Set<Connection>();
  const broadcast = new Broadcast(connections);
  const config = new Emitter<ConfigChange>();
  const store = new DisposableStore();
  const secret = { value: "one" };
  const server = await startServer({
    host: "127.0.0.1",
    port: 0,
    clock,
    log: silentLogger,
    rules: () => ({ boundHost: "127.0.0.1", allowedOrigins: [], allowedHosts: [], trustedProxies: [] }),
    connections,
    onRequest: () => (_request, response) => void response.end(),
    onChange: () => {},
    connection: {
      clock,
      log: silentLogger,
      dispatch: (_method, params) => ({ ok: true, payload: params }),
      authorize: async () => GRANT,
      startingFor: () => undefined,
      maxPayload: () => 524_288,
      hello: (one) => ({
        server: { version: "1", connId: one.id },
        features: { methods: [], events: [] },
        snapshot: {
          presence: [],
          health: {},
          stateVersion: broadcast.stateVersion,
          uptimeMs: 0,
          sessionDefaults: { defaultAgentId: "", mainKey: "", mainSessionKey: "", scope: "", modelConfigured: false },
        },
      }),
      ...change,
    },
  });
  store.add(server);
  const parts = {
    clock,
    broadcast,
    connections,
    log: silentLogger,
    config: { onChange: (listener: (value: ConfigChange) => void) => config.on(listener) },
    devices: { onChange: () => ({ dispose: () => {} }), expire: async () => {} },
    desk: { onEvent: () => ({ dispose: () => {} }) },
    meter: { reset: () => {} },
    auth: { shared: () => ({ mode: "token", ...secret }) },
  } as unknown as Parameters<typeof announceChanges>[0];
  announceChanges(parts, () => ({ ok: true }) as HealthSummary, store);
  onTestFinished(async () => {
    for (const connection of connections) connection.cut();
    await store.dispose();
  });
  return { clock, server, connections, broadcast, config, secret, url: `ws://127.0.0.1:${server.port}/` };
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await nextTurn();
}

describe("handshakes that do not come", () => {
  it("[HS-05] [B05] silence is closed after 10 s, not before", async () => {
    const { clock, url, connections } = await setUp();
    const client = await WireClient.open(url);
    await client.nonce();
    await clock.advance(9999);
    expect(connections.size).toBe(1);
    await clock.advance(1);
    expect(await client.closed).toEqual({ code: 1008, reason: "handshake timeout" });
    await until(() => connections.size === 0);
  });

  it("[HS-07] [B05] a frame that trickles in is closed at the same time, byte by byte or not", async () => {
    const { clock, server, connections } = await setUp();
    const raw = await openRawWebSocket(server.port);
    const frame = toFrame("x".repeat(1000));
    for (let second = 0; second < 10; second++) {
      raw.socket.write(frame.subarray(second, second + 1));
      await clock.advance(1000);
    }
    await raw.until((all) => toCloseCode(all) === 1008);
    await clock.advance(1000);
    await until(() => connections.size === 0);
    await raw.ended;
  });

  it("[HS-10] who does not answer our close is cut a second later", async () => {
    const { clock, server, connections } = await setUp();
    const raw = await openRawWebSocket(server.port);
    raw.socket.write(toFrame("x", 0x83));
    await raw.until((all) => toCloseCode(all) === 1002);
    await clock.advance(1000);
    await until(() => connections.size === 0);
    await raw.ended;
  });

  it("[HS-05] who was let in is not closed by that timer", async () => {
    const { clock, url } = await setUp();
    const client = await connectClient(url, {});
    await clock.advance(20_000);
    expect((await client.request("any", { a: 1 })).payload).toEqual({ a: 1 });
    await client.close();
  });

  it("[D01] a wrong guess waits 250 ms for its answer", async () => {
    const { clock, url } = await setUp({ authorize: async () => REFUSAL });
    const client = await WireClient.open(url);
    client.post("connect", toConnectParams({}, await client.nonce()));
    await until(() => clock.pendingTimers >= 4);
    await clock.advance(249);
    expect(client.frames).toHaveLength(1);
    await clock.advance(1);
    expect((await client.closed).code).toBe(1008);
    expect(client.frames[1]).toMatchObject({ ok: false, error: { details: { code: "AUTH_TOKEN_MISMATCH" } } });
  });

  it("[B06] while the gateway starts or stops it says when to come again", async () => {
    const { url } = await setUp({ startingFor: () => 1500 });
    const client = await WireClient.open(url);
    const answer = await client.handshake({});
    expect(answer.error).toMatchObject({ code: "UNAVAILABLE", retryable: true, retryAfterMs: 1500 });
    expect((await client.closed).code).toBe(1013);
  });

  it("a decision that fails on our side lets nobody in and tells nothing", async () => {
    const { url } = await setUp({ authorize: () => Promise.reject(new Error("the database is gone: /secret/path")) });
    const client = await WireClient.open(url);
    const answer = await client.handshake({});
    expect(answer.error).toMatchObject({ code: "UNAVAILABLE" });
    expect(JSON.stringify(answer)).not.toContain("secret");
    await client.closed;
  });
});

describe("life and silence", () => {
  it("[B15] everyone gets a tick each 30 s", async () => {
    const { clock, url } = await setUp();
    const [a, b] = [await connectClient(url, {}), await connectClient(url, { scopes: [] })];
    await clock.advance(29_999);
    await a.request("x");
    expect(a.events("tick")).toEqual([]);
    await clock.advance(1);
    expect((await a.event("tick")).payload).toEqual({ ts: clock.now() });
    await b.event("tick");
    await clock.advance(30_000);
    await a.find((frame) => frame.type === "event" && frame.seq === 2);
    await Promise.all([a.close(), b.close()]);
  });

  it("[HS-48] a peer that is gone without a word is cut within two ticks, one that answers stays", async () => {
    const { clock, server, url, connections } = await setUp();
    const alive = await connectClient(url, {});
    const raw = await openRawWebSocket(server.port);
    const params = toConnectParams({}, "");
    raw.socket.write(toFrame(JSON.stringify({ type: "req", id: "1", method: "connect", params })));
    await raw.until((all) => all.includes("hello-ok"));
    await clock.advance(30_000);
    await raw.until((all) => all.includes(Buffer.from([0x89, 0])));
    // The pong of the one that lives is on its way before this answer.
    await alive.request("x");
    expect(connections.size).toBe(2);
    await clock.advance(30_000);
    await raw.ended;
    await until(() => connections.size === 1);
    expect((await alive.request("x")).ok).toBe(true);
    await alive.close();
  });
});

describe("credentials that change while one is decided", () => {
  it("[HS-39] [HS-38] a connection whose credential was changed meanwhile does not get in", async () => {
    let decide: (grant: AuthGrant) => void = () => {};
    const { url, config, secret, connections } = await setUp({
      authorize: () => new Promise((resolve) => (decide = resolve)),
    });
    const client = await WireClient.open(url);
    client.post("connect", toConnectParams({ auth: { token: "one" } }, await client.nonce()));
    await until(() => [...connections].some((one) => one.deciding !== undefined));
    secret.value = "two";
    config.emit({ state: { hash: "", issues: [] }, changedPaths: [] } as unknown as ConfigChange);
    decide(GRANT);
    expect((await client.closed).code).toBe(4001);
    expect(client.frames.filter((frame) => frame.type === "res")).toEqual([]);
  });

  it("[HS-39] without a change it does", async () => {
    let decide: (grant: AuthGrant) => void = () => {};
    const { url, config, connections } = await setUp({ authorize: () => new Promise((resolve) => (decide = resolve)) });
    const client = await WireClient.open(url);
    const id = client.post("connect", toConnectParams({ auth: { token: "one" } }, await client.nonce()));
    await until(() => [...connections].some((one) => one.deciding !== undefined));
    config.emit({ state: { hash: "", issues: [] }, changedPaths: [] } as unknown as ConfigChange);
    decide(GRANT);
    const answer = await client.find((frame) => frame.type === "res" && frame.id === id);
    expect(answer).toMatchObject({ ok: true });
    await client.close();
  });
});

it("[B14] health and presence count apart, and each change counts one", async () => {
  const { url, broadcast, config } = await setUp();
  const client = await connectClient(url, {});
  const before = broadcast.stateVersion;
  broadcast.sendState("presence", { presence: [] });
  config.emit({ state: { hash: "h", issues: [] }, changedPaths: ["logging.level"] } as unknown as ConfigChange);
  const presence = await client.event("presence");
  const health = await client.event("health");
  expect(presence.stateVersion).toEqual({ presence: before.presence + 1, health: before.health });
  expect(health.stateVersion).toEqual({ presence: before.presence + 1, health: before.health + 1 });
  await client.close();
});
