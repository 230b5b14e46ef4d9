/**
 * `npm run campaign`: what takes too long for the suites. `kill [--cycles N] [--seed S]`, `past [--messages N]`; without
 * a word, both. Ends with 1 when anything was lost or a start took too long.
 */
import { parseArgs } from "node:util";
import { fakeModelConfig, makeStateDir, startGatewayProcess } from "./gateway-process.ts";
import { runKillCampaign } from "./kill.ts";
import { writeManyMessages } from "./many-messages.ts";

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
    options: { cycles: { type: "string" }, seed: { type: "string" }, messages: { type: "string" } },
  });
  const wanted = positionals.length === 0 ? ["kill", "past"] : positionals;
  let isGood = true;
  if (wanted.includes("kill")) {
    const seed = Number(values.seed ?? 20_260_101);
    const report = await runKillCampaign({ cycles: Number(values.cycles ?? 50), seed });
    console.log(JSON.stringify(report, undefined, 2));
    isGood = report.faults.length === 0;
  }
  if (wanted.includes("past")) isGood = (await runLongPast(Number(values.messages ?? 100_000))) && isGood;
  return isGood ? 0 : 1;
}

process.exitCode = await main();
