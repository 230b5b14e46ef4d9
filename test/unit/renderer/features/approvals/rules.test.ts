/** The rules as shown: what cannot be read counts as the strictest. */
import { describe, expect, it } from "vitest";
import { PRESETS, readArgs, readRules, toExample, toPreset } from "#renderer/features/approvals/rules.ts";
import { matchesText, NO_SEARCH, toFilter } from "#renderer/features/audit/filter.ts";

describe("the rules", () => {
  it("[I02] are read from the configuration in force", () => {
    const resolved = { tools: { approvals: { required: true, autoApproveLevels: [1, 2, 3] } } };
    expect(readRules(resolved)).toEqual({ isRequired: true, levels: [1, 2, 3] });
    expect(readRules({ tools: { approvals: { required: false } } })).toEqual({ isRequired: false, levels: [] });
  });

  it("count as the strictest when nothing can be read", () => {
    for (const broken of [undefined, {}, { tools: {} }]) {
      expect(readRules(broken)).toEqual({ isRequired: true, levels: [] });
    }
  });

  it("name a preset only when the levels are just those", () => {
    expect(toPreset([3, 1, 2])).toBe("standard");
    expect(toPreset([1, 2, 3, 7])).toBeUndefined();
    for (const levels of Object.values(PRESETS)) expect(Math.max(...levels)).toBeLessThan(7);
  });
});

describe("trying a call", () => {
  it("begins with the arguments that are required", () => {
    const params = {
      properties: { path: { type: "string" }, limit: { type: "integer" } },
      required: ["path", "limit"],
    };
    expect(readArgs(toExample(params))).toEqual({ path: "", limit: 1 });
    expect(toExample(undefined)).toBe("{}");
  });

  it("takes only an object", () => {
    expect(readArgs("[1]")).toBeUndefined();
    expect(readArgs("{ broken")).toBeUndefined();
    expect(readArgs('{"a":1}')).toEqual({ a: 1 });
  });
});

describe("looking through the record", () => {
  it("[I09] asks the gateway for what it can filter by, and looks for words in what was read", () => {
    const search = { ...NO_SEARCH, type: " tool.failed ", range: "hour" as const };
    expect(toFilter(search, 10_000_000)).toEqual({ type: "tool.failed", after: 6_400_000 });
    expect(toFilter(NO_SEARCH, 5)).toEqual({});
    const entry = { seq: 1, id: "a", ts: 1, type: "tool.failed", level: "info", actor: "x", message: "Exit 1" };
    expect(matchesText(entry, " exit ")).toBe(true);
    expect(matchesText({ ...entry, data: { path: "Notes" } }, "notes")).toBe(true);
    expect(matchesText(entry, "other")).toBe(false);
  });
});
