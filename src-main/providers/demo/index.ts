/**
 * The built-in demo: offline, no AI, and it says so. Streams prepared words and makes real tool calls, so that a first
 * look needs no key. Must never reach the network.
 */
import { sleep } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import {
  defineProvider,
  type ModelInfo,
  type ModelRequest,
  type ProviderContext,
  type ProviderEvent,
} from "../contract.ts";
import { planStep } from "./tour.ts";

/** A pleasant reading speed. */
const WORD_MS = 15;

const DEMO_MODELS: readonly ModelInfo[] = [
  { id: "tour", name: "Guided tour (no AI)", contextWindow: 128_000, reasoning: false, input: ["text"] },
];

export const demo = defineProvider({
  kind: "demo",
  label: "Demo",
  needsKey: "never",
  knownModels: DEMO_MODELS,
  create: (context) => ({
    stream: (request, signal) => streamTour(context, request, signal),
    models: async () => [...DEMO_MODELS],
  }),
});

async function* streamTour(
  context: ProviderContext,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent> {
  signal.throwIfAborted();
  const step = planStep(request);
  if (step.type === "call") {
    const id = createId("call");
    yield { type: "tool-call-start", id, name: step.name };
    yield { type: "tool-call", id, name: step.name, argumentsJson: JSON.stringify(step.args) };
    yield { type: "end", stopReason: "toolUse" };
    return;
  }
  for (const word of toWords(step.text)) {
    yield { type: "text", delta: word };
    await sleep(context.clock, WORD_MS, signal);
  }
  yield { type: "end", stopReason: "stop" };
}

/** Words with the space after them; writing without spaces goes two characters at a time. Joined they are the text. */
export function toWords(text: string): string[] {
  return (
    text.match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{1,2}|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+\s*|\s+/gu,
    ) ?? []
  );
}
