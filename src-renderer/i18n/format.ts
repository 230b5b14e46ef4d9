/** Dates, numbers and sums in a person's language. Pure. */

/** 12,345 → 12.3K */
export function toCompact(value: number, language: string): string {
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** @param usd US dollars; small sums keep enough digits to be more than zero */
export function toCost(usd: number, language: string): string {
  const digits = usd > 0 && usd < 0.01 ? 4 : 2;
  return new Intl.NumberFormat(language, { style: "currency", currency: "USD", maximumFractionDigits: digits }).format(
    usd,
  );
}

/** The time for today, the date for before. */
export function toWhen(at: number, now: number, language: string): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  const options: Intl.DateTimeFormatOptions = isToday
    ? { hour: "numeric", minute: "2-digit" }
    : { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(language, options).format(at);
}

/** "3 minutes ago", "in 2 hours": the distance in its largest unit. */
export function toDistance(at: number, now: number, language: string): string {
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const seconds = Math.round((at - now) / 1000);
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ] as const;
  const found = units.find(([, size]) => Math.abs(seconds) >= size);
  // Seconds change too fast to be read.
  if (!found) return words.format(seconds >= 30 ? 1 : 0, seconds >= 30 ? "minute" : "second");
  return words.format(Math.trunc(seconds / found[1]), found[0]);
}

/** A length of time in its two largest units. */
export function toDuration(ms: number, language: string): string {
  const units = [
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
    ["second", 1000],
  ] as const;
  const found = units.findIndex(([, size]) => ms >= size);
  const first = found === -1 ? units.length - 1 : found;
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length === 0) {
      parts.push(new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(count));
    }
  }
  return parts.join(" ");
}

export type DateGroup = "today" | "yesterday" | "week" | "month" | "older";

/** The group of the list that a time belongs to, by calendar days of this computer. */
export function toDateGroup(at: number, now: number): DateGroup {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const day = 86_400_000;
  if (at >= midnight) return "today";
  if (at >= midnight - day) return "yesterday";
  if (at >= midnight - 7 * day) return "week";
  return at >= midnight - 30 * day ? "month" : "older";
}
