/**
 * Keeps compiled statements by their text: the same few dozen run all the time, and compiling one costs more than most
 * of them take. It must never keep what was compiled before the schema was in its final form.
 */
import type BetterSqlite from "better-sqlite3";
import type { SqliteDatabase, SqliteStatement } from "kysely";

/** Texts differ only by how many values a list holds; more than this many are thrown away and begun anew. */
const MAX_STATEMENTS = 300;

export interface CachedStatements extends SqliteDatabase {
  /** Forgets all. Called after migrations. */
  clear(): void;
}

const SYNCHRONOUS = /^PRAGMA synchronous = (\w+)$/;
const NOTHING: SqliteStatement = {
  reader: false,
  all: () => [],
  iterate: () => [].values(),
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
};

/**
 * On a full disk SQLite takes a transaction back by itself (sqlite.org/lang_transaction.html §3); a rollback after that
 * would fail, and hide why.
 */
function toRollback(raw: BetterSqlite.Database): SqliteStatement {
  const rollback = raw.prepare("rollback") as unknown as SqliteStatement;
  return { ...NOTHING, run: () => (raw.inTransaction ? rollback.run([]) : NOTHING.run([])) };
}

export function cacheStatements(raw: BetterSqlite.Database): CachedStatements {
  const statements = new Map<string, SqliteStatement>();
  /** How far commits are flushed: what SQLite was told last, and what it is to be told before the next one. */
  let level: string | undefined;
  let wanted: string | undefined;
  return {
    prepare(text) {
      // Commits of one kind follow each other: the level is set when one of another kind begins, before anything of it.
      const asked = SYNCHRONOUS.exec(text)?.[1];
      if (asked !== undefined) {
        wanted = asked;
        return NOTHING;
      }
      if (wanted !== level && !text.startsWith("select")) {
        raw.pragma(`synchronous = ${wanted}`);
        level = wanted;
      }
      // SQLite obeys a PRAGMA while it compiles it: kept, it would do nothing the second time (sqlite.org/pragma.html).
      if (/^\s*pragma/i.test(text)) return raw.prepare(text) as unknown as SqliteStatement;
      if (text === "rollback") return toRollback(raw);
      const known = statements.get(text);
      if (known) return known;
      const made = raw.prepare(text) as unknown as SqliteStatement;
      if (statements.size >= MAX_STATEMENTS) statements.clear();
      statements.set(text, made);
      return made;
    },
    close() {
      statements.clear();
      raw.close();
    },
    clear: () => statements.clear(),
  };
}
