/** How long the main thread makes others wait. Measured all the time, since it costs next to nothing. */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Disposable } from "#main/base/disposable.ts";
import type { HealthSummary } from "#main/protocol/methods/system.ts";

const RESOLUTION_MS = 10;
/** A thread that is late by this much, or busy for this share of the time, is felt by people. */
const LATE_P99_MS = 200;
const BUSY = 0.95;

/** Times in milliseconds; shares 0 to 1, but `cpuCoreRatio` counts all threads and can be more. */
type EventLoopReading = NonNullable<HealthSummary["eventLoop"]>;

export class EventLoopMeter implements Disposable {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #usedBefore = performance.eventLoopUtilization();
  #cpuBefore = process.cpuUsage();

  constructor() {
    this.#histogram.enable();
  }

  /** Since the last `reset`; delay is what goes beyond the sampling interval. */
  read(): EventLoopReading {
    const toMs = (nanoseconds: number) => {
      const delay = nanoseconds / 1e6 - RESOLUTION_MS;
      return Number.isFinite(delay) ? Math.max(0, Math.round(delay * 100) / 100) : 0;
    };
    const histogram = this.#histogram;
    const { idle, active } = performance.eventLoopUtilization(this.#usedBefore);
    const cpu = process.cpuUsage(this.#cpuBefore);
    const passedMs = idle + active;
    const utilization = toShare(active, passedMs);
    const delayP99Ms = toMs(histogram.percentile(99));
    const reasons = [
      ...(delayP99Ms > LATE_P99_MS ? ["event_loop_delay"] : []),
      ...(utilization > BUSY ? ["event_loop_utilization"] : []),
    ];
    return {
      degraded: reasons.length > 0,
      reasons,
      delayP50Ms: toMs(histogram.percentile(50)),
      delayP99Ms,
      delayMaxMs: toMs(histogram.max),
      utilization,
      cpuCoreRatio: toShare((cpu.user + cpu.system) / 1000, passedMs),
    };
  }

  reset(): void {
    this.#histogram.reset();
    this.#usedBefore = performance.eventLoopUtilization();
    this.#cpuBefore = process.cpuUsage();
  }

  dispose(): void {
    this.#histogram.disable();
  }
}

function toShare(part: number, whole: number): number {
  return whole > 0 ? Math.round((part / whole) * 1000) / 1000 : 0;
}
