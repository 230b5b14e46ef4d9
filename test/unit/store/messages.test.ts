import { describe, expect, it } from "vitest";
import type { Database } from "#main/store/database.ts";
import { insertMessage, readMessages, readRunMessages, removeFrom, searchMessages } from "#main/store/messages.ts";
import { countMessage, deleteSession, ensureSession, findSession, resetSession } from "#main/store/sessions.ts";
import { openStore, toMessage } from "./open-store.ts";

const KEY = "agent:main:main";

async function addSession(db: Database, key = KEY): Promise<{ sessionKey: string; sessionId: string }> {
  const wanted = { key, agentId: "main", kind: "direct", channel: "webchat" } as const;
  const { session } = await ensureSession(db, wanted, 1);
  return { sessionKey: key, sessionId: session.session_id };
}

async function add(db: Database, place: { sessionKey: string; sessionId: string }, id: string, text: string) {
  await insertMessage(db, place, toMessage(id, text));
  await countMessage(db, place.sessionKey, { now: 2 });
}

describe("pages", () => {
  it("give the newest first page, then what is before a message, oldest first, without gap or repetition", async () => {
    const { db } = await openStore();
    const place = await addSession(db);
    for (let n = 1; n <= 7; n++) await add(db, place, `m${n}`, `text ${n}`);
    const newest = await readMessages(db, place, { limit: 3 });
    expect([newest.messages.map((m) => m.id), newest.hasMore]).toEqual([["m5", "m6", "m7"], true]);
    const older = await readMessages(db, place, { limit: 3, before: "m5" });
    expect([older.messages.map((m) => m.id), older.hasMore]).toEqual([["m2", "m3", "m4"], true]);
    const oldest = await readMessages(db, place, { limit: 3, before: "m2" });
    expect([oldest.messages.map((m) => m.id), oldest.hasMore]).toEqual([["m1"], false]);
  });

  it("are empty before a message that nobody knows, or of another session", async () => {
    const { db } = await openStore();
    const [place, other] = [await addSession(db), await addSession(db, "agent:main:other")];
    await add(db, place, "m1", "one");
    await add(db, other, "m2", "two");
    expect((await readMessages(db, place, { limit: 5, before: "nobody" })).messages).toEqual([]);
    expect((await readMessages(db, place, { limit: 5, before: "m2" })).messages).toEqual([]);
  });

  it("hold a message as it was, emoji and all", async () => {
    const { db } = await openStore();
    const place = await addSession(db);
    const message = toMessage("m1", "a 👩‍👩‍👧 “quote” \u0000 end", { role: "assistant", usage: { input: 1, output: 2 } });
    await insertMessage(db, place, message);
    expect((await readMessages(db, place, { limit: 1 })).messages).toEqual([message]);
  });

  it("refuse the same message twice", async () => {
    const { db } = await openStore();
    const place = await addSession(db);
    await insertMessage(db, place, toMessage("m1", "one"));
    await expect(insertMessage(db, place, toMessage("m1", "one"))).rejects.toThrow(/UNIQUE/);
  });
});

describe("taking back", () => {
  it("removes a message and everything after it, from pages, counts and search", async () => {
    const { db } = await openStore();
    const place = await addSession(db);
    for (const n of [1, 2, 3]) await add(db, place, `m${n}`, `wooden text${n}`);
    const removed = await removeFrom(db, place, "m2", 9);
    expect(removed).toMatchObject({ first: { id: "m2" }, removed: 2 });
    expect((await readMessages(db, place, { limit: 9 })).messages.map((m) => m.id)).toEqual(["m1"]);
    expect((await findSession(db, KEY))?.message_count).toBe(1);
    expect((await searchMessages(db, { text: "wooden", limit: 9 })).map((hit) => hit.messageId)).toEqual(["m1"]);
    expect(await removeFrom(db, place, "m2", 9)).toBeUndefined();
  });

  it("reaches only into its own conversation", async () => {
    const { db } = await openStore();
    const [place, other] = [await addSession(db), await addSession(db, "agent:main:other")];
    await add(db, place, "m1", "one");
    await add(db, other, "m2", "two");
    expect(await removeFrom(db, other, "m1", 9)).toBeUndefined();
    await removeFrom(db, place, "m1", 9);
    expect((await readMessages(db, other, { limit: 9 })).messages.map((m) => m.id)).toEqual(["m2"]);
  });

  it("leaves a run without the messages that went", async () => {
    const { db } = await openStore();
    const place = await addSession(db);
    await insertMessage(db, place, toMessage("m1", "one", { runId: "r" }));
    await insertMessage(db, place, toMessage("m2", "two", { runId: "r" }));
    await removeFrom(db, place, "m2", 9);
    expect((await readRunMessages(db, "r")).map((m) => m.id)).toEqual(["m1"]);
  });
});

describe("search", () => {
  async function fill(texts: readonly string[]) {
    const { db } = await openStore();
    const place = await addSession(db);
    for (const [n, text] of texts.entries()) await add(db, place, `m${n}`, text);
    const find = async (text: string) =>
      (await searchMessages(db, { text, limit: 9 })).map((hit) => hit.messageId).sort();
    return { db, place, find };
  }

  it("finds English words in any case and with any accent, the last one by its beginning", async () => {
    const { find } = await fill(["The Gatehouse stands", "le café fermé", "nothing here"]);
    expect(await find("gatehouse")).toEqual(["m0"]);
    expect(await find("GATEH")).toEqual(["m0"]);
    expect(await find("cafe ferme")).toEqual(["m1"]);
    expect(await find("stands gatehouse")).toEqual(["m0"]);
    expect(await find("gate stands")).toEqual([]);
  });

  it("finds Chinese and Japanese inside a sentence, and only where the characters stand together", async () => {
    const { find } = await fill(["我昨天在北京吃了烤鸭", "東京タワーに行きました", "京北"]);
    expect(await find("北京")).toEqual(["m0"]);
    expect(await find("烤鸭")).toEqual(["m0"]);
    expect(await find("タワー")).toEqual(["m1"]);
    expect(await find("行き")).toEqual(["m1"]);
    expect(await find("京")).toEqual(["m0", "m1", "m2"]);
  });

  it("finds mixed queries, each word somewhere", async () => {
    const { find } = await fill(["Meeting in 東京 on Monday", "Monday without a city", "iPhone15手机"]);
    expect(await find("東京 monday")).toEqual(["m0"]);
    expect(await find("手机")).toEqual(["m2"]);
    expect(await find("iphone15")).toEqual(["m2"]);
  });

  it("takes quotes and operators as plain text, never as a query language", async () => {
    const { find } = await fill(['he said "NOT now" OR never', "col:umn * (paren", "plain"]);
    for (const query of [
      '"',
      "*",
      "()",
      "AND",
      "NOT",
      "OR",
      "NEAR(a b)",
      'a"b',
      "col:",
      "^x",
      "{a}",
      "-",
      "'; DROP TABLE messages --",
    ]) {
      await expect(find(query)).resolves.toBeDefined();
    }
    expect(await find("NOT now")).toEqual(["m0"]);
    expect(await find('"plain"')).toEqual(["m2"]);
    expect(await find("   ")).toEqual([]);
  });

  it("shows a piece around the word, and the score falls", async () => {
    const { db } = await fill([`${"before ".repeat(60)}needle ${"after ".repeat(60)}`, "needle needle"]);
    const hits = await searchMessages(db, { text: "needle", limit: 9 });
    expect(hits).toHaveLength(2);
    expect(hits.every((hit) => hit.snippet.includes("needle") && hit.snippet.length < 200)).toBe(true);
    expect(hits[0]?.score).toBeGreaterThanOrEqual(hits[1]?.score ?? 0);
  });

  it("keeps to the sessions asked for, leaves deleted ones out, and finds what was before a reset", async () => {
    const { db, find } = await fill(["needle one"]);
    const other = await addSession(db, "agent:main:other");
    await add(db, other, "o1", "needle two");
    expect(await find("needle")).toEqual(["m0", "o1"]);
    const only = await searchMessages(db, { text: "needle", limit: 9, sessionKeys: ["agent:main:other"] });
    expect(only.map((hit) => hit.messageId)).toEqual(["o1"]);
    await deleteSession(db, "agent:main:other", 5);
    await resetSession(db, KEY, 6);
    expect(await find("needle")).toEqual(["m0"]);
  });

  it("does not look into tool results", async () => {
    const { db, place, find } = await fill([]);
    await insertMessage(db, place, toMessage("t", "needle", { role: "toolResult", toolCallId: "c", toolName: "read" }));
    expect(await find("needle")).toEqual([]);
  });
});
