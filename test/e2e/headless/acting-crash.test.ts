/**
 * The built gateway killed with an approval at each of its stages: nothing runs again by itself, no outcome is lost, and
 * what nobody can know is said to be unknown, to the model, in the history and in the record.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import BetterSqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  fakeModelConfig,
  makeStateDir,
  startGatewayProcess,
  type GatewayProcess,
} from "../../../build/campaign/gateway-process.ts";
import { connectWire, type Wire } from "../../../build/campaign/wire.ts";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { startFakeOpenAI, textAnswer, toolAnswer } from "#test/fakes/openai.ts";
import type { ScriptedServer } from "#test/fakes/scripted-http.ts";

const INTERRUPTED = "outcome unknown: interrupted";
let model: ScriptedServer;
let number = 0;
beforeAll(async () => {
  model = await startFakeOpenAI();
});
afterAll(() => model.close());

interface Open {
  gateway: GatewayProcess;
  wire: Wire;
}

function makeDir(): string {
  const state = makeStateDir(fakeModelConfig(`${model.url}/v1`, { sandbox: { mode: "off" } }));
  onTestFinished(() => state.remove());
  return state.dir;
}

async function open(stateDir: string): Promise<Open> {
  const gateway = await startGatewayProcess({ stateDir });
  onTestFinished(async () => void (await gateway.kill()));
  return { gateway, wire: await connectWire(gateway.url, { caps: ["tool-events"] }) };
}

/** A turn whose model calls bash; resolves with the id of the question. */
async function ask({ wire }: Open, command: string): Promise<string> {
  const asked = new Promise<string>((resolve) => {
    wire.onEvent((event, payload) => {
      if (event === "exec.approval.requested") resolve(String(payload["id"]));
    });
  });
  const key = `crash-${number++}`;
  model.script(toolAnswer([{ id: `call_${key}`, name: "bash", args: JSON.stringify({ command }) }], 200));
  model.script(textAnswer("I read the outcome."));
  await wire.call("chat.send", { sessionKey: "main", message: "Please.", idempotencyKey: key });
  return asked;
}

/** Starts again and waits until what was cut is answered. */
async function again(stateDir: string): Promise<Open> {
  const opened = await open(stateDir);
  await expect
    .poll(async () => (await opened.wire.call<{ runs: { active: number; queued: number } }>("status")).runs, {
      timeout: 10_000,
    })
    .toMatchObject({ active: 0, queued: 0 });
  return opened;
}

const toldToModel = () => JSON.stringify(model.requests.at(-1)?.body);
const approvalOf = async ({ wire }: Open, id: string) =>
  (await wire.call<{ items: Approval[] }>("approval.history", {})).items.find((item) => item.id === id);
const recordOf = async ({ wire }: Open) =>
  (
    await wire.call<{ entries: { type: string; message: string; data?: { id?: string } }[] }>("audit.list", {
      limit: 50,
    })
  ).entries;
const linesOf = (path: string) => (existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : []);

describe("a gateway that is killed", () => {
  it("[AP-25] [I04] while a question waits runs nothing, ends the question, and takes no late answer", async () => {
    const dir = makeDir();
    const first = await open(dir);
    const id = await ask(first, "echo ran >> trace; cat trace");
    await first.gateway.kill();
    const second = await again(dir);
    expect(await approvalOf(second, id)).toMatchObject({
      status: "resolved",
      outcome: "expired",
      resolvedBy: "restart",
    });
    await expect(second.wire.call("exec.approval.resolve", { id, decision: "allow-once" })).rejects.toThrow(
      /already resolved/,
    );
    expect(linesOf(join(dir, "workspace", "trace"))).toEqual([]);
    expect(toldToModel()).toContain(INTERRUPTED);
    const entries = await recordOf(second);
    expect(entries.some((entry) => entry.type === "approval.expired" && entry.data?.id === id)).toBe(true);
  });

  it("[AP-25] after the yes and before the run does not run it, and says that it was not started", async () => {
    const dir = makeDir();
    const first = await open(dir);
    const id = await ask(first, "echo ran >> trace; cat trace");
    await first.gateway.kill();
    // The yes was committed, the claim of the run was not: the moment between two commits.
    const raw = new BetterSqlite(join(dir, "gatehouse.db"));
    raw
      .prepare("UPDATE approvals SET state = 'allowed', decision = 'allow-once', resolved_at = 1 WHERE id = ?")
      .run(id);
    raw.close();
    const second = await again(dir);
    expect(await approvalOf(second, id)).toMatchObject({ outcome: "allowed", run: "failed" });
    expect(linesOf(join(dir, "workspace", "trace"))).toEqual([]);
    const entries = await recordOf(second);
    expect(entries.some((entry) => entry.type === "tool.denied" && entry.message.includes("not started"))).toBe(true);
  });

  it("[AP-25] [ST-22] [I09] while it runs does not run it again: model, history and record say that the outcome is unknown", async () => {
    const dir = makeDir();
    const first = await open(dir);
    const id = await ask(first, "echo begun >> trace; sleep 1; echo over >> trace");
    await first.wire.call("exec.approval.resolve", { id, decision: "allow-once" });
    const trace = join(dir, "workspace", "trace");
    await expect.poll(() => linesOf(trace), { timeout: 10_000 }).toContain("begun");
    await first.gateway.kill();
    const second = await again(dir);
    expect(await approvalOf(second, id)).toMatchObject({ outcome: "allowed", run: "unknown" });
    expect(toldToModel()).toContain(INTERRUPTED);
    const unknown = (await recordOf(second)).filter((entry) => entry.message.includes(INTERRUPTED));
    expect(unknown).toHaveLength(1);
    expect(unknown[0]?.data?.id).toBe(id);
    expect(linesOf(trace).filter((line) => line === "begun")).toHaveLength(1);
    expect(await second.wire.call("audit.verify")).toMatchObject({ ok: true });
  });

  it("[AP-25] with a call of tools.invoke under way keeps what became of it", async () => {
    const dir = makeDir();
    const first = await open(dir);
    const invoked = await first.wire.call<{ approvalId: string }>("tools.invoke", {
      name: "bash",
      args: { command: "echo begun >> trace; sleep 1" },
    });
    await first.wire.call("exec.approval.resolve", { id: invoked.approvalId, decision: "allow-once" });
    const trace = join(dir, "workspace", "trace");
    await expect.poll(() => linesOf(trace), { timeout: 10_000 }).toContain("begun");
    await first.gateway.kill();
    const second = await again(dir);
    expect(await approvalOf(second, invoked.approvalId)).toMatchObject({ run: "unknown" });
    expect((await recordOf(second)).some((entry) => entry.message.includes(INTERRUPTED))).toBe(true);
    expect(linesOf(trace)).toEqual(["begun"]);
  });
});

it("[AP-22] [AP-26] [I04] runs nothing when nobody answers in time, and takes no answer after it", async () => {
  const approvals = { timeoutSeconds: 5 };
  const config = fakeModelConfig(`${model.url}/v1`, { sandbox: { mode: "off" }, tools: { approvals } });
  const state = makeStateDir(config);
  onTestFinished(() => state.remove());
  const opened = await open(state.dir);
  const over = new Promise<Record<string, unknown>>((resolve) => {
    opened.wire.onEvent((event, payload) => {
      if (event === "chat" && payload["state"] === "final") resolve(payload);
    });
  });
  const id = await ask(opened, "echo ran >> trace; cat trace");
  await over;
  expect(await approvalOf(opened, id)).toMatchObject({ status: "resolved", outcome: "expired" });
  await expect(opened.wire.call("exec.approval.resolve", { id, decision: "allow-once" })).rejects.toThrow(/already/);
  expect(toldToModel()).toContain("Nobody answered");
  expect(linesOf(join(state.dir, "workspace", "trace"))).toEqual([]);
});
