import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createRedactor, CUT, isSecretName, looksSecret } from "#main/base/log-redactor.ts";

/** Shaped like the real ones, joined here so that no scanner takes them for real. */
const SHAPED = [
  ["sk", "ant", "api03", "A1b2C3d4E5f6G7h8I9j0"].join("-"),
  ["sk", "proj", "A1b2C3d4E5f6G7h8I9j0"].join("-"),
  ["ghp", "A1b2C3d4E5f6G7h8I9j0K1l2"].join("_"),
  ["xoxb", "123456789012", "abcdefABCDEF"].join("-"),
  ["xapp", "1", "A0123456789", "abcdef"].join("-"),
  ["AKIA", "IOSFODNN7EXAMPLE"].join(""),
  ["AIza", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6"].join(""),
  ["123456789", "AAH-abcdefghijklmnopqrstuvwxyz01234"].join(":"),
  ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "abcDEF123"].join("."),
];

describe("createRedactor", () => {
  it.each(SHAPED)("[I14] cuts what is shaped like a key: %#", (secret) => {
    const clean = createRedactor().redact(`calling with ${secret}, it failed`);
    expect(clean).toBe(`calling with ${CUT}, it failed`);
    expect(looksSecret(`in ${secret}`)).toBe(true);
  });

  it("[I14] cuts headers, named values, addresses with a password and private keys", () => {
    const { redact } = createRedactor();
    expect(redact("Authorization: Bearer abcdefgh12345678")).toBe(`Authorization: Bearer ${CUT}`);
    expect(redact('{"apiKey":"plain-value-9"}')).toBe(`{"apiKey":"${CUT}"}`);
    expect(redact("https://me:hunter2@example.test/x")).toBe(`https://me:${CUT}@example.test/x`);
    const pem = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----";
    expect(redact(`before ${pem} after`)).toBe(`before ${CUT} after`);
  });

  it("leaves ordinary text alone", () => {
    const { redact } = createRedactor();
    const text =
      "gateway.auth.token: missing; http://127.0.0.1:18789/health took 12 ms, model openai/gpt-5 at 10:30:00";
    expect(redact(text)).toBe(text);
  });

  it("[I14] never passes a value that it was told of, plain, in JSON or in an address", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 40 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(secret.trim().length >= 6);
        const redactor = createRedactor();
        const value = secret.trim();
        redactor.addSecret(secret);
        expect(redactor.redact(`${before}${value}${after}`)).not.toContain(
          value.length > CUT.length ? value : `${before}${value}${after}\u0000`,
        );
        expect(redactor.redact(JSON.stringify({ [before]: value }))).not.toContain(
          `"${JSON.stringify(value).slice(1, -1)}"`,
        );
      }),
    );
  });

  it("passes that value when it was not told of it", () => {
    expect(createRedactor().redact("word plain-canary")).toContain("plain-canary");
  });

  it("ignores values too short to be secrets", () => {
    const redactor = createRedactor();
    redactor.addSecret("a");
    expect(redactor.redact("banana")).toBe("banana");
  });

  it.each([
    ["runs of JWT heads", "eyJ".repeat(340_000)],
    ["one endless word", "a".repeat(1_000_000)],
    ["dashes and keys", "sk-".repeat(330_000)],
    ["colons and slashes", "://a:".repeat(200_000)],
    ["digits", "1234567".repeat(140_000)],
    ["names without values", "token=".repeat(160_000)],
    ["heads of private keys", "-----BEGIN PRIVATE KEY-----".repeat(37_000)],
    ["spaces", "bearer ".repeat(140_000)],
  ])("[LG-04] takes a megabyte of %s in a time that grows with its length only", (_name, text) => {
    const { redact } = createRedactor();
    const started = performance.now();
    redact(text);
    // Quadratic patterns take minutes here; the bound leaves room for a busy machine.
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("isSecretName", () => {
  it.each([
    "token",
    "botToken",
    "apiKey",
    "api_key",
    "client_secret",
    "password",
    "X-Api-Key",
    "Authorization",
    "privateKey",
    "API_KEY",
    "rootKey",
  ])("takes %s for the name of a secret", (name) => expect(isSecretName(name)).toBe(true));

  it.each([
    "maxTokensPerDay",
    "sessionKey",
    "publicKey",
    "tokenCount",
    "name",
    "keyboard",
    "monkey",
    "accountSid",
    "host",
  ])("takes %s for no secret", (name) => expect(isSecretName(name)).toBe(false));
});
