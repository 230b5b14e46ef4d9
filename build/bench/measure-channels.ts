/** Figures about chat platforms: a message to its reply, and a steady load over four of them. Fakes in this process. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { DisposableStore } from "#main/base/disposable.ts";
import type { FakePlatform } from "../../test/fakes/channel-platform.ts";
import { startFakeDiscord } from "../../test/fakes/discord-platform.ts";
import { startSignalPlatform } from "../../test/fakes/signal-platform.ts";
import { startSlackPlatform } from "../../test/fakes/slack-platform.ts";
import { SLACK_REDELIVERY_MS } from "../../test/fakes/slack-socket.ts";
import { startTelegram } from "../../test/fakes/telegram-platform.ts";
import { connectWire, type Wire } from "../campaign/wire.ts";
import { median, memoryMb, nowUs, percentile, type Figure } from "./figures.ts";
import type { Stage } from "./stage.ts";

const RULES = { dmPolicy: "open", rateLimit: { perMinute: 1_000_000, burst: 1_000_000 }, queue: { mode: "queue" } };
const WARM = 40;
const PER_SECOND = 100;
/** A thousand readings of the main thread's delay. */
const SHORTEST_STRETCH_MS = 10_000;

async function startOn(stage: Stage, platforms: Readonly<Record<string, FakePlatform>>) {
  for (const platform of Object.values(platforms)) stage.store.defer(() => platform.close());
  const channels = Object.fromEntries(
    Object.entries(platforms).map(([id, { settings }]) => [id, { ...settings, ...RULES }]),
  );
  const gateway = await stage.start({ config: { channels } });
  const wire = await connectWire(gateway.url);
  for (let isUp = false; !isUp; await wait(10)) {
    const status = await wire.call<{ channels: Record<string, { state: string }> }>("channels.status");
    isUp = Object.keys(platforms).every((id) => status.channels[id]?.state === "connected");
  }
  return { gateway, wire };
}

/** The moment at which each call that sends a message reaches the fake: its head, before its body is read. */
function watchCalls(store: DisposableStore): { next(): Promise<number> } {
  const moments: number[] = [];
  let wake: () => void = () => {};
  let seen = 0;
  const onRequest = (message: unknown) => {
    const { request } = message as { request: IncomingMessage };
    if (request.url?.endsWith("/sendMessage") !== true) return;
    moments.push(nowUs());
    wake();
  };
  // nodejs.org, "diagnostics_channel": told when a server of this process has read the head of a request.
  subscribe("http.server.request.start", onRequest);
  store.defer(() => void unsubscribe("http.server.request.start", onRequest));
  return {
    async next() {
      while (moments.length <= seen) await new Promise<void>((resolve) => (wake = resolve));
      return moments[seen++] ?? 0;
    },
  };
}

/**
 * One message after another on Telegram, polled, a moment apart: the fake's delivery to the first byte of the call that
 * sends the answer, without the time that the model says it took.
 */
export async function measureChannelReply(stage: Stage): Promise<Figure[]> {
  const platform = await startTelegram();
  const { gateway, wire } = await startOn(stage, { telegram: platform });
  // No window looks on, as most of the time when people write from their phones.
  await wire.close();
  const times: number[] = [];
  const calls = watchCalls(stage.store);
  for (let n = 0; n < WARM + (stage.isQuick ? 60 : 300); n++) {
    const fromUs = nowUs();
    await platform.write({ text: `hello ${n}`, from: n % 2 === 0 ? platform.ann : platform.bob });
    const ownUs = (await calls.next()) - fromUs;
    // So that the channel polls again: the next message is not to wait for the acknowledgement of this one.
    do await wait(20);
    while (platform.sent().length <= n);
    const text = platform.sent()[n]?.text ?? "";
    const stamp = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(text)?.[1]);
    if (n >= WARM) times.push((ownUs - (stamp("ended") - stamp("asked"))) / 1000);
  }
  await gateway.stop();
  const name = "inbound message to first outbound byte";
  return [
    { name: `${name}, p50`, value: percentile(times, 0.5), unit: "ms", budget: 10, bound: "most" },
    { name: `${name}, p95`, value: percentile(times, 0.95), unit: "ms", budget: 10, bound: "most" },
  ];
}

/**
 * The main thread's delay as the gateway itself measures it. It begins anew with each tick, and a 99th percentile of the
 * few readings right after that is only their worst: so what counts is how each stretch stood at its end.
 */
function watchDelay(wire: Wire) {
  let last = 0;
  let since = performance.now();
  let stretches: number[] = [];
  let onTick = () => {};
  wire.onEvent((event) => {
    if (event !== "tick") return;
    stretches.push(last);
    since = performance.now();
    onTick();
  });
  const read = async () => {
    const { eventLoop } = await wire.call<{ eventLoop: { delayP99Ms: number } }>("status");
    last = eventLoop.delayP99Ms;
  };
  const watch = setInterval(() => void read().catch(() => {}), 500);
  return {
    /** From the next tick on, so that nothing of the start is in it. */
    begin: () =>
      new Promise<void>((resolve) => {
        onTick = () => {
          stretches = [];
          onTick = () => {};
          resolve();
        };
      }),
    /** @returns the worst stretch, milliseconds */
    async end(): Promise<number> {
      clearInterval(watch);
      await read();
      return Math.max(...stretches, ...(performance.now() - since > SHORTEST_STRETCH_MS ? [last] : []));
    },
  };
}

/**
 * A hundred messages a second over four platforms for a minute; memory in the second ten seconds against the last ten, each
 * the median of a reading a second, since one reading moves with every collection; every message must be answered.
 */
export async function measureChannelLoad(stage: Stage): Promise<Figure[]> {
  const platforms = {
    telegram: await startTelegram(),
    discord: await startFakeDiscord(),
    slack: await startSlackPlatform({ redeliveryMs: SLACK_REDELIVERY_MS }),
    signal: await startSignalPlatform("jsonrpc"),
  };
  const all = Object.values(platforms);
  const { gateway, wire } = await startOn(stage, platforms);
  const delay = watchDelay(wire);
  if (!stage.isQuick) await delay.begin();
  const seconds = stage.isQuick ? 15 : 60;
  const memory: number[] = [];
  const scale = setInterval(() => memory.push(memoryMb(gateway.pid)), 1000);
  const from = performance.now();
  const total = seconds * PER_SECOND;
  for (let n = 0; n < total; n++) {
    const platform = all[n % all.length] as FakePlatform;
    await platform.write({ text: `hello ${n}`, from: n % 8 < 4 ? platform.ann : platform.bob });
    const ahead = from + ((n + 1) * 1000) / PER_SECOND - performance.now();
    if (ahead > 1) await wait(ahead);
  }
  const sentMs = performance.now() - from;
  clearInterval(scale);
  const worst = await delay.end();
  const answered = () => all.reduce((sum, platform) => sum + platform.sent().length, 0);
  for (let tries = 0; tries < 600 && answered() < total; tries++) await wait(50);
  const [early, late] = [median(memory.slice(10, 20)), median(memory.slice(-10))];
  await wire.close();
  await gateway.stop();
  return [
    {
      name: "messages a second over four platforms",
      value: total / (sentMs / 1000),
      unit: "per s",
      budget: 95,
      bound: "least",
    },
    { name: "answered of them", value: (answered() / total) * 100, unit: "%", budget: 100, bound: "least" },
    {
      name: "main thread's delay under that load, p99 (channels)",
      value: worst,
      unit: "ms",
      budget: 20,
      bound: "most",
    },
    {
      name: "memory growth under that load",
      value: (late / early - 1) * 100,
      unit: `% of ${Math.round(early)} MB`,
      budget: 5,
      bound: "most",
    },
  ];
}
