/**
 * Opens the database: one process owns the file, WAL with `synchronous = FULL` (SQLite documentation: in WAL mode only
 * FULL survives a power cut without losing the last commits), migrations with a backup before each. A file that cannot
 * be read is kept aside, never overwritten, and the newest sound backup takes its place; what happened is said.
 */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, join } from "node:path";
import BetterSqlite from "better-sqlite3";
import { Kysely } from "kysely";
import { systemCodeOf } from "#main/base/atomic-file.ts";
import type { Clock } from "#main/base/clock.ts";
import { Refused, messageOf } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import { createFlusher } from "./flush.ts";
import { MIGRATIONS, type Migration } from "./migrations/index.ts";
import type { Tables } from "./schema.ts";
import { cacheStatements, Dialect } from "./statements.ts";

export type Database = Kysely<Tables>;

/** Backups kept beside those made before a migration. */
const KEEP_BACKUPS = 7;
/** Measured: 75 MB take 0.1 s. Above this size a check at each start costs more than it finds: it is left to `doctor`. */
const CHECK_AT_START_BYTES = 256 * 1024 * 1024;
const CHECK_AFTER_CRASH_BYTES = 1024 * 1024 * 1024;

/**
 * Pages that SQLite keeps for itself. The library's own bound is 16 MB, which fills in minutes and stays; what is asked for
 * again and again fits in this, and the system keeps the file at hand anyway.
 */
const CACHE_KIB = 2000;

/**
 * Pages of the WAL (16 MB) after which a commit folds it into the file, which holds up the main thread for some
 * milliseconds. The default of 1,000 came to that with every 25th message, mostly for pages that change again at once.
 */
const CHECKPOINT_PAGES = 4000;

export interface OpenedDatabase {
  db: Database;
  /** What a person should know: a database kept aside, a backup put in its place. Empty when all is well. */
  problems: readonly string[];
  /** Resolves when all that was committed so far is safe from a power cut. Throws Refused with words. */
  flush(): Promise<void>;
  /** Writes a consistent copy into the backups folder and prunes old ones. @returns its path */
  backup(reason: string): Promise<string>;
  /** `PRAGMA quick_check`: the faults found, empty when sound. */
  check(): string[];
  /** Bytes of the file, without the WAL. */
  size(): number;
  /** Folds the WAL into the file and closes. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Absolute path of the file; its folder exists. */
  path: string;
  backupsDir: string;
  clock: Clock;
  log: Logger;
  /** True after a crash: then larger files too are checked before use. */
  wasUnclean: boolean;
  migrations?: readonly Migration[];
}

/**
 * Opens, checks, migrates. Throws Refused `DB_NEWER` for a file of a later version (left byte-identical), `READ_ONLY`,
 * `DISK_FULL` and `DB_BUSY` with words for a person. A corrupt file does not throw: it is put aside.
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenedDatabase> {
  const problems: string[] = [];
  let raw: BetterSqlite.Database;
  try {
    refuseForeign(options);
    raw = openRaw(options.path, options.wasUnclean ? CHECK_AFTER_CRASH_BYTES : CHECK_AT_START_BYTES);
  } catch (error) {
    if (!isCorruption(error)) throw toRefusal(error, options.path);
    problems.push(putAside(options, toOneLine(messageOf(error))));
    // The backup was checked when it was chosen.
    raw = openRaw(options.path, 0);
  }
  const statements = cacheStatements(raw);
  const db: Database = new Kysely<Tables>({ dialect: new Dialect(statements) });
  const backup = (reason: string) => backupTo(raw, options, reason);
  try {
    await migrate(db, raw, options, backup);
    statements.clear();
  } catch (error) {
    raw.close();
    throw toRefusal(error, options.path);
  }
  const flusher = createFlusher(`${options.path}-wal`);
  return {
    db,
    problems,
    backup,
    flush: () => flusher.flush().catch((error: unknown) => Promise.reject(toRefusal(error, options.path))),
    check: () => quickCheck(raw),
    size: () => statSync(options.path).size,
    async close() {
      await flusher.close();
      raw.pragma("wal_checkpoint(TRUNCATE)");
      await db.destroy();
    },
  };
}

function openRaw(path: string, checkUpTo: number): BetterSqlite.Database {
  // Made by us first: SQLite gives its sidecars the rights of the file.
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const raw = new BetterSqlite(path, { timeout: 2000 });
  try {
    raw.pragma("journal_mode = WAL");
    raw.pragma("synchronous = FULL");
    raw.pragma("foreign_keys = ON");
    raw.pragma("temp_store = MEMORY");
    raw.pragma(`cache_size = -${CACHE_KIB}`);
    raw.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    raw.prepare("SELECT count(*) FROM sqlite_master").get();
    if (statSync(path).size <= checkUpTo) {
      const faults = quickCheck(raw);
      if (faults.length > 0) throw new CorruptDatabase(faults.join("; "));
    }
    return raw;
  } catch (error) {
    raw.close();
    throw error;
  }
}

class CorruptDatabase extends Error {}

/** How every SQLite file begins (sqlite.org/fileformat2.html §1.3). */
const MAGIC = "SQLite format 3\0";

/**
 * Looks at the file before SQLite does, which would take an empty one for a new database, play the WAL of another into
 * it, or drop the WAL of one whose header is broken. Where there was a past, that is a loss and not a beginning.
 */
function refuseForeign({ path, backupsDir }: DatabaseOptions): void {
  const sizeOf = (file: string) => (existsSync(file) ? statSync(file).size : 0);
  if (sizeOf(path) === 0) {
    if (sizeOf(`${path}-wal`) > 0) throw new CorruptDatabase("the file is empty, but its WAL is not");
    if (existsSync(path) && listBackups(backupsDir).length > 0) throw new CorruptDatabase("the file is empty");
    return;
  }
  const head = Buffer.alloc(MAGIC.length);
  const file = openSync(path, "r");
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  if (head.toString("latin1") !== MAGIC) throw new CorruptDatabase("it does not begin like a database");
}

/** The faults found, at most five; empty when it is sound. */
export function quickCheck(raw: BetterSqlite.Database): string[] {
  const rows = raw.pragma("quick_check(5)") as { quick_check: string }[];
  return rows.map((row) => row.quick_check).filter((text) => text !== "ok");
}

/** SQLite heads its findings with a line for programmers. */
function toOneLine(reason: string): string {
  return reason.replaceAll("*** in database main ***", "").replace(/\s+/gu, " ").trim();
}

function isCorruption(error: unknown): boolean {
  if (error instanceof CorruptDatabase) return true;
  return /^SQLITE_(CORRUPT|NOTADB)/.test(systemCodeOf(error) ?? "");
}

/** Moves the file with its sidecars into the backups folder and puts the newest sound backup in its place. */
function putAside(options: DatabaseOptions, reason: string): string {
  const folder = join(options.backupsDir, `unreadable-${stamp(options.clock.now())}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const suffix of ["", "-wal", "-shm"]) {
    const file = options.path + suffix;
    if (existsSync(file)) renameSync(file, join(folder, basename(file)));
  }
  const restored = newestSoundBackup(options.backupsDir);
  if (restored !== undefined) copyFileSync(restored, options.path);
  options.log.error("database unreadable, kept aside", { folder, reason, restored });
  const what = `The database could not be read (${reason}). It was kept in ${folder}`;
  return restored === undefined
    ? `${what}. There was no backup to restore: conversations start empty.`
    : `${what}, and the backup ${basename(restored)} was restored. Messages after that backup are only in the kept file.`;
}

function newestSoundBackup(backupsDir: string): string | undefined {
  for (const file of listBackups(backupsDir).reverse()) {
    let raw: BetterSqlite.Database | undefined;
    try {
      raw = new BetterSqlite(file, { readonly: true });
      if (quickCheck(raw).length === 0) return file;
    } catch {
      // Not sound: try the one before.
    } finally {
      raw?.close();
    }
  }
  return undefined;
}

function listBackups(backupsDir: string): string[] {
  if (!existsSync(backupsDir)) return [];
  return readdirSync(backupsDir)
    .filter((name) => /^gatehouse-.*\.db$/.test(name))
    .sort()
    .map((name) => join(backupsDir, name));
}

async function backupTo(raw: BetterSqlite.Database, options: DatabaseOptions, reason: string): Promise<string> {
  mkdirSync(options.backupsDir, { recursive: true, mode: 0o700 });
  const file = join(options.backupsDir, `gatehouse-${stamp(options.clock.now())}-${reason}.db`);
  rmSync(file, { force: true });
  await raw.backup(file);
  chmodSync(file, 0o600);
  const old = listBackups(options.backupsDir).filter((name) => !name.includes("-before-"));
  for (const name of old.slice(0, -KEEP_BACKUPS)) rmSync(name, { force: true });
  return file;
}

/** `20260101-120000-123`, sorting by time. */
function stamp(now: number): string {
  return new Date(now).toISOString().replace(/[-:]/g, "").replace("T", "-").replace(".", "-").replace("Z", "");
}

async function migrate(
  db: Database,
  raw: BetterSqlite.Database,
  options: DatabaseOptions,
  backup: (reason: string) => Promise<string>,
): Promise<void> {
  const migrations = options.migrations ?? MIGRATIONS;
  const hasTable = raw.prepare("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").get() !== undefined;
  const rows = hasTable ? await db.selectFrom("migrations").select("name").execute() : [];
  const applied = rows.map((row) => row.name);
  const unknown = applied.filter((name) => !migrations.some((migration) => migration.name === name));
  if (unknown.length > 0) {
    throw new Refused(
      "DB_NEWER",
      `The database ${options.path} was written by a newer Gatehouse (${unknown.join(", ")}). ` +
        `Install that version, or restore a backup from ${options.backupsDir}. Nothing was changed.`,
    );
  }
  const pending = migrations.filter((migration) => !applied.includes(migration.name));
  if (pending.length === 0) return;
  if (!hasTable) raw.exec("CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)");
  for (const migration of pending) {
    // A database made just now holds nothing to keep.
    if (hasTable) await backup(`before-${migration.name}`);
    await db.transaction().execute(async (trx) => {
      await migration.up(trx as unknown as Kysely<unknown>);
      await trx.insertInto("migrations").values({ name: migration.name, applied_at: options.clock.now() }).execute();
    });
    options.log.info("database migrated", { migration: migration.name });
  }
}

/** Words for the ways in which a disk says no. Called by whoever writes, so that a person reads what to do. */
export function toRefusal(error: unknown, path: string): Error {
  if (error instanceof Refused) return error;
  const code = systemCodeOf(error) ?? "";
  const refuse = (as: string, what: string) => new Refused(as, `The database ${path} ${what}`, { cause: error });
  if (/^(SQLITE_READONLY|SQLITE_CANTOPEN$|EROFS$|EACCES$)/.test(code)) {
    return refuse("READ_ONLY", "cannot be written. Check that its folder is yours and not read-only.");
  }
  if (/^(SQLITE_FULL$|SQLITE_IOERR|ENOSPC$|EIO$)/.test(code)) {
    return refuse("DISK_FULL", "cannot grow: the disk is full or failing. Free some space; nothing is lost.");
  }
  if (isCorruption(error)) {
    const what = "Restart Gatehouse: it then keeps the file aside and restores the newest sound backup.";
    return refuse("DB_CORRUPT", `is damaged. ${what}`);
  }
  if (code.startsWith("SQLITE_BUSY")) return refuse("DB_BUSY", "is in use by another program. Close it and try again.");
  return error instanceof Error ? error : new Error(messageOf(error));
}
