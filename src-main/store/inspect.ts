/**
 * Looks at a database that no gateway has open, for `doctor`. Works on a copy: a second handle on the file itself would
 * drop the locks of whoever owns it, and could fold its WAL.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite from "better-sqlite3";
import { messageOf } from "#main/base/errors.ts";
import { quickCheck } from "./database.ts";

/**
 * `PRAGMA quick_check` on a copy of the file and its WAL, made in a private folder that is removed again.
 * @param path of the database, existing
 * @returns the faults found, at most five; empty when it is sound
 */
export function checkUnusedDatabase(path: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-check-"));
  let raw: BetterSqlite.Database | undefined;
  try {
    const copy = join(folder, "copy.db");
    copyFileSync(path, copy);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
    raw = new BetterSqlite(copy);
    return quickCheck(raw);
  } catch (error) {
    return [messageOf(error)];
  } finally {
    raw?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
