/** Figures about starting and being idle. The method of each stands above it. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { writeManyMessages } from "../campaign/many-messages.ts";
import { connectWire } from "../campaign/wire.ts";
import { cpuMs, median, memoryMb, nowUs, percentile, type Figure } from "./figures.ts";
import { TurnClient, type Stage } from "./stage.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/**
 * Spawn of the process to the answer to `health` over a WebSocket that was opened when the ready line came; the same
 * state directory each time, after two starts that warm the disk cache. CPU of all threads at that moment.
 */
export async function measureStart(stage: Stage): Promise<Figure[]> {
  const stateDir = stage.makeDir();
  const times: number[] = [];
  const cpus: number[] = [];
  for (let n = 0; n < (stage.isQuick ? 5 : 12); n++) {
    const from = nowUs();
    const gateway = await stage.start({ stateDir });
    const wire = await connectWire(gateway.url);
    await wire.call("health");
    const ms = (nowUs() - from) / 1000;
    const cpu = cpuMs(gateway.pid);
    await wire.close();
    await gateway.stop();
    if (n < 2) continue;
    times.push(ms);
    cpus.push(cpu);
  }
  return [
    { name: "start to first healthy RPC, warm", value: median(times) / 1000, unit: "s", budget: 0.7, bound: "most" },
    { name: "CPU until then", value: median(cpus) / 1000, unit: "s", budget: 0.7, bound: "most" },
  ];
}

/** Resident memory of the process tree, 10 s after one client came, asked for health and left. */
export async function measureIdle(stage: Stage): Promise<Figure[]> {
  const gateway = await stage.start();
  const wire = await connectWire(gateway.url);
  await wire.call("health");
  await wire.close();
  await wait(stage.isQuick ? 2000 : 10_000);
  const value = memoryMb(gateway.pid);
  await gateway.stop();
  return [{ name: "idle memory, process tree", value, unit: "MB", budget: 120, bound: "most" }];
}

/** A connection right after the ready line, then one turn in a new session: send to final, without the model's time. */
export async function measureFirstTurn(stage: Stage): Promise<Figure[]> {
  const own: number[] = [];
  for (let n = 0; n < (stage.isQuick ? 3 : 7); n++) {
    const gateway = await stage.start();
    const client = await TurnClient.connect(gateway.url);
    own.push((await client.turn("first")).ownUs);
    await client.wire.close();
    await gateway.stop();
  }
  return [{ name: "first turn after a start", value: median(own) / 1e6, unit: "s", budget: 0.1, bound: "most" }];
}

/** Spawn to the ready line over a state directory with 100,000 messages in 500 sessions; p95 of five is the slowest. */
export async function measureLongPast(stage: Stage): Promise<Figure[]> {
  const stateDir = stage.makeDir();
  const count = stage.isQuick ? 20_000 : 100_000;
  await writeManyMessages(stateDir, count);
  const times: number[] = [];
  for (let n = 0; n < (stage.isQuick ? 3 : 5); n++) {
    const gateway = await stage.start({ stateDir });
    times.push(gateway.readyMs);
    await gateway.stop();
  }
  const name = `start with ${count.toLocaleString("en")} messages, p95`;
  return [{ name, value: percentile(times, 0.95) / 1000, unit: "s", budget: 2, bound: "most" }];
}

/** Bytes of the request that the model got for "hello" in a new session: all tools, then a model of 4,096 tokens. */
export async function measureHello(stage: Stage): Promise<Figure[]> {
  const ask = async (config: Record<string, unknown>) => {
    const gateway = await stage.start({ config });
    const client = await TurnClient.connect(gateway.url);
    await client.turn("new", "hello");
    await client.wire.close();
    await gateway.stop();
    const { lastBytes } = (await (await fetch(`${stage.modelUrl}/last`)).json()) as { lastBytes: number };
    return lastBytes;
  };
  const provider = { kind: "openai", baseUrl: `${stage.modelUrl}/v1`, models: [{ id: "test", contextWindow: 4096 }] };
  const small = { llm: { model: "fake/test", providers: { fake: provider } } };
  return [
    { name: 'request for a bare "hello", all tools', value: await ask({}), unit: "bytes", budget: 8000, bound: "most" },
    {
      name: 'request for a bare "hello", small model',
      value: await ask(small),
      unit: "bytes",
      budget: 3000,
      bound: "most",
    },
  ];
}

/** Files and bytes of out/ and of the native modules that stay outside the bundle, with what they load at run time. */
export async function measureDisk(): Promise<Figure[]> {
  const folders = [
    "out",
    "node_modules/better-sqlite3/build/Release",
    "node_modules/better-sqlite3/lib",
    "node_modules/keytar",
  ];
  let [files, bytes] = [0, 0];
  for (const folder of folders) {
    if (!existsSync(join(ROOT, folder))) continue;
    const found = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
    for (const entry of found.filter((one) => one.isFile())) {
      files += 1;
      bytes += statSync(join(entry.parentPath, entry.name)).size;
    }
  }
  return [
    { name: "loose files of the runtime, without Electron", value: files, unit: "files", budget: 1500, bound: "most" },
    { name: "disk of the runtime, without Electron", value: bytes / 1e6, unit: "MB", budget: 250, bound: "most" },
  ];
}
