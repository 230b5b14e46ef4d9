import { describe, expect, it } from "vitest";
import { CLAUDE_MODELS } from "#main/providers/anthropic/models.ts";
import { PROVIDER_KINDS } from "#main/providers/index.ts";
import { costOf, findModel } from "#main/providers/pricing.ts";

describe("pricing", () => {
  it("adds input, output and both kinds of cache at their own prices", () => {
    const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
    const usage = { input: 1_000_000, output: 100_000, cacheRead: 2_000_000, cacheWrite: 40_000 };
    expect(costOf(usage, price)).toBeCloseTo(3 + 1.5 + 0.6 + 0.15, 10);
  });
  it("counts cached tokens as input where no cache price is known", () => {
    expect(costOf({ input: 0, output: 0, cacheRead: 1_000_000 }, { input: 2, output: 8 })).toBe(2);
  });
  it("knows no cost without a price, rather than none", () => {
    expect(costOf({ input: 5, output: 5 }, undefined)).toBeUndefined();
  });
  it("[LM-12] is never negative, whatever a service reports", () => {
    expect(costOf({ input: -5, output: Number.NaN, cacheRead: -1 }, { input: 3, output: 15 })).toBe(0);
  });
  it("finds a model by its id with a date", () => {
    expect(findModel(CLAUDE_MODELS, "claude-sonnet-4-5-20250929")?.id).toBe("claude-sonnet-4-5");
    expect(findModel(CLAUDE_MODELS, "claude-unknown")).toBeUndefined();
  });
  it("[J02] lists kinds and models once each, with sensible facts", () => {
    expect(PROVIDER_KINDS.map((kind) => kind.kind)).toEqual(["anthropic", "openai", "demo"]);
    for (const kind of PROVIDER_KINDS) {
      const ids = kind.knownModels.map((model) => model.id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { price, contextWindow, maxOutput } of kind.knownModels) {
        if (price) expect(price.output).toBeGreaterThan(price.input);
        if (maxOutput !== undefined) expect(contextWindow).toBeGreaterThan(maxOutput);
      }
    }
  });
});
