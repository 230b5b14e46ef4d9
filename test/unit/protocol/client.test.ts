import { describe, expect, it } from "vitest";
import {
  connectOnce,
  ConnectionLost,
  GatewayClient,
  GatewayError,
  toBackoffMs,
  type ClientOptions,
  type ClientState,
  type SocketLike,
} from "#main/protocol/client.ts";
import type { ConnectParams, HelloOk } from "#main/protocol/frames.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { toConnectParams } from "#test/fakes/wire-client.ts";

const hello = { type: "hello-ok", policy: { tickIntervalMs: 30_000 } } as unknown as HelloOk;

class FakeSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly sent: { id: string; method: string; params: unknown }[] = [];
  isClosed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as { id: string; method: string; params: unknown });
  }

  close(): void {
    this.isClosed = true;
  }

  give(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) } as never);
  }

  end(code: number, reason = ""): void {
    this.onclose?.({ code, reason } as never);
  }

  event(name: string, payload: unknown, seq?: number): void {
    this.give({ type: "event", event: name, payload, ...(seq === undefined ? {} : { seq }) });
  }
}

function setUp(change: Partial<ClientOptions> = {}) {
  const clock = createManualClock();
  const sockets: FakeSocket[] = [];
  const states: ClientState[] = [];
  const gaps: [number, number][] = [];
  const events: string[] = [];
  const options: ClientOptions = {
    url: () => "ws://127.0.0.1:1/",
    open() {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    connectParams: (nonce): ConnectParams => toConnectParams({ auth: { token: nonce } }, nonce),
    reconnect: true,
    onState: (state) => void states.push(state),
    onGap: (expected, got) => void gaps.push([expected, got]),
    onEvent: (name) => void events.push(name),
    after(ms, run) {
      const timer = clock.after(ms, run);
      return () => void timer.dispose();
    },
    random: () => 0.5,
    ...change,
  };
  const client = new GatewayClient(options);
  const socket = () => sockets.at(-1) as FakeSocket;
  const connect = async () => {
    await clock.advance(0);
    socket().event("connect.challenge", { nonce: "n" });
    await clock.advance(0);
    socket().give({ type: "res", id: socket().sent[0]?.id, ok: true, payload: hello });
    await clock.advance(0);
  };
  return { clock, client, sockets, socket, states, gaps, events, options, connect };
}

describe("connecting", () => {
  it("[B02] waits for the challenge, signs its nonce, and is connected by hello-ok", async () => {
    const { client, clock, socket, connect, states } = setUp();
    client.start();
    await clock.advance(0);
    expect(socket().sent).toEqual([]);
    await connect();
    expect(socket().sent[0]).toMatchObject({ method: "connect", params: { auth: { token: "n" } } });
    expect(states.map((state) => state.phase)).toEqual(["connecting", "connected"]);
  });

  it("gives up a gateway that says nothing for 15 s, and tries again later and later", async () => {
    const { client, clock, sockets, states } = setUp();
    client.start();
    await clock.advance(15_000);
    expect(states.at(-1)).toMatchObject({ phase: "disconnected", retryInMs: 1000 });
    await clock.advance(1000 + 15_000);
    expect(states.at(-1)).toMatchObject({ phase: "disconnected", retryInMs: 2000 });
    expect(sockets).toHaveLength(2);
    client.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    [1006, "", true],
    [1012, "gateway stopping", true],
    [1013, "starting", true],
    [1008, "slow consumer", true],
    [1008, "unauthorized", false],
    [1002, "protocol mismatch", false],
    [4001, "credentials rotated or revoked", false],
  ])("[HS-39] after a close with %i %s it tries again: %s", async (code, reason, retries) => {
    const { client, connect, socket, states } = setUp();
    client.start();
    await connect();
    socket().end(code, reason);
    const state = states.at(-1) as Extract<ClientState, { phase: "disconnected" }>;
    expect(state).toMatchObject({ phase: "disconnected", code });
    expect(state.retryInMs !== undefined).toBe(retries);
    client.close();
  });

  it("a refusal is final and told; one that names a time is tried again then", async () => {
    for (const [code, retryAfterMs] of [
      ["NOT_PAIRED", undefined],
      ["UNAVAILABLE", 1500],
      ["RATE_LIMITED", 9000],
    ] as const) {
      const { client, clock, socket, states } = setUp();
      client.start();
      await clock.advance(0);
      socket().event("connect.challenge", { nonce: "n" });
      await clock.advance(0);
      socket().give({
        type: "res",
        id: "1",
        ok: false,
        error: { code, message: "no", ...(retryAfterMs ? { retryAfterMs } : {}) },
      });
      await clock.advance(0);
      const state = states.at(-1) as Extract<ClientState, { phase: "disconnected" }>;
      expect(state.error).toBeInstanceOf(GatewayError);
      expect(state.error).toMatchObject({ code });
      expect(state.retryInMs).toBe(retryAfterMs);
      client.close();
    }
  });

  it("[HT-06] waits longer each time, at most 30 s, never all clients at once", () => {
    expect([0, 1, 2, 5, 60].map((attempt) => toBackoffMs(attempt, 0.5))).toEqual([1000, 2000, 4000, 30_000, 30_000]);
    expect([toBackoffMs(0, 0), toBackoffMs(0, 0.999)]).toEqual([800, 1200]);
  });

  it("connectOnce tries once", async () => {
    const { options, clock, sockets, socket } = setUp();
    const failing = connectOnce(options).catch((error: unknown) => error);
    await clock.advance(0);
    socket().end(1006, "");
    expect(await failing).toBeInstanceOf(ConnectionLost);
    expect(sockets).toHaveLength(1);
  });
});

describe("requests", () => {
  it("[B12] are answered by id, in any order, and twice where asked for", async () => {
    const { client, connect, socket } = setUp();
    client.start();
    await connect();
    const accepted: unknown[] = [];
    const a = client.request("health", {});
    const b = client.requestAny("agent", {}, { onAccepted: (payload) => void accepted.push(payload) });
    const [, first, second] = socket().sent;
    socket().give({ type: "res", id: second?.id, ok: true, payload: "accepted" });
    socket().give({ type: "res", id: first?.id, ok: true, payload: "healthy" });
    socket().give({ type: "res", id: second?.id, ok: true, payload: "done" });
    socket().give({ type: "res", id: second?.id, ok: true, payload: "too much" });
    socket().give({ type: "res", id: "nobody", ok: true });
    expect([await a, await b, accepted]).toEqual(["healthy", "done", ["accepted"]]);
  });

  it("a refusal is thrown with its code", async () => {
    const { client, connect, socket } = setUp();
    client.start();
    await connect();
    const asking = client.request("health", {}).catch((error: unknown) => error);
    socket().give({
      type: "res",
      id: socket().sent[1]?.id,
      ok: false,
      error: { code: "FORBIDDEN", message: "no", details: { a: 1 } },
    });
    expect(await asking).toMatchObject({ code: "FORBIDDEN", message: "no", details: { a: 1 } });
  });

  it("end with the connection, or after their time, and are never sent again", async () => {
    const { client, clock, connect, socket, sockets } = setUp();
    client.start();
    await connect();
    const late = client.request("health", {}, { timeoutMs: 100 }).catch((error: unknown) => error);
    await clock.advance(100);
    expect(await late).toBeInstanceOf(ConnectionLost);
    const cut = client.request("health", {}).catch((error: unknown) => error);
    socket().end(1006);
    expect(await cut).toBeInstanceOf(ConnectionLost);
    await expect(client.request("health", {})).rejects.toBeInstanceOf(ConnectionLost);
    await clock.advance(1000);
    await connect();
    expect(sockets).toHaveLength(2);
    expect(socket().sent.map((frame) => frame.method)).toEqual(["connect"]);
    client.close();
  });
});

describe("events", () => {
  it("[B13] a gap is noticed, and the count begins anew with each connection", async () => {
    const { client, clock, connect, socket, gaps, events } = setUp();
    client.start();
    await connect();
    socket().event("tick", { ts: 1 }, 1);
    socket().event("tick", { ts: 2 }, 2);
    expect(gaps).toEqual([]);
    socket().event("tick", { ts: 5 }, 5);
    expect(gaps).toEqual([[3, 5]]);
    socket().end(1006);
    await clock.advance(1000);
    await connect();
    socket().event("tick", { ts: 6 }, 1);
    expect(gaps).toHaveLength(1);
    expect(events).toEqual(["tick", "tick", "tick", "tick"]);
    client.close();
  });

  it("[HS-48] two ticks of silence mean that the gateway is gone", async () => {
    const { client, clock, connect, socket, states } = setUp();
    client.start();
    await connect();
    await clock.advance(64_999);
    socket().event("tick", { ts: 1 }, 1);
    await clock.advance(64_999);
    expect(states.at(-1)?.phase).toBe("connected");
    await clock.advance(1);
    expect(states.at(-1)).toMatchObject({ phase: "disconnected", reason: "the gateway fell silent" });
    expect(socket().isClosed).toBe(true);
    client.close();
  });

  it("a gateway that sends no JSON is left", async () => {
    const { client, connect, socket, states } = setUp();
    client.start();
    await connect();
    socket().give("{");
    expect(states.at(-1)).toMatchObject({ phase: "disconnected" });
    client.close();
  });
});
