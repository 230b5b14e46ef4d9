/**
 * What an answer cost. Pure. Must never guess: without a known price there is no cost, and a cost is never negative,
 * whatever a service reports.
 */
import type { Usage } from "#main/protocol/messages.ts";
import type { ModelInfo } from "./contract.ts";

const MILLION = 1_000_000;

/**
 * US dollars of one answer.
 * @param usage `input` without what was read from or written to the cache
 * @param price dollars per million tokens; a missing cache price counts as input. Undefined: the cost is unknown
 */
export function costOf(usage: Usage, price: ModelInfo["price"]): number | undefined {
  if (price === undefined) return undefined;
  const dollars =
    count(usage.input) * price.input +
    count(usage.output) * price.output +
    count(usage.cacheRead) * (price.cacheRead ?? price.input) +
    count(usage.cacheWrite) * (price.cacheWrite ?? price.input);
  const cost = dollars / MILLION;
  return Number.isFinite(cost) && cost >= 0 ? cost : undefined;
}

/**
 * The facts known of a model, by its id or by the id without a date at its end (`claude-x-20250929`, `gpt-x-2026-04-23`).
 */
export function findModel(models: readonly ModelInfo[], id: string): ModelInfo | undefined {
  const undated = id.replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, "");
  return models.find((model) => model.id === id) ?? models.find((model) => model.id === undated);
}

function count(tokens: number | undefined): number {
  return tokens !== undefined && Number.isFinite(tokens) && tokens > 0 ? tokens : 0;
}
