/** One-time codes for the owner's next window or page: two minutes, single use, in memory only. */
import type { Clock } from "#main/base/clock.ts";
import { createSecret } from "#main/base/ids.ts";
import type { Scope } from "#main/protocol/scopes.ts";
import { toTokenHash } from "./secret-digest.ts";

const LIFE_MS = 120_000;
const MAX_CODES = 100;

export class BootstrapCodes {
  readonly #clock: Clock;
  readonly #codes = new Map<string, { scopes: readonly Scope[]; expiresAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param scopes what the device that trades the code is paired with */
  create(scopes: readonly Scope[]): { code: string; expiresAtMs: number } {
    const code = createSecret();
    this.#codes.set(toTokenHash(code), { scopes, expiresAt: this.#clock.monotonic() + LIFE_MS });
    const [oldest = ""] = this.#codes.keys();
    if (this.#codes.size > MAX_CODES) this.#codes.delete(oldest);
    return { code, expiresAtMs: this.#clock.now() + LIFE_MS };
  }

  /** Takes the code out of the world. @returns its scopes, or why it does not count */
  redeem(code: string): readonly Scope[] | "unknown" | "expired" {
    const hash = toTokenHash(code);
    const entry = this.#codes.get(hash);
    if (!entry) return "unknown";
    this.#codes.delete(hash);
    return entry.expiresAt > this.#clock.monotonic() ? entry.scopes : "expired";
  }
}
