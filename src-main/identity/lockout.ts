/**
 * Counts wrong credentials per source and locks a source that guesses. A source is an address together with the page
 * that asks, so that no web page can lock out the owner's own programs; loopback without a page is only slowed down.
 */
import type { Clock } from "#main/base/clock.ts";

/** Where an attempt comes from. */
export interface Source {
  /** Normalised: an IPv4-mapped IPv6 address counts as IPv4. */
  address: string;
  isLoopback: boolean;
  /** The page's origin; absent for programs. */
  origin?: string | undefined;
}

const WINDOW_MS = 60_000;
const MAX_FAILURES = 10;
const LOCK_MS = 300_000;
/** Sources remembered; the oldest is forgotten first, so that a flood of addresses cannot fill the memory. */
const MAX_SOURCES = 10_000;

const MAPPED = /^::ffff:(?:(\d{1,3}(?:\.\d{1,3}){3})|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/;

/** One spelling for `::ffff:127.0.0.1`, `::ffff:7f00:1` and `127.0.0.1`. */
export function normalizeAddress(address: string | undefined): string {
  const value = (address ?? "").toLowerCase();
  const [, dotted, high, low] = MAPPED.exec(value) ?? [];
  if (dotted !== undefined) return dotted;
  if (high === undefined || low === undefined) return value;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 0xff, b >> 8, b & 0xff].join(".");
}

export function isLoopbackAddress(address: string): boolean {
  const plain = normalizeAddress(address);
  return plain === "::1" || /^127(?:\.\d{1,3}){3}$/.test(plain);
}

export class Lockout {
  readonly #clock: Clock;
  readonly #sources = new Map<string, { failures: number[]; lockedUntil: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns milliseconds for which this source is locked, or undefined */
  lockedFor(source: Source): number | undefined {
    const entry = this.#sources.get(toKey(source));
    if (!entry) return undefined;
    const left = entry.lockedUntil - this.#clock.monotonic();
    return left > 0 ? left : undefined;
  }

  /** A wrong credential or signature. A missing one is not a guess and is not counted. */
  countFailure(source: Source): void {
    const now = this.#clock.monotonic();
    const key = toKey(source);
    const entry = this.#sources.get(key) ?? { failures: [], lockedUntil: 0 };
    entry.failures = entry.failures.filter((at) => at > now - WINDOW_MS).slice(1 - MAX_FAILURES);
    entry.failures.push(now);
    const mayLock = !source.isLoopback || source.origin !== undefined;
    if (mayLock && entry.failures.length >= MAX_FAILURES) {
      entry.lockedUntil = now + LOCK_MS;
      entry.failures = [];
    }
    this.#sources.delete(key);
    this.#sources.set(key, entry);
    const [oldest = ""] = this.#sources.keys();
    if (this.#sources.size > MAX_SOURCES) this.#sources.delete(oldest);
  }

  /** A right credential clears what was counted, but never a lock. */
  countSuccess(source: Source): void {
    const entry = this.#sources.get(toKey(source));
    if (entry) entry.failures = [];
  }

  get size(): number {
    return this.#sources.size;
  }
}

function toKey(source: Source): string {
  return `${source.address} ${source.origin ?? ""}`;
}
