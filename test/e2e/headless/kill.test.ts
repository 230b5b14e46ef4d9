/** The short form of the campaign of kills; `npm run campaign` runs the long one. */
import { expect, it } from "vitest";
import { runKillCampaign } from "../../../build/campaign/kill.ts";

const SEED = 20_260_101;

it("[ST-01] [I12] loses, doubles and forgets nothing when it is killed in the middle of turns, tools included", async () => {
  const report = await runKillCampaign({ cycles: 12, seed: SEED });
  console.log(`kills: ${JSON.stringify({ ...report, faults: report.faults.length })}`);
  expect(report.faults).toEqual([]);
  expect(report.acknowledged).toBe(report.messages);
  // It cut something, or it showed nothing.
  expect(report.turnsCut).toBeGreaterThan(2);
  expect(report.readyMs.max).toBeLessThan(3000);
});
