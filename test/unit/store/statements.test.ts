import BetterSqlite from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { cacheStatements } from "#main/store/statements.ts";

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
    cache.prepare(`PRAGMA synchronous = ${wanted}`).run([]);
    expect(raw.pragma("synchronous", { simple: true })).toBe(wanted);
  }
});

it("does not grow without end", () => {
  const { cache } = open();
  const first = cache.prepare("SELECT 0");
  for (let n = 1; n <= 300; n++) cache.prepare(`SELECT ${n}`);
  expect(cache.prepare("SELECT 0")).not.toBe(first);
});
