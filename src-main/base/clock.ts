import { toDisposable, type Disposable } from "./disposable.ts";

/**
 * Time as an argument. Nothing in the gateway calls `Date.now` or `setTimeout` itself, so that tests turn the hands.
 * The manual clock of `test/fakes` is the second implementation.
 */
export interface Clock {
  /** Wall time, milliseconds since 1970. May jump; for stamps only. */
  now(): number;
  /** Milliseconds of a clock that never jumps. For durations and time-outs. */
  monotonic(): number;
  /** Calls `run` once after `ms`. Disposing cancels. Does not keep the process alive. */
  after(ms: number, run: () => void): Disposable;
  /** Calls `run` each `ms` until disposed. Does not keep the process alive. */
  every(ms: number, run: () => void): Disposable;
}

/** The real clock. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      timer.unref();
      return toDisposable(() => clearTimeout(timer));
    },
    every(ms, run) {
      const timer = setInterval(run, ms);
      timer.unref();
      return toDisposable(() => clearInterval(timer));
    },
  };
}

/** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      void timer.dispose();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
    return undefined;
  });
}
