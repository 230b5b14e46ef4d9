import { describe, expect, it } from "vitest";
import { ProviderError, type ProviderFailure } from "#main/providers/contract.ts";
import {
  streamResilient,
  type FailoverInfo,
  type ResilientEvent,
  type RetryInfo,
  type Target,
} from "#main/providers/resilient.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import {
  callTool,
  createScriptedProvider,
  say,
  type ScriptedProvider,
  type ScriptedStep,
} from "#test/fakes/scripted-provider.ts";

const fail = (failure: ProviderFailure, options: { retryAfterMs?: number } = {}): ScriptedStep[] => [
  { type: "throw", error: new ProviderError(failure, `the service said ${failure}.`, options) },
];

function setUp({ targets = 1, idleTimeoutMs = 60_000, random = (): number => 1 } = {}) {
  const clock = createManualClock();
  const providers: ScriptedProvider[] = [];
  const list: Target[] = [];
  for (let i = 0; i < targets; i++) {
    const provider = createScriptedProvider(clock);
    providers.push(provider);
    const request = { model: `m${i}`, system: "", messages: [], tools: [], thinking: "off" as const };
    list.push({ ref: `p${i}/m${i}`, provider, request });
  }
  const retries: RetryInfo[] = [];
  const failovers: FailoverInfo[] = [];
  const events: ResilientEvent[] = [];
  const controller = new AbortController();
  const state: { thrown: unknown; over: boolean } = { thrown: undefined, over: false };
  const start = () => {
    void (async () => {
      try {
        const stream = streamResilient(list, {
          signal: controller.signal,
          clock,
          idleTimeoutMs,
          random,
          onRetry: (info) => void retries.push(info),
          onFailover: (info) => void failovers.push(info),
        });
        for await (const event of stream) events.push(event);
      } catch (error) {
        state.thrown = error;
      } finally {
        state.over = true;
      }
    })();
  };
  return { clock, providers, retries, failovers, events, controller, state, start };
}

const textOf = (events: readonly ResilientEvent[]) => events.map((e) => (e.type === "text" ? e.delta : "")).join("");

describe("resilient stream", () => {
  it("passes a good answer on as it is and tells which model sent it", async () => {
    const t = setUp();
    t.start();
    await t.clock.advance(0);
    expect(t.state).toEqual({ thrown: undefined, over: true });
    expect(textOf(t.events)).toBe("Hello.");
    expect(t.events.every((event) => event.ref === "p0/m0")).toBe(true);
    expect(t.events.at(-1)).toEqual({ type: "end", stopReason: "stop", ref: "p0/m0" });
    expect(t.clock.pendingTimers).toBe(0);
  });

  it("[LM-01] waits exactly as long as Retry-After says, then asks again", async () => {
    const t = setUp({ random: () => 0 });
    t.providers[0]?.script(fail("rate_limit", { retryAfterMs: 7000 }), say("later"));
    t.start();
    await t.clock.advance(6999);
    expect(t.providers[0]?.requests).toHaveLength(1);
    expect(t.retries).toMatchObject([{ ref: "p0/m0", attempt: 1, waitMs: 7000 }]);
    await t.clock.advance(1);
    expect(t.providers[0]?.requests).toHaveLength(2);
    expect(textOf(t.events)).toBe("later");
  });

  it("[LM-01] errors at once when Retry-After is beyond 40 seconds, with the time in words", async () => {
    const t = setUp();
    t.providers[0]?.script(fail("rate_limit", { retryAfterMs: 41_000 }));
    t.start();
    await t.clock.advance(0);
    expect(t.state.over).toBe(true);
    expect(t.state.thrown).toMatchObject({ failure: "rate_limit", retryAfterMs: 41_000 });
    expect(String(t.state.thrown)).toContain("41 seconds");
    expect(t.providers[0]?.requests).toHaveLength(1);
  });

  it.each(["overloaded", "server", "network", "rate_limit"] as const)(
    "[LM-02] retries %s three times with growing waits, then gives one error",
    async (failure) => {
      const t = setUp({ random: () => 0.999_999 });
      t.providers[0]?.script(fail(failure), fail(failure), fail(failure), fail(failure), say("too late"));
      t.start();
      await t.clock.advance(40_000);
      expect(t.providers[0]?.requests).toHaveLength(4);
      expect(t.retries.map((retry) => retry.waitMs)).toEqual([1000, 2000, 4000]);
      expect(t.state.thrown).toMatchObject({ failure });
      expect(t.clock.pendingTimers).toBe(0);
    },
  );

  it("spreads the waits by half, so that clients do not come back together", async () => {
    const t = setUp({ random: () => 0 });
    t.providers[0]?.script(fail("server"), fail("server"), fail("server"), say("ok"));
    t.start();
    await t.clock.advance(10_000);
    expect(t.retries.map((retry) => retry.waitMs)).toEqual([500, 1000, 2000]);
    expect(textOf(t.events)).toBe("ok");
  });

  it("gives up within 40 seconds in total, whatever single waits allow", async () => {
    const t = setUp();
    const wait = fail("rate_limit", { retryAfterMs: 15_000 });
    t.providers[0]?.script(wait, wait, wait, say("never"));
    t.start();
    await t.clock.advance(40_000);
    expect(t.providers[0]?.requests).toHaveLength(3);
    expect(t.state.thrown).toMatchObject({ failure: "rate_limit" });
  });

  it.each(["auth", "billing", "bad_request", "context_length", "no_model", "format"] as const)(
    "[LM-03] does not retry %s",
    async (failure) => {
      const t = setUp();
      t.providers[0]?.script(fail(failure));
      t.start();
      await t.clock.advance(60_000);
      expect(t.providers[0]?.requests).toHaveLength(1);
      expect(t.state.thrown).toMatchObject({ failure });
      expect(t.retries).toEqual([]);
    },
  );

  it.each(["auth", "billing", "no_model"] as const)("goes to the next model on %s without a wait", async (failure) => {
    const t = setUp({ targets: 2 });
    t.providers[0]?.script(fail(failure));
    t.providers[1]?.script(say("from the second"));
    t.start();
    await t.clock.advance(0);
    expect(t.failovers).toMatchObject([{ from: "p0/m0", to: "p1/m1", error: { failure } }]);
    expect(textOf(t.events)).toBe("from the second");
    expect(new Set(t.events.map((event) => event.ref))).toEqual(new Set(["p1/m1"]));
    expect(t.providers[1]?.requests[0]?.model).toBe("m1");
  });

  it.each(["bad_request", "context_length"] as const)("does not try %s on another model", async (failure) => {
    const t = setUp({ targets: 2 });
    t.providers[0]?.script(fail(failure));
    t.start();
    await t.clock.advance(0);
    expect(t.providers[1]?.requests).toEqual([]);
    expect(t.state.thrown).toMatchObject({ failure });
  });

  it("goes to the next model once the retries are used up, and names all failures when none answers", async () => {
    const t = setUp({ targets: 2 });
    const overloaded = fail("overloaded");
    t.providers[0]?.script(overloaded, overloaded, overloaded, overloaded);
    t.providers[1]?.script(fail("auth"));
    t.start();
    await t.clock.advance(40_000);
    expect(t.failovers).toHaveLength(1);
    expect(t.state.thrown).toMatchObject({ failure: "auth" });
    expect(String(t.state.thrown)).toContain("p0/m0");
    expect(String(t.state.thrown)).toContain("p1/m1");
  });

  it("[LM-04] never asks again after something visible came, and loses nothing of it", async () => {
    const t = setUp({ targets: 2 });
    const broken = new ProviderError("network", "the connection broke");
    t.providers[0]?.script([
      { type: "text", delta: "half an " },
      { type: "throw", error: broken },
    ]);
    t.start();
    await t.clock.advance(60_000);
    expect(textOf(t.events)).toBe("half an ");
    expect(t.state.thrown).toBe(broken);
    expect(t.providers.map((provider) => provider.requests.length)).toEqual([1, 0]);
  });

  it.each([[{ type: "thinking", delta: "hm" }], [{ type: "tool-call-start", id: "c", name: "time" }]] as const)(
    "counts %o as visible",
    async (event) => {
      const t = setUp();
      t.providers[0]?.script([event, { type: "throw", error: new ProviderError("server", "no") }], say("again"));
      t.start();
      await t.clock.advance(10_000);
      expect(t.providers[0]?.requests).toHaveLength(1);
      expect(t.state.thrown).toMatchObject({ failure: "server" });
    },
  );

  it("retries after usage alone and tells the usage once", async () => {
    const t = setUp();
    const usage: ScriptedStep = { type: "usage", usage: { input: 5, output: 0 } };
    t.providers[0]?.script(
      [usage, ...fail("overloaded")],
      [usage, { type: "text", delta: "ok" }, { type: "end", stopReason: "stop" }],
    );
    t.start();
    await t.clock.advance(2000);
    expect(t.events.map((event) => event.type)).toEqual(["usage", "text", "end"]);
  });

  it("[LM-04] tells a stream that stops without an end as broken off", async () => {
    const t = setUp();
    t.providers[0]?.script([{ type: "text", delta: "so" }]);
    t.start();
    await t.clock.advance(0);
    expect(t.state.thrown).toMatchObject({ failure: "network" });
    expect(String(t.state.thrown)).toContain("broke off");
  });

  it("[LM-10] tells an empty answer as an error", async () => {
    const t = setUp();
    t.providers[0]?.script([
      { type: "thinking", delta: "hm" },
      { type: "end", stopReason: "stop" },
    ]);
    t.start();
    await t.clock.advance(0);
    expect(t.state.thrown).toMatchObject({ failure: "format" });
    expect(String(t.state.thrown)).toContain("empty answer");
  });

  it("[LM-10] says that the tokens ran out when a cut answer is empty", async () => {
    const t = setUp();
    t.providers[0]?.script([{ type: "end", stopReason: "length" }]);
    t.start();
    await t.clock.advance(0);
    expect(String(t.state.thrown)).toContain("used up its tokens");
  });

  it("[LM-10] passes a refusal without words on as a refusal", async () => {
    const t = setUp();
    t.providers[0]?.script([{ type: "end", stopReason: "refusal" }]);
    t.start();
    await t.clock.advance(0);
    expect(t.state.thrown).toBeUndefined();
    expect(t.events).toEqual([{ type: "end", stopReason: "refusal", ref: "p0/m0" }]);
  });

  it("takes a call without text as an answer", async () => {
    const t = setUp();
    t.providers[0]?.script(callTool("c1", "time", "{}"));
    t.start();
    await t.clock.advance(0);
    expect(t.events.map((event) => event.type)).toEqual(["tool-call-start", "tool-call", "end"]);
  });

  it("[LM-06] cuts a stream that is silent for the idle limit, and says for how long", async () => {
    const t = setUp({ idleTimeoutMs: 5000 });
    t.providers[0]?.script([
      { type: "text", delta: "a" },
      { type: "wait", ms: 4900 },
      { type: "text", delta: "b" },
      { type: "hang" },
    ]);
    t.start();
    await t.clock.advance(9899);
    expect(t.state.over).toBe(false);
    await t.clock.advance(1);
    expect(t.state.thrown).toMatchObject({ failure: "timeout" });
    expect(String(t.state.thrown)).toContain("5 seconds");
    expect(textOf(t.events)).toBe("ab");
    expect(t.clock.pendingTimers).toBe(0);
  });

  it("[LM-06] cuts a call whose first byte never comes, without asking again, and goes to the next model", async () => {
    const t = setUp({ idleTimeoutMs: 1000, targets: 2 });
    t.providers[0]?.script([{ type: "hang" }]);
    t.start();
    await t.clock.advance(1000);
    expect(t.providers[0]?.requests).toHaveLength(1);
    expect(t.failovers).toMatchObject([{ error: { failure: "timeout" } }]);
    expect(textOf(t.events)).toBe("Hello.");
  });

  it("lets a stream of any length run that never falls silent", async () => {
    const t = setUp({ idleTimeoutMs: 1000 });
    const steps: ScriptedStep[] = [];
    for (let i = 0; i < 100; i++) steps.push({ type: "text", delta: "x" }, { type: "wait", ms: 999 });
    t.providers[0]?.script([...steps, { type: "end", stopReason: "stop" }]);
    t.start();
    await t.clock.advance(100_000);
    expect(t.state).toEqual({ thrown: undefined, over: true });
  });

  it("[LM-14] ends with the abort's reason during a call, even if the provider does not listen", async () => {
    const t = setUp();
    const deaf: Target["provider"] = {
      // Never looks at its signal.
      stream: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }),
      models: async () => [],
    };
    const reason = new DOMException("stop", "AbortError");
    const request = { model: "m", system: "", messages: [], tools: [], thinking: "off" as const };
    const options = { signal: t.controller.signal, clock: t.clock, idleTimeoutMs: 60_000, random: () => 0 };
    const first = streamResilient([{ ref: "p/m", provider: deaf, request }], options).next();
    await t.clock.advance(10);
    t.controller.abort(reason);
    await expect(first).rejects.toBe(reason);
    expect(t.clock.pendingTimers).toBe(0);
  });

  it("[LM-14] ends with the abort's reason during a wait", async () => {
    const t = setUp();
    t.providers[0]?.script(fail("overloaded"));
    t.start();
    await t.clock.advance(100);
    t.controller.abort(new DOMException("stop", "AbortError"));
    await t.clock.advance(0);
    expect(t.state.thrown).toMatchObject({ name: "AbortError" });
    expect(t.providers[0]?.requests).toHaveLength(1);
    expect(t.clock.pendingTimers).toBe(0);
  });

  it("aborts the call below when the caller stops listening", async () => {
    const clock = createManualClock();
    let below: AbortSignal | undefined;
    const provider: Target["provider"] = {
      async *stream(_request, signal) {
        below = signal;
        yield { type: "text", delta: "a" };
        yield { type: "text", delta: "b" };
      },
      models: async () => [],
    };
    const request = { model: "m", system: "", messages: [], tools: [], thinking: "off" as const };
    const options = { signal: new AbortController().signal, clock, idleTimeoutMs: 1000, random: () => 0 };
    for await (const event of streamResilient([{ ref: "p/m", provider, request }], options)) {
      expect(event.type).toBe("text");
      break;
    }
    expect(below?.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });
});
