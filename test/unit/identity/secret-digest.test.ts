import { timingSafeEqual } from "node:crypto";
import { expect, it } from "vitest";
import { isSameSecret, toTokenHash } from "#main/identity/secret-digest.ts";

it.each([
  ["secret", "secret", true],
  ["secret", "Secret", false],
  ["secret ", "secret", false],
  [" secret", "secret", false],
  ["secre", "secret", false],
  ["secretsecret", "secret", false],
  ["", "secret", false],
  ["", "", false],
  ["x", "", false],
  ["ü", "u\u0308", false],
  ["🔑", "🔑", true],
  ["x".repeat(4096), "x".repeat(4096), true],
])("[I11] [D01] [D02] %j against %j is %s", (given, expected, isSame) => {
  expect(isSameSecret(given, expected)).toBe(isSame);
});

it("[I11] [PR-05] [D08] what is stored is SHA-256 (FIPS 180-4, the test value of `abc`)", () => {
  expect(toTokenHash("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

it("[I11] compares in constant time whatever the lengths are, where a plain constant-time compare would throw", () => {
  for (const given of ["", "s", "secre", "secret-and-more", "\u0000", "x".repeat(100_000)]) {
    expect(isSameSecret(given, "secret")).toBe(false);
    expect(() => timingSafeEqual(Buffer.from(given), Buffer.from("secret"))).toThrow(RangeError);
  }
});
