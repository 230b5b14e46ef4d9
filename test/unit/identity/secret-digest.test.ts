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
])("[D01] [D02] %j against %j is %s", (given, expected, isSame) => {
  expect(isSameSecret(given, expected)).toBe(isSame);
});

it("[PR-05] [D08] what is stored is SHA-256 (FIPS 180-4, the test value of `abc`)", () => {
  expect(toTokenHash("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
