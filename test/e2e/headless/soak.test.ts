/** Some hundred turns on the built gateway: what it holds at the end is what it held after the first hundred. */
import { readdirSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { memoryMb } from "../../../build/bench/figures.ts";
import { openStage, TurnClient } from "../../../build/bench/stage.ts";

it.skipIf(process.platform !== "linux")(
  "keeps memory and open files in bounds over many turns and connections",
  async () => {
    const stage = await openStage({ isQuick: true, nodeArgs: [] });
    onTestFinished(() => stage.store.dispose());
    const gateway = await stage.start();
    const client = await TurnClient.connect(gateway.url);
    const openFiles = () => readdirSync(`/proc/${gateway.pid}/fd`).length;
    const run = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        await Promise.all(Array.from({ length: 20 }, (_, at) => client.turn(`soak-${at}`)));
        const passing = await TurnClient.connect(gateway.url);
        await passing.wire.call("health");
        await passing.wire.close();
      }
    };
    await run(8);
    const before = { memory: memoryMb(gateway.pid), files: openFiles() };
    await run(32);
    const after = { memory: memoryMb(gateway.pid), files: openFiles() };
    console.log(`soak: ${JSON.stringify({ before, after })}`);
    // Connections to the model come and go with its pool; one kept per passing client would be 32.
    expect(after.files).toBeLessThanOrEqual(before.files + 20);
    // The bench measures growth exactly, over 2,000 turns; this finds what is kept for every turn.
    expect(after.memory).toBeLessThan(before.memory * 1.4);
  },
);
