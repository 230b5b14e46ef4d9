import { sql } from "kysely";
import { expect, it, vi } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import type { Database } from "#main/store/database.ts";
import { insertMessage, removeFrom, searchMessages } from "#main/store/messages.ts";
import { createSearchIndex, indexMessages } from "#main/store/search-index.ts";
import { ensureSession } from "#main/store/sessions.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { openStore, toMessage } from "./open-store.ts";

async function open() {
  const { db } = await openStore();
  const wanted = { key: "agent:main:main", agentId: "main", kind: "direct", channel: "webchat" } as const;
  const { session } = await ensureSession(db, wanted, 1);
  return { db, place: { sessionKey: wanted.key, sessionId: session.session_id } };
}

const indexed = async (db: Database) =>
  (await sql<{ n: number }>`SELECT count(*) AS n FROM messages_fts_docsize`.execute(db)).rows[0]?.n;
const find = async (db: Database, text: string) =>
  (await searchMessages(db, { text, limit: 9 })).map(({ messageId }) => messageId);

it("finds what was said just now, however much is not indexed yet, and goes on past messages without words", async () => {
  const { db, place } = await open();
  const silent = { role: "toolResult", toolCallId: "c", toolName: "read" } as const;
  for (let n = 0; n < 120; n++) await insertMessage(db, place, toMessage(`t${n}`, "secret words", silent));
  await insertMessage(db, place, toMessage("m1", "a needle"));
  expect(await indexed(db)).toBe(0);
  expect(await find(db, "needle")).toEqual(["m1"]);
  expect(await find(db, "secret")).toEqual([]);
  expect(await indexed(db)).toBe(121);
  await Promise.all([indexMessages(db), indexMessages(db)]);
  expect(await indexed(db)).toBe(121);
});

it("never finds what was taken back, before it was indexed or after", async () => {
  const { db, place } = await open();
  for (const id of ["m1", "m2", "m3"]) await insertMessage(db, place, toMessage(id, "needle"));
  await removeFrom(db, place, "m3", 9);
  expect(await find(db, "needle")).toEqual(["m2", "m1"]);
  await removeFrom(db, place, "m2", 9);
  expect(await find(db, "needle")).toEqual(["m1"]);
  await insertMessage(db, place, toMessage("m4", "needle"));
  expect(await find(db, "needle")).toEqual(["m4", "m1"]);
});

it("follows by itself, once for many messages, and says when it cannot", async () => {
  const { db, place } = await open();
  const clock = createManualClock();
  const warn = vi.fn();
  const index = createSearchIndex({ db, clock, log: { ...silentLogger, warn } });
  for (const id of ["m1", "m2"]) {
    await insertMessage(db, place, toMessage(id, "needle"));
    index.touch();
  }
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(4999);
  expect(await indexed(db)).toBe(0);
  await clock.advance(1);
  expect(await indexed(db)).toBe(2);
  await sql`DROP TABLE messages_fts`.execute(db);
  index.touch();
  await clock.advance(5000);
  index.touch();
  await index.dispose();
  expect(warn).toHaveBeenCalledTimes(1);
  expect(clock.pendingTimers).toBe(0);
});
