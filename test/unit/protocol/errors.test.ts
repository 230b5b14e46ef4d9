import { expect, it } from "vitest";
import { CLOSE, ERROR_CODES, toCloseReason } from "#main/protocol/errors.ts";

it.each([
  ["short", "short"],
  ["", ""],
  ["x".repeat(123), "x".repeat(123)],
  ["x".repeat(124), "x".repeat(123)],
  ["é".repeat(70), "é".repeat(61)],
  ["日".repeat(50), "日".repeat(41)],
  [`x${"😀".repeat(40)}`, `x${"😀".repeat(30)}`],
])("[B20] cuts %j on a boundary of UTF-8", (reason, cut) => {
  expect(toCloseReason(reason)).toBe(cut);
  expect(Buffer.byteLength(toCloseReason(reason))).toBeLessThanOrEqual(123);
});

it("[B19] [B20] names the codes of the wire in upper case, and the numbers of the closes", () => {
  for (const code of ERROR_CODES) expect(code).toMatch(/^[A-Z_]+$/);
  expect(CLOSE).toMatchObject({
    normal: 1000,
    version: 1002,
    policy: 1008,
    tooBig: 1009,
    starting: 1013,
    credentials: 4001,
  });
});
