/**
 * One gateway per state directory. The right is an exclusive lock that the kernel takes back when the process dies,
 * however it dies, so that a stale file or a reused pid is never believed; SQLite's own file locking gives it on all
 * three systems. `gateway.lock` beside it only tells others whom to talk to.
 */
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import BetterSqlite from "better-sqlite3";
import { systemCodeOf } from "#main/base/atomic-file.ts";
import { toDisposable, type Disposable } from "#main/base/disposable.ts";
import { Refused } from "#main/base/errors.ts";

/** What `gateway.lock` says of the running gateway. Holds no secret. */
export interface LockInfo {
  pid: number;
  url: string;
  /** A socket that only this user can open, where no credential is needed. Absent on Windows. */
  socketPath?: string;
  startedAtMs: number;
  version: string;
}

export function readLockInfo(path: string): LockInfo | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as LockInfo;
  } catch {
    return undefined;
  }
}

export interface StateLock extends Disposable {
  /** True when the last owner did not give the lock back: it crashed or was killed. */
  wasUnclean: boolean;
}

/**
 * Takes the lock, or throws Refused `LOCKED` with `{pid, url}` of the owner.
 * @param path of `gateway.lock`; the lock itself is held on `<path>.db`
 */
export function acquireLock(path: string): StateLock {
  // Made by us first: SQLite gives its sidecars the rights of the file.
  closeSync(openSync(`${path}.db`, "a", 0o600));
  const raw = new BetterSqlite(`${path}.db`, { timeout: 0 });
  try {
    raw.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    raw.close();
    if (systemCodeOf(error) !== "SQLITE_BUSY") throw error;
    const owner = readLockInfo(path);
    const who = owner ? `process ${owner.pid} at ${owner.url}` : "another process that is just starting";
    throw new Refused("LOCKED", `A Gatehouse gateway already runs for this state directory: ${who}.`, {
      details: { pid: owner?.pid, url: owner?.url },
    });
  }
  const wasUnclean = readLockInfo(path) !== undefined;
  const release = toDisposable(() => {
    rmSync(path, { force: true });
    raw.close();
  });
  return { wasUnclean, ...release };
}
