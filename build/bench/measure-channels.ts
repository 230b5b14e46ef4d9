/** Figures about chat platforms: a message to its reply, and a steady load over four of them. Fakes in this process. */
import { setTimeout as wait } from "node:timers/promises";
import type { FakePlatform } from "../../test/fakes/channel-platform.ts";
import { startFakeDiscord } from "../../test/fakes/discord-platform.ts";
import { startSignalPlatform } from "../../test/fakes/signal-platform.ts";
import { startSlackPlatform } from "../../test/fakes/slack-platform.ts";
import { SLACK_REDELIVERY_MS } from "../../test/fakes/slack-socket.ts";
import { startTelegram, type FakeTelegram } from "../../test/fakes/telegram-platform.ts";
import { connectWire } from "../campaign/wire.ts";
import { memoryMb, nowUs, percentile, type Figure } from "./figures.ts";
import type { Stage } from "./stage.ts";

const RULES = { dmPolicy: "open", rateLimit: { perMinute: 1_000_000, burst: 1_000_000 }, queue: { mode: "queue" } };
const WARM = 40;
const PER_SECOND = 100;

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

/** The moment of each message that the fake is given, as it is given; nothing spins beside the gateway meanwhile. */
function watchSent({ api }: FakeTelegram): { next(): Promise<number> } {
  const moments: number[] = [];
  let wake: () => void = () => {};
  let seen = 0;
  api.sent.push = (...messages) => {
    moments.push(nowUs());
    wake();
    return Array.prototype.push.apply(api.sent, messages);
  };
  return {
    async next() {
      while (moments.length <= seen) await new Promise<void>((resolve) => (wake = resolve));
      return moments[seen++] ?? 0;
    },
  };
}

/**
 * One message after another on Telegram, polled, a moment apart: the fake's delivery to its receiving the call that sends the answer,
 * without the time that the model says it took.
 */
export async function measureChannelReply(stage: Stage): Promise<Figure[]> {
  const platform = await startTelegram();
  const { gateway, wire } = await startOn(stage, { telegram: platform });
  const times: number[] = [];
  const sent = watchSent(platform);
  for (let n = 0; n < WARM + (stage.isQuick ? 60 : 300); n++) {
    const fromUs = nowUs();
    await platform.write({ text: `hello ${n}`, from: n % 2 === 0 ? platform.ann : platform.bob });
    const ownUs = (await sent.next()) - fromUs;
    const text = platform.sent()[n]?.text ?? "";
    const stamp = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(text)?.[1]);
    if (n >= WARM) times.push((ownUs - (stamp("ended") - stamp("asked"))) / 1000);
    // So that the channel polls again: the next message is not to wait for the acknowledgement of this one.
    await wait(20);
  }
  await wire.close();
  await gateway.stop();
  const name = "inbound message to outbound call";
  return [
    { name: `${name}, p50`, value: percentile(times, 0.5), unit: "ms", budget: 10, bound: "most" },
    { name: `${name}, p95`, value: percentile(times, 0.95), unit: "ms", budget: 10, bound: "most" },
  ];
}

/**
 * A hundred messages a second over four platforms for a minute. The main thread's delay is the gateway's own reading,
 * the worst of two a second; memory after ten seconds against the end; every message must be answered.
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
  let worst = 0;
  const watch = setInterval(() => {
    void wire.call<{ eventLoop: Record<string, number> }>("status").then(
      ({ eventLoop }) => {
        worst = Math.max(worst, eventLoop["delayP99Ms"] ?? 0);
      },
      () => {},
    );
  }, 500);
  const seconds = stage.isQuick ? 15 : 60;
  let early = 0;
  const from = performance.now();
  const total = seconds * PER_SECOND;
  for (let n = 0; n < total; n++) {
    const platform = all[n % all.length] as FakePlatform;
    await platform.write({ text: `hello ${n}`, from: n % 8 < 4 ? platform.ann : platform.bob });
    if (n === 10 * PER_SECOND) early = memoryMb(gateway.pid);
    const ahead = from + ((n + 1) * 1000) / PER_SECOND - performance.now();
    if (ahead > 1) await wait(ahead);
  }
  const sentMs = performance.now() - from;
  const answered = () => all.reduce((sum, platform) => sum + platform.sent().length, 0);
  for (let tries = 0; tries < 600 && answered() < total; tries++) await wait(50);
  const late = memoryMb(gateway.pid);
  clearInterval(watch);
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
