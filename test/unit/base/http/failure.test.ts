import { describe, expect, it } from "vitest";
import { networkCauseOf, retryAfterOf, withoutSecrets } from "#main/base/http/failure.ts";

const NOON = Date.UTC(2026, 0, 1, 12);
const headers = (fields: Record<string, string>) => new Headers(fields);

describe("retry-after", () => {
  it.each([
    [{}, undefined],
    [{ "retry-after": "5" }, 5000],
    [{ "retry-after": "0.2" }, 200],
    [{ "retry-after": "Thu, 01 Jan 2026 12:01:00 GMT" }, 60_000],
    [{ "retry-after": "Thu, 01 Jan 2026 11:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "-3" }, undefined],
    [{ "retry-after-ms": "10.2" }, 11],
    [{ "retry-after-ms": "x", "retry-after": "2" }, 2000],
  ])("reads %o as %s", (fields, expected) => {
    expect(retryAfterOf(headers(fields as Record<string, string>), NOON)).toBe(expected);
  });
});

describe("words without secrets", () => {
  it("cuts the given secrets and whatever looks like a credential", () => {
    const clean = withoutSecrets("key hunter22 and Bearer abc.def and sk-proj-12345678 at http://me:pw@host/x", [
      "hunter22",
    ]);
    expect(clean).toBe("key [key] and Bearer [key] and [key] at http://host/x");
  });
  it("leaves short values alone, which would cut ordinary words", () => {
    expect(withoutSecrets("a model", ["a", undefined])).toBe("a model");
  });
  it("makes one short line of it", () => {
    const clean = withoutSecrets(`a\n\tb\u0000c ${"x".repeat(1000)}`, []);
    expect(clean.startsWith("a b c x")).toBe(true);
    expect(clean.length).toBeLessThan(310);
  });
});

describe("network causes", () => {
  it("finds the system's code below the wrapping", () => {
    const inner = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    expect(networkCauseOf(new TypeError("fetch failed", { cause: inner }))).toBe("ECONNREFUSED");
    expect(networkCauseOf(new Error("plain"))).toBe("plain");
    expect(networkCauseOf(7)).toBe("no connection");
  });
});
