import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import { commitWithoutFlush } from "#main/store/durability.ts";
import { createFlusher } from "#main/store/flush.ts";
import { ensureSession } from "#main/store/sessions.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { createPlace } from "./open-store.ts";

const wanted = { key: "agent:main:a", agentId: "main", kind: "direct", channel: "webchat" } as const;

it("[ST-01] flushes what was committed, and the database goes on, its locks included", async () => {
  const place = createPlace();
  const opened = await place.open();
  await commitWithoutFlush(opened.db, (trx) => ensureSession(trx, wanted, 1));
  await opened.flush();
  await Promise.all([opened.flush(), opened.flush()]);
  expect((await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(opened.db)).rows[0]?.synchronous).toBe(2);
  await ensureSession(opened.db, { ...wanted, key: "agent:main:b" }, 2);
  await opened.close();
  const again = await place.open();
  expect((await again.db.selectFrom("sessions").select("key").execute()).map((row) => row.key)).toEqual([
    wanted.key,
    "agent:main:b",
  ]);
});

it("gives those who come while one runs a flush of their own, shared", async () => {
  const path = join(tempState(), "x-wal");
  writeFileSync(path, "x");
  const flusher = createFlusher(path);
  onTestFinished(() => flusher.close());
  const first = flusher.flush();
  expect(flusher.flush()).toBe(first);
  await Promise.resolve();
  await Promise.resolve();
  const second = flusher.flush();
  expect(second).not.toBe(first);
  expect(flusher.flush()).toBe(second);
  await Promise.all([first, second]);
});

it("has nothing to do where nothing was written", async () => {
  const flusher = createFlusher(join(tempState(), "x-wal"));
  await flusher.flush();
  await flusher.close();
});

it("tells what the disk says, and tries again the next time", async () => {
  const dir = tempState();
  const path = join(dir, "sub");
  writeFileSync(path, "a file where a folder is needed");
  const flusher = createFlusher(join(path, "x-wal"));
  await expect(flusher.flush()).rejects.toMatchObject({ code: "ENOTDIR" });
  rmSync(path);
  await flusher.flush();
  await flusher.close();
});
