/**
 * Windows and prices of OpenAI's current models. A table of facts; a model that is not here still works, at unknown
 * cost. Source: developers.openai.com/api/docs/pricing and the model pages, as published in November 2026, standard
 * tier. Above 272,000 input tokens the service charges about twice as much, which the table cannot tell.
 */
import type { ModelInfo } from "../contract.ts";

const INPUT = ["text", "image"] as const;
const GPT_6 = { contextWindow: 1_050_000, maxOutput: 128_000, reasoning: true, input: INPUT };
const GPT_5 = { contextWindow: 400_000, maxOutput: 128_000, reasoning: true, input: INPUT };
const GPT_4_1 = { contextWindow: 1_047_576, maxOutput: 32_768, reasoning: false, input: INPUT };
const GPT_4O = { contextWindow: 128_000, maxOutput: 16_384, reasoning: false, input: INPUT };

export const OPENAI_MODELS: readonly ModelInfo[] = [
  {
    id: "gpt-6-astra",
    name: "GPT-6 Astra",
    reasoning: true,
    input: INPUT,
    price: { input: 10, output: 50, cacheRead: 1 },
  },
  {
    id: "gpt-6.1-sol",
    name: "GPT-6.1 Sol",
    ...GPT_6,
    price: { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
  },
  {
    id: "gpt-6.1-terra",
    name: "GPT-6.1 Terra",
    ...GPT_6,
    price: { input: 1, output: 5, cacheRead: 0.05, cacheWrite: 1.25 },
  },
  { id: "gpt-6-sol", name: "GPT-6 Sol", ...GPT_6, price: { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 } },
  {
    id: "gpt-6-luna",
    name: "GPT-6 Luna",
    ...GPT_6,
    price: { input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 },
  },
  { id: "gpt-5.6-sol", name: "GPT-5.6 Sol", reasoning: true, input: INPUT, price: { input: 4, output: 20 } },
  {
    id: "gpt-5.6-terra",
    name: "GPT-5.6 Terra",
    reasoning: true,
    input: INPUT,
    price: { input: 2, output: 12, cacheRead: 0.2 },
  },
  {
    id: "gpt-5.6-luna",
    name: "GPT-5.6 Luna",
    reasoning: true,
    input: INPUT,
    price: { input: 0.2, output: 1.2, cacheRead: 0.02 },
  },
  { id: "gpt-5.2", name: "GPT-5.2", ...GPT_5, price: { input: 1.75, output: 14, cacheRead: 0.175 } },
  { id: "gpt-5.1", name: "GPT-5.1", ...GPT_5, price: { input: 1.25, output: 10, cacheRead: 0.125 } },
  { id: "gpt-5", name: "GPT-5", ...GPT_5, price: { input: 1.25, output: 10, cacheRead: 0.125 } },
  { id: "gpt-5-mini", name: "GPT-5 mini", ...GPT_5, price: { input: 0.25, output: 2, cacheRead: 0.025 } },
  { id: "gpt-5-nano", name: "GPT-5 nano", ...GPT_5, price: { input: 0.05, output: 0.4, cacheRead: 0.005 } },
  { id: "gpt-4.1", name: "GPT-4.1", ...GPT_4_1, price: { input: 2, output: 8, cacheRead: 0.5 } },
  { id: "gpt-4.1-mini", name: "GPT-4.1 mini", ...GPT_4_1, price: { input: 0.4, output: 1.6, cacheRead: 0.1 } },
  { id: "gpt-4o", name: "GPT-4o", ...GPT_4O, price: { input: 2.5, output: 10, cacheRead: 1.25 } },
  { id: "gpt-4o-mini", name: "GPT-4o mini", ...GPT_4O, price: { input: 0.15, output: 0.6, cacheRead: 0.075 } },
];
