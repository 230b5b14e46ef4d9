/** Figures about a gateway at work. The method of each stands above it. Clients are bare WebSockets. */
import { setTimeout as wait } from "node:timers/promises";
import { createDevice, toProof } from "../../test/fakes/device.ts";
import type { ConnectParams } from "#main/protocol/frames.ts";
import { connectWire, toConnectParams } from "../campaign/wire.ts";
import { cpuMs, memoryMb, nowUs, percentile, type Figure } from "./figures.ts";
import { TurnClient, type Stage, type Turn } from "./stage.ts";

/** `health`, one request after another: send to the parsed answer, after 500 that warm up. */
export async function measureHealth(stage: Stage): Promise<Figure[]> {
  const gateway = await stage.start();
  const wire = await connectWire(gateway.url);
  const ask = async () => {
    const from = nowUs();
    await wire.call("health");
    return (nowUs() - from) / 1000;
  };
  for (let n = 0; n < 500; n++) await ask();
  const times: number[] = [];
  for (let n = 0; n < (stage.isQuick ? 1000 : 5000); n++) times.push(await ask());
  const perSecond = await countWindowed(gateway.url, stage.isQuick ? 20_000 : 100_000);
  await wire.close();
  await gateway.stop();
  return [
    { name: "health, p50", value: percentile(times, 0.5), unit: "ms", budget: 0.12, bound: "most" },
    { name: "health, p95", value: percentile(times, 0.95), unit: "ms", budget: 0.25, bound: "most" },
    { name: "health, window of 64", value: perSecond, unit: "per s", budget: 30_000, bound: "least" },
  ];
}

/** 64 requests are always under way; the answers are matched by id, and counted over the whole run. */
async function countWindowed(url: string, total: number): Promise<number> {
  const wire = await connectWire(url);
  let [sent, done] = [0, 0];
  const from = nowUs();
  await new Promise<void>((resolve, reject) => {
    const next = () => {
      sent += 1;
      wire.send("health", {}, (ok, payload) => {
        done += 1;
        if (!ok) reject(new Error(JSON.stringify(payload)));
        else if (done === total) resolve();
        else if (sent < total) next();
      });
    };
    for (let n = 0; n < 64; n++) next();
  });
  const seconds = (nowUs() - from) / 1e6;
  await wire.close();
  return total / seconds;
}

/**
 * Turns one after another, twenty to a session, after forty that warm up. Own time: the client's send to its final event
 * minus what the model says it took. First text: the model's stamp in its first words against the client's first text
 * event, both on the machine's monotonic clock. CPU: of all threads of the gateway, over all these turns.
 */
export async function measureTurns(stage: Stage): Promise<Figure[]> {
  const gateway = await stage.start();
  const client = await TurnClient.connect(gateway.url);
  for (let n = 0; n < 40; n++) await client.turn(`warm-${n % 4}`);
  const cpuBefore = cpuMs(gateway.pid);
  const turns: Turn[] = [];
  const count = stage.isQuick ? 100 : 400;
  for (let n = 0; n < count; n++) turns.push(await client.turn(`turns-${Math.floor(n / 20)}`));
  const cpu = (cpuMs(gateway.pid) - cpuBefore) / count;
  await client.wire.close();
  await gateway.stop();
  const [own, first] = [turns.map((turn) => turn.ownUs / 1000), turns.map((turn) => turn.firstTextUs / 1000)];
  return [
    { name: "gateway's own time in a turn, p50", value: percentile(own, 0.5), unit: "ms", budget: 5, bound: "most" },
    { name: "gateway's own time in a turn, p95", value: percentile(own, 0.95), unit: "ms", budget: 15, bound: "most" },
    { name: "CPU per turn", value: cpu, unit: "ms", budget: 5, bound: "most" },
    {
      name: "model's first chunk to first text event, p50",
      value: percentile(first, 0.5),
      unit: "ms",
      budget: 1,
      bound: "most",
    },
    {
      name: "model's first chunk to first text event, p95",
      value: percentile(first, 0.95),
      unit: "ms",
      budget: 3,
      bound: "most",
    },
  ];
}

/**
 * 32 sessions at once over one connection, each sending its next message when its answer is there. The main thread's
 * delay is what the gateway itself measured, the worst of readings taken twice a second under that load.
 */
export async function measureThroughput(stage: Stage): Promise<Figure[]> {
  const gateway = await stage.start();
  const client = await TurnClient.connect(gateway.url);
  const perSession = stage.isQuick ? 15 : 60;
  const load = async (round: string, turns: number) => {
    const sessions = Array.from({ length: 32 }, async (_, at) => {
      for (let n = 0; n < turns; n++) await client.turn(`load-${round}-${at}-${Math.floor(n / 20)}`);
    });
    await Promise.all(sessions);
  };
  await load("warm", 3);
  let worst = 0;
  const watch = setInterval(() => {
    void client.wire.call<{ eventLoop: Record<string, number> }>("status").then(
      ({ eventLoop }) => {
        worst = Math.max(worst, eventLoop["delayP99Ms"] ?? eventLoop["p99Ms"] ?? 0);
      },
      () => {},
    );
  }, 500);
  const from = nowUs();
  await load("timed", perSession);
  const seconds = (nowUs() - from) / 1e6;
  clearInterval(watch);
  await client.wire.close();
  await gateway.stop();
  return [
    {
      name: "turns per second, 32 sessions",
      value: (32 * perSession) / seconds,
      unit: "per s",
      budget: 300,
      bound: "least",
    },
    { name: "main thread's delay under that load, p99", value: worst, unit: "ms", budget: 20, bound: "most" },
  ];
}

/**
 * Connections with a signature each, sixteen under way, by twenty devices that are paired before the clock starts: TCP,
 * upgrade, challenge, signature, hello-ok, close. The client's own signing is in it.
 */
export async function measureConnects(stage: Stage): Promise<Figure[]> {
  const gateway = await stage.start();
  const devices = Array.from({ length: 20 }, () => createDevice());
  const connect = async (at: number) => {
    const device = devices[at % devices.length];
    if (device === undefined) return;
    const wire = await connectWire(gateway.url, {
      params(nonce) {
        const client = { id: "gatehouse-desktop", version: "0", platform: process.platform, mode: "ui" };
        const params = { ...toConnectParams(), client, scopes: ["operator.read", "operator.write"] };
        return { ...params, device: toProof(device, params as unknown as ConnectParams, nonce) };
      },
    });
    await wire.close();
  };
  for (let n = 0; n < devices.length; n++) await connect(n);
  const total = stage.isQuick ? 300 : 1500;
  let next = 0;
  const from = nowUs();
  const lanes = Array.from({ length: 16 }, async () => {
    while (next < total) await connect(next++);
  });
  await Promise.all(lanes);
  const perSecond = total / ((nowUs() - from) / 1e6);
  await gateway.stop();
  return [{ name: "connects with a device signature", value: perSecond, unit: "per s", budget: 500, bound: "least" }];
}

/** Resident memory after 200 turns and after 2,000, in 25 sessions, three seconds after the last one each. */
export async function measureGrowth(stage: Stage): Promise<Figure[]> {
  const gateway = await stage.start();
  const client = await TurnClient.connect(gateway.url);
  const run = async (from: number, to: number) => {
    for (let n = from; n < to; n += 25) {
      await Promise.all(Array.from({ length: 25 }, (_, at) => client.turn(`grow-${at}`)));
    }
    await wait(3000);
    return memoryMb(gateway.pid);
  };
  const early = await run(0, 200);
  const late = await run(200, stage.isQuick ? 800 : 2000);
  await client.wire.close();
  await gateway.stop();
  const name = `memory growth, 200 to ${stage.isQuick ? 800 : 2000} turns`;
  return [{ name, value: (late / early - 1) * 100, unit: `% of ${Math.round(early)} MB`, budget: 5, bound: "most" }];
}
