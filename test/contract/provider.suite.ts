/**
 * What every provider promises, whatever speaks behind it. Run for each entry of the list and for the fake; what a
 * service is made to do is up to the harness.
 */
import { describe, expect, it } from "vitest";
import { messageOf } from "#main/base/errors.ts";
import {
  ProviderError,
  type ModelRequest,
  type Provider,
  type ProviderEvent,
  type ProviderFailure,
} from "#main/providers/contract.ts";
import type { ManualClock } from "#test/fakes/manual-clock.ts";

/** One situation that a service is put into before the call. */
export type Situation =
  | { is: "text"; text: string }
  | { is: "calls"; calls: readonly { id: string; name: string; args: string }[] }
  /** Text, then silence with the connection open. */
  | { is: "hang"; text: string }
  /** Text, then the connection breaks. */
  | { is: "break"; text: string }
  | { is: "empty" }
  | { is: "failure"; failure: ProviderFailure; words: string };

export interface ProviderHarness {
  provider: Provider;
  clock: ManualClock;
  /** A model that the provider knows. */
  model: string;
  /** The key in use; it must appear in no message. */
  key: string;
  /** Puts the service into the situation for the next call; false when it cannot get there (the demo has no service). */
  prepare(situation: Situation): boolean;
  close(): Promise<void>;
}

export const KEY = "sk-test-0123456789abcdef-never-show";

export function requestOf(model: string, text = "hello"): ModelRequest {
  return {
    model,
    system: "Be brief.",
    messages: [{ id: "msg_1", role: "user", content: [{ type: "text", text }], timestamp: 0 }],
    tools: [],
    thinking: "off",
  };
}

/** Everything that a call yields, and what it threw. The clock is turned while it runs. */
export async function collect(
  harness: Pick<ProviderHarness, "provider" | "clock">,
  request: ModelRequest,
  signal = new AbortController().signal,
): Promise<{ events: ProviderEvent[]; thrown: unknown }> {
  const events: ProviderEvent[] = [];
  let thrown: unknown;
  let over = false;
  const run = (async () => {
    try {
      for await (const event of harness.provider.stream(request, signal)) events.push(event);
    } catch (error) {
      thrown = error;
    } finally {
      over = true;
    }
  })();
  while (!over) await harness.clock.advance(15);
  await run;
  return { events, thrown };
}

export function textIn(events: readonly ProviderEvent[]): string {
  return events.map((event) => (event.type === "text" ? event.delta : "")).join("");
}

/** Waits for a condition by turning the event loop, not by time. */
async function until(harness: ProviderHarness, condition: () => boolean): Promise<void> {
  for (let i = 0; i < 5000 && !condition(); i++) await harness.clock.advance(1);
  expect(condition()).toBe(true);
}

export function providerSuite(name: string, start: () => Promise<ProviderHarness>): void {
  const withHarness = async (run: (harness: ProviderHarness) => Promise<void>) => {
    const harness = await start();
    try {
      await run(harness);
      expect(harness.clock.pendingTimers).toBe(0);
    } finally {
      await harness.close();
    }
  };

  describe(`provider ${name}`, () => {
    it("[J07] streams text in order and closes with one end", () =>
      withHarness(async (harness) => {
        const prepared = harness.prepare({ is: "text", text: "One two three." });
        const { events, thrown } = await collect(harness, requestOf(harness.model));
        expect(thrown).toBeUndefined();
        if (prepared) expect(textIn(events)).toBe("One two three.");
        expect(events.filter((event) => event.type === "text").length).toBeGreaterThan(1);
        expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
        expect(events.filter((event) => event.type === "end")).toHaveLength(1);
      }));

    it("[LM-06] stops within a second of an abort and throws the abort", () =>
      withHarness(async (harness) => {
        harness.prepare({ is: "hang", text: "so far" });
        const controller = new AbortController();
        const reason = new DOMException("stopped by the person", "AbortError");
        const events: ProviderEvent[] = [];
        let thrown: unknown;
        const run = (async () => {
          for await (const event of harness.provider.stream(requestOf(harness.model), controller.signal))
            events.push(event);
        })().catch((error: unknown) => {
          thrown = error;
        });
        await until(harness, () => events.some((event) => event.type === "text"));
        const before = harness.clock.monotonic();
        controller.abort(reason);
        await until(harness, () => thrown !== undefined);
        await run;
        expect(thrown).toBe(reason);
        expect(harness.clock.monotonic() - before).toBeLessThan(1000);
      }));

    it("throws the abort without a call when it is already aborted", () =>
      withHarness(async (harness) => {
        const { events, thrown } = await collect(harness, requestOf(harness.model), AbortSignal.abort());
        expect(events).toEqual([]);
        expect(thrown).toBeInstanceOf(DOMException);
      }));

    it("[LM-10] tells an empty answer by an end with nothing before it", () =>
      withHarness(async (harness) => {
        if (!harness.prepare({ is: "empty" })) return;
        const { events, thrown } = await collect(harness, requestOf(harness.model));
        expect(thrown).toBeUndefined();
        expect(textIn(events)).toBe("");
        expect(events.at(-1)?.type).toBe("end");
      }));

    it("[LM-04] keeps what came before a break and sends no end", () =>
      withHarness(async (harness) => {
        if (!harness.prepare({ is: "break", text: "half an " })) return;
        const { events, thrown } = await collect(harness, requestOf(harness.model));
        expect(textIn(events)).toBe("half an ");
        expect(events.some((event) => event.type === "end")).toBe(false);
        if (thrown !== undefined) expect(thrown).toMatchObject({ failure: "network" });
      }));

    it("delivers parallel calls whole, each announced once", () =>
      withHarness(async (harness) => {
        const calls = [
          { id: "call_a", name: "read", args: '{"path": "a b.txt", "limit": 3}' },
          { id: "call_b", name: "time", args: "{}" },
        ];
        if (!harness.prepare({ is: "calls", calls })) return;
        const { events } = await collect(harness, requestOf(harness.model));
        const whole = events.filter((event) => event.type === "tool-call");
        expect(whole).toEqual(
          calls.map(({ id, name, args }) => ({ type: "tool-call", id, name, argumentsJson: args })),
        );
        expect(events.filter((event) => event.type === "tool-call-start")).toHaveLength(2);
        expect(events.at(-1)).toEqual({ type: "end", stopReason: "toolUse" });
      }));

    it("[LM-07] passes a broken call through as the model wrote it", () =>
      withHarness(async (harness) => {
        const args = '{"path": "a.txt", "limit": ';
        if (!harness.prepare({ is: "calls", calls: [{ id: "call_x", name: "read", args }] })) return;
        const { events } = await collect(harness, requestOf(harness.model));
        expect(events.find((event) => event.type === "tool-call")).toEqual({
          type: "tool-call",
          id: "call_x",
          name: "read",
          argumentsJson: args,
        });
      }));

    it("keeps characters whole that arrive in pieces", () =>
      withHarness(async (harness) => {
        const text = "héllo 👩‍👩‍👧 日本語 — fin";
        if (!harness.prepare({ is: "text", text })) return;
        const { events } = await collect(harness, requestOf(harness.model));
        expect(textIn(events)).toBe(text);
      }));

    it("[LM-11] passes an answer of a megabyte on, nothing lost", () =>
      withHarness(async (harness) => {
        const text = "word and more ".repeat(75_000);
        if (!harness.prepare({ is: "text", text })) return;
        const { events } = await collect(harness, requestOf(harness.model));
        expect(textIn(events).length).toBe(text.length);
        expect(textIn(events) === text).toBe(true);
      }));

    const failures: ProviderFailure[] = [
      "auth",
      "billing",
      "rate_limit",
      "overloaded",
      "server",
      "context_length",
      "bad_request",
      "no_model",
    ];
    it.each(failures)("[LM-13] tells a failure of kind %s as a ProviderError without the key", (failure) =>
      withHarness(async (harness) => {
        const words = `it failed with key ${harness.key} and Bearer ${harness.key}`;
        if (!harness.prepare({ is: "failure", failure, words })) return;
        const { events, thrown } = await collect(harness, requestOf(harness.model));
        expect(events).toEqual([]);
        expect(thrown).toBeInstanceOf(ProviderError);
        expect((thrown as ProviderError).failure).toBe(failure);
        expect(messageOf(thrown)).not.toContain(harness.key);
        expect(messageOf(thrown).length).toBeGreaterThan(20);
      }),
    );

    it("lists its models", () =>
      withHarness(async (harness) => {
        const models = await harness.provider.models(new AbortController().signal);
        expect(models.length).toBeGreaterThan(0);
        for (const model of models) expect(model.id).not.toBe("");
      }));
  });
}
