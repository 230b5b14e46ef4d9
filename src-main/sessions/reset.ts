/** When a conversation begins anew by itself: each day at an hour of the wall clock, or after a pause. Pure. */

export interface ResetRules {
  /** `HH:MM`, local; anything else: never. */
  daily: string;
  /** 0: never. */
  idleMinutes: number;
}

/**
 * The newest moment at or before `now` at which the wall clock showed `daily`. On the day when clocks go forward and the
 * hour does not exist it is the moment after the gap; when they go back, the first of the two.
 * @param now milliseconds since 1970; the zone is that of the process
 */
export function lastDailyReset(daily: string, now: number): number | undefined {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(daily) ?? [];
  if (hour === undefined || minute === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined;
  const today = new Date(now);
  const at = (days: number) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, Number(hour), Number(minute)).getTime();
  return at(0) <= now ? at(0) : at(-1);
}

/** @param lastActiveAt when the conversation was last written in, milliseconds since 1970 */
export function isStale(rules: ResetRules, lastActiveAt: number, now: number): boolean {
  const boundary = lastDailyReset(rules.daily, now);
  if (boundary !== undefined && lastActiveAt < boundary) return true;
  return rules.idleMinutes > 0 && now - lastActiveAt > rules.idleMinutes * 60_000;
}
