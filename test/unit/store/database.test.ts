import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import BetterSqlite from "better-sqlite3";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { Refused } from "#main/base/errors.ts";
import { toRefusal } from "#main/store/database.ts";
import { MIGRATIONS, type Migration } from "#main/store/migrations/index.ts";
import { ensureSession } from "#main/store/sessions.ts";
import { countSessions, createPlace, type StorePlace } from "./open-store.ts";

const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
const session = (key: string) => ({ key, agentId: "main", kind: "direct", channel: "webchat" }) as const;

function addColumn(name: string, log: string[], place?: StorePlace): Migration {
  return {
    name,
    async up(db) {
      log.push(`${name} with ${place ? readdirSync(place.backupsDir).length : 0} backups`);
      await sql.raw(`CREATE TABLE t_${name.slice(0, 3)} (a TEXT)`).execute(db);
    },
  };
}

/** A database with one session, closed; and a backup with that session when asked for. */
async function prepare(withBackup: boolean): Promise<StorePlace> {
  const place = createPlace();
  const opened = await place.open();
  await opened.db.transaction().execute(async (trx) => {
    await ensureSession(trx, session("agent:main:kept"), 1);
    // Enough pages that one can be broken in the middle.
    for (let n = 0; n < 400; n++) await ensureSession(trx, session(`agent:main:${"x".repeat(150)}${n}`), n);
  });
  if (withBackup) await opened.backup("stop");
  await opened.close();
  return place;
}

function flip(path: string, at: number, bytes = 64): void {
  const data = readFileSync(path);
  for (let i = at; i < Math.min(at + bytes, data.length); i++) data[i] = (data[i] ?? 0) ^ 0xa5;
  writeFileSync(path, data);
}

describe("migrations", () => {
  it("[Q14] run in order, once, each after a backup of what was there", async () => {
    const place = createPlace();
    const log: string[] = [];
    const first = [...MIGRATIONS.slice(0, 1), addColumn("002-two", log, place)];
    await (await place.open({ migrations: first })).close();
    expect(log).toEqual(["002-two with 0 backups"]);
    const more = [...first, addColumn("003-three", log, place), addColumn("004-four", log, place)];
    const opened = await place.open({ migrations: more });
    expect(log.slice(1)).toEqual(["003-three with 1 backups", "004-four with 2 backups"]);
    const names = (await opened.db.selectFrom("migrations").select("name").orderBy("name").execute()).map(
      (r) => r.name,
    );
    expect(names).toEqual(["001-start", "002-two", "003-three", "004-four"]);
    await opened.close();
    await (await place.open({ migrations: more })).close();
    expect(log).toHaveLength(3);
  });

  it("[ST-14] leave nothing of one that fails, and go on from there at the next start", async () => {
    const place = createPlace();
    const failing: Migration = {
      name: "902-two",
      async up(db) {
        await sql`CREATE TABLE half (a TEXT)`.execute(db);
        throw new Error("the power went");
      },
    };
    await expect(place.open({ migrations: [...MIGRATIONS, failing] })).rejects.toThrow("the power went");
    const again = await place.open();
    const tables = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE name = 'half'`.execute(again.db);
    expect(tables.rows).toEqual([]);
    await again.close();
    const log: string[] = [];
    await (await place.open({ migrations: [...MIGRATIONS, addColumn("902-two", log)] })).close();
    expect(log).toHaveLength(1);
  });

  it("[ST-15] of a newer version make it refuse, with the file byte-identical", async () => {
    const place = createPlace();
    const newer = [...MIGRATIONS, addColumn("999-later", [])];
    await (await place.open({ migrations: newer })).close();
    const before = digest(place.path);
    const refusal = await place.open().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refused);
    expect(refusal).toMatchObject({ code: "DB_NEWER" });
    expect(String(refusal)).toMatch(/newer Gatehouse \(999-later\).*Nothing was changed/);
    expect(digest(place.path)).toBe(before);
  });
});

describe("a file that cannot be read", () => {
  const damages: readonly (readonly [string, (path: string) => void])[] = [
    ["in its header", (path) => flip(path, 0, 16)],
    ["in the fields of its header", (path) => flip(path, 16, 80)],
    ["in a page", (path) => flip(path, 4096 * 10, 2048)],
    ["by cutting it off", (path) => truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096 - 100)],
    ["by emptying it", (path) => truncateSync(path, 0)],
  ];

  it.each(damages)(
    "[ST-06] %s is kept aside whole, and the newest sound backup takes its place",
    async (_how, damage) => {
      const place = await prepare(true);
      damage(place.path);
      const damaged = digest(place.path);
      const opened = await place.open();
      expect(await countSessions(opened.db)).toBe(401);
      expect(opened.problems).toHaveLength(1);
      expect(opened.problems[0]).toMatch(
        /could not be read .* kept in .*unreadable-.*backup gatehouse-.*-stop\.db was restored/,
      );
      const folder = join(
        place.backupsDir,
        readdirSync(place.backupsDir).find((name) => name.startsWith("unreadable-")) ?? "",
      );
      expect(digest(join(folder, "gatehouse.db"))).toBe(damaged);
      expect(opened.check()).toEqual([]);
    },
  );

  it("[ST-06] is kept aside together with its sidecars", async () => {
    const place = await prepare(true);
    flip(place.path, 0, 16);
    for (const suffix of ["-wal", "-shm"]) writeFileSync(place.path + suffix, `left over${suffix}`);
    await place.open();
    const folder = join(
      place.backupsDir,
      readdirSync(place.backupsDir).find((name) => name.startsWith("unreadable-")) ?? "",
    );
    expect(readdirSync(folder).sort()).toEqual(["gatehouse.db", "gatehouse.db-shm", "gatehouse.db-wal"]);
    expect(readFileSync(join(folder, "gatehouse.db-wal"), "utf8")).toBe("left over-wal");
  });

  it("[ST-06] is never silently empty where there was no backup", async () => {
    const place = await prepare(false);
    flip(place.path, 0, 100);
    const opened = await place.open();
    expect(await countSessions(opened.db)).toBe(0);
    expect(opened.problems[0]).toMatch(/There was no backup to restore: conversations start empty/);
  });

  it("[ST-06] is told apart from a beginning: an empty file without a past is no problem", async () => {
    const place = createPlace();
    writeFileSync(place.path, "");
    expect((await place.open()).problems).toEqual([]);
  });

  it("[ST-06] is restored from an older backup when the newest is broken too", async () => {
    const place = await prepare(true);
    const sound = join(place.backupsDir, readdirSync(place.backupsDir)[0] ?? "");
    const newest = join(place.backupsDir, "gatehouse-20990101-000000-000-stop.db");
    copyFileSync(sound, newest);
    flip(newest, 4096 * 10, 2048);
    flip(place.path, 4096 * 10, 2048);
    const opened = await place.open();
    expect(opened.problems[0]).toContain(sound.split("/").at(-1));
    expect(await countSessions(opened.db)).toBe(401);
  });

  it("[ST-07] does not get the WAL of another database played into it", async () => {
    const place = await prepare(true);
    const other = createPlace();
    const stranger = await other.open();
    await ensureSession(stranger.db, session("agent:main:stranger"), 1);
    copyFileSync(`${other.path}-wal`, `${place.path}-wal`);
    truncateSync(place.path, 0);
    const opened = await place.open();
    const keys = (await opened.db.selectFrom("sessions").select("key").execute()).map((row) => row.key);
    expect(keys).toContain("agent:main:kept");
    expect(keys).not.toContain("agent:main:stranger");
    expect(opened.problems[0]).toContain("its WAL is not");
  });
});

describe("backups", () => {
  it("[ST-14] are sound copies, and of the ordinary ones only the newest seven are kept", async () => {
    const place = createPlace();
    const opened = await place.open();
    await ensureSession(opened.db, session("agent:main:kept"), 1);
    const made: string[] = [];
    for (let n = 0; n < 9; n++) {
      made.push(await opened.backup("stop"));
      await place.clock.advance(1000);
    }
    const before = await opened.backup("before-902-two");
    const left = readdirSync(place.backupsDir).map((name) => join(place.backupsDir, name));
    expect(left.sort()).toEqual([...made.slice(-7), before].sort());
    const copy = new BetterSqlite(before, { readonly: true });
    expect(copy.prepare("SELECT key FROM sessions").all()).toEqual([{ key: "agent:main:kept" }]);
    expect(copy.pragma("integrity_check", { simple: true })).toBe("ok");
    copy.close();
  });
});

describe("the file", () => {
  it("[Q24] is private to its owner, with its sidecars and backups", async () => {
    const place = createPlace();
    writeFileSync(place.path, "", { mode: 0o644 });
    const opened = await place.open();
    await ensureSession(opened.db, session("agent:main:a"), 1);
    const backup = await opened.backup("stop");
    for (const path of [place.path, `${place.path}-wal`, `${place.path}-shm`, backup]) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });

  it("keeps few pages in memory, and folds the WAL in seldom", async () => {
    const { db } = await createPlace().open();
    const cache = await sql`PRAGMA cache_size`.execute(db);
    const pages = await sql`PRAGMA wal_autocheckpoint`.execute(db);
    expect([...cache.rows, ...pages.rows]).toEqual([{ cache_size: -2000 }, { wal_autocheckpoint: 4000 }]);
  });

  it("[Q11] survives a reopening, in WAL mode with full sync", async () => {
    const place = createPlace();
    const opened = await place.open();
    await ensureSession(opened.db, session("agent:main:a"), 1);
    const mode = await sql<{ journal_mode: string }>`PRAGMA journal_mode`.execute(opened.db);
    const sync = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(opened.db);
    expect([mode.rows[0]?.journal_mode, sync.rows[0]?.synchronous]).toEqual(["wal", 2]);
    await opened.close();
    expect(existsSync(`${place.path}-wal`)).toBe(false);
    expect(await countSessions((await place.open()).db)).toBe(1);
  });
});

describe("the words for a disk that says no", () => {
  const sqlite = (code: string) => Object.assign(new Error("raw words"), { code });

  it.each([
    ["SQLITE_FULL", "DISK_FULL", /Free some space; nothing is lost/],
    ["SQLITE_IOERR_WRITE", "DISK_FULL", /full or failing/],
    ["ENOSPC", "DISK_FULL", /full/],
    ["SQLITE_READONLY", "READ_ONLY", /cannot be written/],
    ["EROFS", "READ_ONLY", /read-only/],
    ["SQLITE_BUSY", "DB_BUSY", /in use by another program/],
    ["SQLITE_CORRUPT_VTAB", "DB_CORRUPT", /damaged\. Restart Gatehouse/],
  ])("%s becomes %s", (code, refusal, words) => {
    const error = toRefusal(sqlite(code), "/d/gatehouse.db");
    expect(error).toMatchObject({ code: refusal });
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain("raw words");
  });

  it("leave other errors as they are", () => {
    const error = new Error("something else");
    expect(toRefusal(error, "x")).toBe(error);
    expect(toRefusal("text", "x").message).toBe("text");
  });
});
