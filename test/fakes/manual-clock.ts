import type { Clock } from "#main/base/clock.ts";
import { toDisposable } from "#main/base/disposable.ts";

/** A clock whose hands a test turns. Timers fire in order of their time, inside `advance`. */
export interface ManualClock extends Clock {
  /** Moves time on by `ms`, firing what is due, and lets promises settle between timers. */
  advance(ms: number): Promise<void>;
  /** Timers not yet fired or disposed: 0 at the end of a test, or something leaks. */
  readonly pendingTimers: number;
}

export function createManualClock(start = Date.UTC(2026, 0, 1, 12)): ManualClock {
  let now = start;
  let nextId = 1;
  const timers = new Map<number, { due: number; period: number | undefined; run: () => void }>();
  const add = (ms: number, period: number | undefined, run: () => void) => {
    const id = nextId++;
    timers.set(id, { due: now + ms, period, run });
    return toDisposable(() => {
      timers.delete(id);
    });
  };
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => now,
    monotonic: () => now - start,
    after: (ms, run) => add(ms, undefined, run),
    every: (ms, run) => add(ms, ms, run),
    get pendingTimers() {
      return timers.size;
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = [...timers].filter(([, t]) => t.due <= end).sort((a, b) => a[1].due - b[1].due)[0];
        if (!next) break;
        const [id, timer] = next;
        now = Math.max(now, timer.due);
        if (timer.period === undefined) timers.delete(id);
        else timer.due += timer.period;
        timer.run();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}
