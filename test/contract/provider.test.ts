import { createHttpClient } from "#main/base/http/client.ts";
import { silentLogger } from "#main/base/logger.ts";
import { anthropic } from "#main/providers/anthropic/index.ts";
import { ProviderError, type ProviderContext, type ProviderFailure } from "#main/providers/contract.ts";
import { demo } from "#main/providers/demo/index.ts";
import { openai } from "#main/providers/openai/index.ts";
import * as fakeAnthropic from "#test/fakes/anthropic.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import * as fakeOpenAI from "#test/fakes/openai.ts";
import type { Script, Step } from "#test/fakes/scripted-http.ts";
import { callTool, createScriptedProvider, say, type ScriptedStep } from "#test/fakes/scripted-provider.ts";
import { KEY, providerSuite, type Situation } from "./provider.suite.ts";

function contextOf(id: string, baseUrl: string | undefined, clock = createManualClock()): ProviderContext {
  return {
    id,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    apiKey: () => KEY,
    headers: {},
    fetch: globalThis.fetch,
    call: createHttpClient().call,
    clock,
    log: silentLogger,
  };
}

/** The same bytes in pieces of three, so that characters and lines are torn. */
function torn(script: Script): Script {
  if ("status" in script) return script;
  const bytes = Buffer.concat(script.steps.flatMap((step) => ("raw" in step ? [Buffer.from(step.raw as string)] : [])));
  if (bytes.length > 20_000) return { steps: [{ raw: bytes }] };
  const steps: Step[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    steps.push({ raw: bytes.subarray(at, at + 3) });
    if (at % 30 === 0) steps.push({ gate: new Promise((resolve) => setImmediate(resolve)) });
  }
  return { steps };
}

const OPENAI_ERRORS: Record<string, [number, string, string]> = {
  auth: [401, "invalid_request_error", "invalid_api_key"],
  billing: [429, "insufficient_quota", "insufficient_quota"],
  rate_limit: [429, "requests", "rate_limit_exceeded"],
  overloaded: [503, "server_error", "overloaded"],
  server: [500, "server_error", "internal"],
  context_length: [400, "invalid_request_error", "context_length_exceeded"],
  bad_request: [400, "invalid_request_error", "invalid_value"],
  no_model: [404, "invalid_request_error", "model_not_found"],
};

function openaiScript(situation: Situation): Script {
  switch (situation.is) {
    case "text":
      return torn(fakeOpenAI.textAnswer(situation.text));
    case "calls":
      return fakeOpenAI.toolAnswer(situation.calls);
    case "hang":
      return { steps: [fakeOpenAI.chunk({ content: situation.text }), { hang: true }] };
    case "break":
      return { steps: [fakeOpenAI.chunk({ content: situation.text }), { breakOff: true }] };
    case "empty":
      return { steps: [fakeOpenAI.chunk({}, "stop"), fakeOpenAI.DONE] };
    case "failure": {
      const [status, type, code] = OPENAI_ERRORS[situation.failure] ?? [500, "", ""];
      return fakeOpenAI.errorAnswer(status, situation.words, { type, code });
    }
  }
}

const ANTHROPIC_ERRORS: Record<string, [number, string]> = {
  auth: [401, "authentication_error"],
  billing: [402, "billing_error"],
  rate_limit: [429, "rate_limit_error"],
  overloaded: [529, "overloaded_error"],
  server: [500, "api_error"],
  context_length: [413, "request_too_large"],
  bad_request: [400, "invalid_request_error"],
  no_model: [404, "not_found_error"],
};

function anthropicScript(situation: Situation): Script {
  const { messageEnd, messageStart, textBlock } = fakeAnthropic;
  switch (situation.is) {
    case "text":
      return torn(fakeAnthropic.textAnswer(situation.text));
    case "calls":
      return fakeAnthropic.toolAnswer(situation.calls);
    case "hang":
      return { steps: [messageStart(), ...textBlock(0, situation.text), { hang: true }] };
    case "break":
      return { steps: [messageStart(), ...textBlock(0, situation.text), { breakOff: true }] };
    case "empty":
      return { steps: [messageStart(), ...messageEnd("end_turn", 0)] };
    case "failure": {
      const [status, type] = ANTHROPIC_ERRORS[situation.failure] ?? [500, "api_error"];
      return fakeAnthropic.errorAnswer(status, type, situation.words);
    }
  }
}

function scriptedSteps(situation: Situation): ScriptedStep[] {
  switch (situation.is) {
    case "text":
      return [...[...situation.text].map((delta) => ({ type: "text" as const, delta })), ...say("").slice(1)];
    case "calls":
      return [
        ...situation.calls.flatMap(({ id, name, args }) => callTool(id, name, args).slice(0, 2)),
        { type: "end", stopReason: "toolUse" },
      ];
    case "hang":
      return [{ type: "text", delta: situation.text }, { type: "hang" }];
    case "break":
      return [{ type: "text", delta: situation.text }];
    case "empty":
      return [{ type: "end", stopReason: "stop" }];
    case "failure":
      return [
        {
          type: "throw",
          error: new ProviderError(situation.failure as ProviderFailure, "the scripted service said no"),
        },
      ];
  }
}

providerSuite("openai", async () => {
  const server = await fakeOpenAI.startFakeOpenAI();
  const clock = createManualClock();
  return {
    provider: openai.create(contextOf("openai", `${server.url}/v1`, clock)),
    clock,
    model: "fake-model",
    key: KEY,
    prepare: (situation) => (server.script(openaiScript(situation)), true),
    close: () => server.close(),
  };
});

providerSuite("anthropic", async () => {
  const server = await fakeAnthropic.startFakeAnthropic();
  const clock = createManualClock();
  return {
    provider: anthropic.create(contextOf("anthropic", server.url, clock)),
    clock,
    model: "claude-sonnet-4-5",
    key: KEY,
    prepare: (situation) => (server.script(anthropicScript(situation)), true),
    close: () => server.close(),
  };
});

providerSuite("demo", async () => {
  const clock = createManualClock();
  return {
    provider: demo.create(contextOf("demo", undefined, clock)),
    clock,
    model: "tour",
    key: KEY,
    prepare: () => false,
    close: async () => undefined,
  };
});

providerSuite("scripted", async () => {
  const clock = createManualClock();
  const provider = createScriptedProvider(clock);
  return {
    provider,
    clock,
    model: "scripted",
    key: KEY,
    prepare: (situation) => (provider.script(scriptedSteps(situation)), true),
    close: async () => undefined,
  };
});
