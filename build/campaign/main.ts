/**
 * `npm run campaign`: what takes too long for the suites. `kill [--cycles N] [--seed S]`, `past [--messages N]`,
 * `approvals [--races N] [--cases N] [--seed S]`, `policy`, `channels [--kills N]`; without a word, all. Ends with 1 when anything was lost, ran
 * that must not, or took too long.
 */
import { parseArgs } from "node:util";
import { fakeModelConfig, makeStateDir, startGatewayProcess } from "./gateway-process.ts";
import { runDrifts, runRaces } from "./approvals.ts";
import { runChannelsCampaign } from "./channels.ts";
import { runKillCampaign } from "./kill.ts";
import { writeManyMessages } from "./many-messages.ts";
import { runPolicy } from "./policy.ts";

const START_LIMIT_MS = 2000;

/** Starts over a long past. The slowest of five counts as the 95th percentile. */
async function runLongPast(messages: number): Promise<boolean> {
  const state = makeStateDir(fakeModelConfig("http://127.0.0.1:9/v1"));
  try {
    const bytes = await writeManyMessages(state.dir, messages);
    const times: number[] = [];
    for (let n = 0; n < 5; n++) {
      const gateway = await startGatewayProcess({ stateDir: state.dir });
      times.push(Math.round(gateway.readyMs));
      await gateway.stop();
    }
    console.log(JSON.stringify({ messages, megabytes: Math.round(bytes / 1e6), readyMs: times }));
    return Math.max(...times) <= START_LIMIT_MS;
  } finally {
    state.remove();
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ cycles: { type: "string" }, seed: { type: "string" }, messages: { type: "string" } },
      ...{ races: { type: "string" }, cases: { type: "string" }, kills: { type: "string" } },
    },
  });
  const wanted = positionals.length === 0 ? ["kill", "past", "approvals", "policy", "channels"] : positionals;
  const seed = Number(values.seed ?? 20_260_101);
  let isGood = true;
  if (wanted.includes("approvals")) {
    const races = await runRaces({ races: Number(values.races ?? 1000), answers: 100, seed });
    console.log(JSON.stringify(races));
    const drifts = await runDrifts({ cases: Number(values.cases ?? 10_000), seed });
    console.log(JSON.stringify(drifts, undefined, 2));
    isGood = races.faults.length + drifts.faults.length === 0;
  }
  if (wanted.includes("policy")) {
    const report = runPolicy();
    console.log(JSON.stringify(report));
    isGood = report.faults.length === 0 && isGood;
  }
  if (wanted.includes("channels")) {
    const report = await runChannelsCampaign({ messages: 1000, kills: Number(values.kills ?? 20), seed });
    console.log(JSON.stringify(report, undefined, 2));
    isGood = report.faults.length === 0 && isGood;
  }
  if (wanted.includes("kill")) {
    const report = await runKillCampaign({ cycles: Number(values.cycles ?? 50), seed });
    console.log(JSON.stringify(report, undefined, 2));
    isGood = report.faults.length === 0 && isGood;
  }
  if (wanted.includes("past")) isGood = (await runLongPast(Number(values.messages ?? 100_000))) && isGood;
  return isGood ? 0 : 1;
}

process.exitCode = await main();
