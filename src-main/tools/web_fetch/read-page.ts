/**
 * Reads a page in a worker with little memory, no environment and a few seconds. What a page does to its parser ends
 * with the worker; the gateway's thread is never held up.
 */
import { Worker } from "node:worker_threads";
import type { Clock } from "#main/base/clock.ts";
import { RemoteError } from "#main/base/errors.ts";
import type { PageTask, PageText } from "./page.ts";

/** Milliseconds, start of the worker included. */
export const MAX_READ_MS = 5_000;
const MAX_HEAP_MB = 192;

export type StartPageWorker = (task: PageTask) => Worker;

function startPageWorker(task: PageTask): Worker {
  return new Worker(new URL("./page-worker.ts", import.meta.url), {
    workerData: task,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, stackSizeMb: 4 },
  });
}

/**
 * Throws RemoteError when the page cannot be read in time or in memory, and the signal's reason when it aborts. The
 * worker is gone when this settles.
 */
export async function readPageApart(
  task: PageTask,
  { clock, signal, start = startPageWorker }: { clock: Clock; signal: AbortSignal; start?: StartPageWorker },
): Promise<PageText> {
  signal.throwIfAborted();
  const worker = start(task);
  const { promise, resolve, reject } = Promise.withResolvers<PageText>();
  const timer = clock.after(MAX_READ_MS, () => {
    reject(new RemoteError("UNAVAILABLE", `The page could not be read within ${MAX_READ_MS / 1000} s.`));
  });
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  worker.once("message", (page: PageText) => resolve(page));
  worker.once("error", (error) => {
    reject(new RemoteError("UNAVAILABLE", "The page is built in a way that cannot be read.", { cause: error }));
  });
  worker.once("exit", () => reject(new RemoteError("UNAVAILABLE", "The page could not be read.")));
  try {
    return await promise;
  } finally {
    void timer.dispose();
    signal.removeEventListener("abort", onAbort);
    await worker.terminate();
  }
}
