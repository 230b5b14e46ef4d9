import BetterSqlite from "better-sqlite3";
import { sql } from "kysely";
import { expect, it, onTestFinished } from "vitest";
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

it("sets the level of commits before the first statement that it is for, and not before one that only reads", () => {
  const { raw, cache } = open();
  const level = () => raw.pragma("synchronous", { simple: true });
  const [normal, full] = ["NORMAL", "FULL"].map((name) => () => cache.prepare(`PRAGMA synchronous = ${name}`).run([]));
  normal?.();
  cache.prepare("begin").run([]);
  expect(level()).toBe(1);
  cache.prepare("insert into t values (1)").run([]);
  cache.prepare("commit").run([]);
  full?.();
  cache.prepare("select a from t").all([]);
  expect(level()).toBe(1);
  for (const text of ["insert into t values (2)", "begin", "with x as (select 1) insert into t select * from x"]) {
    normal?.();
    cache.prepare("delete from t where a = 0").run([]);
    expect(level()).toBe(1);
    full?.();
    cache.prepare(text);
    expect(level()).toBe(2);
  }
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
