/** Reloading after crashes, and when to stop. */
import { expect, it } from "vitest";
import { createCrashPolicy } from "#main/shell/crash-policy.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

it("[EL-17] reloads later each time, and explains instead of a fourth reload in a minute", () => {
  const onCrash = createCrashPolicy(createManualClock());
  expect([onCrash(), onCrash(), onCrash(), onCrash()]).toEqual([
    { action: "reload", delayMs: 0 },
    { action: "reload", delayMs: 500 },
    { action: "reload", delayMs: 2000 },
    { action: "explain" },
  ]);
  expect(onCrash()).toEqual({ action: "reload", delayMs: 0 });
});

it("[EL-17] forgets crashes older than a minute", async () => {
  const clock = createManualClock();
  const onCrash = createCrashPolicy(clock);
  for (let i = 0; i < 10; i++) {
    expect(onCrash()).toEqual({ action: "reload", delayMs: 0 });
    await clock.advance(60_000);
  }
});
