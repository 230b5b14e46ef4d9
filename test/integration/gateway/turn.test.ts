/** Conversations over the wire: every frame, every answer and every event against the schemas of the protocol. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EventFrame, ResponseFrame } from "#main/protocol/frames.ts";
import { startTestGateway, type TestGateway } from "#test/fakes/gateway.ts";
import {
  chunk,
  DONE,
  errorAnswer,
  FAKE_OPENAI_ANSWER,
  textAnswer,
  toolAnswer,
  usageChunk,
} from "#test/fakes/openai.ts";
import { createGate } from "#test/fakes/scripted-http.ts";
import { createWireSchemas } from "#test/fakes/wire-schemas.ts";
import type { WireClient } from "#test/fakes/wire-client.ts";

let world: TestGateway;
const clients: WireClient[] = [];
const schemas = createWireSchemas();

beforeAll(async () => {
  world = await startTestGateway();
});
afterAll(() => world.dispose());
afterEach(async () => {
  for (const client of clients.splice(0)) {
    expect(schemas.faultsOf(client.frames, (id) => client.methods.get(id))).toEqual([]);
    await client.close();
  }
});

async function connect(options: Parameters<TestGateway["connect"]>[0] = {}): Promise<WireClient> {
  const client = await world.connect(options);
  clients.push(client);
  return client;
}

interface ChatPayload {
  runId: string;
  state: string;
  seq: number;
  deltaText?: string;
  message?: { content: { type: string; text: string }[] };
  errorKind?: string;
}

const ended = (client: WireClient, runId: string) =>
  client.event("chat", (chat: ChatPayload) => chat.runId === runId && chat.state !== "delta");
const chatsOf = (client: WireClient, runId: string) =>
  client
    .events("chat")
    .map((frame) => frame.payload as ChatPayload)
    .filter((chat) => chat.runId === runId);
const send = (key: string, runId: string, message = "hi", more: Record<string, unknown> = {}) => ({
  sessionKey: key,
  message,
  idempotencyKey: runId,
  ...more,
});
const textsOf = (chat: ChatPayload | undefined) => chat?.message?.content.map((block) => block.text).join("");

/** An answer whose second half waits for the gate. */
function halves() {
  const { gate, open } = createGate();
  const script = {
    steps: [
      chunk({ role: "assistant", content: "One " }),
      { gate },
      chunk({ content: "two" }),
      chunk({}, "stop"),
      usageChunk(5, 2),
      DONE,
    ],
  };
  return { script, open };
}

describe("a turn", () => {
  it("[B13] [B01] streams its text once, in order, and ends with the message that is kept", async () => {
    const client = await connect({ caps: ["tool-events"] });
    await client.call("sessions.subscribe");
    await client.call("sessions.messages.subscribe", { key: "story" });
    expect(await client.call("chat.send", send("story", "t1"))).toMatchObject({ runId: "t1", status: "started" });
    await ended(client, "t1");
    const chats = chatsOf(client, "t1");
    const deltas = chats.filter((chat) => chat.state === "delta");
    expect(deltas.map((chat) => chat.deltaText).join("")).toBe(FAKE_OPENAI_ANSWER);
    expect(chats.at(-1)).toMatchObject({
      state: "final",
      message: { role: "assistant", usage: { input: 12 }, model: "fake/fake-model" },
    });
    expect(textsOf(chats.at(-1))).toBe(FAKE_OPENAI_ANSWER);
    const seqs = chats.map((chat) => chat.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    const phases = client.events("agent").flatMap((frame) => {
      const { stream, data } = frame.payload as { stream: string; data: { phase?: string } };
      return stream === "lifecycle" ? [data.phase] : [];
    });
    expect(phases).toEqual(["start", "model", "end"]);
    expect(
      client.events("session.message").map((frame) => (frame.payload as { message: { role: string } }).message.role),
    ).toEqual(["user", "assistant"]);
    expect(client.events("sessions.changed").map((frame) => frame.payload)).toContainEqual({
      sessionKey: "agent:main:story",
      reason: "created",
    });
    const history = await client.call<{ messages: { role: string }[] }>("chat.history", { sessionKey: "story" });
    expect(history.messages.map((message) => message.role)).toEqual(["user", "assistant"]);
  });

  it("[B13] numbers the events of each connection without a gap, and never repeats what a client missed", async () => {
    const [first, reader] = [await connect(), await connect()];
    await first.call("chat.send", send("seq", "t2"));
    await ended(first, "t2");
    await ended(reader, "t2");
    for (const client of [first, reader]) {
      const seqs = client.frames.flatMap((frame) =>
        frame.type === "event" && frame.event !== "connect.challenge" ? [frame.seq] : [],
      );
      expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    }
    const late = await connect();
    await late.request("health");
    expect(late.events("chat")).toEqual([]);
    expect(late.events("agent")).toEqual([]);
  });

  it("[B04] a client of version 3 gets the shapes of 3", async () => {
    const old = await connect({ min: 3, max: 3 });
    const now = await connect();
    world.model.script(textAnswer("An answer."), errorAnswer(401, "no such key"));
    await old.call("chat.send", send("v3", "t3"));
    await ended(old, "t3");
    await old.call("chat.send", send("v3", "t4"));
    await ended(old, "t4");
    await ended(now, "t4");
    const [mine, theirs] = [chatsOf(old, "t3"), chatsOf(now, "t3")];
    expect(mine.every((chat) => !("deltaText" in chat))).toBe(true);
    expect(theirs.some((chat) => "deltaText" in chat)).toBe(true);
    expect(
      mine
        .filter((chat) => chat.state === "delta")
        .map(textsOf)
        .at(-1),
    ).toBe("An answer.");
    expect(chatsOf(old, "t4").at(-1)).not.toHaveProperty("errorKind");
    expect(chatsOf(now, "t4").at(-1)).toHaveProperty("errorKind", "unknown");
  });

  it("sends text only once to clients that keep it themselves", async () => {
    const client = await connect({ caps: ["delta-only"] });
    await client.call("chat.send", send("lean", "t5"));
    await ended(client, "t5");
    const deltas = chatsOf(client, "t5").filter((chat) => chat.state === "delta");
    expect(deltas.length).toBeGreaterThan(0);
    expect(deltas.every((chat) => chat.message === undefined)).toBe(true);
  });

  it("[HS-46] shows the steps of tools only to those who ask for them", async () => {
    const [with_, without] = [await connect({ caps: ["tool-events"] }), await connect()];
    world.model.script(toolAnswer([{ id: "c1", name: "time", args: "{}" }]), textAnswer("Noon."));
    await with_.call("chat.send", send("tools", "t6"));
    await ended(with_, "t6");
    await ended(without, "t6");
    const streams = (client: WireClient) =>
      client.events("agent").map((frame) => (frame.payload as { stream: string }).stream);
    expect(streams(with_)).toContain("tool");
    expect(streams(without)).not.toContain("tool");
  });

  it.each([
    [errorAnswer(429, "slow down", { headers: { "retry-after": "3600" } }), "rate_limit"],
    [errorAnswer(400, "too long", { code: "context_length_exceeded" }), "context_length"],
    [errorAnswer(401, "wrong key"), "unknown"],
    [{ status: 200, body: "not a stream" }, "unknown"],
  ] as const)("ends in words when the model does not answer (%#)", async (script, errorKind) => {
    const client = await connect();
    world.model.script(script);
    const runId = `fail-${errorKind}-${Math.random()}`;
    await client.call("chat.send", send("fails", runId));
    const final = (await ended(client, runId)).payload as ChatPayload & { errorMessage: string };
    expect(final).toMatchObject({ state: "error", errorKind });
    expect(final.errorMessage).not.toBe("");
  });

  it("ends in time when the turn has a limit", async () => {
    const client = await connect();
    world.model.script({ steps: [chunk({ role: "assistant", content: "Part" }), { hang: true }] });
    await client.call("chat.send", send("limit", "t7", "hi", { timeoutMs: 60 }));
    expect((await ended(client, "t7")).payload).toMatchObject({ state: "error", errorKind: "timeout" });
    expect(await client.call("agent.wait", { runId: "t7" })).toMatchObject({ status: "error" });
  });
});

describe("in the middle of a turn", () => {
  it("a client that comes late can draw what there is so far", async () => {
    const client = await connect();
    const { script, open } = halves();
    world.model.script(script);
    await client.call("chat.send", send("late", "m1"));
    await client.event("chat", (chat: ChatPayload) => chat.runId === "m1" && textsOf(chat) === "One ");
    const late = await connect();
    const history = await late.call("chat.history", { sessionKey: "late" });
    expect(history).toMatchObject({ inFlightRun: { runId: "m1", text: "One ", tools: [] }, queuedRunIds: [] });
    open();
    expect(textsOf((await ended(late, "m1")).payload as ChatPayload)).toBe("One two");
  });

  it("chat.abort stops it, keeps what had come, and says so", async () => {
    const client = await connect();
    world.model.script({ steps: [chunk({ role: "assistant", content: "Kept" }), { hang: true }] });
    await client.call("chat.send", send("abort", "m2"));
    await client.event("chat", (chat: ChatPayload) => chat.runId === "m2");
    expect(await client.call("chat.abort", { sessionKey: "abort", runId: "nobody" })).toEqual({
      ok: true,
      aborted: false,
      runIds: [],
    });
    expect(await client.call("chat.abort", { sessionKey: "abort" })).toEqual({
      ok: true,
      aborted: true,
      runIds: ["m2"],
    });
    expect((await ended(client, "m2")).payload).toMatchObject({ state: "aborted" });
    const history = await client.call<{ messages: { incomplete?: boolean }[] }>("chat.history", {
      sessionKey: "abort",
    });
    expect(history.messages.at(-1)).toMatchObject({ incomplete: true, content: [{ type: "text", text: "Kept" }] });
    expect(await client.call("chat.send", send("abort", "m2"))).toMatchObject({ runId: "m2", status: "aborted" });
  });

  it("two messages to one session are answered one after the other, in the order they came", async () => {
    const client = await connect();
    const { script, open } = halves();
    world.model.script(script, textAnswer("Second."));
    const ids = [
      client.post("chat.send", send("queue", "q1", "first")),
      client.post("chat.send", send("queue", "q2", "second")),
    ];
    for (const id of ids) await client.find((frame) => frame.type === "res" && frame.id === id);
    await client.event("chat", (chat: ChatPayload) => chat.runId === "q1");
    expect(await client.call("chat.history", { sessionKey: "queue" })).toMatchObject({ queuedRunIds: ["q2"] });
    open();
    await ended(client, "q2");
    const order = client.events("chat").map((frame) => (frame.payload as ChatPayload).runId);
    expect(order.lastIndexOf("q1")).toBeLessThan(order.indexOf("q2"));
    expect(textsOf((await ended(client, "q2")).payload as ChatPayload)).toBe("Second.");
  });

  it("chat.inject puts a message there without a turn", async () => {
    const client = await connect();
    const before = world.model.requests.length;
    await client.call("sessions.messages.subscribe", { key: "inject" });
    const { messageId } = await client.call<{ messageId: string }>("chat.inject", {
      sessionKey: "inject",
      message: "Note",
      label: "test",
    });
    const told = await client.event("session.message");
    expect(told.payload).toMatchObject({
      message: { id: messageId, label: "test", content: [{ type: "text", text: "Note" }] },
    });
    expect(world.model.requests).toHaveLength(before);
  });
});

describe("idempotency", () => {
  it.each(["chat.send", "agent"])("[B11] %s without a key is refused", async (method) => {
    const client = await connect();
    const error = await client.refusal(method, { sessionKey: "main", message: "x" });
    expect(error).toEqual({
      code: "INVALID_REQUEST",
      message: `invalid ${method} params: must have required property 'idempotencyKey'`,
    });
    expect((await client.refusal(method, { sessionKey: "main", message: "x", idempotencyKey: "" })).code).toBe(
      "INVALID_REQUEST",
    );
  });

  it("[B11] the same key is one turn: in_flight while it runs, the stored answer afterwards, over a restart too", async () => {
    const client = await connect();
    const { script, open } = halves();
    world.model.script(script);
    const before = world.model.requests.length;
    const twice = [client.post("chat.send", send("idem", "k1")), client.post("chat.send", send("idem", "k1"))];
    const answers = await Promise.all(
      twice.map((id) => client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === id)),
    );
    expect(answers.map((answer) => (answer.payload as { status: string }).status)).toEqual(["started", "in_flight"]);
    expect(await client.call("chat.send", send("idem", "k1"))).toEqual({ runId: "k1", status: "in_flight" });
    open();
    await ended(client, "k1");
    const stored = { runId: "k1", status: "ok", summary: "One two" };
    expect(await client.call("chat.send", send("idem", "k1"))).toEqual(stored);
    expect(await client.call("chat.send", send("idem", "k1", "another text"))).toEqual(stored);
    expect(world.model.requests).toHaveLength(before + 1);
    const { totalMessages } = await client.call<{ totalMessages: number }>("chat.history", { sessionKey: "idem" });
    expect(totalMessages).toBe(2);
    clients.splice(0);
    await world.restart();
    const again = await connect();
    expect(await again.call("chat.send", send("idem", "k1"))).toEqual(stored);
    expect(world.model.requests).toHaveLength(before + 1);
  });

  it("[B11] the same key in another session is refused, and leaves no trace there", async () => {
    const client = await connect();
    await client.call("chat.send", send("one", "shared-key"));
    expect(await client.refusal("chat.send", send("two", "shared-key"))).toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringContaining("another session"),
    });
    await ended(client, "shared-key");
    expect(await client.call("sessions.describe", { key: "two" })).toEqual({ session: null });
  });

  it("[B11] a hundred at once with one key are one turn", async () => {
    const client = await connect();
    const before = world.model.requests.length;
    const ids = Array.from({ length: 100 }, () => client.post("chat.send", send("storm", "k-storm")));
    const answers = await Promise.all(
      ids.map((id) => client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === id)),
    );
    const states = answers.map((answer) => (answer.payload as { status: string }).status);
    expect(states.filter((state) => state === "started")).toHaveLength(1);
    await ended(client, "k-storm");
    expect(world.model.requests).toHaveLength(before + 1);
  });
});

describe("agent", () => {
  it("[B12] answers twice with one id: accepted at once, then the outcome", async () => {
    const client = await connect();
    const id = client.post("agent", { message: "hi", sessionKey: "two-phase", idempotencyKey: "a1" });
    const isAnswer = (frame: { type: string }) => frame.type === "res" && (frame as ResponseFrame).id === id;
    const first = await client.find<ResponseFrame>(isAnswer);
    expect(first.payload).toMatchObject({ runId: "a1", status: "accepted", sessionKey: "agent:main:two-phase" });
    await ended(client, "a1");
    await client.request("health");
    const answers = client.answers(id);
    expect(answers).toHaveLength(2);
    expect(answers[1]).toMatchObject({
      ok: true,
      payload: {
        runId: "a1",
        status: "ok",
        summary: "completed",
        result: { payloads: [{ text: FAKE_OPENAI_ANSWER }] },
      },
    });
    const frames = client.frames.filter(
      (frame) => isAnswer(frame) || (frame.type === "event" && frame.event === "agent"),
    );
    expect(frames[0]).toBe(answers[0]);
  });

  it("[B12] [B11] the same key again is answered once, with the same outcome", async () => {
    const client = await connect();
    const params = { message: "hi", sessionKey: "again", idempotencyKey: "a2" };
    const id = client.post("agent", params);
    await ended(client, "a2");
    await client.request("health");
    const again = await client.request("agent", params);
    expect(again.payload).toEqual(client.answers(id)[1]?.payload);
    expect(client.answers(again.id)).toHaveLength(1);
  });

  it("[B12] says error when the turn fails or is stopped", async () => {
    const client = await connect();
    world.model.script(errorAnswer(401, "wrong key"), {
      steps: [chunk({ role: "assistant", content: "Half" }), { hang: true }],
    });
    const failed = client.post("agent", { message: "hi", sessionKey: "f", idempotencyKey: "a3" });
    await ended(client, "a3");
    const stopped = client.post("agent", { message: "hi", sessionKey: "f", idempotencyKey: "a4" });
    await client.event("chat", (chat: ChatPayload) => chat.runId === "a4");
    await client.call("chat.abort", { sessionKey: "f" });
    await ended(client, "a4");
    await client.request("health");
    expect(client.answers(failed)[1]).toMatchObject({
      ok: true,
      payload: { status: "error", summary: expect.stringContaining("key") },
    });
    expect(client.answers(stopped)[1]).toMatchObject({
      payload: { status: "error", summary: "aborted", result: { payloads: [{ text: "Half" }] } },
    });
  });

  it("agent.wait waits for the end, gives up in time, and knows ended runs", async () => {
    const client = await connect();
    const { script, open } = halves();
    world.model.script(script);
    await client.call("chat.send", send("wait", "w1"));
    expect(await client.call("agent.wait", { runId: "w1", timeoutMs: 0 })).toEqual({ runId: "w1", status: "timeout" });
    const waiting = client.post("agent.wait", { runId: "w1" });
    // Others are answered while one request waits.
    expect((await client.request("health")).ok).toBe(true);
    open();
    const answer = await client.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === waiting);
    expect(answer.payload).toMatchObject({
      runId: "w1",
      status: "ok",
      startedAt: expect.any(Number),
      endedAt: expect.any(Number),
    });
    expect(await client.call("agent.wait", { runId: "w1" })).toMatchObject({ status: "ok" });
    expect(await client.call("agent.wait", { runId: "nobody", timeoutMs: 5 })).toEqual({
      runId: "nobody",
      status: "timeout",
    });
  });
});

describe("who is told what", () => {
  it("[HS-46] [D10] a connection without read sees no word of a conversation", async () => {
    const quiet = [
      await connect({ scopes: [] }),
      await connect({ scopes: ["operator.pairing", "operator.approvals", "operator.talk"] }),
    ];
    const [reader, writer] = [
      await connect({ scopes: ["operator.read"] }),
      await connect({ scopes: ["operator.write"] }),
    ];
    await writer.call("chat.send", send("secret", "s1", "the secret word"));
    for (const client of [reader, writer]) await ended(client, "s1");
    for (const client of quiet) {
      await client.request("health");
      const names = new Set(client.frames.flatMap((frame) => (frame.type === "event" ? [frame.event] : [])));
      expect([...names].filter((name) => !["connect.challenge", "health", "presence", "tick"].includes(name))).toEqual(
        [],
      );
      expect(JSON.stringify(client.frames)).not.toContain("secret word");
      for (const method of ["sessions.subscribe", "chat.history"]) {
        expect((await client.refusal(method, { sessionKey: "secret" })).code).toMatch(/FORBIDDEN/);
      }
    }
    expect(reader.events("chat").length).toBeGreaterThan(0);
    expect((await reader.refusal("chat.send", send("secret", "s2"))).code).toBe("FORBIDDEN");
  });

  it("[HS-46] messages and lists are told to subscribers only, until they unsubscribe", async () => {
    const client = await connect();
    await client.call("chat.inject", { sessionKey: "sub", message: "1" });
    await client.call("sessions.messages.subscribe", { key: "sub" });
    await client.call("chat.inject", { sessionKey: "sub", message: "2" });
    await client.call("sessions.messages.unsubscribe", { key: "sub" });
    await client.call("chat.inject", { sessionKey: "sub", message: "3" });
    const texts = client.events("session.message").map((frame) => textsOf(frame.payload as ChatPayload));
    expect(texts).toEqual(["2"]);
    expect(client.events("sessions.changed")).toEqual([]);
  });

  it("[B21] [B14] presence has one row per device, and each change has a higher number", async () => {
    const watcher = await connect();
    type Row = { deviceId?: string; mode: string };
    const before = await watcher.call<Row[]>("system-presence");
    const versions = () => watcher.events("presence").map((frame: EventFrame) => frame.stateVersion?.presence ?? 0);
    const other = await connect();
    await other.request("health");
    await watcher.request("health");
    const rows = await watcher.call<Row[]>("system-presence");
    expect(rows).toHaveLength(before.length + 1);
    expect(rows.filter((row) => row.mode === "gateway")).toHaveLength(1);
    const seen = versions();
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);
    expect(other.hello?.snapshot.stateVersion.presence).toBeLessThan(seen.at(-1) ?? 0);
  });
});

it("[A15] a stop in the middle of an answer tells everyone, then closes with 1012, and the restart answers", async () => {
  const other = await startTestGateway();
  const client = await other.connect();
  const { script, open } = halves();
  other.model.script(script);
  await client.call("chat.send", send("stop", "z1"));
  await client.event("chat", (chat: ChatPayload) => chat.runId === "z1");
  const stopping = other.gateway.stop("test");
  const shutdown = await client.event("shutdown");
  expect(shutdown.payload).toEqual({ reason: "test" });
  open();
  expect((await client.closed).code).toBe(1012);
  expect(client.frames.indexOf(shutdown)).toBeLessThan(client.frames.length);
  await stopping;
  await other.dispose();
});

it("[B16] [B19] answers in the codes of the wire", async () => {
  const client = await connect();
  expect(await client.call("health")).toMatchObject({ ok: true });
  expect(await client.call("status")).toMatchObject({ version: "1.2.3-test" });
  expect((await client.refusal("chat.history", { sessionKey: "a b" })).code).toBe("INVALID_REQUEST");
  expect((await client.refusal("sessions.rewind", { sessionKey: "nobody", entryId: "x" })).code).toBe(
    "INVALID_REQUEST",
  );
  const { hash } = await client.call<{ hash: string }>("config.get");
  expect((await client.refusal("config.set", { raw: "{}", baseHash: `${hash}x` })).code).toBe("INVALID_REQUEST");
  expect((await client.refusal("config.set", { raw: "{" })).code).toBe("INVALID_REQUEST");
});
