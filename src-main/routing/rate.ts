/** How often one sender may be answered: a bucket of tokens per sender. What comes faster waits its turn. */
import type { Clock } from "#main/base/clock.ts";

export interface Rate {
  perMinute: number;
  burst: number;
}

/** Buckets not used this long are full again and need no memory. */
const FORGET_AFTER = 10_000;

export class SenderRates {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns 0 when it may be answered now (a token is taken), else milliseconds until one is there */
  take(sender: string, { perMinute, burst }: Rate): number {
    const now = this.#clock.monotonic();
    const known = this.#buckets.get(sender) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, known.tokens + ((now - known.at) / 60_000) * perMinute);
    const isFree = tokens >= 1 - 1e-9;
    this.#buckets.delete(sender);
    this.#buckets.set(sender, { tokens: isFree ? tokens - 1 : tokens, at: now });
    if (this.#buckets.size > FORGET_AFTER) this.#buckets.delete(this.#buckets.keys().next().value ?? "");
    return isFree ? 0 : Math.ceil(((1 - tokens) / perMinute) * 60_000);
  }
}
