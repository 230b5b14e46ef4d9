/** A request that would spend too much waits for the owner, and goes out only with their word. */
import { describe, expect, it, onTestFinished } from "vitest";
import type { BudgetLimits } from "#main/agent/budget.ts";
import { Desk } from "#main/approvals/desk.ts";
import { BudgetKeeper, estimateUsd, type BudgetDeps } from "#main/sessions/budget.ts";
import { insertUsage } from "#main/store/usage.ts";
import type { Database } from "#main/store/database.ts";
import { readRunMessages } from "#main/store/messages.ts";
import { callTool, say } from "#test/fakes/scripted-provider.ts";
import type { ManualClock } from "#test/fakes/manual-clock.ts";
import { openStore } from "../store/open-store.ts";
import { openTurns } from "./open-turns.ts";

const OWNER = { id: "device:window", mayApprove: true };
const spender = {
  runId: "r1",
  sessionKey: "agent:main:main",
  agentId: "main",
  requester: { channel: "webchat", sender: "owner", isOwner: true },
};
const request = { ref: "anthropic/claude", estimateUsd: 0.5 };
const silent = { onWaiting() {}, onResolved() {} };

async function setUp(limits: BudgetLimits = { dailyUsd: 1, agents: {}, providers: {} }) {
  const { db, clock } = await openStore();
  const desk = new Desk({ db, clock });
  onTestFinished(() => desk.dispose());
  const recorded: Parameters<BudgetDeps["audit"]["append"]>[0][] = [];
  const audit = { append: async (event: (typeof recorded)[number]) => void recorded.push(event) };
  const keeper = new BudgetKeeper({ db, clock, desk, audit, limits: () => limits, timeoutMs: () => 120_000 });
  const spend = (usd: number | undefined, model = "anthropic/claude", sessionKey = "agent:main:main") =>
    putUsage(db, clock, { usd, model, sessionKey });
  return { db, clock, desk, recorded, keeper, spend, answer: createAnswer(desk, clock) };
}

function putUsage(
  db: Database,
  clock: ManualClock,
  { usd, model, sessionKey }: { usd: number | undefined; model: string; sessionKey: string },
) {
  const usage = { input: 1, output: 1, ...(usd === undefined ? {} : { costUsd: usd }) };
  return insertUsage(db, { at: clock.now(), sessionKey, runId: "r0", model, usage });
}

/** Waits until something is asked, and answers the oldest. */
function createAnswer(desk: Desk, clock: ManualClock) {
  return async (decision: "allow-once" | "deny") => {
    await clock.advance(0);
    const [first] = await desk.list();
    if (!first) throw new Error("nothing was asked");
    await desk.resolve(first.id, decision, OWNER);
    return first;
  };
}

const live = () => new AbortController().signal;

describe("a budget", () => {
  it("lets a request out that fits, and asks nobody", async () => {
    const { keeper, desk, spend, recorded } = await setUp();
    await spend(0.5);
    const done = await keeper.admit(spender, request, silent, live());
    done();
    expect([desk.pending, recorded]).toEqual([0, []]);
  });

  it("[I02] asks the owner before a request that would exceed it, at level 8, and never for good", async () => {
    const { keeper, desk, spend, answer, recorded, clock } = await setUp();
    await spend(0.8);
    const told: string[] = [];
    const progress = {
      onWaiting: (id: string) => told.push(`waiting ${id.slice(0, 3)}`),
      onResolved: (_id: string, outcome: string) => told.push(outcome),
    };
    const admitted = keeper.admit(spender, request, progress, live());
    const asked = await answer("allow-once");
    (await admitted)();
    expect(asked.request).toMatchObject({
      tool: "budget",
      level: 8,
      summary: "Spend more than $1.00 today: $0.80 so far; this request may cost about $0.50",
      allowedDecisions: ["allow-once", "deny"],
      proposals: [],
    });
    expect(told).toEqual(["waiting apr", "allowed"]);
    expect(recorded.map((event) => [event.type, event.actor])).toEqual([
      ["budget.exceeded", "agent:main"],
      ["approval.resolved", "device:window"],
    ]);
    expect((await desk.get(asked.id))?.approval).toMatchObject({ outcome: "allowed", run: "done" });
    expect(clock.pendingTimers).toBe(0);
  });

  it("stops the request when the owner says no, in words", async () => {
    const { keeper, spend, answer } = await setUp();
    await spend(0.8);
    const admitted = keeper.admit(spender, request, silent, live());
    void answer("deny");
    await expect(admitted).rejects.toMatchObject({ code: "BUDGET", message: expect.stringContaining("said no") });
    await expect(admitted).rejects.toThrow("Raise budgets.dailyUsd");
  });

  it("[AP-22] stops the request when nobody answers: no answer means no", async () => {
    const { keeper, spend, clock, recorded } = await setUp();
    await spend(0.8);
    const admitted = keeper.admit(spender, request, silent, live());
    admitted.catch(() => {});
    await clock.advance(120_000);
    await expect(admitted).rejects.toThrow("no answer means no");
    expect(recorded.at(-1)?.type).toBe("approval.expired");
  });

  it("lets out as much again after a yes, asks then anew, and begins the next day afresh", async () => {
    const { keeper, desk, spend, answer, clock } = await setUp();
    await spend(0.8);
    const first = keeper.admit(spender, request, silent, live());
    await answer("allow-once");
    (await first)();
    await spend(0.5);
    (await keeper.admit(spender, request, silent, live()))();
    await spend(0.4);
    const second = keeper.admit(spender, request, silent, live());
    const asked = await answer("allow-once");
    (await second)();
    expect(asked.request.summary).toBe("Spend more than $2.00 today: $1.70 so far; this request may cost about $0.50");
    await clock.advance(24 * 3_600_000);
    (await keeper.admit(spender, request, silent, live()))();
    await spend(0.8);
    const third = keeper.admit(spender, request, silent, live());
    expect((await answer("allow-once")).request.summary).toContain("more than $1.00 today: $0.80");
    (await third)();
    expect(desk.pending).toBe(0);
  });

  it("counts for the agent and the provider alone what is theirs", async () => {
    const { keeper, spend, answer } = await setUp({ agents: { main: 1 }, providers: { openai: 1 } });
    await spend(5, "anthropic/claude", "agent:other:main");
    expect(keeper.concerns("other", "anthropic/claude")).toBe(false);
    (await keeper.admit(spender, request, silent, live()))();
    await spend(0.9, "openai/gpt", "agent:other:main");
    const other = { ...spender, agentId: "other", sessionKey: "agent:other:main" };
    const admitted = keeper.admit(other, { ...request, ref: "openai/gpt" }, silent, live());
    admitted.catch(() => {});
    expect((await answer("deny")).request.summary).toContain("today on openai: $0.90");
    await expect(admitted).rejects.toThrow("budgets.providers.openai");
  });

  it("counts what is on its way: two requests at once do not both take the last dollar", async () => {
    const { keeper, desk, clock, answer } = await setUp();
    const wanted = { ...request, estimateUsd: 0.6 };
    const first = await keeper.admit(spender, wanted, silent, live());
    const second = keeper.admit({ ...spender, runId: "r2" }, wanted, silent, live());
    await clock.advance(0);
    expect(desk.pending).toBe(1);
    // Without the reservation of the first one nobody would have been asked.
    first();
    await answer("allow-once");
    (await second)();
    (await keeper.admit(spender, wanted, silent, live()))();
  });

  it("asks once for all that wait for the same budget", async () => {
    const { keeper, desk, spend, clock, answer } = await setUp();
    await spend(1);
    const all = ["r1", "r2", "r3"].map((runId) =>
      keeper.admit({ ...spender, runId }, { ...request, estimateUsd: 0.1 }, silent, live()),
    );
    await clock.advance(0);
    expect(desk.pending).toBe(1);
    await answer("allow-once");
    for (const done of await Promise.all(all)) done();
    expect(desk.pending).toBe(0);
  });

  it("ends the question with the run that asked, and the others look again", async () => {
    const { keeper, desk, spend, clock, answer } = await setUp();
    await spend(1);
    const stopped = new AbortController();
    const first = keeper.admit(spender, request, silent, stopped.signal);
    first.catch(() => {});
    await clock.advance(0);
    const second = keeper.admit({ ...spender, runId: "r2" }, request, silent, live());
    await clock.advance(0);
    stopped.abort(new Error("stopped"));
    await expect(first).rejects.toThrow("stopped");
    await clock.advance(0);
    expect(desk.pending).toBe(1);
    await answer("allow-once");
    (await second)();
  });

  it("sends nothing when the question cannot be recorded", async () => {
    const { db, clock } = await openStore();
    const desk = new Desk({ db, clock });
    onTestFinished(() => desk.dispose());
    const keeper = new BudgetKeeper({
      ...{ db, clock, desk },
      audit: { append: () => Promise.reject(new Error("the disk is full")) },
      limits: () => ({ dailyUsd: 0.1, agents: {}, providers: {} }),
      timeoutMs: () => 1000,
    });
    await expect(keeper.admit(spender, request, silent, live())).rejects.toThrow("the disk is full");
    expect(desk.pending).toBe(0);
  });

  it("says how many answers have no known price", async () => {
    const { keeper, spend, answer } = await setUp();
    await spend(1);
    await spend(undefined, "local/llama");
    const admitted = keeper.admit(spender, request, silent, live());
    admitted.catch(() => {});
    expect((await answer("deny")).request.summary).toContain("(without 1 answer of unknown price)");
    await expect(admitted).rejects.toThrow("said no");
  });
});

describe("estimateUsd", () => {
  const question = { system: "s".repeat(350), messages: [], tools: [], thinking: "off" as const };

  it("counts what is sent and a common answer, by the model's price", () => {
    expect(estimateUsd({ costOf: ({ input, output }) => input + output / 1000 }, question)).toBe(102);
    expect(estimateUsd({ costOf: () => undefined }, question)).toBeUndefined();
  });
});

describe("a turn under a budget", () => {
  it("[I02] waits for the owner with the model unasked, shows it, and goes on when allowed", async () => {
    const { db, clock, desk, keeper, spend, answer } = await setUp();
    await spend(1);
    const { send, provider, events } = openTurns(db, clock, async () => {}, { budget: withRef(keeper) });
    const { end } = await send("r1");
    await clock.advance(0);
    expect([desk.pending, provider.requests.length]).toEqual([1, 0]);
    await answer("allow-once");
    expect(await end).toMatchObject({ status: "ok" });
    expect(provider.requests).toHaveLength(1);
    const told = events.flatMap((event) => (event.type === "loop" ? [event.event.type] : []));
    expect(told.slice(0, 4)).toEqual(["request", "waiting", "answered", "text"]);
  });

  it("ends as a limit when the owner says no, and the model was never asked", async () => {
    const { db, clock, keeper, spend, answer } = await setUp();
    await spend(1);
    const { send, provider, turns } = openTurns(db, clock, async () => {}, { budget: withRef(keeper) });
    const { end } = await send("r1");
    await answer("deny");
    expect(await end).toMatchObject({
      status: "error",
      errorKind: "rate_limit",
      error: expect.stringContaining("today's budget is used up"),
    });
    expect(provider.requests).toHaveLength(0);
    expect((await readRunMessages(db, "r1")).at(-1)).toMatchObject({ role: "assistant", incomplete: true });
    expect(turns.find("r1")).toBeUndefined();
  });

  it("asks the model at once where no budget is set: the same day, without the guard", async () => {
    const { db, clock, spend } = await setUp();
    await spend(1000);
    const { send, provider } = openTurns(db, clock);
    expect(await (await send("r1")).end).toMatchObject({ status: "ok" });
    expect(provider.requests).toHaveLength(1);
  });

  it("ends after budgets.maxTurns model requests", async () => {
    const { db, clock } = await openStore();
    const { send, provider } = openTurns(db, clock, async () => {}, { settings: { maxTurns: 2 } });
    provider.script(callTool("c1", "note", '{"text":"a"}'), callTool("c2", "note", '{"text":"b"}'), say("Done."));
    expect(await (await send("r1")).end).toMatchObject({
      status: "error",
      error: expect.stringContaining("2 model requests"),
    });
    const more = openTurns(db, clock, async () => {}, { settings: { maxTurns: 3 } });
    more.provider.script(callTool("c1", "note", '{"text":"a"}'), callTool("c2", "note", '{"text":"b"}'), say("Done."));
    expect(await (await more.send("r2")).end).toMatchObject({ status: "ok" });
  });

  it("ends after budgets.turnSeconds, unless the caller's own limit is shorter", async () => {
    const { db, clock } = await openStore();
    const { send, provider } = openTurns(db, clock, async () => {}, { settings: { turnSeconds: 60 } });
    provider.script([{ type: "hang" }], [{ type: "hang" }]);
    const long = await send("r1", "main", { timeoutMs: 3_600_000 });
    await clock.advance(60_000);
    expect(await long.end).toMatchObject({ errorKind: "timeout", error: expect.stringContaining("longer than 60 s") });
    const short = await send("r2", "main", { timeoutMs: 5000 });
    await clock.advance(5000);
    expect(await short.end).toMatchObject({ errorKind: "timeout", error: expect.stringContaining("longer than 5 s") });
  });
});

/** The played model is free of charge for what it says: each request counts half a dollar here. */
function withRef(keeper: BudgetKeeper): Pick<BudgetKeeper, "concerns" | "admit"> {
  return {
    concerns: (agentId, ref) => keeper.concerns(agentId, ref),
    admit: (who, wanted, progress, signal) => keeper.admit(who, { ...wanted, estimateUsd: 0.5 }, progress, signal),
  };
}
