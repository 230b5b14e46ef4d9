import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHttpClient } from "#main/base/http/client.ts";
import { silentLogger } from "#main/base/logger.ts";
import { createBound } from "#main/providers/anthropic/client.ts";
import { anthropic } from "#main/providers/anthropic/index.ts";
import type { ModelRequest, Provider, ProviderContext, ProviderEvent } from "#main/providers/contract.ts";
import {
  errorAnswer,
  event,
  messageEnd,
  messageStart,
  startFakeAnthropic,
  textAnswer,
  textBlock,
} from "#test/fakes/anthropic.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createGate, type Script, type ScriptedServer } from "#test/fakes/scripted-http.ts";

const KEY = "sk-ant-test-abcdefghijklmnop";
let server: ScriptedServer;

beforeEach(async () => {
  server = await startFakeAnthropic();
});
afterEach(() => server.close());

const provider = (more: Partial<ProviderContext> = {}): Provider =>
  anthropic.create({
    id: "anthropic",
    baseUrl: server.url,
    apiKey: () => KEY,
    headers: {},
    fetch: globalThis.fetch,
    call: createHttpClient().call,
    clock: createManualClock(),
    log: silentLogger,
    ...more,
  });

const REQUEST: ModelRequest = {
  model: "claude-sonnet-4-5",
  system: "Be brief.",
  messages: [{ id: "m", role: "user", content: [{ type: "text", text: "hi" }], timestamp: 0 }],
  tools: [],
  thinking: "off",
};

async function run(from: Provider = provider(), request = REQUEST) {
  const events: ProviderEvent[] = [];
  try {
    for await (const told of from.stream(request, new AbortController().signal)) events.push(told);
  } catch (thrown) {
    return { events, thrown };
  }
  return { events, thrown: undefined };
}

async function fixture(name: string): Promise<Script> {
  return { steps: [{ raw: await readFile(new URL(`../../../fixtures/anthropic/${name}.sse`, import.meta.url)) }] };
}

describe("Anthropic provider", () => {
  it("[J02] reads every event type: thinking with its seal, redacted thinking, text, parallel calls, usage with cache", async () => {
    server.script(await fixture("thinking-tools"));
    expect((await run()).events).toEqual([
      { type: "usage", usage: { input: 420, output: 3, cacheRead: 3000, cacheWrite: 1200 } },
      { type: "thinking", delta: "Two things " },
      { type: "thinking", delta: "to look up." },
      { type: "thinking-end", signature: "EqQBsig==" },
      { type: "thinking-end", signature: "redacted_thinking:EncryptedData==" },
      { type: "text", delta: "I look " },
      { type: "text", delta: "both up." },
      { type: "tool-call-start", id: "toolu_01A", name: "read" },
      { type: "tool-call", id: "toolu_01A", name: "read", argumentsJson: '{"path": "notes.txt"}' },
      { type: "tool-call-start", id: "toolu_01B", name: "time" },
      { type: "tool-call", id: "toolu_01B", name: "time", argumentsJson: "{}" },
      { type: "usage", usage: { input: 420, output: 88, cacheRead: 3000, cacheWrite: 1200 } },
      { type: "end", stopReason: "toolUse" },
    ]);
  });

  it("[LM-04] drops a call that the token limit cut", async () => {
    server.script(await fixture("cut-call"));
    const { events } = await run();
    expect(events.some((told) => told.type === "tool-call")).toBe(false);
    expect(events.at(-1)).toEqual({ type: "end", stopReason: "length" });
  });

  it("[LM-10] tells a refusal as one", async () => {
    server.script(await fixture("refusal"));
    expect((await run()).events.at(-1)).toEqual({ type: "end", stopReason: "refusal" });
  });

  it.each([
    ["model_context_window_exceeded", "length"],
    ["stop_sequence", "stop"],
    ["pause_turn", "stop"],
    ["later_reason", "stop"],
  ])("ends %s as %s", async (reason, stopReason) => {
    server.script({ steps: [messageStart(), ...textBlock(0, "x"), ...messageEnd(reason)] });
    expect((await run()).events.at(-1)).toEqual({ type: "end", stopReason });
  });

  it("[LM-02] tells an error inside the stream by its kind, after what came before", async () => {
    server.script(await fixture("overloaded-midway"));
    const { events, thrown } = await run();
    expect(events.at(-1)).toEqual({ type: "text", delta: "So far" });
    expect(thrown).toMatchObject({ failure: "overloaded" });
  });

  it("[LM-02] makes one call and no retry of its own", async () => {
    server.script(
      errorAnswer(529, "overloaded_error", "Overloaded", { "x-should-retry": "true" }),
      textAnswer("never"),
    );
    expect((await run()).thrown).toMatchObject({ failure: "overloaded", status: 529 });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after-ms": "1500" }, 1500],
    [{ "retry-after": "Thu, 01 Jan 2026 12:00:30 GMT" }, 30_000],
  ])("[LM-01] carries the waiting time of %o", async (headers, retryAfterMs) => {
    server.script(errorAnswer(429, "rate_limit_error", "slow down", headers as Record<string, string>));
    expect((await run()).thrown).toMatchObject({ failure: "rate_limit", retryAfterMs });
  });

  it.each([
    [400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "context_length"],
    [400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.", "billing"],
    [403, "permission_error", "no access to this model", "auth"],
    [404, "not_found_error", "model: claude-nothing", "no_model"],
    [504, "timeout_error", "took too long", "timeout"],
    [418, "new_error", "short and stout", "bad_request"],
  ])("tells %d %s as %s", async (status, type, message, failure) => {
    server.script(errorAnswer(status, type, message));
    const { thrown } = await run();
    expect(thrown).toMatchObject({ failure });
    expect(String(thrown)).toContain(message.replace(/\.$/, ""));
  });

  it.each([
    "event: message_start\ndata: {broken\n\n",
    'event: message_start\ndata: {"type":"message_start"}\n\n',
    "data: \n\nnonsense",
  ])("[LM-05] survives malformed events (%#)", async (raw) => {
    server.script({ steps: [{ raw }] });
    const { events, thrown } = await run();
    expect(events.some((told) => told.type === "end")).toBe(false);
    if (thrown !== undefined) expect(thrown).toMatchObject({ code: "PROVIDER" });
  });

  it("[LM-05] bounds what one event may hold", async () => {
    const pour = async (text: string) => {
      const stream = new Blob([text]).stream().pipeThrough(createBound(1000));
      return new Response(stream).text();
    };
    await expect(pour("data: 1234\n\n".repeat(500))).resolves.toHaveLength(6000);
    await expect(pour("data: 1234\r\n\r\n".repeat(500))).resolves.toHaveLength(7000);
    await expect(pour("x".repeat(1200))).rejects.toThrow(RangeError);
    await expect(pour("data: 1234\n".repeat(200))).rejects.toThrow(RangeError);
  });

  it("[LM-12] counts nonsense in usage as nothing", async () => {
    const message = { usage: { input_tokens: -4, output_tokens: "x", cache_read_input_tokens: null } };
    server.script({
      steps: [event("message_start", { message }), ...textBlock(0, "x"), ...messageEnd("end_turn", -9)],
    });
    const usages = (await run()).events.filter((told) => told.type === "usage");
    expect(usages.map((told) => told.usage)).toEqual([
      { input: 0, output: 0 },
      { input: 0, output: 0 },
    ]);
  });

  it("[LM-13] sends the key in the documented header and reads nothing from the environment", async () => {
    const before = process.env["ANTHROPIC_BASE_URL"];
    process.env["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:1";
    try {
      await run(provider({ headers: { "x-extra": "1" } }));
    } finally {
      if (before === undefined) delete process.env["ANTHROPIC_BASE_URL"];
      else process.env["ANTHROPIC_BASE_URL"] = before;
    }
    expect(server.requests[0]).toMatchObject({ path: "/v1/messages", method: "POST" });
    expect(server.requests[0]?.headers).toMatchObject({ "x-api-key": KEY, "x-extra": "1" });
  });

  it("makes no call without a key", async () => {
    expect((await run(provider({ apiKey: () => undefined }))).thrown).toMatchObject({ failure: "auth" });
    expect(server.requests).toEqual([]);
  });

  it("takes a credential from the configured headers alone", async () => {
    await run(provider({ apiKey: () => undefined, headers: { Authorization: "Bearer proxy-token" } }));
    expect(server.requests[0]?.headers["authorization"]).toBe("Bearer proxy-token");
    expect(server.requests[0]?.headers["x-api-key"]).toBeUndefined();
  });

  it("takes an address with /v1 at its end as the same", async () => {
    await run(provider({ baseUrl: `${server.url}/v1` }));
    expect(server.requests[0]?.path).toBe("/v1/messages");
  });

  it("[LM-15] does not follow a redirect, so that the key goes nowhere else", async () => {
    const other = await startFakeAnthropic();
    server.script({ status: 307, headers: { location: `${other.url}/v1/messages` }, body: "" });
    expect((await run()).thrown).toMatchObject({ status: 307 });
    expect(other.requests).toEqual([]);
    await other.close();
  });

  it("[J07] yields a piece as soon as its bytes have come", async () => {
    const { gate, open } = createGate();
    server.script({
      steps: [messageStart(), ...textBlock(0, "first"), { gate }, ...textBlock(1, "second"), ...messageEnd("end_turn")],
    });
    const iterator = provider().stream(REQUEST, new AbortController().signal)[Symbol.asyncIterator]();
    await iterator.next();
    expect(await iterator.next()).toEqual({ done: false, value: { type: "text", delta: "first" } });
    open();
    expect(await iterator.next()).toEqual({ done: false, value: { type: "text", delta: "second" } });
    await iterator.return?.();
  });

  it("tells an unreachable service as a network failure", async () => {
    const gone = await startFakeAnthropic();
    await gone.close();
    const { thrown } = await run(provider({ baseUrl: gone.url }));
    expect(thrown).toMatchObject({ failure: "network" });
    expect(String(thrown)).toContain("ECONNREFUSED");
  });

  it("lists models with the service's own windows", async () => {
    const models = await provider().models(new AbortController().signal);
    expect(models[0]).toMatchObject({
      id: "claude-sonnet-4-5",
      contextWindow: 200_000,
      maxOutput: 64_000,
      price: { input: 3 },
    });
  });
});
