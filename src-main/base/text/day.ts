/** A moment as the people at this computer write its day and its hour. Pure; never reads a clock. */

const two = (value: number): string => String(value).padStart(2, "0");

/**
 * `2026-01-31`, in the computer's time zone.
 * @param now milliseconds since 1970
 */
export function toLocalDay(now: number): string {
  const date = new Date(now);
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `08:05`, in the computer's time zone. */
export function toLocalTime(now: number): string {
  const date = new Date(now);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}
