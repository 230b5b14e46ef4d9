/** Answers of both services to what failed, and what they mean. */
import { describe, expect, it } from "vitest";
import { toHttpFailure, toNetworkFailure, toRpcFailure, toSendFailure } from "#main/channels/signal/failures.ts";

const US = "+18575550199";
const results = (...types: object[]) => ({ timestamp: 7, results: types });
const rpc = (code: number, message: string, response?: object) =>
  toRpcFailure({ code, message, data: response === undefined ? null : { response } }, US);

describe("results of a send", () => {
  it("count as sent as soon as one got it", () => {
    expect(toSendFailure(results({ type: "UNREGISTERED_FAILURE" }, { type: "SUCCESS" }))).toBeUndefined();
    expect(toSendFailure({ timestamp: 7 })).toBeUndefined();
    expect(toSendFailure(results({ type: "UNREGISTERED_FAILURE" }))).toMatchObject({ failure: "rejected" });
  });

  it("[CH-16] say how long to wait, and how to lift the limit", () => {
    const limited = { type: "RATE_LIMIT_FAILURE", token: "a36f8c39-5c1b-4f7d", retryAfterSeconds: 86_400 };
    const error = rpc(-5, "Failed to send message due to rate limiting", results(limited));
    expect(error).toMatchObject({ failure: "retry", retryAfterMs: 86_400_000, isAccountWide: false });
    expect(error.message).toMatch(/--challenge a36f8c39-5c1b-4f7d /);
    // Older versions call it a failure of the network, but give the token.
    expect(rpc(-1, "Failed to send message", results({ ...limited, type: "NETWORK_FAILURE" })).retryAfterMs).toBe(
      86_400_000,
    );
    expect(
      rpc(-5, "slow down", results({ type: "RATE_LIMIT_FAILURE", token: "x; rm -rf", retryAfterSeconds: -1 })),
    ).toMatchObject({
      retryAfterMs: 60_000,
      message: expect.not.stringMatching(/rm -rf/),
    });
  });

  it("[CH-18] tell a refusal for good from a fault that may pass", () => {
    const failureOf = (type: string) => rpc(-1, "Failed to send message", results({ type })).failure;
    expect(failureOf("NETWORK_FAILURE")).toBe("retry");
    for (const type of ["UNREGISTERED_FAILURE", "IDENTITY_FAILURE", "INVALID_PRE_KEY_FAILURE", "NEW_FAILURE"]) {
      expect(failureOf(type)).toBe("rejected");
    }
  });
});

describe("words of signal-cli", () => {
  const cases: readonly (readonly [number, string, string])[] = [
    [-32602, "Specified account does not exist", "auth"],
    [-32602, "Method requires valid account parameter", "auth"],
    [-1, `User ${US} is not registered.`, "auth"],
    [-32603, "Failed to send message: [401] Authorization failed! (AuthorizationFailedException)", "auth"],
    [-1, "The user +18575550123 is not registered.", "rejected"],
    [-1, "Sending empty message is not allowed, either a message, attachment or sticker must be given.", "rejected"],
    [-1, "User is not a group member: Pmpi+EfPWmsx", "rejected"],
    [-4, "Failed to send message due to untrusted identities", "rejected"],
    [-32601, "Method not implemented", "rejected"],
    [-3, "Failed to send message: Connection closed", "retry"],
    [-32603, "Failed to send message: null (UnknownHostException)", "retry"],
    [-1, "Failed to send message", "retry"],
    [-5, "Rate limit reached", "retry"],
    [-32603, "Failed to send message: [429] Rate limit exceeded: 429 (RateLimitException)", "retry"],
  ];

  it.each(cases)("%i %s: %s", (code, words, failure) => {
    expect(rpc(code, words).failure).toBe(failure);
  });

  it("are read in JSON-RPC errors of any shape", () => {
    expect(toRpcFailure({}, US).failure).toBe("rejected");
    expect(toRpcFailure({ code: "x", message: {}, data: [{ response: 5 }] }, US).failure).toBe("rejected");
  });

  it("are shown without what looks like a secret, and not at any length", () => {
    const { message } = rpc(-1, `bad Bearer abcdef123 at http://u:p@host/ ${"x".repeat(5000)}`);
    expect(message).not.toMatch(/abcdef123|u:p@/);
    expect(message.length).toBeLessThan(400);
  });
});

describe("answers over HTTP", () => {
  it("are told apart by status and words", () => {
    const failureOf = (status: number, words = "") => toHttpFailure(status, words, US).failure;
    expect(failureOf(400, "Specified account does not exist")).toBe("auth");
    expect(failureOf(400, 'Unregistered user "+18575550123"')).toBe("rejected");
    expect(failureOf(400, 'Failed to send message: Network failure for "+18575550123"')).toBe("retry");
    expect([401, 403].map((status) => failureOf(status))).toEqual(["auth", "auth"]);
    expect([500, 502, 503].map((status) => failureOf(status))).toEqual(["retry", "retry", "retry"]);
    expect([404, 413].map((status) => failureOf(status))).toEqual(["rejected", "rejected"]);
  });

  it("[CH-14] of a proxy that gave up leave open what became of the message", () => {
    expect(toHttpFailure(504, "", US).failure).toBe("unknown");
  });

  it("[CH-16] say how long to wait, in a header or in words", () => {
    expect(toHttpFailure(429, "", US, 7000).retryAfterMs).toBe(7000);
    expect(toHttpFailure(429, 'token "x", or wait "86400" seconds.', US).retryAfterMs).toBe(86_400_000);
    expect(toHttpFailure(429, "", US).retryAfterMs).toBe(60_000);
  });
});

it("[CH-14] no answer means not sent only where no connection was made", () => {
  const broken = (code: string) => new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
  expect(toNetworkFailure(broken("ECONNREFUSED"), true).failure).toBe("retry");
  for (const code of ["ECONNRESET", "UND_ERR_SOCKET", "UND_ERR_HEADERS_TIMEOUT", "ETIMEDOUT"]) {
    expect(toNetworkFailure(broken(code), true).failure).toBe("unknown");
    expect(toNetworkFailure(broken(code), false).failure).toBe("retry");
  }
  expect(toNetworkFailure(new DOMException("stopped", "AbortError"), true).failure).toBe("unknown");
  expect(toNetworkFailure("nonsense", true).failure).toBe("unknown");
});
