/** Tells when one of a few files may have changed. Says "look again", not what happened; never reads a file itself. */
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

/** Begins a little later, with the library loaded then. Disposing ends it, begun or not. */
export function watchFiles(options: WatchOptions): Disposable {
  const { paths, clock, log, onMayHaveChanged } = options;
  let disposed = false;
  let settle: Disposable | undefined;
  let closing: (() => Promise<void>) | undefined;

  const touched = () => {
    void settle?.dispose();
    if (!disposed) settle = clock.after(SETTLE_MS, onMayHaveChanged);
  };
  const begin = async () => {
    const { watch } = await import("chokidar");
    if (disposed) return;
    const watcher = watch([...paths], { ignoreInitial: true });
    closing = () => watcher.close();
    watcher.on("all", touched);
    watcher.on("error", (error) => log.warn(`the configuration is not watched any more: ${messageOf(error)}`));
    watcher.on("ready", () => {
      // What changed before the watching began.
      onMayHaveChanged();
      options.onReady?.();
    });
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
    await closing?.();
  });
}
