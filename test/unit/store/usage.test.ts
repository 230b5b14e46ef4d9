import { expect, it } from "vitest";
import { addTotals, insertUsage, NO_USAGE, readUsage, toDay } from "#main/store/usage.ts";
import { openStore } from "./open-store.ts";

const DAY = 86_400_000;
const NOON = new Date(2026, 0, 5, 12).getTime();

it("[K07] sums tokens and cost by day and model, and counts answers without a price", async () => {
  const { db } = await openStore();
  const add = (
    at: number,
    model: string,
    usage: { input: number; output: number; cacheRead?: number; costUsd?: number },
  ) => insertUsage(db, { at, sessionKey: "a", runId: "r", model, usage });
  await add(NOON, "x/1", { input: 10, output: 5, costUsd: 0.25 });
  await add(NOON + 1, "x/1", { input: 20, output: 5, cacheRead: 100, costUsd: 0.5 });
  await add(NOON + 2, "y/2", { input: 1, output: 1 });
  await add(NOON + DAY, "x/1", { input: 7, output: 3, costUsd: 0 });
  const rows = await readUsage(db, { since: NOON });
  expect(rows).toHaveLength(3);
  const first = rows.find((row) => row.day === "2026-01-05" && row.model === "x/1");
  const sums = {
    requests: 2,
    input: 30,
    output: 10,
    cacheRead: 100,
    cacheWrite: 0,
    totalTokens: 140,
    totalCost: 0.75,
    missingCostEntries: 0,
  };
  expect(first?.totals).toEqual(sums);
  expect(rows.find((row) => row.model === "y/2")?.totals).toMatchObject({ totalCost: 0, missingCostEntries: 1 });
  expect(rows.at(-1)).toMatchObject({ day: "2026-01-06", totals: { requests: 1, missingCostEntries: 0 } });
});

it("[K07] keeps to a session and to a time", async () => {
  const { db } = await openStore();
  const usage = { input: 1, output: 1 };
  await insertUsage(db, { at: NOON - DAY, sessionKey: "a", runId: "r", model: "m", usage });
  await insertUsage(db, { at: NOON, sessionKey: "b", runId: "r", model: "m", usage });
  expect((await readUsage(db, { since: NOON })).map((row) => row.day)).toEqual(["2026-01-05"]);
  expect(await readUsage(db, { since: 0, sessionKey: "a" })).toMatchObject([{ day: "2026-01-04" }]);
  expect(await readUsage(db, { since: 0, sessionKey: "nobody" })).toEqual([]);
});

it("adds totals field by field", () => {
  const one = { ...NO_USAGE, requests: 1, input: 2, output: 3, totalTokens: 5, totalCost: 0.5, missingCostEntries: 1 };
  expect(addTotals(one, addTotals(one, NO_USAGE))).toEqual({
    ...{
      requests: 2,
      input: 4,
      output: 6,
      cacheRead: 0,
      cacheWrite: 0,
      totalTokens: 10,
      totalCost: 1,
      missingCostEntries: 2,
    },
  });
});

it("names the local day of a time", () => {
  expect(toDay(new Date(2026, 2, 9, 0, 0, 1).getTime())).toBe("2026-03-09");
  expect(toDay(new Date(2026, 2, 9, 23, 59, 59).getTime())).toBe("2026-03-09");
});
