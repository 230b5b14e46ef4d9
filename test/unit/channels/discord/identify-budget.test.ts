/** How often a session may begin. */
import { expect, it } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import { IDENTIFIES_PER_WINDOW, IdentifyBudget } from "#main/channels/discord/identify-budget.ts";
import { createMemory } from "#test/fakes/channel-context.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

const DAY = 24 * 60 * 60 * 1000;

it("[CH-32] never lets a bot begin more than a thousand sessions in any day", async () => {
  const clock = createManualClock();
  const memory = createMemory();
  const taken: number[] = [];
  let budget = new IdentifyBudget({ clock, memory, log: silentLogger });
  const signal = new AbortController().signal;
  for (let i = 0; i < 3 * IDENTIFIES_PER_WINDOW; i++) {
    // A restart now and then: the count is kept.
    if (i % 7 === 0) budget = new IdentifyBudget({ clock, memory, log: silentLogger });
    const turn = budget.take(signal, () => {}).then(() => taken.push(clock.now()));
    while (taken.length === i) await clock.advance(i % IDENTIFIES_PER_WINDOW === 0 ? DAY / 2 : 6000);
    await turn;
  }
  const most = Math.max(...taken.map((at) => taken.filter((other) => other >= at && other < at + DAY).length));
  expect(most).toBeLessThanOrEqual(1000);
});

it("waits for the next window when this one is used up, and says how long", async () => {
  const clock = createManualClock();
  const memory = createMemory(new Map([["identifies", `${clock.now() - 1000}:${IDENTIFIES_PER_WINDOW}`]]));
  const waits: number[] = [];
  const budget = new IdentifyBudget({ clock, memory, log: silentLogger });
  const taken = budget.take(new AbortController().signal, (ms) => waits.push(ms));
  expect(waits).toEqual([DAY - 1000]);
  await clock.advance(DAY - 1000);
  await taken;
  expect(memory.get("identifies")).toBe(`${clock.now()}:1`);
});

it("is not locked out by a clock that was set back", async () => {
  const clock = createManualClock();
  const memory = createMemory(new Map([["identifies", `${clock.now() + DAY}:${IDENTIFIES_PER_WINDOW}`]]));
  const budget = new IdentifyBudget({ clock, memory, log: silentLogger });
  await budget.take(new AbortController().signal, () => {});
  expect(memory.get("identifies")).toBe(`${clock.now()}:1`);
});
