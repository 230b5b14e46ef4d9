/** Clients that mean harm, or are broken: what they cost themselves, and that it costs nobody else. */
import { readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { HTTP_LIMITS } from "#main/gateway/server.ts";
import type { ResponseFrame } from "#main/protocol/frames.ts";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import {
  connectClient,
  openRaw,
  openRawWebSocket,
  toUpgrade,
  UpgradeRefused,
  WireClient,
} from "#test/fakes/wire-client.ts";

let world: TestGateway;
beforeAll(async () => {
  world = await startTestGateway();
});
afterAll(() => world.dispose());

/** Asks for the health until `isDone`. @returns how long each answer took, milliseconds, shortest first */
async function watchLatency(client: WireClient, isDone: () => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!isDone()) {
    const started = performance.now();
    await client.request("health");
    times.push(performance.now() - started);
    await nextTurn();
  }
  return times.sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;

describe("after the handshake", () => {
  it("[HS-40] [B08] who stops reading is closed with 1008, and the others feel nothing", async () => {
    const [slow, quick, owner] = [await world.connect(), await world.connect({ scopes: [] }), await world.connect()];
    await slow.call("sessions.messages.subscribe", { key: "flood" });
    slow.pause();
    const message = "x".repeat(380_000);
    let isDone = false;
    const latency = watchLatency(quick, () => isDone);
    const rss = process.memoryUsage().rss;
    // The system's own buffers on loopback take some megabytes before ours fill.
    const count = 50;
    for (let i = 0; i < count; i++) await owner.call("chat.inject", { sessionKey: "flood", message });
    isDone = true;
    expect(at(await latency, 0.5)).toBeLessThan(100);
    expect(process.memoryUsage().rss - rss).toBeLessThan(200_000_000);
    slow.resume();
    expect(await slow.closed).toEqual({ code: 1008, reason: "slow consumer" });
    expect(slow.events("session.message").length).toBeLessThan(count);
    expect((await quick.request("health")).ok).toBe(true);
    await Promise.all([quick.close(), owner.close()]);
  });

  it("[HS-40] an answer larger than the limit of events does not close a client that reads", async () => {
    const client = await world.connect();
    for (let i = 0; i < 8; i++) {
      await client.call("chat.inject", { sessionKey: "large", message: "y".repeat(390_000) });
    }
    const ids = [
      client.post("chat.history", { sessionKey: "large" }),
      client.post("chat.history", { sessionKey: "large" }),
    ];
    await client.call("chat.inject", { sessionKey: "other", message: "an event of somebody" });
    for (const id of ids) {
      const answer = await client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === id);
      expect(JSON.stringify(answer).length).toBeGreaterThan(2_000_000);
    }
    await client.close();
  });

  it.each([
    ["health", 20_000, () => ({})],
    ["sessions.list", 1000, () => ({})],
    ["chat.inject", 300, (i: number) => ({ sessionKey: `w${i % 20}`, message: "x" })],
  ] as const)(
    "[HS-41] a flood of %s is answered to the last one, while others are served",
    async (method, count, params) => {
      const [flood, other] = [await world.connect(), await world.connect({ scopes: [] })];
      const ids = Array.from({ length: count }, (_, i) => flood.post(method, params(i)));
      let isDone = false;
      const latency = watchLatency(other, () => isDone);
      await flood.find((frame) => frame.type === "res" && frame.id === ids.at(-1));
      isDone = true;
      const answers = flood.frames.filter((frame) => frame.type === "res").map((frame) => (frame as ResponseFrame).id);
      expect(answers.filter((id) => id !== "r1")).toEqual(ids);
      expect(at(await latency, 0.5)).toBeLessThan(250);
      await Promise.all([flood.close(), other.close()]);
    },
  );

  it("[HS-42] ten requests without the right close the connection, with one line in the log", async () => {
    const before = world.log.length;
    const client = await world.connect({ scopes: ["operator.read"] });
    for (let i = 0; i < 50; i++) client.post("config.set", { raw: "{}" });
    expect(await client.closed).toEqual({ code: 1008, reason: "too many unauthorized requests" });
    expect(client.frames.filter((frame) => frame.type === "res" && !frame.ok)).toHaveLength(10);
    expect(world.log.slice(before).filter((line) => line.includes("without the right"))).toHaveLength(1);
  });

  it("[HS-42] one refusal now and then closes nothing", async () => {
    const client = await world.connect({ scopes: ["operator.read"] });
    for (let i = 0; i < 15; i++) {
      expect((await client.refusal("config.set", { raw: "{}" })).code).toBe("FORBIDDEN");
      await client.call("health");
    }
    await client.close();
  });

  it.each([
    ["text that is not JSON", (client: WireClient) => client.send("garbage \u001b[31m")],
    ["bytes", (client: WireClient) => client.sendBinary(Buffer.alloc(16, 7))],
    ["frames that do not fit", (client: WireClient) => client.send({ type: "req", id: "x", oops: 1 })],
    ["arrays", (client: WireClient) => client.send("[1,2,3]")],
  ])("[HS-43] a hundred times %s close the connection, and the log stays short", async (_name, send) => {
    const before = world.log.length;
    const client = await world.connect();
    for (let i = 0; i < 5000; i++) send(client);
    expect(await client.closed).toEqual({ code: 1008, reason: "too many invalid frames" });
    const logged = world.log.slice(before).join("\n");
    expect(logged.length).toBeLessThan(20_000);
    expect(logged).not.toContain("garbage");
  });

  it("[HS-43] ninety-nine do not", async () => {
    const client = await world.connect();
    for (let i = 0; i < 99; i++) client.send("garbage");
    expect((await client.request("health")).ok).toBe(true);
    await client.close();
  });

  it("a connection cannot watch sessions without end", async () => {
    const client = await world.connect();
    const ids = Array.from({ length: 1001 }, (_, i) => client.post("sessions.messages.subscribe", { key: `k${i}` }));
    const last = await client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === ids.at(-1));
    expect(last.error?.code).toBe("RATE_LIMITED");
    expect((await client.request("sessions.messages.subscribe", { key: "k0" })).ok).toBe(true);
    await client.close();
  });
});

/** Opens many connections at once that say nothing. */
async function storm(count: number): Promise<{ held: WireClient[]; statuses: number[] }> {
  const results = await Promise.allSettled(Array.from({ length: count }, () => WireClient.open(world.wsUrl)));
  const held = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  onTestFinished(async () => void (await Promise.all(held.map((one) => one.terminate()))));
  return {
    held,
    statuses: results.flatMap((result) =>
      result.status === "rejected" ? [result.reason instanceof UpgradeRefused ? result.reason.status : 0] : [],
    ),
  };
}

describe("before the handshake", () => {
  it("[HS-44] a storm from one address holds 32 connections, the rest gets 503, and a client still gets in within a second", async () => {
    const { held, statuses } = await storm(200);
    // On a slow machine the first have been silent long enough to make room for the last.
    expect(world.gateway.activity.connected).toBeLessThanOrEqual(32);
    expect(held.length + statuses.length).toBe(200);
    expect(statuses.every((status) => status === 503)).toBe(true);
    const elsewhere = await connectClient(world.wsUrl, { auth: { token: TEST_TOKEN }, localAddress: "127.0.0.5" });
    await elsewhere.close();
    const started = performance.now();
    let client: WireClient | undefined;
    while (!client && performance.now() - started < 5000) {
      client = await connectClient(world.wsUrl, { auth: { token: TEST_TOKEN } }).catch(() => undefined);
    }
    expect(performance.now() - started).toBeLessThan(1000);
    await client?.close();
  });

  it("[HS-44] connections that have shown who they are do not count", async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => world.connect()));
    clients.push(...(await Promise.all(Array.from({ length: 20 }, () => world.connect()))));
    expect(clients).toHaveLength(40);
    await Promise.all(clients.map((client) => client.close()));
  });

  it("[HS-45] whatever way they end, the room they took is free again", async () => {
    const descriptors = () => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    for (let round = 0; round < 3; round++) {
      const { held } = await storm(32);
      expect(held).toHaveLength(32);
      await Promise.all(
        held.map((client, i) => {
          if (i % 3 === 0) return client.terminate();
          if (i % 3 === 1) return client.close();
          client.send("not json");
          return client.closed;
        }),
      );
    }
    const raws = await Promise.all(Array.from({ length: 32 }, () => openRawWebSocket(world.port)));
    for (const raw of raws) raw.socket.resetAndDestroy();
    await Promise.all(raws.map((raw) => raw.ended));
    const client = await world.connect();
    while (world.gateway.activity.connected > 1) await client.request("health");
    await client.close();
    while (world.gateway.activity.connected > 0) await nextTurn();
    expect(descriptors()).toBeLessThanOrEqual(before + 8);
    const { held } = await storm(32);
    expect(held).toHaveLength(32);
    await Promise.all(held.map((one) => one.terminate()));
  });

  it("[HS-06] an upgrade whose head never ends waits at most 30 s, and holds up nobody meanwhile", async () => {
    expect(HTTP_LIMITS.headersTimeout + HTTP_LIMITS.connectionsCheckingInterval).toBeLessThanOrEqual(30_000);
    const raws = await Promise.all(Array.from({ length: 64 }, () => openRaw(world.port)));
    for (const raw of raws) raw.socket.write(toUpgrade(world.port).slice(0, -2));
    const started = performance.now();
    await (await world.connect()).close();
    expect(performance.now() - started).toBeLessThan(1000);
    for (const raw of raws) raw.socket.destroy();
    await Promise.all(raws.map((raw) => raw.ended));
  });

  it("a head beyond 16 KiB is refused", async () => {
    const raw = await openRaw(world.port);
    raw.socket.write(toUpgrade(world.port, { "X-Long": "x".repeat(20_000) }));
    const head = (await raw.until((all) => all.includes("\r\n"))).toString("latin1");
    expect(head).toMatch(/^HTTP\/1\.1 431 /);
    raw.socket.destroy();
    await raw.ended;
  });
});
