import { sql } from "kysely";
import { expect, it } from "vitest";
import {
  endRun,
  findOpenRuns,
  findRun,
  insertRun,
  KEEP_RUNS_MS,
  markRunning,
  pruneRuns,
  requeueRun,
  savePartial,
} from "#main/store/runs.ts";
import { createPlace, openStore } from "./open-store.ts";

const toRun = (runId: string, more: { message_id?: string } = {}) => ({
  ...{
    run_id: runId,
    channel: "webchat",
    account: "default",
    message_id: runId,
    session_key: "agent:main:main",
    session_id: "s",
    options: JSON.stringify({ thinking: "low" }),
  },
  ...more,
});

it("[B11] takes a key once: the second insert changes nothing and says so", async () => {
  const { db } = await openStore();
  expect(await insertRun(db, toRun("k"), 1)).toBe(true);
  await markRunning(db, "k", 2);
  expect(await insertRun(db, { ...toRun("k"), session_key: "agent:main:other" }, 3)).toBe(false);
  expect(await findRun(db, "k")).toMatchObject({
    state: "running",
    session_key: "agent:main:main",
    created_at: 1,
    attempts: 1,
  });
});

it("[B11] takes a platform's message once, whatever run id it comes under", async () => {
  const { db } = await openStore();
  expect(await insertRun(db, toRun("a", { message_id: "42" }), 1)).toBe(true);
  expect(await insertRun(db, toRun("b", { message_id: "42" }), 2)).toBe(false);
  expect(await insertRun(db, { ...toRun("c", { message_id: "42" }), account: "second" }, 3)).toBe(true);
});

it("[ST-21] knows a key over a restart, and for a week after", async () => {
  const place = createPlace();
  const first = await place.open();
  await insertRun(first.db, toRun("k"), 1000);
  await endRun(first.db, "k", { state: "ok", summary: "done" }, 2000);
  // A thousand newer ones, so that only age counts.
  await first.db.transaction().execute(async (trx) => {
    for (let n = 0; n < 1000; n++) await insertRun(trx, toRun(`n${n}`), 3000);
  });
  await first.close();
  const { db } = await place.open();
  await pruneRuns(db, 1000 + KEEP_RUNS_MS);
  expect(await insertRun(db, toRun("k"), 4000)).toBe(false);
  expect(await findRun(db, "k")).toMatchObject({ state: "ok", summary: "done" });
  await pruneRuns(db, 1001 + KEEP_RUNS_MS);
  expect(await findRun(db, "k")).toBeUndefined();
});

it("never prunes what is open, nor the newest thousand", async () => {
  const { db } = await openStore();
  await insertRun(db, toRun("open"), 1);
  await db.transaction().execute(async (trx) => {
    for (let n = 0; n < 1001; n++) await insertRun(trx, toRun(`n${n}`), 10 + n);
    for (let n = 0; n < 1001; n++) await endRun(trx, `n${n}`, { state: "ok" }, 20);
  });
  await pruneRuns(db, 10 * KEEP_RUNS_MS);
  expect(await findRun(db, "open")).toBeDefined();
  expect(await findRun(db, "n0")).toBeUndefined();
  expect(await findRun(db, "n1")).toBeDefined();
});

it("[ST-01] finds open runs in the order in which they came, also within one millisecond", async () => {
  const { db } = await openStore();
  for (const id of ["zebra", "apple", "middle"]) await insertRun(db, toRun(id), 5);
  await insertRun(db, toRun("older"), 4);
  await insertRun(db, toRun("done"), 3);
  await endRun(db, "done", { state: "ok" }, 9);
  await markRunning(db, "zebra", 6);
  expect((await findOpenRuns(db)).map((run) => run.run_id)).toEqual(["older", "zebra", "apple", "middle"]);
});

it("[ST-22] keeps the text so far while a run runs, and only then", async () => {
  const { db } = await openStore();
  await insertRun(db, toRun("k"), 1);
  await savePartial(db, "k", "too early");
  expect((await findRun(db, "k"))?.partial_text).toBeNull();
  await markRunning(db, "k", 2);
  await savePartial(db, "k", "half an ans");
  expect((await findRun(db, "k"))?.partial_text).toBe("half an ans");
  await endRun(db, "k", { state: "error", error: "why", errorKind: "timeout" }, 3);
  expect(await findRun(db, "k")).toMatchObject({
    partial_text: null,
    error: "why",
    error_kind: "timeout",
    ended_at: 3,
  });
  await savePartial(db, "k", "too late");
  expect((await findRun(db, "k"))?.partial_text).toBeNull();
});

it("flushes everything again after a start was counted, and a start that fails too", async () => {
  const { db } = await openStore();
  const level = async () => (await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(db)).rows[0]?.synchronous;
  await insertRun(db, toRun("k"), 1);
  for (let n = 1; n <= 3; n++) {
    await markRunning(db, "k", n);
    expect(await level()).toBe(2);
  }
  await sql`DROP TABLE runs`.execute(db);
  await expect(markRunning(db, "k", 4)).rejects.toThrow(/no such table/);
  expect(await level()).toBe(2);
});

it("counts only starts that a crash cut: a stop on purpose gives its start back", async () => {
  const { db } = await openStore();
  await insertRun(db, toRun("k"), 1);
  await markRunning(db, "k", 2);
  await markRunning(db, "k", 3);
  await requeueRun(db, "k");
  expect(await findRun(db, "k")).toMatchObject({ state: "queued", attempts: 1 });
  await requeueRun(db, "k");
  expect((await findRun(db, "k"))?.attempts).toBe(1);
});
