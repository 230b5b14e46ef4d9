/**
 * Kills the built gateway again and again in the middle of turns, and counts what is lost, doubled or unanswered: none
 * may be. `node build/campaign/kill.ts --cycles N [--seed S]`. The suite runs a short one over the same function.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import BetterSqlite from "better-sqlite3";
import { SLOW_FILE, startEchoModel, toAnswer, writeSlowFile, type EchoModel } from "./echo-model.ts";
import {
  fakeModelConfig,
  makeStateDir,
  startGatewayProcess,
  StartFailed,
  type GatewayProcess,
} from "./gateway-process.ts";
import { createRandom } from "./random.ts";
import { connectWire, type Wire } from "./wire.ts";

const SESSIONS = ["main", "notes", "plans"];
/** A kill comes at most so long after the first message of a cycle. */
const WINDOW_MS = 700;
const SLOWEST_ANSWER_MS = 160;
const INTERRUPTED = "outcome unknown: interrupted";

export interface KillReport {
  seed: number;
  cycles: number;
  /** Kills that came before the gateway was ready. */
  killedWhileStarting: number;
  /** Turns that were running when a kill came. */
  turnsCut: number;
  messages: number;
  acknowledged: number;
  /** Sent again after a kill with the same key, since no answer had come. */
  sentAgain: number;
  /** What must be empty: each entry says what was lost, doubled or wrong. */
  faults: string[];
  /** Calls that a kill cut, as the transcripts hold them. */
  callsCut: number;
  readyMs: { p50: number; max: number };
}

/** Cut once more, a run would be given up as the likely cause (sessions/recover): then it is let finish first. */
const MOST_CUTS = 4;

interface Sent {
  key: string;
  session: string;
  text: string;
  isAcknowledged: boolean;
  /** Kills in a row that found its run under way, as the campaign itself saw them. */
  cuts: number;
}

interface Campaign {
  stateDir: string;
  model: EchoModel;
  random: () => number;
  sent: Sent[];
  faults: string[];
  readyMs: number[];
  killedWhileStarting: number;
  turnsCut: number;
  sentAgain: number;
}

/** Runs the cycles, then lets everything be answered, and looks at what is there. */
export async function runKillCampaign(options: { cycles: number; seed: number }): Promise<KillReport> {
  const random = createRandom(options.seed);
  const model = await startEchoModel(random, SLOWEST_ANSWER_MS);
  const state = makeStateDir(fakeModelConfig(model.baseUrl));
  const campaign: Campaign = {
    ...{ stateDir: state.dir, model, random, sent: [], faults: [], readyMs: [] },
    ...{ killedWhileStarting: 0, turnsCut: 0, sentAgain: 0 },
  };
  try {
    mkdirSync(join(state.dir, "workspace"), { mode: 0o700 });
    writeSlowFile(join(state.dir, "workspace", SLOW_FILE));
    for (let cycle = 1; cycle <= options.cycles; cycle++) await runCycle(campaign, cycle);
    const callsCut = await finish(campaign);
    return toReport(campaign, options, callsCut);
  } finally {
    await model.close();
    state.remove();
  }
}

function toReport(campaign: Campaign, options: { cycles: number; seed: number }, callsCut: number): KillReport {
  const sorted = campaign.readyMs.toSorted((a, b) => a - b);
  return {
    ...options,
    killedWhileStarting: campaign.killedWhileStarting,
    turnsCut: campaign.turnsCut,
    messages: campaign.sent.length,
    acknowledged: campaign.sent.filter((one) => one.isAcknowledged).length,
    sentAgain: campaign.sentAgain,
    callsCut,
    readyMs: { p50: Math.round(sorted[sorted.length >> 1] ?? 0), max: Math.round(sorted.at(-1) ?? 0) },
    faults: campaign.faults,
  };
}

async function runCycle(campaign: Campaign, cycle: number): Promise<void> {
  const { random } = campaign;
  // One in six comes during the start itself.
  const killAfterMs = cycle > 1 && random() < 1 / 6 ? 20 + random() * 200 : undefined;
  const gateway = await start(campaign, killAfterMs);
  if (gateway) {
    const wire = await connectWire(gateway.url).catch(() => undefined);
    const isTired = campaign.sent.some(({ cuts }) => cuts >= MOST_CUTS);
    const killed = wait(random() * WINDOW_MS)
      .then(() => (isTired && wire ? untilIdle(wire) : undefined))
      .then(() => gateway.kill());
    if (wire) {
      sendAgain(campaign, wire);
      for (let n = 1 + Math.floor(random() * 4); n > 0; n--) {
        sendNew(campaign, wire, cycle);
        await wait(random() * 20);
      }
    }
    await killed;
  }
  inspectAfterKill(campaign, cycle);
}

async function start(campaign: Campaign, killAfterMs: number | undefined): Promise<GatewayProcess | undefined> {
  try {
    const { stateDir } = campaign;
    const gateway = await startGatewayProcess({ stateDir, ...(killAfterMs === undefined ? {} : { killAfterMs }) });
    campaign.readyMs.push(gateway.readyMs);
    return gateway;
  } catch (error) {
    if (!(error instanceof StartFailed) || error.exit.signal !== "SIGKILL") throw error;
    campaign.killedWhileStarting += 1;
    return undefined;
  }
}

function sendNew(campaign: Campaign, wire: Wire, cycle: number): void {
  const { random, sent } = campaign;
  const number = sent.length + 1;
  const session = SESSIONS[Math.floor(random() * SESSIONS.length)] ?? "main";
  const kind = random() < 0.3 ? "tool" : "plain";
  const one: Sent = {
    key: `key-${number}`,
    session,
    text: `message ${kind} ${cycle}/${number}`,
    isAcknowledged: false,
    cuts: 0,
  };
  sent.push(one);
  send(wire, one);
}

/** What a client does whose request got no answer: the same again, under the same key. */
function sendAgain(campaign: Campaign, wire: Wire): void {
  for (const one of campaign.sent.filter((other) => !other.isAcknowledged)) {
    campaign.sentAgain += 1;
    send(wire, one);
  }
}

function send(wire: Wire, one: Sent): void {
  wire.send("chat.send", { sessionKey: one.session, message: one.text, idempotencyKey: one.key }, (ok) => {
    if (ok) one.isAcknowledged = true;
  });
}

/** Looks at a copy of what the kill left: sound, and every acknowledged message there once. */
function inspectAfterKill(campaign: Campaign, cycle: number): void {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-look-"));
  try {
    const copy = join(folder, "copy.db");
    const original = join(campaign.stateDir, "gatehouse.db");
    copyFileSync(original, copy);
    if (existsSync(`${original}-wal`)) copyFileSync(`${original}-wal`, `${copy}-wal`);
    const raw = new BetterSqlite(copy);
    const verdict = raw.pragma("integrity_check", { simple: true });
    if (verdict !== "ok") campaign.faults.push(`cycle ${cycle}: integrity_check says ${String(verdict)}`);
    const running = raw.prepare("SELECT run_id FROM runs WHERE state = 'running'").all() as { run_id: string }[];
    campaign.turnsCut += running.length;
    for (const one of campaign.sent) one.cuts = running.some(({ run_id }) => run_id === one.key) ? one.cuts + 1 : 0;
    const rows = raw.prepare("SELECT run_id FROM messages WHERE role = 'user'").all() as { run_id: string }[];
    const counts = Map.groupBy(rows, (row) => row.run_id);
    for (const one of campaign.sent) {
      const times = counts.get(one.key)?.length ?? 0;
      if (one.isAcknowledged && times === 0)
        campaign.faults.push(`cycle ${cycle}: ${one.text} was acknowledged and is gone`);
      if (times > 1) campaign.faults.push(`cycle ${cycle}: ${one.text} is there ${times} times`);
    }
    raw.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The last start: everything is sent and answered. @returns the number of calls that were cut */
async function finish(campaign: Campaign): Promise<number> {
  const gateway = await startGatewayProcess({ stateDir: campaign.stateDir });
  campaign.readyMs.push(gateway.readyMs);
  const wire = await connectWire(gateway.url);
  sendAgain(campaign, wire);
  await untilIdle(wire);
  const callsCut = await judge(campaign, wire);
  await wire.close();
  const exit = await gateway.stop();
  if (exit.code !== 0) campaign.faults.push(`the last stop ended with ${exit.code ?? exit.signal}`);
  return callsCut;
}

async function untilIdle(wire: Wire): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const { runs } = await wire.call<{ runs: { active: number; queued: number } }>("status");
    if (runs.active + runs.queued === 0) return;
    if (performance.now() > deadline) throw new Error("not everything was answered within a minute");
    await wait(25);
  }
}

interface StoredMessage {
  role: string;
  content: { type: string; text?: string; id?: string }[];
  runId?: string;
  incomplete?: boolean;
  toolCallId?: string;
}

async function judge(campaign: Campaign, wire: Wire): Promise<number> {
  let callsCut = 0;
  const byRun = new Map<string, StoredMessage[]>();
  for (const session of SESSIONS) {
    const { messages } = await wire.call<{ messages: StoredMessage[] }>("chat.history", {
      sessionKey: session,
      limit: 1000,
    });
    for (const message of messages) {
      const id = message.runId ?? "";
      byRun.set(id, [...(byRun.get(id) ?? []), message]);
    }
  }
  for (const one of campaign.sent) {
    if (!one.isAcknowledged) campaign.faults.push(`${one.text} was never acknowledged`);
    const messages = byRun.get(one.key) ?? [];
    const faults = judgeRun(one, messages);
    if (faults.length > 0) {
      // The same key again tells how the run ended, and starts nothing.
      const again = { sessionKey: one.session, message: one.text, idempotencyKey: one.key };
      const { status, summary } = await wire.call("chat.send", again);
      faults.push(`the run ended with ${String(status)} ${String(summary)}; it holds ${JSON.stringify(messages)}`);
    }
    campaign.faults.push(...faults.map((fault) => `${one.text}: ${fault}`));
    const cut = messages.filter((message) => message.role === "toolResult" && textOf(message) === INTERRUPTED).length;
    callsCut += cut;
    if (cut > 0 && !campaign.model.told.has(one.text))
      campaign.faults.push(`${one.text}: the model was not told of the cut`);
  }
  return callsCut;
}

function judgeRun(one: Sent, messages: readonly StoredMessage[]): string[] {
  const faults: string[] = [];
  const questions = messages.filter((message) => message.role === "user");
  if (questions.length !== 1) faults.push(`the question is there ${questions.length} times`);
  const hasCalls = (message: StoredMessage) => message.content.some((block) => block.type === "toolCall");
  const answers = messages.filter((message) => message.role === "assistant" && message.incomplete !== true);
  const whole = answers.filter((message) => !hasCalls(message));
  if (whole.length !== 1) faults.push(`${whole.length} whole answers`);
  if (whole[0] && textOf(whole[0]) !== toAnswer(one.text)) faults.push(`the answer is "${textOf(whole[0])}"`);
  const calls = answers.flatMap((message) => message.content.filter((block) => block.type === "toolCall"));
  const results = messages.filter((message) => message.role === "toolResult");
  if (calls.length > 1) faults.push(`${calls.length} calls: one was made again`);
  if (calls.length !== results.length) faults.push(`${calls.length} calls and ${results.length} results`);
  return faults;
}

function textOf(message: StoredMessage): string {
  return message.content.map((block) => (block.type === "text" ? (block.text ?? "") : "")).join("");
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { cycles: { type: "string" }, seed: { type: "string" } } });
  const report = await runKillCampaign({
    cycles: Number(values.cycles ?? 50),
    seed: Number(values.seed ?? 20_260_101),
  });
  console.log(JSON.stringify(report, undefined, 2));
  process.exitCode = report.faults.length === 0 ? 0 : 1;
}
