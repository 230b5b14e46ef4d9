/**
 * Messages of two platforms through the built gateway while everything goes wrong: duplicates, 429, 5xx, answers that
 * are lost, slow answers, and kills. Counts what is lost, doubled, sent too early or out of order: none may be.
 * `node build/campaign/channels.ts [--messages N] [--kills N] [--seed S]`. The suite runs a short one.
 */
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { FakePlatform, PlatformFault } from "../../test/fakes/channel-platform.ts";
import { startFakeDiscord } from "../../test/fakes/discord-platform.ts";
import { startTelegram } from "../../test/fakes/telegram-platform.ts";
import { startEchoModel, toAnswer } from "./echo-model.ts";
import { fakeModelConfig, makeStateDir, startGatewayProcess, type GatewayProcess } from "./gateway-process.ts";
import { createRandom } from "./random.ts";
import { connectWire } from "./wire.ts";

export interface ChannelsReport {
  seed: number;
  messages: number;
  kills: number;
  answered: number;
  /** Whose answer the platform may or may not have: shown to the owner, not repeated. */
  maybeSent: number;
  injected: Record<string, number>;
  /** What must be empty. */
  faults: string[];
}

interface Written {
  n: number;
  sender: string;
}

interface Place {
  written: Written[];
  channel: string;
  platform: FakePlatform;
  /** The platform drops a second message with the same key. */
  isKeyed: boolean;
  /** Calls that it had seen when the last fault was given to it. */
  callsAtFault: number;
}

interface OutboxItem {
  state: string;
  text: string;
  error?: string;
}

const GREETING = "good morning";
const SLOWEST_ANSWER_MS = 60;
/** Seconds that the platform asks for with a 429. */
const RETRY_AFTER_S = 1;

export async function runChannelsCampaign(options: {
  messages: number;
  kills: number;
  seed: number;
}): Promise<ChannelsReport> {
  const random = createRandom(options.seed);
  const model = await startEchoModel(random, SLOWEST_ANSWER_MS);
  const places: Place[] = [
    { channel: "telegram", platform: await startTelegram(), isKeyed: false, written: [], callsAtFault: 0 },
    { channel: "discord", platform: await startFakeDiscord(), isKeyed: true, written: [], callsAtFault: 0 },
  ];
  // Each message is a run of its own: what is counted is one answer per message.
  const rules = { dmPolicy: "open", rateLimit: { perMinute: 100_000, burst: 100_000 }, queue: { mode: "queue" } };
  const channels = Object.fromEntries(
    places.map(({ channel, platform }) => [channel, { ...platform.settings, ...rules }]),
  );
  const state = makeStateDir(fakeModelConfig(model.baseUrl, { channels, sessions: { reset: { daily: "never" } } }));
  const injected: Record<string, number> = {};
  const count = (name: string) => {
    injected[name] = (injected[name] ?? 0) + 1;
  };
  let gateway: GatewayProcess | undefined;
  try {
    gateway = await startGatewayProcess({ stateDir: state.dir });
    await greet(gateway, places);
    const killEvery = Math.ceil(options.messages / (options.kills + 1));
    for (let n = 0; n < options.messages; n++) {
      const place = places[n % places.length] as Place;
      const from = random() < 0.5 ? place.platform.ann : place.platform.bob;
      place.written.push({ n, sender: from.id });
      await place.platform.write({ text: toText(place, from.id, n), from });
      // A fake brings the last one again before what it still holds; platforms do so only with what they delivered.
      if (random() < 0.1 && (await isAnswered(place, from.id, n))) {
        count("duplicate");
        await place.platform.repeatLast();
      }
      const fault = toFault(random());
      // One after the other: while nothing is sent they would pile up, and meet a single message until it is given up.
      if (fault && place.platform.sendCalls > place.callsAtFault) {
        place.callsAtFault = place.platform.sendCalls;
        count(fault.is);
        place.platform.fail(fault);
      }
      await wait(random() * 6);
      if ((n + 1) % killEvery === 0 && n + 1 < options.messages) {
        await gateway.kill();
        gateway = await startGatewayProcess({ stateDir: state.dir });
      }
    }
    const items = await settle(gateway, places, options.messages);
    return judge(options, places, items, injected);
  } finally {
    await gateway?.stop();
    for (const { platform } of places) await platform.close();
    await model.close();
    state.remove();
  }
}

/** Everybody is answered once before it begins: a bot on Discord can only look up what it missed in chats it knows. */
async function greet(gateway: GatewayProcess, places: readonly Place[]): Promise<void> {
  const wire = await connectWire(gateway.url);
  for (let isUp = false; !isUp; await wait(10)) {
    const { channels } = await wire.call<{ channels: Record<string, { state: string }> }>("channels.status");
    isUp = places.every(({ channel }) => channels[channel]?.state === "connected");
  }
  await wire.close();
  for (const { platform } of places) {
    for (const from of [platform.ann, platform.bob]) await platform.write({ text: GREETING, from });
  }
  const deadline = performance.now() + 20_000;
  while (places.some(({ platform }) => platform.sent().length < 2)) {
    if (performance.now() > deadline) throw new Error("the first messages were not answered");
    await wait(10);
  }
}

/** Whether the answer came within two seconds. */
async function isAnswered(place: Place, sender: string, n: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    if (place.platform.sent().some(({ text }) => text.includes(toText(place, sender, n)))) return true;
    await wait(10);
  }
  return false;
}

function toText({ channel }: Place, sender: string, n: number): string {
  return `message ${channel} ${sender} number ${String(n).padStart(4, "0")}`;
}

function toFault(dice: number): PlatformFault | undefined {
  if (dice < 0.04) return { is: "rate-limit", seconds: RETRY_AFTER_S };
  if (dice < 0.08) return { is: "server-error" };
  return dice < 0.11 ? { is: "answer-lost" } : undefined;
}

/** Waits until nothing is answered or sent any more. @returns what the outbox says of what was not plainly sent */
async function settle(gateway: GatewayProcess, places: readonly Place[], messages: number): Promise<OutboxItem[]> {
  const wire = await connectWire(gateway.url);
  const deadline = performance.now() + 120_000;
  let calm = 0;
  for (;;) {
    const { runs } = await wire.call<{ runs: { active: number; queued: number } }>("status");
    const { items } = await wire.call<{ items: OutboxItem[] }>("outbox.list", { limit: 500 });
    const open = items.filter(({ state }) => state === "queued" || state === "sending");
    const sent = places.reduce((sum, { platform }) => sum + platform.sent().length, 0);
    const greetings = places.length * 2;
    const isCalm = runs.active + runs.queued + open.length === 0 && sent + items.length >= messages + greetings;
    calm = isCalm ? calm + 1 : 0;
    // A while after the last one: nothing may come on top.
    if (calm > 20 || performance.now() > deadline) {
      await wire.close();
      return items;
    }
    await wait(50);
  }
}

function judge(
  options: { messages: number; kills: number; seed: number },
  places: readonly Place[],
  items: readonly OutboxItem[],
  injected: Record<string, number>,
): ChannelsReport {
  const faults: string[] = [];
  const report: ChannelsReport = { ...options, answered: 0, maybeSent: 0, injected, faults };
  for (const { state, text, error } of items) {
    if (state !== "may-have-been-sent") faults.push(`"${text}" is ${state}: ${error ?? ""}`);
  }
  for (const place of places) {
    const sent = place.platform.sent();
    for (const person of [place.platform.ann, place.platform.bob]) {
      const mine = sent.filter(({ chatId }) => chatId === place.platform.directChat(person));
      const texts = mine.map(({ text }) => text).filter((text) => !text.includes(GREETING));
      judgeChat(report, place, person.id, texts, items);
    }
  }
  return report;
}

/** One chat: every message answered once, or shown as maybe sent; answers in the order of the messages. */
function judgeChat(
  report: ChannelsReport,
  place: Place,
  sender: string,
  texts: readonly string[],
  items: readonly OutboxItem[],
): void {
  const { faults } = report;
  const numberOf = (text: string) => Number(/number (\d+)/.exec(text)?.[1] ?? Number.NaN);
  const counts = Map.groupBy(texts, numberOf);
  for (const [n, again] of counts) {
    if (Number.isNaN(n)) faults.push(`${place.channel} got "${again[0]}"`);
    else if (again.length > 1) faults.push(`${place.channel} got the answer to ${n} ${again.length} times`);
    else if (!again[0]?.includes(toAnswer(toText(place, sender, n)))) faults.push(`${place.channel} got "${again[0]}"`);
  }
  const own = place.written.filter((one) => one.sender === sender);
  const isUnsure = (n: number) => items.some(({ text }) => text.includes(toText(place, sender, n)));
  for (const { n } of own) if (!counts.has(n) && !isUnsure(n)) faults.push(`${place.channel}: ${n} is lost`);
  const order = texts.map(numberOf);
  if (order.some((n, index) => index > 0 && n < (order[index - 1] ?? 0))) {
    faults.push(`${place.channel} ${sender}: answers out of order: ${order.join(" ")}`);
  }
  report.answered += counts.size;
  const maybe = items.filter(({ text, state }) => {
    return state === "may-have-been-sent" && text.includes(`${place.channel} ${sender} number`);
  });
  report.maybeSent += maybe.length;
  if (place.isKeyed && maybe.length > 0) faults.push(`${place.channel} knows its keys and ${maybe.length} are unsure`);
}

if (import.meta.main) {
  const options = { messages: { type: "string" }, kills: { type: "string" }, seed: { type: "string" } } as const;
  const { values } = parseArgs({ options });
  const report = await runChannelsCampaign({
    messages: Number(values.messages ?? 1000),
    kills: Number(values.kills ?? 20),
    seed: Number(values.seed ?? 20_260_101),
  });
  console.log(JSON.stringify(report, undefined, 2));
  process.exitCode = report.faults.length === 0 ? 0 : 1;
}
