import { expect, it, onTestFinished, vi } from "vitest";
import { EventLoopMeter } from "#main/gateway/event-loop.ts";

function createMeter(): EventLoopMeter {
  const meter = new EventLoopMeter();
  onTestFinished(() => meter.dispose());
  return meter;
}

/** Keeps the thread, as a large synchronous piece of work does. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Blocks for 300 ms between two samples; one must have been taken before, for a delay is seen against the last. */
async function blockSeen(meter: EventLoopMeter): Promise<void> {
  await vi.waitFor(() => expect(meter.read().delayMaxMs).toBeGreaterThan(0));
  block(300);
  await vi.waitFor(() => expect(meter.read().delayMaxMs).toBeGreaterThan(200));
}

it("says how late and how busy the thread was, and of what kind that is", async () => {
  const meter = createMeter();
  await blockSeen(meter);
  const reading = meter.read();
  expect(reading).toMatchObject({ degraded: true });
  expect(reading.reasons).toContain("event_loop_delay");
  expect(reading.delayMaxMs).toBeGreaterThanOrEqual(reading.delayP50Ms);
  expect(reading.utilization).toBeLessThanOrEqual(1);
  expect(reading.cpuCoreRatio).toBeGreaterThan(0);
});

it("forgets with a reset, so that one bad moment is not held against it for ever", async () => {
  const meter = createMeter();
  await blockSeen(meter);
  meter.reset();
  expect(meter.read().delayMaxMs).toBe(0);
});

it("gives numbers before there is anything to measure", () => {
  const { delayP99Ms, utilization, cpuCoreRatio } = createMeter().read();
  for (const value of [delayP99Ms, utilization, cpuCoreRatio]) expect(Number.isFinite(value)).toBe(true);
});
