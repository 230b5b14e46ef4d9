/** The short form of the campaign of channels; `npm run campaign channels` runs a thousand messages and twenty kills. */
import { expect, it } from "vitest";
import { runChannelsCampaign } from "../../../build/campaign/channels.ts";

it("[G19] [CH-10] [CH-12] [CH-13] [CH-14] [CH-16] [CH-17] loses, doubles and mixes up nothing, whatever platforms and kills do", async () => {
  const report = await runChannelsCampaign({ messages: 120, kills: 3, seed: 20_260_101 });
  console.log(`channels: ${JSON.stringify({ ...report, faults: report.faults.length })}`);
  expect(report.faults).toEqual([]);
  // It went wrong often enough to show something.
  expect(Object.keys(report.injected).toSorted()).toEqual(["answer-lost", "duplicate", "rate-limit", "server-error"]);
});
