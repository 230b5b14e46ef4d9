import { expect, it } from "vitest";
import { toLocalDay, toLocalTime } from "#main/base/text/day.ts";

it("writes day and hour as the computer's own time zone has them, with zeros before small numbers", () => {
  const moment = new Date(2026, 0, 2, 3, 4).getTime();
  expect([toLocalDay(moment), toLocalTime(moment)]).toEqual(["2026-01-02", "03:04"]);
  const last = new Date(2026, 11, 31, 23, 59, 59, 999).getTime();
  expect([toLocalDay(last), toLocalTime(last)]).toEqual(["2026-12-31", "23:59"]);
  expect([toLocalDay(last + 1), toLocalTime(last + 1)]).toEqual(["2027-01-01", "00:00"]);
});
