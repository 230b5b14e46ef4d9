/** The first frame of a connection, in every shape that it can have. */
import { homedir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { METHODS } from "#main/protocol/methods/index.ts";
import { HelloOk, POLICY } from "#main/protocol/frames.ts";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import { createWireSchemas } from "#test/fakes/wire-schemas.ts";
import {
  connectClient,
  openRaw,
  openRawWebSocket,
  toCloseCode,
  toConnectParams,
  toFrame,
  toUpgrade,
  WireClient,
  type Closed,
} from "#test/fakes/wire-client.ts";
import type { ResponseFrame } from "#main/protocol/frames.ts";

let world: TestGateway;
beforeAll(async () => {
  world = await startTestGateway();
});
afterAll(() => world.dispose());

const auth = { token: TEST_TOKEN };

/** Sends one thing as the first frame. @returns how it ended, with the answer when there was one */
async function sendFirst(frame: unknown): Promise<Closed & { answers: ResponseFrame[] }> {
  const client = await WireClient.open(world.wsUrl);
  await client.nonce();
  client.send(frame);
  const closed = await client.closed;
  return { ...closed, answers: client.frames.filter((one) => one.type === "res") };
}

const connectFrame = (params: unknown) => ({ type: "req", id: "c", method: "connect", params });

describe("the challenge", () => {
  it("[B03] comes first, unasked, with a nonce of its own for each connection and the time", async () => {
    const [a, b] = [await WireClient.open(world.wsUrl), await WireClient.open(world.wsUrl)];
    const [first, second] = [await a.event("connect.challenge"), await b.event("connect.challenge")];
    expect(first.payload).toEqual({
      nonce: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      ts: expect.any(Number),
    });
    expect(Math.abs(Date.now() - (first.payload as { ts: number }).ts)).toBeLessThan(5000);
    expect(first.payload).not.toEqual(second.payload);
    expect(a.frames[0]).toBe(first);
    await Promise.all([a.terminate(), b.terminate()]);
  });
});

describe("what is not a connect", () => {
  it.each(["", "hello", "{", '{"type":"req"', "\u0000\u001b[31mred", "NaN", "'x'", "GET / HTTP/1.1"])(
    "[HS-01] closes on the text %j without an answer, and writes none of it into the log",
    async (text) => {
      const before = world.log.length;
      expect(await sendFirst(text)).toMatchObject({ code: 1008, answers: [] });
      const logged = world.log.slice(before).join("\n");
      // oxlint-disable-next-line no-control-regex -- looking for them is the point
      expect(logged).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
      expect(logged).not.toContain("red");
    },
  );

  it.each([Buffer.from([0, 1, 2]), Buffer.from(JSON.stringify(connectFrame({}))), Buffer.alloc(0)])(
    "[HS-02] closes on a binary first frame (%#)",
    async (bytes) => {
      const client = await WireClient.open(world.wsUrl);
      client.sendBinary(bytes);
      expect((await client.closed).code).toBe(1008);
      expect(client.frames.filter((frame) => frame.type === "res")).toEqual([]);
    },
  );

  it.each(["[]", "null", "1", '"connect"', "true", '[{"type":"req"}]'])(
    "[HS-03] closes on the JSON %s, which is no object",
    async (text) => {
      expect(await sendFirst(text)).toMatchObject({ code: 1008, answers: [] });
    },
  );

  it.each([
    { type: "req", id: "1", method: "health" },
    { type: "req", id: "1", method: "chat.send", params: { sessionKey: "main", message: "x", idempotencyKey: "k" } },
    { type: "req", id: "1", method: "Connect", params: {} },
    { type: "req", id: "1", method: "connect " },
    { type: "event", id: "1", event: "tick" },
    { id: "1" },
  ])("[HS-04] [B02] answers %j with what is missing and closes with 1008", async (frame) => {
    const { code, reason, answers } = await sendFirst(frame);
    expect({ code, reason }).toEqual({ code: 1008, reason: "invalid handshake: first request must be connect" });
    expect(answers).toEqual([
      {
        type: "res",
        id: "1",
        ok: false,
        error: { code: "INVALID_REQUEST", message: "invalid handshake: first request must be connect" },
      },
    ]);
  });

  it("[HS-04] runs nothing of what came before the handshake", async () => {
    await sendFirst({ type: "req", id: "1", method: "sessions.patch", params: { key: "early", label: "x" } });
    const client = await world.connect();
    expect(await client.call("sessions.describe", { key: "early" })).toEqual({ session: null });
    await client.close();
  });
});

describe("a connect that does not fit", () => {
  const good = () => toConnectParams({ auth }, "");
  it.each([
    [{ ...good(), extra: 1 }, "at root: unexpected property 'extra'"],
    [{ ...good(), minProtocol: undefined }, "must have required property 'minProtocol'"],
    [{ ...good(), minProtocol: 0 }, "at /minProtocol"],
    [{ ...good(), maxProtocol: 4.5 }, "at /maxProtocol"],
    [{ ...good(), client: { ...good().client, id: "chrome" } }, "at /client/id: "],
    [{ ...good(), client: { ...good().client, mode: "root" } }, "at /client/mode: "],
    [{ ...good(), client: { ...good().client, version: "" } }, "at /client/version"],
    [{ ...good(), role: "admin" }, "at /role"],
    [{ ...good(), scopes: "operator.admin" }, "at /scopes"],
    [{ ...good(), auth: { token: 1 } }, "at /auth/token"],
    [{ ...good(), auth: { secret: "x" } }, "at /auth: unexpected property 'secret'"],
    [{ ...good(), device: { id: "x" } }, "at /device: must have required property"],
    [[], "invalid connect params"],
    ["x", "invalid connect params"],
  ])("[B09] [HS-18] names what is wrong (%#)", async (params, words) => {
    const { code, answers } = await sendFirst(connectFrame(JSON.parse(JSON.stringify(params))));
    expect(code).toBe(1008);
    expect(answers[0]?.error?.code).toBe("INVALID_REQUEST");
    expect(answers[0]?.error?.message).toContain("invalid connect params: ");
    expect(answers[0]?.error?.message).toContain(words);
  });

  it("[B01] [HS-18] refuses a property too many on the frame itself", async () => {
    const { code, answers } = await sendFirst({ ...connectFrame(good()), extra: true });
    expect(code).toBe(1008);
    expect(answers[0]?.error?.message).toBe("invalid request frame: at root: unexpected property 'extra'");
  });

  it("[HS-33] closes on a role that nobody has", async () => {
    const { code } = await sendFirst(connectFrame({ ...good(), role: "owner" }));
    expect(code).toBe(1008);
  });

  it("[B20] cuts a long reason to 123 bytes on a boundary of UTF-8", async () => {
    const { reason } = await sendFirst(connectFrame({ ...good(), ["é".repeat(200)]: 1 }));
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(reason).not.toContain("\ufffd");
  });
});

describe("versions", () => {
  it.each([
    [3, 3, 3],
    [4, 4, 4],
    [3, 4, 4],
    [1, 9, 4],
    [1, 3, 3],
    [4, 99, 4],
  ])("[B04] a client that speaks %i to %i gets %i", async (min, max, protocol) => {
    const client = await world.connect({ min, max });
    expect(client.hello?.protocol).toBe(protocol);
    await client.close();
  });

  it.each([
    [99, 99],
    [5, 5],
    [1, 2],
    [2, 1],
    [4, 3],
  ])("[B04] [B20] a client that speaks %i to %i is told what we speak and closed with 1002", async (min, max) => {
    const { code, reason, answers } = await sendFirst(connectFrame({ ...toConnectParams({ auth, min, max }, "") }));
    expect({ code, reason }).toEqual({ code: 1002, reason: "protocol mismatch" });
    expect(answers[0]?.error).toEqual({
      code: "INVALID_REQUEST",
      message: "protocol mismatch",
      details: { code: "PROTOCOL_MISMATCH", expectedProtocol: 4, minimumProtocol: 3 },
    });
  });
});

describe("hello-ok", () => {
  it("[B06] [B07] fits its schema and says what holds here", async () => {
    const client = await world.connect();
    expect(createWireSchemas().fits(HelloOk, client.hello)).toEqual([]);
    expect(client.hello).toMatchObject({
      type: "hello-ok",
      server: { version: "1.2.3-test", connId: expect.stringMatching(/^conn_/) },
      snapshot: { sessionDefaults: { defaultAgentId: "main", mainKey: "main", mainSessionKey: "agent:main:main" } },
      auth: { role: "operator", method: "token" },
      policy: { maxPayload: 524_288, maxBufferedBytes: 1_572_864, tickIntervalMs: 30_000 },
    });
    await client.close();
  });

  it("[HS-47] tells no path, no token and nothing of the configuration's secrets", async () => {
    const client = await world.connect();
    const text = JSON.stringify(client.frames);
    for (const canary of [TEST_TOKEN, world.stateDir, world.configPath, "sk-fake-canary-key", homedir()]) {
      expect(text).not.toContain(canary);
    }
    await client.close();
  });

  it("[B06] is followed by the health", async () => {
    const client = await world.connect();
    const health = await client.event("health");
    expect(health.payload).toMatchObject({ ok: true, version: "1.2.3-test" });
    await client.close();
  });

  it("[B17] lists methods of which each one answers", async () => {
    const client = await world.connect();
    const { methods } = client.hello?.features ?? { methods: [] };
    expect([...methods].sort()).toEqual(Object.keys(METHODS).sort());
    for (const method of methods) {
      const answer = await client.request(method, {});
      const isValidation =
        answer.error?.code === "INVALID_REQUEST" && !answer.error.message.startsWith("unknown method");
      expect(answer.ok || isValidation, `${method}: ${JSON.stringify(answer.error)}`).toBe(true);
    }
    await client.close();
  });

  it("[B22] [HS-26] a second connect is an error and changes nothing", async () => {
    const client = await world.connect({ scopes: ["operator.read"] });
    const nonce = await client.nonce();
    const again = await client.request("connect", toConnectParams({ auth, scopes: ["operator.admin"] }, nonce));
    expect(again).toMatchObject({
      ok: false,
      error: { code: "INVALID_REQUEST", message: "connect is only valid as the first request" },
    });
    expect(await client.refusal("sessions.patch", { key: "main", pinned: true })).toMatchObject({ code: "FORBIDDEN" });
    expect((await client.request("status")).ok).toBe(true);
    await client.close();
  });

  it("[HS-26] the same connect twice in one breath is one session", async () => {
    const client = await WireClient.open(world.wsUrl);
    const nonce = await client.nonce();
    const params = toConnectParams({ auth, scopes: ["operator.read"] }, nonce);
    client.send({ type: "req", id: "a", method: "connect", params });
    client.send({ type: "req", id: "b", method: "connect", params: { ...params, scopes: ["operator.admin"] } });
    const first = await client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === "a");
    const second = await client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === "b");
    expect([first.ok, second.ok]).toEqual([true, false]);
    expect((first.payload as HelloOk).auth.scopes).toEqual(["operator.read"]);
    expect(await client.refusal("config.set", {})).toMatchObject({ code: "FORBIDDEN" });
    await client.close();
  });
});

describe("bytes below the frames", () => {
  it("[HS-08] a frame of 64 KiB is looked at, one byte more closes with 1009 before any answer", async () => {
    const fill = (bytes: number) => {
      const base = JSON.stringify(connectFrame({ pad: "" }));
      return JSON.stringify(connectFrame({ pad: "x".repeat(bytes - base.length) }));
    };
    expect(fill(POLICY.handshakeMaxPayload)).toHaveLength(65_536);
    expect(await sendFirst(fill(POLICY.handshakeMaxPayload))).toMatchObject({ code: 1008 });
    expect(await sendFirst(fill(POLICY.handshakeMaxPayload + 1))).toMatchObject({ code: 1009, answers: [] });
  });

  it("[HS-08] counts a message in pieces as a whole", async () => {
    const raw = await openRawWebSocket(world.port);
    raw.socket.write(toFrame("x".repeat(40_000), 0x01));
    raw.socket.write(toFrame("x".repeat(40_000), 0x80));
    await raw.until((all) => toCloseCode(all) === 1009);
    raw.socket.destroy();
    await raw.ended;
  });

  it("[B07] after the handshake 524288 bytes pass and one more closes with 1009", async () => {
    const client = await world.connect();
    const fill = (id: string, bytes: number) => {
      const base = JSON.stringify({ type: "req", id, method: "health", params: { pad: "" } });
      return JSON.stringify({ type: "req", id, method: "health", params: { pad: "x".repeat(bytes - base.length) } });
    };
    client.send(fill("big", 524_288));
    const answer = await client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === "big");
    expect(answer.error?.message).toContain("unexpected property 'pad'");
    client.send(fill("too-big", 524_289));
    expect((await client.closed).code).toBe(1009);
    expect(client.answers("too-big")).toEqual([]);
  });

  it.each([
    ["a frame that says it has 2^53 bytes", toFrame("x", 0x81, 2 ** 53 - 1), [1009, 1002]],
    ["a frame that says it has 2 GiB", toFrame("x", 0x81, 2 ** 31), [1009]],
  ])("[HS-09] %s is refused at its head, without room being made for it", async (_name, bytes, codes) => {
    const raw = await openRawWebSocket(world.port);
    const before = process.memoryUsage().arrayBuffers;
    raw.socket.write(bytes);
    const all = await raw.until((got) => toCloseCode(got) !== undefined);
    expect(codes).toContain(toCloseCode(all));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    await raw.ended;
  });

  it.each([
    ["an unmasked frame", Buffer.concat([Buffer.from([0x81, 2]), Buffer.from("{}")]), 1002],
    ["a reserved opcode", toFrame("x", 0x83), 1002],
    ["a reserved bit", toFrame("x", 0xc1), 1002],
    ["a continuation of nothing", toFrame("x", 0x80), 1002],
    ["text that is not UTF-8", toFrame(Buffer.from([0xff, 0xfe, 0xfd])), 1007],
    ["a ping of 126 bytes", toFrame("x".repeat(126), 0x89), 1002],
    ["a close of one byte", toFrame("x", 0x88), 1002],
  ])("[HS-10] %s closes with %#", async (_name, bytes, code) => {
    const raw = await openRawWebSocket(world.port);
    raw.socket.write(bytes);
    await raw.until((all) => toCloseCode(all) === code);
    await raw.ended;
    expect((await fetch(`${world.url}/health`)).status).toBe(200);
  });

  it("[HS-11] declines compression, so that nothing can be blown up", async () => {
    const raw = await openRaw(world.port);
    raw.socket.write(
      toUpgrade(world.port, { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" }),
    );
    const head = (await raw.until((all) => all.includes("\r\n\r\n"))).toString("latin1");
    expect(head).toContain("101 Switching Protocols");
    expect(head.toLowerCase()).not.toContain("sec-websocket-extensions");
    raw.socket.destroy();
    await raw.ended;
  });

  it.each([
    ["arrays", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
    ["objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
  ])("[HS-12] deeply nested %s neither stop the process nor hold it up", async (_name, nested) => {
    const started = performance.now();
    expect(await sendFirst(nested)).toMatchObject({ code: 1008 });
    const { code } = await sendFirst(
      `{"type":"req","id":"1","method":"connect","params":{"caps":${nested.slice(0, 60_000)}`,
    );
    expect(code).toBe(1008);
    const whole = `{"type":"req","id":"1","method":"connect","params":${nested}}`;
    expect((await sendFirst(whole)).code).toBe(1008);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("[HS-12] deep values after the handshake are refused like any other", async () => {
    const client = await world.connect();
    const nested = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    client.send(`{"type":"req","id":"deep","method":"health","params":{"x":${nested}}}`);
    const answer = await client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === "deep");
    expect(answer.error?.code).toBe("INVALID_REQUEST");
    for (const raw of [`{a:${nested}}`, `${"{a:".repeat(60_000)}1${"}".repeat(60_000)}`]) {
      const error = await client.refusal("config.patch", { raw, baseHash: "x" });
      expect(error).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining("nested deeper") });
    }
    await client.close();
  });

  it("[HS-13] sixty thousand keys, and one key of 400 KB, are refused shortly and at once", async () => {
    const client = await world.connect();
    const many = Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`k${i}`, 1]));
    const long = { ["k".repeat(400_000)]: 1 };
    for (const params of [many, long]) {
      const frame = JSON.stringify({ type: "req", id: "keys", method: "chat.send", params });
      expect(frame.length).toBeLessThan(900_000);
      const started = performance.now();
      const error = frame.length > 524_288 ? undefined : await client.refusal("chat.send", params);
      if (error) {
        expect(error.code).toBe("INVALID_REQUEST");
        expect(error.message.length).toBeLessThan(300);
      }
      expect(performance.now() - started).toBeLessThan(500);
    }
    const fewer = Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`k${i}`, 1]));
    expect((await client.refusal("chat.send", fewer)).code).toBe("INVALID_REQUEST");
    await client.close();
  });
});

describe("names and ids", () => {
  it.each([
    `{"type":"req","id":"p","method":"health","params":{"__proto__":{"polluted":1}}}`,
    `{"type":"req","id":"p","method":"health","__proto__":{"polluted":1}}`,
    `{"type":"req","id":"p","method":"health","params":{"constructor":{"prototype":{"polluted":1}}}}`,
    `{"type":"req","id":"p","method":"config.patch","params":{"raw":"{\\"__proto__\\":{\\"polluted\\":1},\\"gateway\\":{\\"__proto__\\":{\\"polluted\\":1}}}"}}`,
  ])("[HS-14] %s pollutes nothing", async (text) => {
    const client = await world.connect();
    client.send(text);
    await client.find((frame) => frame.type === "res" && frame.id === "p");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect((await client.request("health")).ok).toBe(true);
    await client.close();
  });

  it("[HS-14] a prototype in the parameters of connect is no privilege", async () => {
    const params = JSON.stringify({ ...toConnectParams({ auth, scopes: [] }, ""), X: 1 }).replace(
      '"X":1',
      '"__proto__":{"scopes":["operator.admin"]}',
    );
    expect(await sendFirst(`{"type":"req","id":"1","method":"connect","params":${params}}`)).toMatchObject({
      code: 1008,
    });
  });

  it("[HS-15] of two equal keys the last one counts, for the check and for the call", async () => {
    const client = await world.connect({ scopes: ["operator.read"] });
    client.send(`{"type":"req","id":"d1","method":"health","method":"config.set","params":{"raw":"{}"}}`);
    client.send(`{"type":"req","id":"d2","method":"config.set","method":"health"}`);
    const first = await client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === "d1");
    const second = await client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === "d2");
    expect(first.error?.code).toBe("FORBIDDEN");
    expect(second.ok).toBe(true);
    await client.close();
  });

  it.each([
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "chat",
    "chat.send ",
    "CHAT.SEND",
    "..",
    "chat/send",
  ])("[HS-16] %j is no method", async (method) => {
    const client = await world.connect();
    expect(await client.refusal(method, {})).toEqual({ code: "INVALID_REQUEST", message: `unknown method: ${method}` });
    await client.close();
  });

  it("[HS-17] refuses an empty id and one that is too long, and answers equal ids once each", async () => {
    const client = await world.connect();
    client.send({ type: "req", id: "", method: "health" });
    client.send({ type: "req", id: "x".repeat(129), method: "health" });
    client.send({ type: "req", id: 7, method: "health" });
    client.send({ type: "req", id: "x".repeat(128), method: "health" });
    client.send({ type: "req", id: "same", method: "health" });
    client.send({ type: "req", id: "same", method: "health" });
    await client.request("health");
    expect(client.answers("")).toEqual([]);
    expect(client.answers("x".repeat(129))).toEqual([]);
    expect(client.answers("x".repeat(128))).toHaveLength(1);
    expect(client.answers("same")).toHaveLength(2);
    await client.close();
  });

  it.each([
    [{ type: "req", id: "e", method: "health", extra: 1 }, "at root: unexpected property 'extra'"],
    [{ type: "req", id: "e" }, "must have required property 'method'"],
    [{ type: "res", id: "e", ok: true }, "unexpected property 'ok'"],
    [{ type: "req", id: "e", method: 1 }, "at /method"],
  ])("[B01] [HS-18] answers a frame that does not fit: %j", async (frame, words) => {
    const client = await world.connect();
    client.send(frame);
    const answer = await client.find<ResponseFrame>((one) => one.type === "res" && one.id === "e");
    expect(answer.error?.message).toContain("invalid request frame: ");
    expect(answer.error?.message).toContain(words);
    await client.close();
  });
});

it("[HS-29] does not let anybody in because a field is there", async () => {
  for (const given of [{ token: "" }, { deviceToken: "x" }, { bootstrapToken: "x" }, { password: TEST_TOKEN }, {}]) {
    await expect(connectClient(world.wsUrl, { auth: given })).rejects.toThrow(/refused/);
  }
});
