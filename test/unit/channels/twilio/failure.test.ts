/** What failed calls of Twilio mean. */
import { describe, expect, it } from "vitest";
import { toNetworkFailure, toRefusal } from "#main/channels/twilio/failure.ts";

describe("a failure", () => {
  const refusal = (status: number, body: unknown, headers = {}) =>
    toRefusal(
      new Response(null, { status, headers }),
      typeof body === "string" ? body : JSON.stringify(body),
      "token-x",
      0,
    );

  it.each([
    [400, { code: 21211, message: "bad" }, "rejected"],
    [400, { code: 63016, message: "window" }, "rejected"],
    [429, { code: 63038, message: "daily" }, "rejected"],
    [429, {}, "retry"],
    [401, { code: 20003 }, "auth"],
    [403, { code: 20003 }, "auth"],
    [500, "<html>", "retry"],
    [503, "null", "retry"],
    [307, "", "rejected"],
    [404, { code: "20404", message: 7 }, "rejected"],
  ])("with status %i and %j is '%s'", (status, body, failure) => {
    expect(refusal(status, body).failure).toBe(failure);
  });

  it("waits as long as it is told, and never shows the token", () => {
    const error = refusal(429, { message: "slow down, token-x" }, { "retry-after": "12" });
    expect(error.retryAfterMs).toBe(12_000);
    expect(error.message).not.toContain("token-x");
  });

  it("before there is a connection means that nothing was sent, and after it that nobody knows", () => {
    const caused = (code: string) => new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
    expect(toNetworkFailure(caused("ECONNREFUSED")).failure).toBe("retry");
    expect(toNetworkFailure(caused("DEPTH_ZERO_SELF_SIGNED_CERT")).failure).toBe("retry");
    expect(toNetworkFailure(caused("UND_ERR_SOCKET")).failure).toBe("unknown");
    expect(toNetworkFailure(undefined).failure).toBe("unknown");
  });
});
