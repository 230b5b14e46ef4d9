/** Does a request fit the budgets of the day, and how is it said when not. */
import { describe, expect, it } from "vitest";
import { addSlice, findBudgets, findExceeded, toUsd, type Spent } from "#main/agent/budget.ts";

const none = { agents: {}, providers: {} };
const state = (limitUsd: number, usd: number, more: Partial<Spent> & { id?: string } = {}) => ({
  budget: { id: more.id ?? "day", sliceUsd: 5 },
  limitUsd,
  spent: { usd, unpriced: more.unpriced ?? 0 },
});

describe("findBudgets", () => {
  it("finds those of the day, the agent and the provider, the widest first", () => {
    const limits = { dailyUsd: 5, agents: { main: 2, other: 1 }, providers: { anthropic: 3 } };
    expect(findBudgets(limits, "main", "anthropic")).toEqual([
      { id: "day", sliceUsd: 5 },
      { id: "agent:main", sliceUsd: 2 },
      { id: "provider:anthropic", sliceUsd: 3 },
    ]);
    expect(findBudgets(limits, "stranger", "openai")).toEqual([{ id: "day", sliceUsd: 5 }]);
  });

  it("finds none when none is set, whatever the names", () => {
    expect(findBudgets(none, "main", "anthropic")).toEqual([]);
    expect(findBudgets(none, "constructor", "toString")).toEqual([]);
  });
});

describe("findExceeded", () => {
  it("lets a request out that fits to the cent, and stops the next one", () => {
    expect(findExceeded([state(5, 4)], 1)).toBeUndefined();
    expect(findExceeded([state(5, 4)], 1.01)).toMatchObject({ budget: { id: "day" }, limitUsd: 5 });
  });

  it("says what is asked for", () => {
    expect(findExceeded([state(5, 4.98)], 0.04)?.summary).toBe(
      "Spend more than $5.00 today: $4.98 so far; this request may cost about $0.04",
    );
    expect(findExceeded([state(1, 1, { id: "agent:main" })], 0.004)?.summary).toBe(
      "Spend more than $1.00 today for the agent main: $1.00 so far; this request may cost about $0.0040",
    );
    expect(findExceeded([state(1, 2, { id: "provider:my:ai" })], 1)?.summary).toContain("today on my:ai:");
  });

  it("counts an unknown price as nothing, and says so", () => {
    expect(findExceeded([state(5, 5, { unpriced: 3 })], undefined)).toBeUndefined();
    expect(findExceeded([state(5, 5.5, { unpriced: 3 })], undefined)?.summary).toBe(
      "Spend more than $5.00 today: $5.50 so far (without 3 answers of unknown price); the price of this request is not known",
    );
    expect(findExceeded([state(5, 6, { unpriced: 1 })], 1)?.summary).toContain("(without 1 answer of unknown price)");
  });

  it("lets a request out that costs nothing, even when the day is over its budget or has none", () => {
    expect(findExceeded([state(5, 9)], 0)).toBeUndefined();
    expect(findExceeded([state(0, 0)], 0)).toBeUndefined();
    expect(findExceeded([state(0, 0)], 0.01)).toBeDefined();
  });

  it("names the first of several", () => {
    const found = findExceeded([state(50, 1), state(1, 1, { id: "agent:main" }), state(1, 1, { id: "provider:x" })], 1);
    expect(found?.budget.id).toBe("agent:main");
  });
});

describe("addSlice", () => {
  const exceeded = (limitUsd: number, usd: number, estimateUsd?: number) => ({
    ...state(limitUsd, usd),
    estimateUsd,
    summary: "",
  });

  it("adds the same budget once more, and at least what was asked about", () => {
    expect(addSlice(exceeded(5, 5, 0.1))).toBe(10);
    expect(addSlice(exceeded(10, 10, 0.1))).toBe(15);
    expect(addSlice(exceeded(5, 5, 20))).toBe(25);
    expect(addSlice(exceeded(5, 5))).toBe(10);
  });
});

describe("toUsd", () => {
  it("shows two digits, and more where they would be zero", () => {
    expect([0, 1.234, 0.01, 0.0042, 0.00001].map(toUsd)).toEqual([
      "$0.00",
      "$1.23",
      "$0.01",
      "$0.0042",
      "less than $0.0001",
    ]);
  });
});
