import { describe, expect, it } from "vitest";
import type { Database } from "#main/store/database.ts";
import { insertMessage, readMessages } from "#main/store/messages.ts";
import {
  countMessage,
  deleteSession,
  ensureSession,
  findSession,
  listSessions,
  patchSession,
  purgeDeletedSessions,
  resetSession,
  restoreSession,
} from "#main/store/sessions.ts";
import { countSessions, openStore, toMessage } from "./open-store.ts";

const wanted = (key: string) => ({ key, agentId: "main", kind: "direct", channel: "webchat" }) as const;
const add = async (db: Database, key: string, now: number) => (await ensureSession(db, wanted(key), now)).session;

describe("a session", () => {
  it("[K06] is made once and found again under its key", async () => {
    const { db } = await openStore();
    const first = await ensureSession(db, wanted("a"), 1);
    const second = await ensureSession(db, wanted("a"), 2);
    expect([first.created, second.created]).toEqual([true, false]);
    expect(second.session).toEqual(first.session);
    expect(await countSessions(db)).toBe(1);
  });

  it("counts messages and tokens, and takes its title from the first message only", async () => {
    const { db } = await openStore();
    await add(db, "a", 1);
    await countMessage(db, "a", { now: 2, title: "First words", preview: "First words of it", tokens: 5 });
    await countMessage(db, "a", { now: 3, title: "Second", preview: "Second", tokens: 7 });
    const expected = {
      message_count: 2,
      total_tokens: 12,
      derived_title: "First words",
      last_preview: "Second",
      updated_at: 3,
    };
    expect(await findSession(db, "a")).toMatchObject(expected);
  });

  it("changes only what a patch names, and null empties", async () => {
    const { db } = await openStore();
    await add(db, "a", 1);
    await patchSession(db, "a", { label: "Mine", pinned: 1, model: undefined });
    expect(await patchSession(db, "a", { model: "fake/x" })).toMatchObject({
      label: "Mine",
      pinned: 1,
      model: "fake/x",
    });
    expect(await patchSession(db, "a", { label: null })).toMatchObject({ label: null, pinned: 1 });
    expect(await patchSession(db, "nobody", { label: "x" })).toBeUndefined();
  });

  it("begins an empty transcript on reset, and keeps the old one under its id", async () => {
    const { db } = await openStore();
    const before = await add(db, "a", 1);
    const old = { sessionKey: "a", sessionId: before.session_id };
    await insertMessage(db, old, toMessage("m1", "kept"));
    await countMessage(db, "a", { now: 2, title: "T" });
    const after = await resetSession(db, "a", 3);
    expect(after).toMatchObject({ message_count: 0, derived_title: null });
    expect(after?.session_id).not.toBe(before.session_id);
    expect(
      (await readMessages(db, { sessionKey: "a", sessionId: after?.session_id ?? "" }, { limit: 9 })).messages,
    ).toEqual([]);
    expect((await readMessages(db, old, { limit: 9 })).messages).toHaveLength(1);
    expect(await resetSession(db, "nobody", 3)).toBeUndefined();
  });
});

describe("deleting", () => {
  it("hides a session with its messages until it is brought back", async () => {
    const { db } = await openStore();
    const session = await add(db, "a", 1);
    const place = { sessionKey: "a", sessionId: session.session_id };
    await insertMessage(db, place, toMessage("m1", "kept"));
    expect([await deleteSession(db, "a", 5), await deleteSession(db, "a", 6)]).toEqual([true, false]);
    expect(await findSession(db, "a")).toBeUndefined();
    expect((await listSessions(db, { limit: 9, offset: 0 })).total).toBe(0);
    expect([await restoreSession(db, "a"), await restoreSession(db, "a")]).toEqual([true, false]);
    expect((await findSession(db, "a"))?.session_id).toBe(session.session_id);
    expect((await readMessages(db, place, { limit: 9 })).messages).toHaveLength(1);
  });

  it("lets a new message under the same key begin anew, without the old transcript", async () => {
    const { db } = await openStore();
    const before = await add(db, "a", 1);
    await deleteSession(db, "a", 2);
    const { session, created } = await ensureSession(db, wanted("a"), 3);
    expect(created).toBe(true);
    expect(session.session_id).not.toBe(before.session_id);
  });

  it("is for good only after the keeping time, with messages and index", async () => {
    const { db } = await openStore();
    const session = await add(db, "a", 1);
    await insertMessage(db, { sessionKey: "a", sessionId: session.session_id }, toMessage("m1", "gone"));
    await add(db, "b", 1);
    await deleteSession(db, "a", 100);
    expect(await purgeDeletedSessions(db, 100)).toBe(0);
    expect(await purgeDeletedSessions(db, 101)).toBe(1);
    expect(await restoreSession(db, "a")).toBe(false);
    expect(await db.selectFrom("messages").selectAll().execute()).toEqual([]);
    expect(await countSessions(db)).toBe(1);
  });
});

describe("the list", () => {
  it("puts pinned first, then the newest, in pages", async () => {
    const { db } = await openStore();
    for (const [n, key] of ["a", "b", "c", "d"].entries()) await add(db, key, n);
    await patchSession(db, "a", { pinned: 1 });
    const page = await listSessions(db, { limit: 3, offset: 0 });
    expect([page.rows.map((row) => row.key), page.total]).toEqual([["a", "d", "c"], 4]);
    expect((await listSessions(db, { limit: 3, offset: 3 })).rows.map((row) => row.key)).toEqual(["b"]);
  });

  it("finds by title, key and last message, with per cent and underscore as plain characters", async () => {
    const { db } = await openStore();
    for (const key of ["agent:main:one", "agent:main:two"]) await add(db, key, 1);
    await patchSession(db, "agent:main:one", { label: "100% done_now", last_preview: "bye" });
    const find = async (search: string) =>
      (await listSessions(db, { limit: 9, offset: 0, search })).rows.map((row) => row.key);
    expect(await find("100%")).toEqual(["agent:main:one"]);
    expect(await find("done_n")).toEqual(["agent:main:one"]);
    expect(await find("d_ne")).toEqual([]);
    expect(await find("two")).toEqual(["agent:main:two"]);
    expect(await find("bye")).toEqual(["agent:main:one"]);
    expect(await find("\\")).toEqual([]);
  });

  it("keeps to an agent and to what changed since", async () => {
    const { db } = await openStore();
    await add(db, "a", 10);
    await ensureSession(db, { ...wanted("b"), agentId: "work" }, 20);
    expect((await listSessions(db, { limit: 9, offset: 0, agentId: "work" })).rows.map((row) => row.key)).toEqual([
      "b",
    ]);
    expect((await listSessions(db, { limit: 9, offset: 0, updatedAfter: 20 })).rows.map((row) => row.key)).toEqual([
      "b",
    ]);
  });
});
