/**
 * What is known of Claude models: windows, prices, and which form of thinking each takes. Tables of facts; a model that
 * is not here still works, at unknown cost. Source: platform.claude.com, models overview and the page of each model,
 * as published in November 2026; prices of the standard tier, cache writes for five minutes.
 */
import type { ModelInfo } from "../contract.ts";

const INPUT = ["text", "image"] as const;
const WIDE = { contextWindow: 1_000_000, maxOutput: 128_000, reasoning: true, input: INPUT };
const NARROW = { contextWindow: 200_000, maxOutput: 64_000, reasoning: true, input: INPUT };

export const CLAUDE_MODELS: readonly ModelInfo[] = [
  { id: "claude-opus-5-5", name: "Claude Opus 5.5", ...WIDE, price: price(4, 20, 0.2) },
  { id: "claude-sonnet-5-5", name: "Claude Sonnet 5.5", ...WIDE, price: price(2, 10, 0.2) },
  // Five times as much above 100,000 tokens of prompt, which the table cannot tell.
  { id: "claude-haiku-5-5", name: "Claude Haiku 5.5", ...WIDE, price: price(0.1, 0.5, 0.01) },
  { id: "claude-fable-5-1", name: "Claude Fable 5.1", ...WIDE, price: price(10, 50, 1) },
  { id: "claude-opus-5", name: "Claude Opus 5", ...WIDE, price: price(5, 25, 0.5) },
  { id: "claude-sonnet-5", name: "Claude Sonnet 5", ...WIDE, price: price(2, 10, 0.2) },
  { id: "claude-opus-4-6", name: "Claude Opus 4.6", ...WIDE, price: price(5, 25, 0.5) },
  { id: "claude-opus-4-5", name: "Claude Opus 4.5", ...NARROW, price: price(5, 25, 0.5) },
  { id: "claude-sonnet-4-5", name: "Claude Sonnet 4.5", ...NARROW, price: price(3, 15, 0.3) },
  { id: "claude-haiku-4-5", name: "Claude Haiku 4.5", ...NARROW, price: price(1, 5, 0.1) },
];

/**
 * How a model is told to think: not at all in the request, with a budget of tokens, or by itself with an effort. From
 * "Troubleshooting thinking": up to 4.5 only budgets, 4.6 both, from 4.7 a budget is refused.
 */
export type ThinkingForm = "budget" | "adaptive";

/** What a model takes, read from its id. An id without a version is treated as an old one. */
export interface ModelTraits {
  thinking: ThinkingForm;
  /** How thinking is switched off: by saying nothing, by a type of its own, or not at all. */
  off: "silent" | "disabled" | "between_tools" | "never";
  /** From 4.7 on a temperature is refused. */
  takesTemperature: boolean;
}

/** The facts of a model by its id, with or without a date at its end. */
export function knownModel(id: string): ModelInfo | undefined {
  const undated = id.replace(/-\d{8}$/, "");
  return CLAUDE_MODELS.find((model) => model.id === undated);
}

/** The traits of a model id such as `claude-sonnet-4-5-20250929`. */
export function traitsOf(id: string): ModelTraits {
  const match = /^claude-(opus|sonnet|haiku|fable|mythos)-(\d{1,2})(?:-(\d{1,2}))?(?:-\d{8})?(?![\d])/.exec(id);
  if (!match) return { thinking: "budget", off: "silent", takesTemperature: true };
  const family = match[1];
  const version = Number(match[2]) + Number(match[3] ?? 0) / 100;
  return {
    thinking: version >= 4.06 ? "adaptive" : "budget",
    off: offOf(family ?? "", version),
    takesTemperature: version < 4.07,
  };
}

function offOf(family: string, version: number): ModelTraits["off"] {
  if (version < 5) return "silent";
  if (family === "fable" || family === "mythos") return "never";
  if (version < 5.05) return "disabled";
  if (family === "opus") return "never";
  return family === "sonnet" ? "between_tools" : "disabled";
}

function price(input: number, output: number, cacheRead: number): NonNullable<ModelInfo["price"]> {
  return { input, output, cacheRead, cacheWrite: (input * 125) / 100 };
}
