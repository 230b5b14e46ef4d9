/** A provider inside the process that plays scripts: for tests of everything above providers. */
import { sleep, type Clock } from "#main/base/clock.ts";
import type { ModelInfo, ModelRequest, Provider, ProviderEvent } from "#main/providers/contract.ts";

/** One step of an answer: an event, a pause on the clock, a gate, an error to throw, or silence until the abort. */
export type ScriptedStep =
  | ProviderEvent
  | { type: "wait"; ms: number }
  | { type: "gate"; gate: Promise<unknown> }
  | { type: "throw"; error: unknown }
  | { type: "hang" };

export interface ScriptedProvider extends Provider {
  /** Requests so far, oldest first. */
  requests: ModelRequest[];
  /** Appends one script per call to come. */
  script(...scripts: (readonly ScriptedStep[])[]): void;
}

/** A text answer as a script. */
export function say(text: string): ScriptedStep[] {
  return [
    { type: "text", delta: text },
    { type: "usage", usage: { input: 10, output: 3 } },
    { type: "end", stopReason: "stop" },
  ];
}

/** An answer of one tool call as a script. */
export function callTool(id: string, name: string, argumentsJson: string): ScriptedStep[] {
  return [
    { type: "tool-call-start", id, name },
    { type: "tool-call", id, name, argumentsJson },
    { type: "end", stopReason: "toolUse" },
  ];
}

/** @param fallback the answer when no script is left */
export function createScriptedProvider(clock: Clock, fallback = say("Hello.")): ScriptedProvider {
  const queue: (readonly ScriptedStep[])[] = [];
  const requests: ModelRequest[] = [];
  return {
    requests,
    script: (...scripts) => void queue.push(...scripts),
    async *stream(request, signal) {
      signal.throwIfAborted();
      requests.push(request);
      for (const step of queue.shift() ?? fallback) {
        if (step.type === "wait") await sleep(clock, step.ms, signal);
        else if (step.type === "gate") await orAbort(step.gate, signal);
        else if (step.type === "hang") await orAbort(new Promise(() => undefined), signal);
        else if (step.type === "throw") throw step.error;
        else yield step;
        signal.throwIfAborted();
      }
    },
    models: async (): Promise<ModelInfo[]> => [{ id: "scripted", name: "Scripted" }],
  };
}

function orAbort(promise: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
