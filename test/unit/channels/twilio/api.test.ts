/** Signatures, against the example that Twilio publishes, and what failed calls of Twilio mean. */
import { describe, expect, it } from "vitest";
import { createTwilioApi, toNetworkFailure, toRefusal } from "#main/channels/twilio/api.ts";
import { createHurriedClock } from "#test/fakes/channel-context.ts";

it("[CH-03] knows the signature of the example in Twilio's documentation", async () => {
  const api = await createTwilioApi({
    settings: { accountSid: `AC${"0".repeat(32)}`, authToken: "12345", apiBase: "https://api.twilio.com" },
    fetch: () => Promise.reject(new Error("no network")),
    clock: createHurriedClock(),
  });
  const params = new URLSearchParams({
    Digits: "1234",
    CallSid: "CA1234567890ABCDE",
    To: "+18005551212",
    Caller: "+14158675309",
    From: "+14158675309",
  });
  const address = "https://mycompany.com/myapp.php?foo=1&bar=2";
  expect(api.isSigned("RSOYDt4T1cUTdK1PDd93/VVr8B8=", address, params)).toBe(true);
  expect(api.isSigned("RSOYDt4T1cUTdK1PDd93/VVr8B8=", `${address}&x=1`, params)).toBe(false);
  params.append("__proto__", "x");
  expect(api.isSigned("RSOYDt4T1cUTdK1PDd93/VVr8B8=", address, params)).toBe(false);
});

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
