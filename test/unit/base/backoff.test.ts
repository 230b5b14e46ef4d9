import { expect, it } from "vitest";
import { backoffMs } from "#main/base/backoff.ts";

it("[CH-17] doubles up to its limit, within a fifth of the step", () => {
  const pauses = { firstMs: 1000, maxMs: 10_000 };
  expect([1, 2, 3, 4, 5, 50].map((failures) => backoffMs(failures, pauses, () => 0.5))).toEqual([
    1000, 2000, 4000, 8000, 10_000, 10_000,
  ]);
  expect([backoffMs(1, pauses, () => 0), backoffMs(1, pauses, () => 1)]).toEqual([800, 1200]);
});
