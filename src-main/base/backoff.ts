/** How long to wait before the next try: doubling, capped, with jitter, so that many do not come back at once. Pure. */

export interface Backoff {
  firstMs: number;
  maxMs: number;
}

/**
 * @param failures tries that failed in a row, from 1
 * @param random 0 ≤ n < 1
 * @returns milliseconds, within 20 % of the step
 */
export function backoffMs(failures: number, { firstMs, maxMs }: Backoff, random: () => number): number {
  const step = Math.min(maxMs, firstMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.round(step * (0.8 + random() * 0.4));
}
