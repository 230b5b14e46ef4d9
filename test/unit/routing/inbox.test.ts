import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#main/sessions/key.ts";
import type { LiveRun, RunOptions } from "#main/sessions/live-run.ts";
import type { Turns } from "#main/sessions/turn.ts";
import { createInbox, type Inbound } from "#main/routing/inbox.ts";
import { toTitle } from "#main/sessions/add-message.ts";
import { readRunMessages } from "#main/store/messages.ts";
import { findRun, insertRun } from "#main/store/runs.ts";
import { findSession } from "#main/store/sessions.ts";
import { createGate } from "#test/fakes/scripted-http.ts";
import { countSessions, openStore } from "../store/open-store.ts";

const options: RunOptions = { requester: { channel: "webchat", sender: "owner", isOwner: true } };
const toInbound = (messageId: string, more: Partial<Inbound> = {}): Inbound => ({
  ...{ channel: "webchat", account: "default", messageId, session: parseSessionKey("main"), options },
  content: [{ type: "text", text: `text of ${messageId}` }],
  ...more,
});

async function openInbox(flush: () => Promise<void> = async () => {}) {
  const { db, clock } = await openStore();
  const queued: LiveRun[] = [];
  const told: { text: string; created: boolean; wasQueued: boolean }[] = [];
  const turns: Pick<Turns, "enqueue"> = { enqueue: (run) => void queued.push(run) };
  const receive = createInbox({
    ...{ db, clock, turns: turns as Turns, flush: () => flush() },
    onCommitted: (_key, message, created) =>
      void told.push({ text: message.id, created, wasQueued: queued.length > told.length }),
  });
  return { db, receive, queued, told };
}

describe("a message that comes in", () => {
  it("[I12] is committed with its run before anyone is told and before its turn begins", async () => {
    const { db, receive, queued, told } = await openInbox();
    const receipt = await receive(toInbound("k1"));
    expect(receipt).toMatchObject({ state: "accepted", run: { runId: "k1", sessionKey: "agent:main:main" } });
    expect(await readRunMessages(db, "k1")).toHaveLength(1);
    expect((await findRun(db, "k1"))?.state).toBe("queued");
    expect(told).toMatchObject([{ created: true, wasQueued: false }]);
    expect(queued.map((run) => run.runId)).toEqual(["k1"]);
    expect(await findSession(db, "agent:main:main")).toMatchObject({ message_count: 1, derived_title: "text of k1" });
  });

  it("[I12] leaves nothing behind when the commit fails: no session, no message, no run, no turn", async () => {
    const { db, receive, queued, told } = await openInbox();
    await sql`CREATE TRIGGER no_message BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'disk'); END`.execute(db);
    await expect(receive(toInbound("k1"))).rejects.toThrow("disk");
    expect([await countSessions(db), await findRun(db, "k1"), queued, told]).toEqual([0, undefined, [], []]);
    await sql`DROP TRIGGER no_message`.execute(db);
    expect((await receive(toInbound("k1"))).state).toBe("accepted");
  });

  it("[I12] is acknowledged only once the disk has it, and its turn does not begin before", async () => {
    const gate = createGate();
    const { receive, queued, db } = await openInbox(() => gate.gate);
    let isAcknowledged = false;
    const received = receive(toInbound("k1")).then(() => (isAcknowledged = true));
    while (!(await findRun(db, "k1"))) await nextTurn();
    await nextTurn();
    expect([isAcknowledged, queued]).toEqual([false, []]);
    gate.open();
    await received;
    expect([isAcknowledged, queued.length]).toEqual([true, 1]);
  });

  it("[I12] is not acknowledged when the disk fails, and is answered all the same, since it is in the store", async () => {
    const { receive, queued } = await openInbox(() => Promise.reject(new Error("disk")));
    await expect(receive(toInbound("k1"))).rejects.toThrow("disk");
    await expect(receive(toInbound("k1"))).rejects.toThrow("disk");
    expect(queued.map((run) => run.runId)).toEqual(["k1"]);
  });

  it("[B11] [ST-21] is one message however often it comes, also at the same moment", async () => {
    const { db, receive, queued } = await openInbox();
    const receipts = await Promise.all([1, 2, 3].map(() => receive(toInbound("k1"))));
    expect(receipts.map((receipt) => receipt.state)).toEqual(["accepted", "duplicate", "duplicate"]);
    expect(receipts[1]).toMatchObject({ run: { run_id: "k1", state: "queued" } });
    expect(await readRunMessages(db, "k1")).toHaveLength(1);
    expect(queued).toHaveLength(1);
    expect((await findSession(db, "agent:main:main"))?.message_count).toBe(1);
  });

  it("[B11] that is known does not make the session that it names now", async () => {
    const { db, receive } = await openInbox();
    await receive(toInbound("k1"));
    await receive(toInbound("k1", { session: parseSessionKey("elsewhere") }));
    expect(await countSessions(db)).toBe(1);
  });

  it("keeps what its sender asked for, for the restart", async () => {
    const { db, receive } = await openInbox();
    await receive(toInbound("k1", { options: { ...options, thinking: "high", timeoutMs: 5 } }));
    expect(JSON.parse((await findRun(db, "k1"))?.options ?? "")).toEqual({
      ...options,
      thinking: "high",
      timeoutMs: 5,
    });
  });

  it("without words gets a title all the same", async () => {
    const { db, receive } = await openInbox();
    await receive(toInbound("k1", { content: [{ type: "image", mimeType: "image/png", data: "AAAA" }] }));
    expect((await findSession(db, "agent:main:main"))?.derived_title).toBe("New chat");
  });
});

it("knows a message by channel, account and id, also where another run holds the id", async () => {
  const { db } = await openStore();
  const run = { channel: "telegram", account: "a", message_id: "7", session_key: "s", session_id: "i", options: "{}" };
  expect(await insertRun(db, { ...run, run_id: "one" }, 1)).toBe(true);
  expect(await insertRun(db, { ...run, run_id: "two" }, 1)).toBe(false);
});

it("makes a title of the first line, cut between characters", () => {
  expect(toTitle("  Hello\tthere  \nsecond line")).toBe("Hello there");
  const long = toTitle("😀".repeat(80));
  expect([[...long].length, long.endsWith("…"), long.isWellFormed()]).toEqual([60, true, true]);
  expect(toTitle("\n\n")).toBe("");
});
