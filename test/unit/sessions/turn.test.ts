import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { textOf } from "#main/protocol/text-of.ts";
import { ProviderError } from "#main/providers/contract.ts";
import { readRunMessages } from "#main/store/messages.ts";
import { findRun } from "#main/store/runs.ts";
import { findSession } from "#main/store/sessions.ts";
import { readUsage } from "#main/store/usage.ts";
import { createGate } from "#test/fakes/scripted-http.ts";
import { callTool, say } from "#test/fakes/scripted-provider.ts";
import { openStore } from "../store/open-store.ts";
import { openTurns } from "./open-turns.ts";

const textsOf = async (db: Parameters<typeof readRunMessages>[0], runId: string) =>
  (await readRunMessages(db, runId)).map((message) => `${message.role}: ${textOf(message)}`);

describe("a turn", () => {
  it("[J01] answers a message: committed, counted, priced, told in order", async () => {
    const { db, clock } = await openStore();
    const { send, events, provider } = openTurns(db, clock);
    provider.script(say("Hello."));
    const { end } = await send("r1");
    expect(await end).toMatchObject({ status: "ok", message: { usage: { input: 10, output: 3, costUsd: 0.003 } } });
    expect(await textsOf(db, "r1")).toEqual(["user: r1", "assistant: Hello."]);
    expect(await findRun(db, "r1")).toMatchObject({ state: "ok", summary: "Hello.", attempts: 1 });
    expect(await findSession(db, "agent:main:main")).toMatchObject({
      message_count: 2,
      total_tokens: 13,
      last_preview: "Hello.",
    });
    expect((await readUsage(db, { since: 0 }))[0]?.totals).toMatchObject({ requests: 1, totalCost: 0.003 });
    const told = events.map((event) => (event.type === "loop" ? event.event.type : event.type));
    expect(told).toEqual(["queued", "started", "request", "text", "usage", "message", "ended"]);
  });

  it("[J08] runs tools, and ends only when the model has answered", async () => {
    const { db, clock } = await openStore();
    const { send, provider, ran } = openTurns(db, clock);
    provider.script(callTool("c1", "note", '{"text":"a"}'), say("Noted."));
    const { end } = await send("r1");
    expect((await end).status).toBe("ok");
    expect(ran).toEqual(["a"]);
    expect(await textsOf(db, "r1")).toEqual(["user: r1", "assistant: ", "toolResult: noted a", "assistant: Noted."]);
  });

  it("[J08] that fails says why, and the next one works", async () => {
    const { db, clock } = await openStore();
    const { send, provider } = openTurns(db, clock);
    provider.script([{ type: "throw", error: new ProviderError("rate_limit", "too many requests") }]);
    expect(await (await send("r1")).end).toMatchObject({
      status: "error",
      error: "too many requests",
      errorKind: "rate_limit",
    });
    expect(await findRun(db, "r1")).toMatchObject({
      state: "error",
      error: "too many requests",
      error_kind: "rate_limit",
    });
    expect((await (await send("r2")).end).status).toBe("ok");
  });
});

describe("order", () => {
  it("is one turn at a time in a session, in the order in which messages came", async () => {
    const { db, clock } = await openStore();
    const { send, provider, turns } = openTurns(db, clock);
    const gate = createGate();
    provider.script([{ type: "gate", gate: gate.gate }, ...say("one")], say("two"), say("three"));
    const ends = [];
    for (const key of ["r1", "r2", "r3"]) ends.push((await send(key)).end);
    await clock.advance(1);
    expect(provider.requests).toHaveLength(1);
    expect(turns.counts).toEqual({ running: 1, queued: 2 });
    expect(turns.ofSession("agent:main:main").map((run) => run.runId)).toEqual(["r1", "r2", "r3"]);
    gate.open();
    expect((await Promise.all(ends)).map((end) => end.message && textOf(end.message))).toEqual(["one", "two", "three"]);
    // Each question is asked with what was answered before, and without what had not its turn.
    expect(provider.requests[1]?.messages.map(textOf)).toEqual(["r1", "one", "r2"]);
    expect(turns.counts).toEqual({ running: 0, queued: 0 });
  });

  it("lets sessions run side by side", async () => {
    const { db, clock } = await openStore();
    const { send, provider } = openTurns(db, clock);
    const gate = createGate();
    provider.script([{ type: "gate", gate: gate.gate }, ...say("slow")], say("quick"));
    const slow = await send("r1", "a");
    expect((await (await send("r2", "b")).end).status).toBe("ok");
    gate.open();
    expect((await slow.end).status).toBe("ok");
  });
});

describe("an abort", () => {
  it("[J08] keeps what had arrived, marked, and the session stays usable", async () => {
    const { db, clock } = await openStore();
    const { send, provider, turns } = openTurns(db, clock);
    provider.script([{ type: "text", delta: "Once" }, { type: "hang" }], say("Fine."));
    const { end } = await send("r1");
    await clock.advance(1);
    expect(turns.abort("agent:main:main")).toEqual(["r1"]);
    expect(await end).toMatchObject({ status: "aborted", message: { incomplete: true } });
    expect(await findRun(db, "r1")).toMatchObject({ state: "aborted", summary: "Once" });
    expect((await (await send("r2")).end).status).toBe("ok");
  });

  it("[J08] of a message that waits takes only that one, and it is never asked", async () => {
    const { db, clock } = await openStore();
    const { send, provider, turns } = openTurns(db, clock);
    const gate = createGate();
    provider.script([{ type: "gate", gate: gate.gate }, ...say("one")], say("three"));
    const ends = [];
    for (const key of ["r1", "r2", "r3"]) ends.push((await send(key)).end);
    expect(turns.abort("agent:main:main", "r2")).toEqual(["r2"]);
    expect(turns.abort("agent:main:other", "r1")).toEqual([]);
    gate.open();
    expect((await Promise.all(ends)).map((end) => end.status)).toEqual(["ok", "aborted", "ok"]);
    expect(provider.requests).toHaveLength(2);
    expect((await findRun(db, "r2"))?.state).toBe("aborted");
  });

  it("writes down nothing where nothing had arrived", async () => {
    const { db, clock } = await openStore();
    const { send, provider, turns } = openTurns(db, clock);
    provider.script([{ type: "hang" }]);
    const { end } = await send("r1");
    await clock.advance(1);
    turns.abort("agent:main:main");
    await end;
    expect(await textsOf(db, "r1")).toEqual(["user: r1"]);
  });
});

it("[J08] ends a turn that takes longer than it may, with words and what had arrived", async () => {
  const { db, clock } = await openStore();
  const { send, provider } = openTurns(db, clock);
  provider.script([{ type: "text", delta: "Once" }, { type: "hang" }]);
  const { end } = await send("r1", "main", { timeoutMs: 1500 });
  await clock.advance(1499);
  expect((await findRun(db, "r1"))?.state).toBe("running");
  await clock.advance(1);
  expect(await end).toMatchObject({
    status: "error",
    errorKind: "timeout",
    error: "The answer took longer than 1.5 s and was stopped.",
  });
  expect(await textsOf(db, "r1")).toEqual(["user: r1", "assistant: Once"]);
  expect(clock.pendingTimers).toBe(0);
});

describe("a stop", () => {
  it("[ST-22] lets a turn finish that can, and takes no further one", async () => {
    const { db, clock } = await openStore();
    const { send, provider, turns } = openTurns(db, clock);
    const gate = createGate();
    provider.script([{ type: "gate", gate: gate.gate }, ...say("done")]);
    const { end } = await send("r1");
    await send("r2");
    await clock.advance(1);
    const stopped = turns.stop(3000);
    gate.open();
    await stopped;
    expect((await end).status).toBe("ok");
    expect([(await findRun(db, "r1"))?.state, (await findRun(db, "r2"))?.state]).toEqual(["ok", "queued"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[ST-22] cuts the rest after the grace, keeps the text for the restart, and costs no attempt", async () => {
    const { db, clock } = await openStore();
    const { send, provider, turns } = openTurns(db, clock);
    provider.script([{ type: "text", delta: "Once" }, { type: "hang" }]);
    await send("r1");
    await clock.advance(1);
    const stopped = turns.stop(3000);
    await clock.advance(3000);
    await stopped;
    expect(await findRun(db, "r1")).toMatchObject({ state: "queued", partial_text: "Once", attempts: 0 });
    expect(await textsOf(db, "r1")).toEqual(["user: r1"]);
  });

  it("remembers that a waiting message was stopped by its sender, so that the restart does not answer it", async () => {
    const { db, clock } = await openStore();
    const { send, provider, turns } = openTurns(db, clock);
    provider.script([{ type: "hang" }]);
    await send("r1");
    await send("r2");
    await clock.advance(1);
    turns.abort("agent:main:main", "r2");
    const stopped = turns.stop(0);
    await clock.advance(0);
    await stopped;
    expect([(await findRun(db, "r1"))?.state, (await findRun(db, "r2"))?.state]).toEqual(["queued", "aborted"]);
  });
});

describe("against a crash", () => {
  it("[ST-22] the text so far is written down every second", async () => {
    const { db, clock } = await openStore();
    const { send, provider } = openTurns(db, clock);
    provider.script([
      { type: "text", delta: "Once" },
      { type: "wait", ms: 1500 },
      { type: "text", delta: " upon" },
      { type: "hang" },
    ]);
    await send("r1");
    await clock.advance(999);
    expect((await findRun(db, "r1"))?.partial_text).toBeNull();
    await clock.advance(1);
    expect((await findRun(db, "r1"))?.partial_text).toBe("Once");
    await clock.advance(1000);
    expect((await findRun(db, "r1"))?.partial_text).toBe("Once upon");
  });

  it("an answer and the end of its run are one: neither is there without the other", async () => {
    const { db, clock } = await openStore();
    const { send, provider } = openTurns(db, clock);
    provider.script(say("Hello."));
    await sql`CREATE TRIGGER no_end BEFORE UPDATE OF state ON runs WHEN NEW.state = 'ok' BEGIN SELECT RAISE(ABORT, 'no'); END`.execute(
      db,
    );
    expect((await (await send("r1")).end).status).toBe("error");
    expect(await textsOf(db, "r1")).toEqual(["user: r1"]);
  });
});

it("[ST-01] writes the end of a run later when the disk would not take it", async () => {
  const { db, clock } = await openStore();
  const { send, provider } = openTurns(db, clock);
  provider.script([{ type: "throw", error: new ProviderError("auth", "no key") }]);
  await sql`CREATE TRIGGER full BEFORE UPDATE OF state ON runs WHEN NEW.state = 'error' BEGIN SELECT RAISE(ABORT, 'full'); END`.execute(
    db,
  );
  expect((await (await send("r1")).end).status).toBe("error");
  expect((await findRun(db, "r1"))?.state).toBe("running");
  await clock.advance(5000);
  expect((await findRun(db, "r1"))?.state).toBe("running");
  await sql`DROP TRIGGER full`.execute(db);
  await clock.advance(5000);
  expect(await findRun(db, "r1")).toMatchObject({ state: "error", error: "no key" });
  expect(clock.pendingTimers).toBe(0);
});
