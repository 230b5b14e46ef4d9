/**
 * Finds the running gateway by the file it keeps in its state directory. The file is believed only when it is this
 * account's own and nobody else can write it: it decides where a credential is sent. Never writes or removes it.
 */
import { readFileSync, statSync, type Stats } from "node:fs";
import { Refused } from "#main/base/errors.ts";
import { lockPath } from "#main/config/paths.ts";
import type { LockInfo } from "#main/store/lock.ts";

export type LockReading =
  /** No gateway: never started, or stopped as it should. */
  | { state: "none" }
  /** A file is left whose process is gone: it crashed or was killed. */
  | { state: "stale"; lock: LockInfo }
  | { state: "running"; lock: LockInfo };

/** The shape that the gateway writes; anything else is not its file. */
function isLockInfo(value: unknown): value is LockInfo {
  if (typeof value !== "object" || value === null) return false;
  const { pid, url, socketPath } = value as Record<string, unknown>;
  const isUrl = typeof url === "string" && /^https?:\/\/[^/@\s]+\/?$/.test(url);
  return Number.isInteger(pid) && isUrl && (socketPath === undefined || typeof socketPath === "string");
}

/** True when `file` belongs to this account alone. Windows keeps that in the folder's own rights. */
export function isOurs(file: Stats): boolean {
  const uid = process.getuid?.();
  return uid === undefined || (file.uid === uid && (file.mode & 0o022) === 0);
}

/** True for a process of this machine; one of another account counts. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * @param stateDir absolute
 * Throws Refused `UNSAFE_FILE` when the file is there and somebody else could have written it.
 */
export function readLock(stateDir: string): LockReading {
  const path = lockPath(stateDir);
  let value: unknown;
  try {
    if (!isOurs(statSync(path))) {
      throw new Refused("UNSAFE_FILE", `${path} belongs to another account or can be written by one; nothing was sent`);
    }
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Refused) throw error;
    return { state: "none" };
  }
  if (!isLockInfo(value)) return { state: "none" };
  return { state: isAlive(value.pid) ? "running" : "stale", lock: value };
}

/** The running gateway, or Refused `NOT_RUNNING` with what to do. */
export function needRunning(stateDir: string): LockInfo {
  const reading = readLock(stateDir);
  if (reading.state === "running") return reading.lock;
  const crashed = reading.state === "stale" ? ` The last one, process ${reading.lock.pid}, ended without a word.` : "";
  throw new Refused("NOT_RUNNING", `no gateway runs for ${stateDir}.${crashed} Start the app, or run: gatehouse serve`);
}
