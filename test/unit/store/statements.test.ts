import BetterSqlite from "better-sqlite3";
import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
import { commitWithoutFlush } from "#main/store/durability.ts";
import { cacheStatements } from "#main/store/statements.ts";
import { createPlace } from "./open-store.ts";

function open() {
  const raw = new BetterSqlite(":memory:");
  onTestFinished(() => void raw.close());
  raw.exec("CREATE TABLE t (a INTEGER)");
  return { raw, cache: cacheStatements(raw) };
}

it("compiles a text once, and again after it was told to forget", () => {
  const { cache } = open();
  const first = cache.prepare("SELECT a FROM t");
  expect(cache.prepare("SELECT a FROM t")).toBe(first);
  cache.clear();
  expect(cache.prepare("SELECT a FROM t")).not.toBe(first);
});

it("lets a pragma count each time", () => {
  const { raw, cache } = open();
  for (const wanted of [1, 2, 1]) {
    cache.prepare(`PRAGMA user_version = ${wanted}`).run([]);
    expect(raw.pragma("user_version", { simple: true })).toBe(wanted);
  }
});

it("flushes every commit but those that asked for none, and is told nothing twice", () => {
  const { raw, cache } = open();
  const level = () => raw.pragma("synchronous", { simple: true });
  for (const alone of ["insert into t values (2)", "with x as (select 1) insert into t select * from x"]) {
    cache.setFlushed(false);
    for (const text of ["begin", "insert into t values (1)", "commit"]) cache.prepare(text).run([]);
    cache.prepare("select a from t").all([]);
    expect(level()).toBe(1);
    cache.prepare(alone).run([]);
    expect(level()).toBe(2);
    cache.setFlushed(false);
    cache.setFlushed(true);
    cache.prepare("begin").run([]);
    expect(level()).toBe(2);
    cache.prepare("commit").run([]);
  }
});

it("flushes what is written in a transaction, and outside of one, after one that was not", async () => {
  const { db } = await createPlace().open();
  const level = async (on: typeof db) =>
    (await sql<{ synchronous: number }>`select synchronous from pragma_synchronous`.execute(on)).rows[0]?.synchronous;
  expect(await commitWithoutFlush(db, level)).toBe(1);
  expect(await db.transaction().execute(level)).toBe(2);
  await commitWithoutFlush(db, async (trx) => void (await trx.deleteFrom("runs").execute()));
  await db.deleteFrom("runs").execute();
  expect(await level(db)).toBe(2);
});

it("does not grow without end", () => {
  const { cache } = open();
  const first = cache.prepare("SELECT 0");
  for (let n = 1; n <= 300; n++) cache.prepare(`SELECT ${n}`);
  expect(cache.prepare("SELECT 0")).not.toBe(first);
});

it("takes a transaction back that SQLite ended by itself, so that the first error is the one that is told", async () => {
  const place = createPlace();
  const { db } = await place.open();
  await sql`CREATE TABLE filled (a TEXT)`.execute(db);
  const fill = db.transaction().execute(async (trx) => {
    // As on a full disk: the file may not grow, and SQLite rolls back.
    await sql`PRAGMA max_page_count = 1`.execute(trx);
    for (let n = 0; n < 50; n++) await sql`INSERT INTO filled VALUES (${"x".repeat(10_000)})`.execute(trx);
  });
  await expect(fill).rejects.toMatchObject({ code: "SQLITE_FULL" });
  await sql`PRAGMA max_page_count = 4294967294`.execute(db);
  await sql`INSERT INTO filled VALUES ('after')`.execute(db);
  const { rows } = await sql`SELECT a FROM filled`.execute(db);
  expect(rows).toEqual([{ a: "after" }]);
});
