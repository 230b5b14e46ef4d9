import { afterEach, describe, expect, it } from "vitest";
import { NetworkError, Refused } from "#main/base/errors.ts";
import type { CompletionEvent, CompletionRequest, HttpDeps } from "#main/gateway/http/deps.ts";
import { authorized, postChat, sendRaw, startApp, type RunningApp } from "./start-app.ts";

let app: RunningApp;
afterEach(() => app.close());

const question = { model: "demo/echo", messages: [{ role: "user", content: "hello" }] };

/** A run that yields what it is given and remembers what it was asked. */
function scripted(events: readonly CompletionEvent[]) {
  const asked: CompletionRequest[] = [];
  const complete: HttpDeps["complete"] = async function* (request) {
    asked.push(request);
    yield* events;
  };
  return { asked, complete };
}

/** The data of the SSE events of an answer; comments left out. */
async function readEvents(answer: Response): Promise<string[]> {
  const blocks = (await answer.text()).split("\n\n").filter((block) => block.startsWith("data: "));
  return blocks.map((block) => block.slice("data: ".length));
}

const usage = { input: 10, output: 4, cacheRead: 5 };
const openaiUsage = {
  prompt_tokens: 15,
  completion_tokens: 4,
  total_tokens: 19,
  prompt_tokens_details: { cached_tokens: 5 },
};

describe("GET /v1/models", () => {
  it("[C11] lists models in OpenAI's shape", async () => {
    app = await startApp({ models: () => Promise.resolve([{ ref: "demo/echo", provider: "demo", created: 9 }]) });
    const answer = await sendRaw(app, "/v1/models", { headers: authorized });
    const row = { id: "demo/echo", object: "model", created: 9, owned_by: "demo" };
    expect(JSON.parse(answer.body)).toEqual({ object: "list", data: [row] });
    const one = await sendRaw(app, "/v1/models/demo%2Fecho", { headers: authorized });
    expect(JSON.parse(one.body)).toEqual(row);
    const missing = await sendRaw(app, "/v1/models/demo/other", { headers: authorized });
    expect([missing.status, JSON.parse(missing.body).error.code]).toEqual([404, "model_not_found"]);
  });
});

describe("POST /v1/chat/completions", () => {
  it("[C10] answers with one object", async () => {
    const { asked, complete } = scripted([
      { type: "text", delta: "hi " },
      { type: "text", delta: "there" },
      { type: "usage", usage },
      { type: "end", finishReason: "stop" },
    ]);
    app = await startApp({ complete });
    const answer = await postChat(app, question);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      id: expect.stringMatching(/^chatcmpl-[A-Za-z0-9]{24}$/) as unknown,
      object: "chat.completion",
      created: Math.floor(app.clock.now() / 1000),
      model: "demo/echo",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "hi there", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: openaiUsage,
    });
    expect(asked[0]?.target).toEqual({ kind: "model", ref: "demo/echo" });
  });

  it("[C10] streams the role first, then what comes, then the reason, the usage and [DONE]", async () => {
    const { complete } = scripted([
      { type: "text", delta: "hi" },
      { type: "usage", usage },
      { type: "end", finishReason: "length" },
    ]);
    app = await startApp({ complete });
    const answer = await postChat(app, { ...question, stream: true, stream_options: { include_usage: true } });
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const data = await readEvents(answer);
    expect(data.pop()).toBe("[DONE]");
    const chunks = data.map((text) => JSON.parse(text));
    expect(chunks.map((chunk) => chunk.choices)).toEqual([
      [{ index: 0, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null }],
      [{ index: 0, delta: { content: "hi" }, logprobs: null, finish_reason: null }],
      [{ index: 0, delta: {}, logprobs: null, finish_reason: "length" }],
      [],
    ]);
    expect(chunks.map((chunk) => chunk.usage)).toEqual([null, null, null, openaiUsage]);
    expect(new Set(chunks.map((chunk) => `${chunk.id} ${chunk.object} ${chunk.model}`)).size).toBe(1);
  });

  it("[C10] leaves usage out of a stream that did not ask for it", async () => {
    app = await startApp();
    const data = await readEvents(await postChat(app, { ...question, stream: true }));
    expect(data.slice(0, -1).every((text) => !("usage" in JSON.parse(text)))).toBe(true);
  });

  it("[C10] passes tool calls through, whole and as chunks", async () => {
    const { complete } = scripted([
      { type: "tool-call", id: "c1", name: "add", argumentsJson: '{"a":1}' },
      { type: "tool-call", id: "c2", name: "add", argumentsJson: "{broken" },
      { type: "end", finishReason: "tool_calls" },
    ]);
    app = await startApp({ complete });
    const tools = [{ type: "function", function: { name: "add" } }];
    const body = await (await postChat(app, { ...question, tools })).json();
    const calls = [
      { id: "c1", type: "function", function: { name: "add", arguments: '{"a":1}' } },
      { id: "c2", type: "function", function: { name: "add", arguments: "{broken" } },
    ];
    expect(body.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { content: null, tool_calls: calls },
    });
    const data = await readEvents(await postChat(app, { ...question, tools, stream: true }));
    expect(JSON.parse(data[2] ?? "").choices[0].delta).toEqual({ tool_calls: [{ index: 1, ...calls[1] }] });
  });

  it("[C10] ends at a stop text", async () => {
    const { complete } = scripted([
      { type: "text", delta: "one EN" },
      { type: "text", delta: "D two" },
      { type: "end", finishReason: "length" },
    ]);
    app = await startApp({ complete });
    const body = await (await postChat(app, { ...question, stop: ["END"] })).json();
    expect(body.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "one " } });
  });

  it("[C10] takes agent and session from the headers", async () => {
    const { asked, complete } = scripted([{ type: "end", finishReason: "stop" }]);
    app = await startApp({ complete });
    await postChat(
      app,
      { ...question, model: "gatehouse:main" },
      {
        "x-gatehouse-agent-id": "writer",
        "x-gatehouse-session-key": "notes",
      },
    );
    expect(asked[0]?.target).toEqual({ kind: "agent", agentId: "writer", sessionKey: "agent:writer:notes" });
  });

  it("[C10] answers 400 with the words that clients know when no user speaks", async () => {
    app = await startApp();
    const answer = await postChat(app, { model: "demo/echo", messages: [] });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: {
        message: "Missing user message in `messages`.",
        type: "invalid_request_error",
        param: "messages",
        code: null,
      },
    });
  });

  it("[C10] gives a failure before the first word its own status, streamed or not", async () => {
    const { complete } = scripted([
      { type: "error", status: 404, errorType: "model_not_found", message: "no such model" },
    ]);
    app = await startApp({ complete });
    for (const stream of [true, false]) {
      const answer = await postChat(app, { ...question, stream });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ error: { code: "model_not_found", param: "model" } });
    }
  });

  it("[C20] maps what the rooms below throw to statuses", async () => {
    const cases: [unknown, number][] = [
      [new Refused("UNAVAILABLE", "no key", { retryAfterMs: 1200 }), 503],
      [new Refused("RATE_LIMITED", "slow down"), 429],
      [new Refused("ALREADY_RESOLVED", "too late"), 409],
      [new Refused("FORBIDDEN", "no"), 403],
      [new NetworkError("PROVIDER", "unreachable"), 504],
      [new Refused("AGENT_TIMEOUT", "took too long"), 504],
      [new Error("secret stack"), 500],
    ];
    for (const [thrown, status] of cases) {
      app = await startApp({
        // oxlint-disable-next-line require-yield -- it fails before the first event
        async *complete() {
          throw thrown;
        },
      });
      const answer = await postChat(app, question);
      expect(answer.status).toBe(status);
      expect(await answer.text()).not.toContain("secret stack");
      await app.close();
    }
    app = await startApp();
  });

  it("ends a stream that fails in the middle with an error and without [DONE]", async () => {
    const failing: HttpDeps["complete"][] = [
      async function* () {
        yield { type: "text", delta: "hi" };
        yield { type: "error", status: 502, errorType: "server_error", message: "cut" };
      },
      async function* () {
        yield { type: "text", delta: "hi" };
        throw new NetworkError("PROVIDER", "cut");
      },
      async function* () {
        yield { type: "text", delta: "hi" };
      },
    ];
    for (const complete of failing) {
      app = await startApp({ complete });
      const data = await readEvents(await postChat(app, { ...question, stream: true }));
      expect(JSON.parse(data.at(-1) ?? "")).toMatchObject({ error: { type: "server_error" } });
      expect(data).not.toContain("[DONE]");
      await app.close();
    }
    app = await startApp();
  });

  it("[C10] aborts the run when the client goes away, streamed or not", async () => {
    for (const stream of [true, false]) {
      const began = Promise.withResolvers<void>();
      const aborted = Promise.withResolvers<void>();
      app = await startApp({
        async *complete(_request, signal) {
          yield { type: "text", delta: "hi" };
          began.resolve();
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          aborted.resolve();
        },
      });
      const client = new AbortController();
      const answer = postChat(app, { ...question, stream }, {}, client.signal).then((response) => response.text());
      const outcome = answer.catch((error: unknown) => error);
      await began.promise;
      client.abort();
      expect(await outcome).toMatchObject({ name: "AbortError" });
      await aborted.promise;
      await app.close();
    }
    app = await startApp();
  });

  it("keeps a quiet stream open with comments", async () => {
    let speak = () => {};
    const silence = new Promise<void>((resolve) => (speak = resolve));
    app = await startApp({
      async *complete() {
        await silence;
        yield { type: "text", delta: "hi" };
        yield { type: "end", finishReason: "stop" };
      },
    });
    const answer = postChat(app, { ...question, stream: true });
    await until(() => app.clock.pendingTimers > 0 && app.clock.now() > 0);
    // Past the wait for a first event: the head goes out, then comments.
    await until(async () => {
      await app.clock.advance(5000);
      return app.clock.monotonic() > 60_000;
    });
    speak();
    const text = await (await answer).text();
    expect(text).toContain(": still working\n\n");
    expect(text).toContain('"content":"hi"');
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(app.clock.pendingTimers).toBe(0);
  });
});

/** Lets the event loop turn until something holds. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}
