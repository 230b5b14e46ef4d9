/**
 * Windows and prices of OpenAI's current models. A table of facts; a model that is not here still works, at unknown
 * cost. Source: developers.openai.com/api/docs/pricing and the model pages, as published in November 2026, standard
 * tier. Above 272,000 input tokens the service charges about twice as much, which the table cannot tell.
 */
import type { ModelInfo } from "../contract.ts";

const INPUT = ["text", "image"] as const;
const UNSIZED = { reasoning: true, input: INPUT };
const GPT_6 = { contextWindow: 1_050_000, maxOutput: 128_000, reasoning: true, input: INPUT };
const GPT_5 = { contextWindow: 400_000, maxOutput: 128_000, reasoning: true, input: INPUT };
const GPT_4_1 = { contextWindow: 1_047_576, maxOutput: 32_768, reasoning: false, input: INPUT };
const GPT_4O = { contextWindow: 128_000, maxOutput: 16_384, reasoning: false, input: INPUT };

export const OPENAI_MODELS: readonly ModelInfo[] = [
  { id: "gpt-6-astra", name: "GPT-6 Astra", ...UNSIZED, price: price(10, 50, 1) },
  { id: "gpt-6.1-sol", name: "GPT-6.1 Sol", ...GPT_6, price: price(2, 10, 0.1, 2.5) },
  { id: "gpt-6.1-terra", name: "GPT-6.1 Terra", ...GPT_6, price: price(1, 5, 0.05, 1.25) },
  { id: "gpt-6-sol", name: "GPT-6 Sol", ...GPT_6, price: price(2, 10, 0.2, 2.5) },
  { id: "gpt-6-luna", name: "GPT-6 Luna", ...GPT_6, price: price(0.1, 0.5, 0.01, 0.125) },
  { id: "gpt-5.6-sol", name: "GPT-5.6 Sol", ...UNSIZED, price: price(4, 20) },
  { id: "gpt-5.6-terra", name: "GPT-5.6 Terra", ...UNSIZED, price: price(2, 12, 0.2) },
  { id: "gpt-5.6-luna", name: "GPT-5.6 Luna", ...UNSIZED, price: price(0.2, 1.2, 0.02) },
  { id: "gpt-5.2", name: "GPT-5.2", ...GPT_5, price: price(1.75, 14, 0.175) },
  { id: "gpt-5.1", name: "GPT-5.1", ...GPT_5, price: price(1.25, 10, 0.125) },
  { id: "gpt-5", name: "GPT-5", ...GPT_5, price: price(1.25, 10, 0.125) },
  { id: "gpt-5-mini", name: "GPT-5 mini", ...GPT_5, price: price(0.25, 2, 0.025) },
  { id: "gpt-5-nano", name: "GPT-5 nano", ...GPT_5, price: price(0.05, 0.4, 0.005) },
  { id: "gpt-4.1", name: "GPT-4.1", ...GPT_4_1, price: price(2, 8, 0.5) },
  { id: "gpt-4.1-mini", name: "GPT-4.1 mini", ...GPT_4_1, price: price(0.4, 1.6, 0.1) },
  { id: "gpt-4o", name: "GPT-4o", ...GPT_4O, price: price(2.5, 10, 1.25) },
  { id: "gpt-4o-mini", name: "GPT-4o mini", ...GPT_4O, price: price(0.15, 0.6, 0.075) },
];

function price(
  input: number,
  output: number,
  cacheRead?: number,
  cacheWrite?: number,
): NonNullable<ModelInfo["price"]> {
  const cache = {
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
  };
  return { input, output, ...cache };
}
