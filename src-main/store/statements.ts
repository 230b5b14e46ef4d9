/**
 * Keeps compiled statements by their text: the same few dozen run all the time, and compiling one costs more than most
 * of them take; and knows which commits are flushed. It must never keep what was compiled before the schema was in its
 * final form, and never leave a commit unflushed that did not ask for it.
 */
import type BetterSqlite from "better-sqlite3";
import {
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type SqliteDatabase,
  type SqliteStatement,
  type TransactionSettings,
} from "kysely";

/** Texts differ only by how many values a list holds; more than this many are thrown away and begun anew. */
const MAX_STATEMENTS = 300;

export interface CachedStatements extends SqliteDatabase {
  /** Whether the transaction that begins next is flushed with its commit. */
  setFlushed(isFlushed: boolean): void;
  /** Forgets all. Called after migrations. */
  clear(): void;
}

/** Asks for a commit without a flush: SQLite has no isolation levels to choose from (sqlite.org/isolation.html). */
export const UNFLUSHED = "read uncommitted";

class Driver extends SqliteDriver {
  readonly #statements: CachedStatements;

  constructor(statements: CachedStatements) {
    super({ database: statements });
    this.#statements = statements;
  }

  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    this.#statements.setFlushed(settings?.isolationLevel !== UNFLUSHED);
    await super.beginTransaction(connection);
  }
}

export class Dialect extends SqliteDialect {
  readonly #statements: CachedStatements;

  constructor(statements: CachedStatements) {
    super({ database: statements });
    this.#statements = statements;
  }

  override createDriver(): SqliteDriver {
    return new Driver(this.#statements);
  }
}

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
  // As the database was opened. Commits of one kind follow each other: it is set when one of another kind begins.
  let isFull = true;
  const setFlushed = (isFlushed: boolean) => {
    if (isFull !== isFlushed) raw.pragma(`synchronous = ${isFlushed ? "FULL" : "NORMAL"}`);
    isFull = isFlushed;
  };
  return {
    setFlushed,
    prepare(text) {
      // A statement by itself is its own transaction.
      if (!isFull && text !== "begin" && !text.startsWith("select") && !raw.inTransaction) setFlushed(true);
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
