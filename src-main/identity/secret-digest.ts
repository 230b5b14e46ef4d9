/** Comparing credentials without telling, by time, how much of a guess was right. */
import { createHash, timingSafeEqual } from "node:crypto";

/** SHA-256, hex: what is stored of a token. */
export function toTokenHash(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("hex");
}

/** Equal in constant time: both sides are hashed first, so that lengths say nothing either. An empty secret is never equal. */
export function isSameSecret(given: string, expected: string): boolean {
  const a = createHash("sha256").update(given, "utf8").digest();
  const b = createHash("sha256").update(expected, "utf8").digest();
  return timingSafeEqual(a, b) && expected !== "";
}
