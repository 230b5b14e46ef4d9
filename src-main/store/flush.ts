/**
 * Waits for the disk beside the main thread: what was committed so far is safe from a power cut when `flush` resolves.
 * Those who come while one flush runs share the next. It syncs the WAL as a plain file and reads nothing of it; SQLite
 * keeps its locks on the other two files (sqlite.org/wal.html), so that opening and closing this one drops none.
 */
import { open, type FileHandle } from "node:fs/promises";
import { systemCodeOf } from "#main/base/atomic-file.ts";

export interface Flusher {
  /** Throws what the disk says. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** @param walPath of the WAL, which is there from the first commit on and keeps its place until the database closes */
export function createFlusher(walPath: string): Flusher {
  let handle: Promise<FileHandle> | undefined;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const sync = async () => {
    // Windows flushes only what may be written.
    handle ??= open(walPath, "r+");
    try {
      await (await handle).datasync();
    } catch (error) {
      await close().catch(() => {});
      // No WAL: nothing was committed since the last one was folded in.
      if (systemCodeOf(error) !== "ENOENT") throw error;
    }
  };
  const close = async () => {
    const opened = handle;
    handle = undefined;
    await (await opened)?.close();
  };
  const begin = () => {
    next = undefined;
    running = sync();
    return running;
  };
  return {
    flush() {
      // One that runs already may have begun before the caller's commit: it does not count for it.
      next ??= running.then(begin, begin);
      return next;
    },
    async close() {
      await (next ?? running).catch(() => {});
      await close();
    },
  };
}
