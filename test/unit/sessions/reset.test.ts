import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isStale, lastDailyReset } from "#main/sessions/reset.ts";

const zone = process.env["TZ"];
beforeEach(() => {
  process.env["TZ"] = "Europe/Berlin";
});
afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

const at = (iso: string) => new Date(iso).getTime();

describe("the daily beginning", () => {
  it("[K02] is today's hour, or yesterday's before it", () => {
    expect(lastDailyReset("04:00", at("2026-05-02T05:00:00+02:00"))).toBe(at("2026-05-02T04:00:00+02:00"));
    expect(lastDailyReset("04:00", at("2026-05-02T03:59:00+02:00"))).toBe(at("2026-05-01T04:00:00+02:00"));
  });

  it("[K02] keeps the wall clock's hour when clocks go forward and back", () => {
    expect(lastDailyReset("04:00", at("2026-03-29T12:00:00+02:00"))).toBe(at("2026-03-29T04:00:00+02:00"));
    expect(lastDailyReset("04:00", at("2026-10-25T12:00:00+01:00"))).toBe(at("2026-10-25T04:00:00+01:00"));
  });

  it("[K02] happens once on the day when its hour does not exist, and once when it comes twice", () => {
    const gap = lastDailyReset("02:30", at("2026-03-29T12:00:00+02:00")) ?? 0;
    expect(new Date(gap).getDate()).toBe(29);
    const night = at("2026-10-25T00:00:00+02:00");
    const seen = new Set<number | undefined>();
    for (let minute = 0; minute < 6 * 60; minute++) seen.add(lastDailyReset("02:30", night + minute * 60_000));
    expect(seen.size).toBe(2);
  });

  it("never comes for an hour that is none", () => {
    for (const daily of ["", "never", "25:00", "4", "04:75"]) expect(lastDailyReset(daily, 1e12)).toBeUndefined();
  });
});

describe("a conversation", () => {
  const now = at("2026-05-02T12:00:00+02:00");

  it("[K02] begins anew after the hour, and after a pause, whichever is first", () => {
    const rules = { daily: "04:00", idleMinutes: 60 };
    expect(isStale(rules, at("2026-05-02T03:00:00+02:00"), now)).toBe(true);
    expect(isStale(rules, at("2026-05-02T10:30:00+02:00"), now)).toBe(true);
    expect(isStale(rules, at("2026-05-02T11:30:00+02:00"), now)).toBe(false);
    expect(isStale({ ...rules, idleMinutes: 0 }, at("2026-05-02T10:30:00+02:00"), now)).toBe(false);
  });
});
