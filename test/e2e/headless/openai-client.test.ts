/** The official client is the judge of /v1: it parses strictly, and its errors are classes by status. */
import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from "openai";
import { expect, describe, it, onTestFinished } from "vitest";
import { FAKE_OPENAI_ANSWER, errorAnswer, chunk, startFakeOpenAI, textAnswer, toolAnswer } from "#test/fakes/openai.ts";
import type { ScriptedServer } from "#test/fakes/scripted-http.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { serveGateway, type ServedGateway } from "./built-cli.ts";

const MODEL = "fake/fake-model";
const hello = [{ role: "user" as const, content: "hello" }];
const addTool = {
  type: "function" as const,
  function: {
    name: "add",
    description: "adds two numbers",
    parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } } },
  },
};

interface Scene {
  client: OpenAI;
  fake: ScriptedServer;
  gateway: ServedGateway;
}

/** A gateway with one provider, which the test plays, and the official client in front of it. */
async function setScene(): Promise<Scene> {
  const fake = await startFakeOpenAI();
  onTestFinished(() => fake.close());
  const gateway = await serveGateway(tempState(), {
    llm: {
      model: MODEL,
      providers: { fake: { kind: "openai", baseUrl: `${fake.url}/v1`, apiKey: "sk-fake-key-000000" } },
    },
    agents: { writer: { name: "Writer" } },
  });
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.token, maxRetries: 0 });
  return { client, fake, gateway };
}

/** The conversation of the last model request, as role and text. */
function lastAsked(fake: ScriptedServer): { role: string; content: unknown }[] {
  const body = fake.requests.findLast(({ method }) => method === "POST")?.body as { messages: never[] };
  return body.messages;
}

describe("the official client on /v1/models", () => {
  it("[C11] lists models and finds one by its name", async () => {
    const { client } = await setScene();
    const ids: string[] = [];
    for await (const model of client.models.list()) {
      ids.push(model.id);
      expect(model).toMatchObject({ object: "model", owned_by: expect.any(String) as unknown });
    }
    expect(ids).toContain(MODEL);
    expect(await client.models.retrieve(MODEL)).toMatchObject({ id: MODEL, owned_by: "fake" });
    await expect(client.models.retrieve("fake/none")).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe("the official client on /v1/chat/completions", () => {
  it("[C10] gets a whole answer with its usage", async () => {
    const { client, fake } = await setScene();
    const answer = await client.chat.completions.create({
      model: MODEL,
      messages: [{ role: "system", content: "be brief" }, ...hello],
      temperature: 0.5,
      max_tokens: 50,
    });
    expect(answer.id).toMatch(/^chatcmpl-/);
    expect(answer).toMatchObject({
      object: "chat.completion",
      model: MODEL,
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: FAKE_OPENAI_ANSWER } }],
      usage: { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 },
    });
    expect(lastAsked(fake)).toMatchObject([
      { role: "system", content: "be brief" },
      { role: "user", content: "hello" },
    ]);
  });

  it("[C10] gets a stream: role first, text as it comes, then the reason and the usage", async () => {
    const { client } = await setScene();
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const part of stream) chunks.push(part);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    expect(chunks.map((part) => part.choices[0]?.delta.content ?? "").join("")).toBe(FAKE_OPENAI_ANSWER);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 5 } });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  it("[C10] passes on the first word before the last has come", async () => {
    const { client, fake } = await setScene();
    const gate = Promise.withResolvers<void>();
    const [head, ...rest] = (textAnswer("one two") as { steps: never[] }).steps;
    fake.script({ steps: [head as never, chunk({ content: "first" }), { gate: gate.promise }, ...rest] });
    const stream = await client.chat.completions.create({ model: MODEL, messages: hello, stream: true });
    let text = "";
    for await (const part of stream) {
      text += part.choices[0]?.delta.content ?? "";
      if (text === "first") gate.resolve();
    }
    expect(text).toBe("firstone two");
  });

  it("[C10] passes tool calls through to the client and their results back to the model", async () => {
    const { client, fake } = await setScene();
    fake.script(toolAnswer([{ id: "call_1", name: "add", args: '{"a":1,"b":2}' }]));
    const first = await client.chat.completions.create({ model: MODEL, messages: hello, tools: [addTool] });
    const message = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(message?.tool_calls).toEqual([
      { id: "call_1", type: "function", function: { name: "add", arguments: '{"a":1,"b":2}' } },
    ]);
    if (!message) throw new Error("no message");
    const result = { role: "tool" as const, tool_call_id: "call_1", content: "3" };
    await client.chat.completions.create({ model: MODEL, messages: [...hello, message, result], tools: [addTool] });
    expect(lastAsked(fake).slice(-2)).toMatchObject([
      { role: "assistant", tool_calls: [{ id: "call_1", function: { name: "add" } }] },
      { role: "tool", tool_call_id: "call_1", content: "3" },
    ]);
  });

  it("[C10] runs its own loop over the tools of the client's helper", async () => {
    const { client, fake } = await setScene();
    fake.script(toolAnswer([{ id: "call_1", name: "add", args: '{"a":1,"b":2}' }]), textAnswer("It is 3."));
    const seen: unknown[] = [];
    const runner = client.chat.completions.runTools({
      model: MODEL,
      messages: hello,
      stream: true,
      tools: [
        {
          type: "function",
          function: {
            ...addTool.function,
            parse: JSON.parse,
            function: (args: { a: number; b: number }) => {
              seen.push(args);
              return String(args.a + args.b);
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe("It is 3.");
    expect(seen).toEqual([{ a: 1, b: 2 }]);
  });

  it("[C10] sends pictures as content parts", async () => {
    const { client, fake } = await setScene();
    const url = "data:image/png;base64,iVBORw0KGgo=";
    const content = [
      { type: "text" as const, text: "what is this?" },
      { type: "image_url" as const, image_url: { url } },
    ];
    await client.chat.completions.create({ model: MODEL, messages: [{ role: "user", content }] });
    expect(JSON.stringify(lastAsked(fake))).toContain("iVBORw0KGgo=");
  });

  it("[C10] asks an agent, which remembers by session and not without one", async () => {
    const { client, fake } = await setScene();
    const ask = (content: string, more: { user?: string; model?: string } = {}, headers: Record<string, string> = {}) =>
      client.chat.completions.create(
        { model: "gatehouse:main", messages: [{ role: "user", content }], ...more },
        { headers },
      );
    const answer = await ask("my name is Ann", { user: "ann" });
    expect(answer).toMatchObject({
      model: "gatehouse:main",
      choices: [{ finish_reason: "stop", message: { content: FAKE_OPENAI_ANSWER } }],
    });
    await ask("what is my name?", { user: "ann" });
    expect(JSON.stringify(lastAsked(fake))).toContain("my name is Ann");
    await ask("what is my name?");
    expect(JSON.stringify(lastAsked(fake))).not.toContain("my name is Ann");
    await ask("a note", {}, { "X-Gatehouse-Session-Key": "notes" });
    await ask("and now?", { model: "agent:main" }, { "X-Gatehouse-Session-Key": "notes" });
    expect(JSON.stringify(lastAsked(fake))).toContain("a note");
    await ask("and you?", { model: "carapace:writer" }, { "X-Gatehouse-Session-Key": "notes" });
    expect(JSON.stringify(lastAsked(fake))).not.toContain("a note");
  });

  it("[C10] streams an agent's answer too", async () => {
    const { client } = await setScene();
    const stream = client.chat.completions.stream({ model: "gatehouse:main", messages: hello });
    expect(await stream.finalContent()).toBe(FAKE_OPENAI_ANSWER);
  });

  it("[C10] gets its own error classes", async () => {
    const { client, fake, gateway } = await setScene();
    const ask = (model: string, messages: { role: "user"; content: string }[] = hello) =>
      client.chat.completions.create({ model, messages });
    await expect(ask("gpt-4")).rejects.toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    await expect(ask("nobody/model")).rejects.toBeInstanceOf(NotFoundError);
    await expect(ask("gatehouse:nobody")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    const missing = ask(MODEL, []);
    await expect(missing).rejects.toBeInstanceOf(BadRequestError);
    await expect(missing).rejects.toThrow("Missing user message in `messages`.");
    const stranger = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "wrong", maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(AuthenticationError);
    fake.script(errorAnswer(400, "the context is too long", { code: "context_length_exceeded" }));
    await expect(ask(MODEL)).rejects.toBeInstanceOf(BadRequestError);
    fake.script(errorAnswer(429, "slow down", { headers: { "retry-after": "120" } }));
    await expect(ask(MODEL)).rejects.toBeInstanceOf(RateLimitError);
  });

  it("[C10] ends a stream that breaks off with an error, not as if it were whole", async () => {
    const { client, fake } = await setScene();
    fake.script({ steps: [chunk({ role: "assistant", content: "" }), chunk({ content: "half" }), { breakOff: true }] });
    let text = "";
    const read = async () => {
      const stream = await client.chat.completions.create({ model: MODEL, messages: hello, stream: true });
      for await (const part of stream) text += part.choices[0]?.delta.content ?? "";
    };
    await expect(read()).rejects.toThrow(/ended|broke|closed|terminated/);
    expect(text).toBe("half");
  });

  it("[C10] stops the model when the client goes away, streamed or not, a model or an agent", async () => {
    const { client, fake } = await setScene();
    for (const [index, { model, stream }] of [
      { model: MODEL, stream: true },
      { model: MODEL, stream: false },
      { model: "gatehouse:main", stream: true },
      { model: "gatehouse:main", stream: false },
    ].entries()) {
      const before = fake.requests.length;
      fake.script({ steps: [chunk({ role: "assistant", content: "" }), chunk({ content: "half" }), { hang: true }] });
      const controller = new AbortController();
      const asked = client.chat.completions.create({ model, messages: hello, stream }, { signal: controller.signal });
      const drained = asked.then(async (answer) => {
        if (Symbol.asyncIterator in answer) for await (const _ of answer);
      });
      const outcome = drained.catch((error: unknown) => error);
      await expect.poll(() => fake.requests.length).toBeGreaterThan(before);
      controller.abort();
      const error = await outcome;
      expect(error === undefined || error instanceof APIUserAbortError).toBe(true);
      await expect.poll(() => fake.abandoned, { timeout: 5000 }).toBe(index + 1);
    }
  });
});
