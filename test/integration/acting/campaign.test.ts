/** The short form of the campaigns of approvals; `npm run campaign approvals` runs the long one. */
import { expect, it } from "vitest";
import { runDrifts, runRaces } from "../../../build/campaign/approvals.ts";

it("[AP-20] lets exactly one of a hundred answers count, fifty times", { timeout: 60_000 }, async () => {
  const report = await runRaces({ races: 50, answers: 100, seed: 20_260_101 });
  expect(report.faults).toEqual([]);
});

it(
  "[AP-01] [AP-02] [AP-03] [AP-04] [AP-05] [AP-06] [AP-19] runs none of 300 plans whose ground changed after the question",
  { timeout: 60_000 },
  async () => {
    const report = await runDrifts({ cases: 300, seed: 20_260_101 });
    expect(report.faults).toEqual([]);
    expect(Object.keys(report.byDrift).length).toBeGreaterThanOrEqual(15);
    // Those that nobody touched ran: the guard does not simply refuse.
    expect(report.unchanged).toBeGreaterThan(5);
  },
);
