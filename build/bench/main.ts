/**
 * `npm run bench`: measures the built gateway as a process against the budgets of the design, §7. Prints one JSON object,
 * then a table. `--quick`: fewer rounds. `--only NAME`: one measurement. `--profile DIR`: CPU profiles of the gateways.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { isMet, round, toTable, type Figure } from "./figures.ts";
import { measureGuard } from "./measure-acting.ts";
import { measureChannelLoad, measureChannelReply } from "./measure-channels.ts";
import { measureConnects, measureGrowth, measureHealth, measureThroughput, measureTurns } from "./measure-load.ts";
import {
  measureDisk,
  measureFirstTurn,
  measureHello,
  measureIdle,
  measureLongPast,
  measureStart,
} from "./measure-start.ts";
import { openStage, type Stage } from "./stage.ts";

const MEASUREMENTS: Readonly<Record<string, (stage: Stage) => Promise<Figure[]>>> = {
  start: measureStart,
  idle: measureIdle,
  health: measureHealth,
  turns: measureTurns,
  "first-turn": measureFirstTurn,
  throughput: measureThroughput,
  connects: measureConnects,
  growth: measureGrowth,
  hello: measureHello,
  guard: measureGuard,
  reply: measureChannelReply,
  channels: measureChannelLoad,
  past: measureLongPast,
  disk: measureDisk,
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { quick: { type: "boolean" }, only: { type: "string" }, profile: { type: "string" } },
  });
  const names = values.only === undefined ? Object.keys(MEASUREMENTS) : values.only.split(",");
  const unknown = names.find((name) => MEASUREMENTS[name] === undefined);
  if (unknown !== undefined) {
    console.error(`there is no measurement ${unknown}; there are ${Object.keys(MEASUREMENTS).join(", ")}`);
    return 2;
  }
  if (process.platform !== "linux") {
    console.error("the bench reads /proc, so it runs on Linux only");
    return 2;
  }
  const nodeArgs = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];
  const stage = await openStage({ isQuick: values.quick === true, nodeArgs });
  const figures: Figure[] = [];
  try {
    for (const name of names) {
      console.error(`measuring ${name} …`);
      try {
        figures.push(...((await MEASUREMENTS[name]?.(stage)) ?? []));
      } catch (error) {
        // One that fails does not take the others with it, but it is no success.
        process.exitCode = 1;
        console.error(`${name} could not be measured: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await stage.store.dispose();
  }
  const rows = figures.map((figure) => ({ ...figure, value: round(figure.value), met: isMet(figure) }));
  console.log(
    JSON.stringify({ node: process.versions.node, load: loadavg()[0], quick: values.quick === true, figures: rows }),
  );
  console.log(`\n${toTable(figures)}`);
  return Number(process.exitCode ?? 0);
}

process.exitCode = await main();
