/** What the client library throws, as what became of the call. */
import { describe, expect, it } from "vitest";
import { toChannelError } from "#main/channels/discord/failures.ts";

/** An error as `@discordjs/rest` makes it from an answer of Discord. */
function refusal(status: number, code: number, message = "refused") {
  const url = "https://discord.com/api/v10/webhooks/1/secret-of-an-interaction";
  return Object.assign(new Error(message), { status, code, rawError: { code, message }, url });
}

const fault = (code: string) => Object.assign(new Error(code), { code });

describe("toChannelError", () => {
  it.each([
    [refusal(403, 50007), "rejected", /direct messages/],
    [refusal(403, 50001), "rejected", /View Channel/],
    [refusal(403, 50013), "rejected", /Send Messages/],
    [refusal(404, 10003), "rejected", /no such channel/],
    [refusal(413, 0), "rejected", /too large/],
    [refusal(400, 50035, "Invalid Form Body"), "rejected", /Invalid Form Body \(50035\)/],
    [refusal(401, 0), "auth", /Reset Token/],
    [refusal(401, 50027, "Invalid Webhook Token"), "rejected", /50027/],
    [Object.assign(new Error("no"), { code: "TokenInvalid" }), "auth", /Reset Token/],
    [new Error("Expected token to be set for this request, but none was present"), "auth", /Reset Token/],
    [Object.assign(new Error("x"), { status: 502 }), "retry", /502/],
    [new TypeError("fetch failed", { cause: fault("ECONNREFUSED") }), "retry", /ECONNREFUSED/],
    [new TypeError("fetch failed", { cause: fault("UND_ERR_SOCKET") }), "unknown", /may have taken/],
    [new DOMException("aborted", "AbortError"), "unknown", /too long/],
    ["nonsense", "unknown", /may have taken/],
    [undefined, "unknown", /may have taken/],
  ])("tells %s", (thrown, failure, words) => {
    const error = toChannelError(thrown);
    expect(error).toMatchObject({ failure, message: expect.stringMatching(words) });
    expect(error.message).not.toContain("secret-of-an-interaction");
  });

  it("passes on how long to wait, and for whom", () => {
    const limit = { retryAfter: 7050, timeToReset: 50, sublimitTimeout: 0, global: true };
    expect(toChannelError(limit)).toMatchObject({ failure: "retry", retryAfterMs: 7050, isAccountWide: true });
    const local = { retryAfter: 0, timeToReset: Infinity, global: false };
    expect(toChannelError(local)).toMatchObject({ retryAfterMs: 1000, isAccountWide: false });
  });
});
