import { describe, expect, it } from "vitest";
import { statusOf, toChannelError } from "#main/channels/telegram/client.ts";

const TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";

/** As grammY throws a refusal. */
const refused = (code: number, description: string, parameters: object = {}) =>
  Object.assign(new Error(`Call failed! (${code}: ${description})`), { error_code: code, description, parameters });
/** As grammY wraps what fetch threw. */
const wrapped = (cause: Error) =>
  Object.assign(new Error("Network request for 'sendMessage' failed!"), {
    error: new TypeError("fetch failed", { cause }),
  });
const withCode = (code: string, syscall?: string) =>
  Object.assign(new Error(code), { code, ...(syscall && { syscall }) });

describe("a refusal of Telegram", () => {
  it.each([
    [400, "Bad Request: chat not found", "rejected"],
    [401, "Unauthorized", "auth"],
    [403, "Forbidden: bot was blocked by the user", "rejected"],
    [404, "Not Found", "auth"],
    [413, "Request Entity Too Large", "rejected"],
    [429, "Too Many Requests", "retry"],
    [500, "Internal Server Error", "retry"],
    [502, "Bad Gateway", "retry"],
  ])("%i %s is %3$s", (code, description, failure) => {
    const error = toChannelError(refused(code, description), TOKEN);
    expect(error.failure).toBe(failure);
    expect(statusOf(error)).toBe(code);
    expect(error.isAccountWide).toBe(false);
  });

  it("[CH-16] carries the pause in milliseconds, never less", () => {
    const error = toChannelError(refused(429, "Too Many Requests", { retry_after: 34.2 }), TOKEN);
    expect(error.retryAfterMs).toBe(34_200);
    expect(toChannelError(refused(429, "x", { retry_after: "soon" }), TOKEN).retryAfterMs).toBeUndefined();
  });
});

describe("a call without an answer", () => {
  it.each([
    ["ECONNREFUSED", "connect", "retry"],
    ["ETIMEDOUT", "connect", "retry"],
    ["ENOTFOUND", "getaddrinfo", "retry"],
    ["UND_ERR_CONNECT_TIMEOUT", undefined, "retry"],
    ["CERT_HAS_EXPIRED", undefined, "retry"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", undefined, "retry"],
    ["ECONNRESET", "read", "unknown"],
    ["ETIMEDOUT", "read", "unknown"],
    ["UND_ERR_SOCKET", undefined, "unknown"],
    ["UND_ERR_HEADERS_TIMEOUT", undefined, "unknown"],
  ])("%s (%s) is %s", (code, syscall, failure) => {
    expect(toChannelError(wrapped(withCode(code, syscall)), TOKEN).failure).toBe(failure);
  });

  it("is to be tried again when no address of several could be reached", () => {
    const all = new AggregateError([withCode("ETIMEDOUT", "connect")]);
    expect(toChannelError(wrapped(all), TOKEN).failure).toBe("retry");
  });

  it("never says the token, wherever it stands", () => {
    const thrown = [
      wrapped(new Error(`Failed to parse URL from http://x/bot${TOKEN}/getMe`)),
      refused(400, `no path bot${TOKEN}`),
      new TypeError(`Failed to parse URL from http://x/bot${TOKEN}/getMe`),
      `bot${TOKEN}`,
      null,
    ];
    for (const one of thrown) {
      const error = toChannelError(one, TOKEN);
      expect(`${error.message}${String(error.stack)}${String(error.cause)}`).not.toContain(TOKEN);
    }
  });
});
