import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHttpClient, type HttpCall } from "#main/base/http/client.ts";
import { silentLogger } from "#main/base/logger.ts";
import type { ModelRequest, Provider, ProviderContext, ProviderEvent } from "#main/providers/contract.ts";
import { openai } from "#main/providers/openai/index.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { chunk, DONE, errorAnswer, modelList, startFakeOpenAI, textAnswer } from "#test/fakes/openai.ts";
import { createGate, type Script, type ScriptedServer } from "#test/fakes/scripted-http.ts";

const KEY = "sk-test-abcdefghijklmnop";
let server: ScriptedServer;

beforeEach(async () => {
  server = await startFakeOpenAI();
});
afterEach(() => server.close());

const provider = (more: Partial<ProviderContext> = {}): Provider =>
  openai.create({
    id: "local",
    baseUrl: `${server.url}/v1`,
    apiKey: () => KEY,
    headers: {},
    fetch: globalThis.fetch,
    call: createHttpClient().call,
    clock: createManualClock(),
    log: silentLogger,
    ...more,
  });

const REQUEST: ModelRequest = {
  model: "fake-model",
  system: "Be brief.",
  messages: [{ id: "m", role: "user", content: [{ type: "text", text: "hi" }], timestamp: 0 }],
  tools: [],
  thinking: "off",
};

async function run(
  request: ModelRequest = REQUEST,
  from: Provider = provider(),
): Promise<{ events: ProviderEvent[]; thrown: unknown }> {
  const events: ProviderEvent[] = [];
  try {
    for await (const event of from.stream(request, new AbortController().signal)) events.push(event);
  } catch (thrown) {
    return { events, thrown };
  }
  return { events, thrown: undefined };
}

async function fixture(name: string): Promise<Script> {
  return { steps: [{ raw: await readFile(new URL(`../../../fixtures/openai/${name}.sse`, import.meta.url)) }] };
}

describe("OpenAI-compatible client", () => {
  it("[J03] posts to chat/completions under the configured address, with key and extra headers", async () => {
    await run(REQUEST, provider({ headers: { "x-title": "Gatehouse" } }));
    const request = server.requests[0];
    expect(request).toMatchObject({ method: "POST", path: "/v1/chat/completions" });
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, "x-title": "Gatehouse" });
    expect(request?.body).toMatchObject({ model: "fake-model", stream: true, stream_options: { include_usage: true } });
  });

  it("[J03] works without a key where an address is set, and sends none", async () => {
    const { thrown } = await run(REQUEST, provider({ apiKey: () => undefined }));
    expect(thrown).toBeUndefined();
    expect(server.requests[0]?.headers["authorization"]).toBeUndefined();
  });

  it("makes no call to OpenAI itself without a key", async () => {
    let calls = 0;
    const counting: HttpCall = async () => {
      calls += 1;
      throw new Error("no network");
    };
    const bare = openai.create({
      id: "openai",
      apiKey: () => undefined,
      headers: {},
      fetch: globalThis.fetch,
      call: counting,
      clock: createManualClock(),
      log: silentLogger,
    });
    expect((await run(REQUEST, bare)).thrown).toMatchObject({ failure: "auth" });
    expect(calls).toBe(0);
  });

  it("[J02] collects parallel calls by index, whatever the order of their pieces", async () => {
    server.script(await fixture("tools"));
    const { events } = await run();
    expect(events).toEqual([
      { type: "text", delta: "I look." },
      { type: "tool-call-start", id: "call_A", name: "read" },
      { type: "tool-call-start", id: "call_B", name: "time" },
      { type: "usage", usage: { input: 176, output: 40, cacheRead: 1024 } },
      { type: "tool-call", id: "call_A", name: "read", argumentsJson: '{"path":"a.txt"}' },
      { type: "tool-call", id: "call_B", name: "time", argumentsJson: "{}" },
      { type: "end", stopReason: "toolUse" },
    ]);
  });

  it("[J02] takes whole calls that all come under index 0, and `reasoning` as thinking", async () => {
    server.script(await fixture("ollama-whole-calls"));
    const { events } = await run();
    expect(events).toEqual([
      { type: "thinking", delta: "Let me " },
      { type: "thinking", delta: "see." },
      { type: "thinking-end" },
      { type: "tool-call-start", id: "call_x1", name: "read" },
      { type: "tool-call-start", id: "call_x2", name: "read" },
      { type: "tool-call", id: "call_x1", name: "read", argumentsJson: '{"path":"a"}' },
      { type: "tool-call", id: "call_x2", name: "read", argumentsJson: '{"path":"b"}' },
      { type: "end", stopReason: "toolUse" },
    ]);
  });

  it("gives calls without ids ids of their own, and takes arguments sent as an object", async () => {
    const call = (name: string, args: unknown) => chunk({ tool_calls: [{ function: { name, arguments: args } }] });
    server.script({ steps: [call("time", {}), call("read", { path: "a" }), chunk({}, "stop"), DONE] });
    const { events } = await run();
    const calls = events.filter((event) => event.type === "tool-call");
    expect(calls.map((event) => [event.name, event.argumentsJson])).toEqual([
      ["time", "{}"],
      ["read", '{"path":"a"}'],
    ]);
    expect(new Set(calls.map((event) => event.id)).size).toBe(2);
    expect(events.at(-1)).toEqual({ type: "end", stopReason: "toolUse" });
  });

  it("ends without [DONE] once a finish reason came, with reasoning_content as thinking", async () => {
    server.script(await fixture("llama-reasoning"));
    const { events } = await run();
    expect(events).toEqual([
      { type: "thinking", delta: "Hmm. " },
      { type: "thinking-end" },
      { type: "text", delta: "Forty-two." },
      { type: "usage", usage: { input: 30, output: 7 } },
      { type: "end", stopReason: "stop" },
    ]);
  });

  it.each([
    ["at [DONE]", [chunk({ content: "x" }, "stop"), DONE]],
    ["at the finish reason", [chunk({ content: "x" }, "stop")]],
  ])("ends %s a second later at most, even if the server keeps the connection open", async (_where, steps) => {
    const clock = createManualClock();
    server.script({ steps: [...steps, { hang: true }] });
    let over = false;
    const running = run(REQUEST, provider({ clock })).finally(() => {
      over = true;
    });
    for (let i = 0; i < 1000 && clock.pendingTimers === 0; i++) await clock.advance(0);
    await clock.advance(999);
    expect(over).toBe(false);
    await clock.advance(1);
    const { events, thrown } = await running;
    expect(thrown).toBeUndefined();
    expect(events).toEqual([
      { type: "text", delta: "x" },
      { type: "end", stopReason: "stop" },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("takes a connection that breaks before the end of the stream for a failure, also after the last words", async () => {
    server.script({ steps: [chunk({ content: "x" }, "stop"), { breakOff: true }] });
    const { events, thrown } = await run();
    expect(events).toEqual([{ type: "text", delta: "x" }]);
    expect(thrown).toMatchObject({ failure: "network" });
  });

  it("keeps its connection by reading to the end of the stream, which a caller that leaves early loses", async () => {
    const connectionsOf = async (leaveEarly: boolean) => {
      const fake = await startFakeOpenAI();
      const again = provider({ baseUrl: `${fake.url}/v1` });
      for (let i = 0; i < 6; i++) {
        // The stream ends a little after the answer, as it does over a real network.
        const { gate, open } = createGate();
        fake.script({ steps: [chunk({ content: "x" }, "stop"), DONE, { gate }] });
        for await (const event of again.stream(REQUEST, new AbortController().signal)) {
          if (event.type !== "end") continue;
          if (leaveEarly) break;
          open();
        }
        open();
      }
      await fake.close();
      return fake.connections;
    };
    expect(await connectionsOf(false)).toBeLessThanOrEqual(2);
    expect(await connectionsOf(true)).toBeGreaterThanOrEqual(6);
  });

  it("[LM-10] tells a refusal and a content filter as refusals, with the words", async () => {
    server.script(await fixture("refusal"), { steps: [chunk({}, "content_filter"), DONE] });
    expect((await run()).events).toEqual([
      { type: "text", delta: "I can't " },
      { type: "text", delta: "help with that." },
      { type: "end", stopReason: "refusal" },
    ]);
    expect((await run()).events).toEqual([{ type: "end", stopReason: "refusal" }]);
  });

  it("[LM-04] sends no call and no end when the stream breaks inside a call", async () => {
    const head = { index: 0, id: "c", function: { name: "read", arguments: '{"path":"/etc' } };
    server.script(
      { steps: [chunk({ tool_calls: [head] }), { breakOff: true }] },
      { steps: [chunk({ tool_calls: [head] })] },
    );
    const torn = await run();
    expect(torn.thrown).toMatchObject({ failure: "network" });
    expect(torn.events).toEqual([{ type: "tool-call-start", id: "c", name: "read" }]);
    const ended = await run();
    expect(ended).toEqual({ events: [{ type: "tool-call-start", id: "c", name: "read" }], thrown: undefined });
  });

  it("[LM-04] drops a call that the token limit cut, and keeps whole ones", async () => {
    const piece = (index: number, args: string) => ({
      index,
      id: `c${index}`,
      function: { name: "read", arguments: args },
    });
    server.script({
      steps: [chunk({ tool_calls: [piece(0, "{}"), piece(1, '{"path":"/e')] }), chunk({}, "length"), DONE],
    });
    const { events } = await run();
    expect(events.filter((event) => event.type === "tool-call").map((event) => event.id)).toEqual(["c0"]);
    expect(events.at(-1)).toEqual({ type: "end", stopReason: "length" });
  });

  it("[LM-05] tells an error inside the stream by its kind, after what came before", async () => {
    server.script(await fixture("error-midway"));
    const { events, thrown } = await run();
    expect(events).toEqual([{ type: "text", delta: "So far" }]);
    expect(thrown).toMatchObject({ failure: "overloaded" });
  });

  it.each([
    ["data: {not json}\n\n", "format"],
    ["data: [1,2\n\n", "format"],
    [`data: ${"x".repeat(5 * 1024 * 1024)}`, "format"],
    ["event: error\ndata: out of memory\n\n", "server"],
  ])("[LM-05] tells malformed events as an error (%#)", async (raw, failure) => {
    server.script({ steps: [{ raw }] });
    expect((await run()).thrown).toMatchObject({ failure });
  });

  it.each([
    "data: 5\n\n",
    "data: null\n\n",
    'data: {"choices":{}}\n\n',
    'data: {"choices":[{"delta":{"tool_calls":[7,null,{}]}}]}\n\n',
  ])("[LM-05] passes over shapes that mean nothing: %j", async (raw) => {
    server.script({ steps: [{ raw }, chunk({ content: "ok" }, "stop"), DONE] });
    const { events, thrown } = await run();
    expect(thrown).toBeUndefined();
    expect(events[0]).toEqual({ type: "text", delta: "ok" });
  });

  it("[LM-12] counts nonsense in usage as nothing", async () => {
    const usage = { prompt_tokens: -5, completion_tokens: "many", prompt_tokens_details: { cached_tokens: 1e9 } };
    server.script({
      steps: [{ raw: `data: ${JSON.stringify({ choices: [], usage })}\n\n` }, chunk({ content: "x" }, "stop"), DONE],
    });
    expect((await run()).events[0]).toEqual({ type: "usage", usage: { input: 0, output: 0 } });
  });

  it("takes a whole answer from a server that does not stream", async () => {
    const message = { role: "assistant", content: "All at once." };
    const body = JSON.stringify({
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage: { prompt_tokens: 3, completion_tokens: 4 },
    });
    server.script({ status: 200, body });
    expect((await run()).events).toEqual([
      { type: "text", delta: "All at once." },
      { type: "usage", usage: { input: 3, output: 4 } },
      { type: "end", stopReason: "stop" },
    ]);
  });

  it("leaves out a field that the server does not know, and asks only once from then on", async () => {
    const strict = provider();
    server.script(
      errorAnswer(400, "Unrecognized request argument supplied: stream_options"),
      textAnswer("ok"),
      textAnswer("ok"),
    );
    expect((await run(REQUEST, strict)).thrown).toBeUndefined();
    expect(server.requests).toHaveLength(2);
    await run(REQUEST, strict);
    expect(server.requests).toHaveLength(3);
    expect(server.requests.map((request) => Object.hasOwn(request.body as object, "stream_options"))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("does not repeat a call that was refused for anything else", async () => {
    server.script(errorAnswer(400, "messages must not be empty"));
    expect((await run()).thrown).toMatchObject({ failure: "bad_request", status: 400 });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after-ms": "1500", "retry-after": "9" }, 1500],
    [{ "retry-after": "Thu, 01 Jan 2026 12:00:30 GMT" }, 30_000],
  ])("[LM-01] carries the waiting time of %o", async (headers, retryAfterMs) => {
    server.script(errorAnswer(429, "slow down", { type: "requests", headers }));
    expect((await run()).thrown).toMatchObject({ failure: "rate_limit", retryAfterMs });
  });

  it("[LM-15] does not follow a redirect, so that the key goes nowhere else", async () => {
    const other = await startFakeOpenAI();
    server.script({ status: 307, headers: { location: `${other.url}/v1/chat/completions` }, body: "" });
    const { thrown } = await run();
    expect(thrown).toMatchObject({ failure: "bad_request", status: 307 });
    expect(other.requests).toEqual([]);
    await other.close();
  });

  it("says of a web page that the address is wrong", async () => {
    server.script({ status: 200, headers: { "content-type": "text/html" }, body: "<html>" });
    const { thrown } = await run();
    expect(thrown).toMatchObject({ failure: "format" });
    expect(String(thrown)).toContain("web page");
  });

  it("tells an unreachable server as a network failure with its host", async () => {
    const gone = await startFakeOpenAI();
    await gone.close();
    const { thrown } = await run(REQUEST, provider({ baseUrl: `${gone.url}/v1` }));
    expect(thrown).toMatchObject({ failure: "network" });
    expect(String(thrown)).toContain("ECONNREFUSED");
  });

  it("[J07] yields a piece as soon as its bytes have come", async () => {
    const { gate, open } = createGate();
    server.script({ steps: [chunk({ content: "first" }), { gate }, chunk({ content: "second" }, "stop"), DONE] });
    const iterator = provider().stream(REQUEST, new AbortController().signal)[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: { type: "text", delta: "first" } });
    open();
    expect(await iterator.next()).toEqual({ done: false, value: { type: "text", delta: "second" } });
    await iterator.return?.();
  });

  it("lists models, with known facts where there are any", async () => {
    expect((await provider().models(new AbortController().signal)).map((model) => model.id)).toEqual([
      "fake-model",
      "fake-large",
    ]);
    const answer = modelList(["gpt-4o"]);
    const served: HttpCall = async () => ({
      status: 200,
      headers: { get: () => null },
      body: Readable.from(["body" in answer ? Buffer.from(answer.body ?? "") : ""]),
    });
    expect(await provider({ call: served }).models(new AbortController().signal)).toMatchObject([
      { id: "gpt-4o", contextWindow: 128_000 },
    ]);
  });
});
