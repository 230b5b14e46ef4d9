/** How long the main thread makes others wait. Measured all the time, since it costs next to nothing. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Disposable } from "#main/base/disposable.ts";

const RESOLUTION_MS = 10;

export interface EventLoopReading {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export class EventLoopMeter implements Disposable {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  /** Delay beyond the sampling interval, milliseconds, since the last `reset`. */
  read(): EventLoopReading {
    const toMs = (nanoseconds: number) => {
      const delay = nanoseconds / 1e6 - RESOLUTION_MS;
      return Number.isFinite(delay) ? Math.max(0, Math.round(delay * 100) / 100) : 0;
    };
    const histogram = this.#histogram;
    return { p50Ms: toMs(histogram.percentile(50)), p99Ms: toMs(histogram.percentile(99)), maxMs: toMs(histogram.max) };
  }

  reset(): void {
    this.#histogram.reset();
  }

  dispose(): void {
    this.#histogram.disable();
  }
}
