import { describe, expect, it } from "vitest";
import type { LoopEvent } from "#main/agent/events.ts";
import { LoopStopped, runTurns, toArguments, type Execute, type LoopInput } from "#main/agent/loop.ts";
import { createToolboxes } from "#main/agent/toolbox.ts";
import type { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";
import { ProviderError, type ProviderEvent } from "#main/providers/contract.ts";
import { defineTool, type AnyTool, type ToolResult } from "#main/tools/contract.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";
import { callTool, createScriptedProvider, say, type ScriptedStep } from "#test/fakes/scripted-provider.ts";
import Type from "typebox";

const question: Message = { id: "q", role: "user", content: [{ type: "text", text: "go" }], timestamp: 1, runId: "r" };

interface Setup {
  script: (readonly ScriptedStep[])[];
  /** Stands in for the guard; absent: everything runs. */
  execute?: Execute;
  run?: (args: { n: number }, signal: AbortSignal) => Promise<ToolResult>;
  input?: Partial<LoopInput>;
  /** Stands in for the commit: the loop waits for it. */
  onMessage?: (message: Message, controller: AbortController) => void | Promise<void>;
  onEvent?: (event: LoopEvent, controller: AbortController) => void;
}

/** Runs the loop over a scripted model and one tool, `count {n}`. */
async function play(setup: Setup) {
  const clock = createManualClock();
  const provider = createScriptedProvider(clock);
  provider.script(...setup.script);
  const controller = new AbortController();
  const events: LoopEvent[] = [];
  const ran: { n: number }[] = [];
  const tool = defineTool({
    name: "count",
    group: "basics",
    description: "Counts.",
    params: Type.Object({ n: Type.Integer() }, { additionalProperties: false }),
    level: () => 1,
    async run(args, { signal }) {
      ran.push(args);
      return setup.run ? setup.run(args, signal) : { text: `counted ${args.n}` };
    },
  });
  const tools: AnyTool[] = [tool];
  const toolbox = createToolboxes()(tools);
  const runAll: Execute = async (call, progress, signal) => {
    progress.onStart();
    signal.throwIfAborted();
    return tool.run(call.args as { n: number }, createToolContext({ clock, signal }), { summary: call.name });
  };
  const outcome = await runTurns(
    { runId: "r", messages: [question], ...setup.input },
    {
      stream: (messages, signal) =>
        provider.stream(
          { model: "m", system: "", messages: [...messages], tools: toolbox.specs, thinking: "off" },
          signal,
        ),
      answeredBy: () => "fake/m",
      toolbox,
      execute: setup.execute ?? runAll,
      async emit(event) {
        events.push(event);
        setup.onEvent?.(event, controller);
        if (event.type === "message") await setup.onMessage?.(event.message, controller);
      },
      signal: controller.signal,
      clock,
    },
  );
  const messages = events.flatMap((event) => (event.type === "message" ? [event.message] : []));
  const results = messages.filter((message) => message.role === "toolResult");
  return { outcome, events, messages, results, ran, requests: provider.requests };
}

function callTwo(): ScriptedStep[] {
  const calls: ProviderEvent[] = [1, 2].flatMap((n): ProviderEvent[] => [
    { type: "tool-call-start", id: `c${n}`, name: "count" },
    { type: "tool-call", id: `c${n}`, name: "count", argumentsJson: `{"n":${n}}` },
  ]);
  return [...calls, { type: "end", stopReason: "toolUse" }];
}

describe("an answer", () => {
  it("[J01] of text ends the run after one request, committed once and whole", async () => {
    const { outcome, messages, requests, events } = await play({ script: [say("Hello.")] });
    expect(outcome).toMatchObject({ status: "ok", message: { stopReason: "stop", model: "fake/m", runId: "r" } });
    expect(messages.map(textOf)).toEqual(["Hello."]);
    expect(messages[0]?.incomplete).toBeUndefined();
    expect(requests).toHaveLength(1);
    expect(events.map((event) => event.type)).toEqual(["request", "text", "usage", "message"]);
  });

  it("[J01] that reached the model's limit keeps its stop reason", async () => {
    const script: ScriptedStep[] = [
      { type: "text", delta: "and so" },
      { type: "end", stopReason: "length" },
    ];
    expect((await play({ script: [script] })).outcome).toMatchObject({
      status: "ok",
      message: { stopReason: "length" },
    });
  });

  it("keeps its thinking and the provider's seal in front of its text", async () => {
    const script: ScriptedStep[] = [
      { type: "thinking", delta: "hm" },
      { type: "thinking", delta: "m" },
      { type: "thinking-end", signature: "seal" },
      ...say("Yes."),
    ];
    const { messages } = await play({ script: [script] });
    expect(messages[0]?.content).toEqual([
      { type: "thinking", thinking: "hmm", signature: "seal" },
      { type: "text", text: "Yes." },
    ]);
  });
});

describe("calls", () => {
  it("[J01] run, their results go back, and the model answers", async () => {
    const { outcome, ran, requests, results } = await play({
      script: [callTool("c1", "count", '{"n":7}'), say("Seven.")],
    });
    expect(outcome.status).toBe("ok");
    expect(ran).toEqual([{ n: 7 }]);
    expect(results.map((r) => [r.toolCallId, r.toolName, textOf(r), r.isError])).toEqual([
      ["c1", "count", "counted 7", false],
    ]);
    expect(requests[1]?.messages.map((m) => m.role)).toEqual(["user", "assistant", "toolResult"]);
  });

  it("[J01] of one answer each get a result, in order, in the next request", async () => {
    const { ran, requests } = await play({ script: [callTwo(), say("Done.")] });
    expect(ran).toEqual([{ n: 1 }, { n: 2 }]);
    const results = requests[1]?.messages.filter((m) => m.role === "toolResult");
    expect(results?.map((m) => m.toolCallId)).toEqual(["c1", "c2"]);
  });

  it("are committed before they run: what was not written down does not happen", async () => {
    const order: string[] = [];
    await play({
      script: [callTool("c1", "count", '{"n":1}'), say("ok")],
      run: async () => (order.push("run"), { text: "x" }),
      onMessage: async (message) => {
        await Promise.resolve();
        order.push(message.role);
      },
    });
    expect(order).toEqual(["assistant", "run", "toolResult", "assistant"]);
  });

  it("do not run when the commit fails", async () => {
    const { outcome, ran } = await play({
      script: [callTool("c1", "count", '{"n":1}'), say("ok")],
      onMessage: () => Promise.reject(new Error("disk full")),
    });
    expect(ran).toEqual([]);
    expect(outcome).toMatchObject({ status: "error", error: new Error("disk full") });
  });

  it("[J01] that fail give the model an error to read, and the run goes on", async () => {
    const { outcome, results } = await play({
      script: [callTool("c1", "count", '{"n":1}'), say("It failed.")],
      run: async () => Promise.reject(new Error("no such thing")),
    });
    expect(outcome.status).toBe("ok");
    expect([textOf(results[0] as Message), results[0]?.isError]).toEqual(["count failed: no such thing", true]);
  });

  it("that the guard refuses do not run, and the model reads why", async () => {
    const refuse: Execute = async (call) => ({ text: `${call.name} was not allowed`, isError: true });
    const script = [callTool("c1", "count", '{"n":1}'), say("I may not.")];
    const refused = await play({ script, execute: refuse });
    expect(refused.ran).toEqual([]);
    expect(textOf(refused.results[0] as Message)).toBe("count was not allowed");
    expect(refused.events.some((event) => event.type === "tool-start")).toBe(false);
    // The twin: the same script, let through.
    expect((await play({ script })).ran).toHaveLength(1);
  });

  it("give at most 60,000 characters to the model, and say how many there were", async () => {
    const { results } = await play({
      script: [callTool("c1", "count", '{"n":1}'), say("Long.")],
      run: async () => ({ text: "x".repeat(70_000) }),
    });
    const text = textOf(results[0] as Message);
    expect(text.length).toBeLessThan(60_100);
    expect(text.endsWith("[cut: 70000 characters in all]")).toBe(true);
  });

  it("hand pictures on as pictures", async () => {
    const image = { mimeType: "image/png", data: "AAAA" };
    const { results } = await play({
      script: [callTool("c1", "count", '{"n":1}'), say("A picture.")],
      run: async () => ({ text: "see", images: [image] }),
    });
    expect(results[0]?.content[1]).toEqual({ type: "image", ...image });
  });
});

describe("garbage", () => {
  it.each([
    ["JSON that is cut", '{"n": 1', /not a JSON object/],
    ["JSON that is no object", "[1]", /not a JSON object/],
    ["a value of the wrong type", '{"n":"1"}', /do not fit/],
    ["a parameter that is not there", '{"n":1,"x":2}', /do not fit/],
  ])("[LM-07] of a call, %s, goes back to the model in words and is never run", async (_what, json, words) => {
    const { outcome, ran, results } = await play({ script: [callTool("c1", "count", json), say("Sorry.")] });
    expect(ran).toEqual([]);
    expect(textOf(results[0] as Message)).toMatch(words);
    expect(results[0]?.isError).toBe(true);
    expect(outcome.status).toBe("ok");
  });

  it("[LM-07] names the tools when there is no such one", async () => {
    const { results } = await play({ script: [callTool("c1", "launch", "{}"), say("Sorry.")] });
    expect(textOf(results[0] as Message)).toBe("There is no tool launch. Tools: count.");
  });

  it("[LM-07] goes back twice at most; the third time in a row ends the run", async () => {
    const broken = [1, 2, 3].map((n) => callTool(`c${n}`, "count", `{"n": ${n}`));
    const stopped = await play({ script: [...broken, say("never asked")] });
    expect(stopped.outcome).toMatchObject({ status: "error", error: expect.any(LoopStopped) });
    expect(stopped.requests).toHaveLength(3);
    // Valid in between: the count begins anew.
    const mended = await play({
      script: [broken[0] ?? [], broken[1] ?? [], callTool("ok", "count", '{"n":1}'), broken[2] ?? [], say("Fine.")],
    });
    expect(mended.outcome.status).toBe("ok");
  });

  it("keeps a broken call as one with empty arguments, so that a service takes the transcript back", async () => {
    const { messages } = await play({ script: [callTool("c1", "count", '{"n": 1'), say("ok")] });
    expect(messages[0]?.content).toEqual([{ type: "toolCall", id: "c1", name: "count", arguments: {} }]);
  });
});

describe("a run that goes nowhere", () => {
  it("[LM-08] stops at the third identical call, which is not run", async () => {
    const same = callTool("c", "count", '{"n":1}');
    const { outcome, ran, results } = await play({ script: [same, same, same, say("never asked")] });
    expect(ran).toHaveLength(2);
    expect(outcome).toMatchObject({
      status: "error",
      error: { message: expect.stringContaining("repeated the same call of count 3 times") },
    });
    expect(textOf(results[2] as Message)).toMatch(/^Not run/);
    // The twin: other arguments each time.
    const different = [1, 2, 3, 4].map((n) => callTool(`c${n}`, "count", `{"n":${n}}`));
    expect((await play({ script: [...different, say("ok")] })).outcome.status).toBe("ok");
  });

  it("[LM-08] [J08] stops after 25 model requests", async () => {
    const script = Array.from({ length: 30 }, (_, n) => callTool(`c${n}`, "count", `{"n":${n}}`));
    const { outcome, requests } = await play({ script });
    expect(requests).toHaveLength(25);
    expect(outcome).toMatchObject({
      status: "error",
      error: { message: "No answer after 25 model requests; stopped." },
    });
  });

  it("[LM-08] stops earlier where it is told to", async () => {
    const script = Array.from({ length: 5 }, (_, n) => callTool(`c${n}`, "count", `{"n":${n}}`));
    expect((await play({ script, input: { maxTurns: 2 } })).requests).toHaveLength(2);
  });
});

describe("a broken stream", () => {
  const error = new ProviderError("network", "the connection broke");

  it("[LM-04] keeps the text that had arrived, marked as incomplete, with the reason", async () => {
    const { outcome, messages } = await play({
      script: [
        [
          { type: "text", delta: "Once upon" },
          { type: "throw", error },
        ],
      ],
    });
    expect(outcome).toMatchObject({ status: "error", error, message: { incomplete: true } });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ incomplete: true, stopReason: "error", errorMessage: "the connection broke" });
    expect(textOf(messages[0] as Message)).toBe("Once upon");
  });

  it("[LM-04] runs no call, neither a half one nor a whole one that came before the break", async () => {
    const whole: ScriptedStep[] = [...callTwo().slice(0, 3), { type: "throw", error }];
    const { ran, messages, outcome } = await play({ script: [whole] });
    expect(outcome.status).toBe("error");
    expect(ran).toEqual([]);
    expect(messages[0]?.content).toEqual([]);
    // The twin: the same answer, ended properly.
    expect((await play({ script: [callTwo(), say("ok")] })).ran).toHaveLength(2);
  });
});

describe("an abort", () => {
  it("[J08] in the middle of an answer keeps what had arrived and asks no more", async () => {
    const { outcome, messages, requests } = await play({
      script: [[{ type: "text", delta: "Once" }, { type: "hang" }]],
      onEvent: (event, controller) => {
        if (event.type === "text") queueMicrotask(() => controller.abort());
      },
    });
    expect(outcome).toMatchObject({ status: "aborted", message: { stopReason: "aborted", incomplete: true } });
    expect(messages[0]?.errorMessage).toBeUndefined();
    expect(requests).toHaveLength(1);
  });

  it("[J08] between the calls of one answer runs no further one", async () => {
    const { outcome, ran, requests } = await play({
      script: [callTwo(), say("never asked")],
      onMessage: (message, controller) => {
        if (message.role === "toolResult") controller.abort();
      },
    });
    expect(outcome.status).toBe("aborted");
    expect(ran).toEqual([{ n: 1 }]);
    expect(requests).toHaveLength(1);
  });

  it("[J08] while the guard still asks means that the call is not run", async () => {
    const { outcome, ran } = await play({
      script: [callTool("c1", "count", '{"n":1}'), say("never asked")],
      onEvent: (event, controller) => {
        if (event.type === "tool-start") controller.abort();
      },
    });
    expect([outcome.status, ran]).toEqual(["aborted", []]);
  });

  it("[J08] during a call reaches the tool", async () => {
    const started = new AbortController();
    const { outcome, results } = await play({
      script: [callTool("c1", "count", '{"n":1}'), say("never asked")],
      onEvent: (event, controller) => {
        if (event.type === "tool-start") started.signal.addEventListener("abort", () => controller.abort());
      },
      run: (_args, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          started.abort();
        }),
    });
    expect(outcome.status).toBe("aborted");
    expect(results).toEqual([]);
  });

  it("before the first request asks nothing", async () => {
    const { outcome, requests } = await play({
      script: [say("never asked")],
      onEvent: (_event, controller) => controller.abort(),
    });
    expect(outcome.status).toBe("aborted");
    expect(requests).toHaveLength(0);
  });
});

it("reads arguments only as an object, and nothing at all as none", () => {
  expect(toArguments("")).toEqual({});
  expect(toArguments(' {"a":1} ')).toEqual({ a: 1 });
  for (const json of ["null", "1", "[]", '"x"', "{", "undefined"]) expect(toArguments(json)).toBeUndefined();
});
