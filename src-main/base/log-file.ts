/**
 * The log on disk: `gatehouse.log` and its four older ones, each at most 5 MB, 0600. Lines are gathered and written in
 * the background. Never blocks a caller, never throws into one, and never grows without bound in memory or on disk.
 */
import { appendFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureDir, systemCodeOf, tightenMode } from "./atomic-file.ts";
import type { Disposable } from "./disposable.ts";
import { messageOf } from "./errors.ts";
import { silentLogger } from "./logger.ts";

export interface LogFileOptions {
  /** Absolute path; the folder is made when missing. */
  path: string;
  /** Bytes of one file, 5 MB unless told. */
  maxBytes?: number;
  /** Files kept, the current one included: 5 unless told. */
  maxFiles?: number;
  /** Told once when writing begins to fail, and not again until it has worked. Must not log into this file. */
  onProblem?: (message: string) => void;
}

export interface LogFile extends Disposable {
  /** Queues one line, without its line end. */
  write(line: string): void;
  /** Resolves when everything queued so far was written, or given up. */
  flush(): Promise<void>;
}

/** Bytes waiting in memory at most; beyond it lines are dropped and counted, so that a dead disk costs no memory. */
const MAX_PENDING = 4 * 1024 * 1024;

/** `gatehouse.log` → `gatehouse.1.log` → … → removed. */
async function rotate(path: string, maxFiles: number): Promise<void> {
  const name = (index: number) => (index === 0 ? path : path.replace(/(\.[^./\\]*)?$/, `.${index}$1`));
  await rm(name(maxFiles - 1), { force: true });
  for (let index = maxFiles - 2; index >= 0; index--) {
    await rename(name(index), name(index + 1)).catch((thrown: unknown) => {
      if (systemCodeOf(thrown) !== "ENOENT") throw thrown;
    });
  }
}

/** Makes the folder, narrows the file. @returns the file's size in bytes */
async function prepare(path: string): Promise<number> {
  await ensureDir(dirname(path), silentLogger);
  await tightenMode(path, 0o600, silentLogger);
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** Disposing writes what is queued. */
export function createLogFile(options: LogFileOptions): LogFile {
  const { path, maxBytes = 5 * 1024 * 1024, maxFiles = 5 } = options;
  let pending: string[] = [];
  let pendingBytes = 0;
  let dropped = 0;
  let fileBytes: number | undefined;
  let failing = false;
  let closed = false;
  let working: Promise<void> | undefined;

  const writeBatch = async (lines: readonly string[], lost: number) => {
    fileBytes ??= await prepare(path);
    let batch = "";
    const put = async () => {
      if (batch === "") return;
      await appendFile(path, batch, { mode: 0o600 });
      fileBytes = (fileBytes ?? 0) + Buffer.byteLength(batch);
      batch = "";
    };
    const all = lost > 0 ? [...lines, `${lost} log lines were dropped here: the disk could not follow`] : lines;
    for (const line of all) {
      if (fileBytes + Buffer.byteLength(batch) + Buffer.byteLength(line) >= maxBytes) {
        await put();
        if (fileBytes > 0) await rotate(path, maxFiles);
        fileBytes = 0;
      }
      batch += `${line}\n`;
    }
    await put();
  };
  const drain = async () => {
    // Callers go first: the batch is taken only after the current synchronous work.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (pending.length > 0) {
      const lines = pending;
      const lost = dropped;
      pending = [];
      pendingBytes = 0;
      dropped = 0;
      try {
        await writeBatch(lines, lost);
        failing = false;
      } catch (thrown) {
        fileBytes = undefined;
        if (!failing) options.onProblem?.(`the log file cannot be written: ${messageOf(thrown)}`);
        failing = true;
      }
    }
    working = undefined;
  };
  const flush = async () => {
    while (working !== undefined) await working;
  };
  return {
    write(line) {
      if (closed) return;
      const bytes = Buffer.byteLength(line) + 1;
      if (pendingBytes + bytes > MAX_PENDING) {
        dropped += 1;
        return;
      }
      pending.push(line);
      pendingBytes += bytes;
      working ??= drain();
    },
    flush,
    async dispose() {
      closed = true;
      await flush();
    },
  };
}

/** Where the log lives in its folder. */
export function logFilePath(logsDir: string): string {
  return join(logsDir, "gatehouse.log");
}
