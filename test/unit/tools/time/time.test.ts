import { describe, expect, it } from "vitest";
import { Refused } from "#main/base/errors.ts";
import { formatTime, timeTool } from "#main/tools/time/index.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

const NOON = Date.UTC(2026, 0, 1, 12);

describe("time", () => {
  it("tells the given clock's time in a named zone", async () => {
    const context = createToolContext({ clock: createManualClock(NOON) });
    expect(await timeTool.run({ timezone: "Europe/Berlin" }, context, { summary: "time" })).toEqual({
      text: "Thursday, 1 January 2026, 13:00:00 in Europe/Berlin (GMT+01:00), 2026-01-01T12:00:00.000Z",
    });
  });
  it("is a level 1 call", () => {
    expect(timeTool.level({})).toBe(1);
  });
  it("takes the computer's zone when none is named", () => {
    expect(formatTime(NOON, undefined)).toContain("2026-01-01T12:00:00.000Z");
  });
  it("shows midnight as 00", () => {
    expect(formatTime(Date.UTC(2026, 0, 1), "UTC")).toContain("00:00:00");
  });
  it.each(["Mars/Olympus", "", "+02:00", "Europe/Berlin; rm", "../etc"])(
    "refuses the zone %j with an example",
    (zone) => {
      expect(() => formatTime(NOON, zone)).toThrow(Refused);
      expect(() => formatTime(NOON, zone)).toThrow("Europe/Berlin");
    },
  );
});
