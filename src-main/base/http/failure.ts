/**
 * What is said of an HTTP call that failed: when to come back, and the service's own words without our secrets. Pure.
 * Must never let a key through: every message made of a service's answer passes `withoutSecrets`.
 */

/** Longest piece of a service's words that goes into a message. */
const MAX_WORDS = 300;

/**
 * Milliseconds to wait, from `retry-after-ms` (used by model services) or `Retry-After` (RFC 9110 §10.2.3: seconds or
 * an HTTP date). Never rounded down; undefined when absent or unreadable.
 * @param now wall time in milliseconds, for the date form
 */
export function retryAfterOf(headers: { get(name: string): string | null }, now: number): number | undefined {
  const exact = headers.get("retry-after-ms");
  if (exact !== null && /^\d+(\.\d+)?$/.test(exact.trim())) return Math.ceil(Number(exact));
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  // Only what looks like a date: the parser takes a bare `-3` for a year.
  const date = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * The words on one line, shortened, with the given secrets and everything that looks like a credential cut out.
 * @param secrets values that must not appear; undefined and very short ones are skipped
 */
export function withoutSecrets(words: string, secrets: readonly (string | undefined)[]): string {
  let clean = words;
  for (const secret of secrets) {
    if (secret !== undefined && secret.length >= 4) clean = clean.replaceAll(secret, "[key]");
  }
  clean = clean
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, "$1 [key]")
    .replace(/\b(sk|pk|rk|key|gsk|xai)-[\w*.-]{4,}/gi, "[key]")
    .replace(/\/\/[^/\s@]+@/g, "//")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return clean.length > MAX_WORDS ? `${clean.slice(0, MAX_WORDS)}…` : clean;
}

/** Why a fetch never answered, in a word: the system's code (`ECONNREFUSED`), or what was thrown. */
export function networkCauseOf(thrown: unknown): string {
  let cause: unknown = thrown;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth++) {
    const code: unknown = "code" in cause ? cause.code : undefined;
    if (typeof code === "string") return code;
    if (cause.cause === undefined) return cause.message;
    cause = cause.cause;
  }
  return "no connection";
}
