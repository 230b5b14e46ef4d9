import { expect, it } from "vitest";
import { insertChange, listChanges, markUndone, pruneChanges, readContentBefore } from "#main/store/changes.ts";
import { openStore } from "./open-store.ts";

async function fill(count: number, bytes: number) {
  const { db } = await openStore();
  for (let i = 1; i <= count; i++) {
    const row = {
      change_id: `chg_${i}`,
      session_key: i % 2 === 0 ? "even" : "odd",
      run_id: "run",
      call_id: `call_${i}`,
      tool: "write",
      workspace: "/w",
      path: "a",
      kind: "changed",
      before_sha: "1",
      after_sha: "2",
      bytes_before: bytes,
      bytes_after: 1,
      at: i,
      undoes: null,
    };
    await insertChange(db, row, Buffer.alloc(bytes, i));
  }
  const ids = async () => (await listChanges(db, { limit: 100 })).map((row) => row.change_id);
  return { db, ids };
}

it("lists newest first, by session and by call, without contents", async () => {
  const { db, ids } = await fill(4, 10);
  expect(await ids()).toEqual(["chg_4", "chg_3", "chg_2", "chg_1"]);
  const [row] = await listChanges(db, { sessionKey: "even", limit: 1 });
  expect(row?.change_id).toBe("chg_4");
  expect(row).not.toHaveProperty("content");
  expect(await listChanges(db, { callId: "call_2", limit: 9 })).toHaveLength(1);
  expect(Buffer.from((await readContentBefore(db, "chg_2")) ?? [])).toEqual(Buffer.alloc(10, 2));
  expect(await readContentBefore(db, "no")).toBeNull();
});

it("marks and unmarks as undone", async () => {
  const { db } = await fill(2, 1);
  await markUndone(db, ["chg_1"], 77);
  expect((await listChanges(db, { limit: 9 })).map((row) => row.undone_at)).toEqual([null, 77]);
  await markUndone(db, ["chg_1"], null);
  await markUndone(db, [], 5);
  expect((await listChanges(db, { limit: 9 })).map((row) => row.undone_at)).toEqual([null, null]);
});

it("forgets the oldest first, by time and by size", async () => {
  const { db, ids } = await fill(6, 100);
  expect(await pruneChanges(db, { before: 3, maxBytes: 10_000 })).toBe(2);
  expect(await ids()).toEqual(["chg_6", "chg_5", "chg_4", "chg_3"]);
  expect(await pruneChanges(db, { before: 0, maxBytes: 250 })).toBe(2);
  expect(await ids()).toEqual(["chg_6", "chg_5"]);
  expect(await pruneChanges(db, { before: 0, maxBytes: 250 })).toBe(0);
});
