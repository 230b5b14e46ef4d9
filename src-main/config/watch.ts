/** Tells when one of a few files may have changed. Says "look again", not what happened; never reads a file itself. */
import { watch, type FSWatcher } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Clock } from "#main/base/clock.ts";
import { toDisposable, type Disposable } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";

export interface WatchOptions {
  /** Absolute paths; they need not exist. */
  paths: readonly string[];
  clock: Clock;
  log: Logger;
  /** After each burst of changes, and once when the watching has begun. */
  onMayHaveChanged: () => void;
  /** Called when watching has begun. For tests, which cannot know it otherwise. */
  onReady?: () => void;
}

/** The watcher costs time that the start does not have. */
const BEGIN_AFTER_MS = 300;
/** Editors write in several steps: the file is looked at when they are done. */
const SETTLE_MS = 300;

/** The folders to watch with the names that count in each: where a path is, and where a link leads. */
async function toFolders(paths: readonly string[]): Promise<Map<string, Set<string>>> {
  const folders = new Map<string, Set<string>>();
  const add = (path: string) => {
    const names = folders.get(dirname(path)) ?? new Set();
    folders.set(dirname(path), names.add(basename(path)));
  };
  for (const path of paths) {
    add(path);
    const real = await realpath(path).catch(() => undefined);
    if (real !== undefined && real !== path) add(real);
  }
  return folders;
}

/**
 * Begins a little later. Watches folders, since editors replace files, and looks at the name alone: the database writes
 * beside the configuration all the time. Disposing ends it, begun or not.
 */
export function watchFiles(options: WatchOptions): Disposable {
  const { paths, clock, log, onMayHaveChanged } = options;
  let disposed = false;
  let settle: Disposable | undefined;
  const watchers: FSWatcher[] = [];
  const touched = () => {
    void settle?.dispose();
    if (!disposed) settle = clock.after(SETTLE_MS, onMayHaveChanged);
  };
  const begin = async () => {
    const folders = await toFolders(paths);
    if (disposed) return;
    for (const [folder, names] of folders) {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || names.has(name)) touched();
      });
      watcher.on("error", (error) => log.warn(`the configuration is not watched any more: ${messageOf(error)}`));
      watchers.push(watcher);
    }
    // What changed before the watching began.
    onMayHaveChanged();
    options.onReady?.();
  };
  let beginning: Promise<void> | undefined;
  const start = clock.after(BEGIN_AFTER_MS, () => {
    beginning = begin().catch((error: unknown) => {
      log.warn(`the configuration cannot be watched; changes count after a restart: ${messageOf(error)}`);
    });
  });
  return toDisposable(async () => {
    disposed = true;
    void start.dispose();
    void settle?.dispose();
    await beginning;
    for (const watcher of watchers) watcher.close();
  });
}
