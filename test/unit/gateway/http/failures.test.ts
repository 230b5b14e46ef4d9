import { describe, expect, it } from "vitest";
import { Bug, NetworkError, Refused, RemoteError } from "#main/base/errors.ts";
import { codeOfStatus, failureOf, toOpenaiError } from "#main/gateway/http/failures.ts";

describe("failures over HTTP", () => {
  it("[C20] have a code for each status of the envelope", () => {
    const codes = [401, 403, 404, 409, 413, 429, 499, 502, 503, 504].map(codeOfStatus);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codeOfStatus(500)).toBe("INTERNAL");
  });

  it("[C20] come from the code of what was thrown, else from who failed", () => {
    expect(failureOf(new Refused("RATE_LIMITED", "x", { retryAfterMs: 5 }))).toMatchObject({
      status: 429,
      retryAfterMs: 5,
    });
    expect(failureOf(new RemoteError("PROVIDER", "x"))?.status).toBe(502);
    expect(failureOf(new NetworkError("PROVIDER", "x"))?.status).toBe(504);
  });

  it("tell nothing of a mistake of ours", () => {
    expect(failureOf(new Bug("x"))).toBeUndefined();
    expect(failureOf(new Error("x"))).toBeUndefined();
    expect(failureOf("x")).toBeUndefined();
  });

  it("[C10] have OpenAI's types", () => {
    const types = [400, 429, 503].map((status) => toOpenaiError({ status, code: "X", message: "m" })["type"]);
    expect(types).toEqual(["invalid_request_error", "rate_limit_error", "server_error"]);
  });
});
