/**
 * How to go on after the window's process died: reload, a little later each time, and after several deaths in a row a
 * page that says so instead of a loop. Pure but for what it remembers of the last minute.
 */
import type { Clock } from "#main/base/clock.ts";

export type CrashAction = { action: "reload"; delayMs: number } | { action: "explain" };

const WINDOW_MS = 60_000;
const DELAYS_MS = [0, 500, 2000];

/** @returns a function to call at each crash */
export function createCrashPolicy(clock: Pick<Clock, "monotonic">): () => CrashAction {
  let recent: number[] = [];
  return () => {
    const now = clock.monotonic();
    recent = [...recent.filter((at) => now - at < WINDOW_MS), now];
    const delayMs = DELAYS_MS[recent.length - 1];
    if (delayMs !== undefined) return { action: "reload", delayMs };
    recent = [];
    return { action: "explain" };
  };
}
