/** Stops and starts of the built gateway: what was acknowledged is answered, once, whatever came in between. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { SLOW_FILE, writeSlowFile } from "../../../build/campaign/echo-model.ts";
import {
  fakeModelConfig,
  makeStateDir,
  startGatewayProcess,
  type GatewayProcess,
} from "../../../build/campaign/gateway-process.ts";
import { writeManyMessages } from "../../../build/campaign/many-messages.ts";
import { connectWire, type Wire } from "../../../build/campaign/wire.ts";
import { chunk, FAKE_OPENAI_ANSWER, startFakeOpenAI, toolAnswer } from "#test/fakes/openai.ts";
import type { ScriptedServer } from "#test/fakes/scripted-http.ts";

let model: ScriptedServer;
beforeAll(async () => {
  model = await startFakeOpenAI();
});
afterAll(() => model.close());

function makeDir(): string {
  const state = makeStateDir(fakeModelConfig(`${model.url}/v1`));
  onTestFinished(() => state.remove());
  return state.dir;
}

async function start(
  stateDir: string,
): Promise<{ gateway: GatewayProcess; wire: Wire; events: { event: string; payload: Record<string, unknown> }[] }> {
  const gateway = await startGatewayProcess({ stateDir });
  onTestFinished(async () => void (await gateway.kill()));
  const wire = await connectWire(gateway.url, { caps: ["tool-events"] });
  const events: { event: string; payload: Record<string, unknown> }[] = [];
  wire.onEvent((event, payload) => void events.push({ event, payload }));
  return { gateway, wire, events };
}

interface Stored {
  role: string;
  runId?: string;
  incomplete?: boolean;
  stopReason?: string;
  content: { type: string; text?: string }[];
}

const send = (wire: Wire, key: string) =>
  wire.call<{ status: string; runId: string; summary?: string }>("chat.send", {
    sessionKey: "main",
    message: "hello",
    idempotencyKey: key,
  });
const textOf = (message: Stored) => message.content.map((block) => block.text ?? "").join("");
const readRun = async (wire: Wire, key: string) => {
  const { messages } = await wire.call<{ messages: Stored[] }>("chat.history", { sessionKey: "main" });
  return messages.filter((message) => message.runId === key);
};

/** Resolves when the gateway told of it; the test's own time-out is the limit. */
function seen(wire: Wire, wanted: (event: string, payload: Record<string, unknown>) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = wire.onEvent((event, payload) => {
      if (!wanted(event, payload)) return;
      stop();
      resolve();
    });
  });
}

it("[ST-22] at SIGTERM in the middle of a stream tells its clients first, ends with 0 within 10 s, and answers after the restart", async () => {
  const stateDir = makeDir();
  const first = await start(stateDir);
  model.script({ steps: [chunk({ role: "assistant", content: "Once upon" }), { hang: true }] });
  const streaming = seen(first.wire, (event, payload) => event === "chat" && payload["state"] === "delta");
  await send(first.wire, "cut");
  await streaming;
  const exit = await first.gateway.stop();
  expect(exit.code).toBe(0);
  expect(exit.ms).toBeLessThan(10_000);
  const shutdown = first.events.findIndex(({ event }) => event === "shutdown");
  expect(first.events[shutdown]?.payload["reason"]).toBe("SIGTERM");
  expect(
    first.events
      .slice(0, shutdown)
      .every(({ payload }) => payload["state"] === undefined || payload["state"] === "delta"),
  ).toBe(true);
  const second = await start(stateDir);
  expect(await second.wire.call("agent.wait", { runId: "cut" })).toMatchObject({ status: "ok" });
  const messages = await readRun(second.wire, "cut");
  expect(messages.filter((message) => message.role === "user")).toHaveLength(1);
  const torso = messages.find((message) => message.incomplete);
  expect([torso && textOf(torso), torso?.stopReason]).toEqual(["Once upon", "interrupted"]);
  expect(messages.filter((message) => message.role === "assistant" && !message.incomplete).map(textOf)).toEqual([
    FAKE_OPENAI_ANSWER,
  ]);
});

it("[ST-21] [B11] answers a key that is sent again over a restart from the store, without a second turn", async () => {
  const stateDir = makeDir();
  const first = await start(stateDir);
  await send(first.wire, "once");
  await first.wire.call("agent.wait", { runId: "once" });
  await first.gateway.kill();
  const second = await start(stateDir);
  const asked = model.requests.length;
  expect(await send(second.wire, "once")).toEqual({ runId: "once", status: "ok", summary: FAKE_OPENAI_ANSWER });
  expect(model.requests.length).toBe(asked);
  expect(await readRun(second.wire, "once")).toHaveLength(2);
});

it("[ST-22] tells the model of a call that a kill cut, and does not make it again", async () => {
  const stateDir = makeDir();
  mkdirSync(join(stateDir, "workspace"), { mode: 0o700 });
  writeSlowFile(join(stateDir, "workspace", SLOW_FILE));
  const first = await start(stateDir);
  const args = JSON.stringify({ path: SLOW_FILE, offset: 2 });
  model.script(toolAnswer([{ id: "call_1", name: "read", args }]));
  const running = seen(
    first.wire,
    (event, { stream, data }) =>
      event === "agent" && stream === "tool" && (data as { phase: string }).phase === "update",
  );
  await send(first.wire, "tool");
  await running;
  await first.gateway.kill();
  const asked = model.requests.length;
  const second = await start(stateDir);
  expect(await second.wire.call("agent.wait", { runId: "tool" })).toMatchObject({ status: "ok" });
  const told = model.requests.slice(asked).filter((request) => request.method === "POST");
  expect(told).toHaveLength(1);
  expect(JSON.stringify(told[0]?.body)).toContain("outcome unknown: interrupted");
  const results = (await readRun(second.wire, "tool")).filter((message) => message.role === "toolResult");
  expect(results.map(textOf)).toEqual(["outcome unknown: interrupted"]);
});

it("[K06] keeps conversations over a restart", async () => {
  const stateDir = makeDir();
  const first = await start(stateDir);
  await send(first.wire, "kept");
  await first.wire.call("agent.wait", { runId: "kept" });
  const before = await readRun(first.wire, "kept");
  await first.gateway.stop();
  const second = await start(stateDir);
  expect(await readRun(second.wire, "kept")).toEqual(before);
});

it("starts within two seconds over a long past", async () => {
  const stateDir = makeDir();
  // A fifth of what `npm run campaign` tries.
  await writeManyMessages(stateDir, 20_000);
  const times: number[] = [];
  for (let n = 0; n < 3; n++) {
    const { gateway, wire } = await start(stateDir);
    times.push(gateway.readyMs);
    const { messages } = await wire.call<{ messages: Stored[] }>("chat.history", { sessionKey: "agent:main:past-99" });
    expect(messages.length).toBeGreaterThan(100);
    await gateway.stop();
    await wait(0);
  }
  expect(Math.max(...times)).toBeLessThan(2000);
});
