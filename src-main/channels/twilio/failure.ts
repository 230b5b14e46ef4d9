/**
 * What a failed call of Twilio means for the message, in words for a person. Pure. Must never let the auth token into a
 * message.
 */
import { networkCauseOf, retryAfterOf, withoutSecrets } from "#main/base/http-failure.ts";
import { ChannelError } from "../contract.ts";

/** When Twilio says that it was too much but not for how long. */
const DEFAULT_PAUSE_MS = 1000;

/** What a person can do, by Twilio's error code (twilio.com/docs/api/errors). */
const ADVICE: Readonly<Record<number, string>> = {
  21211: "Check the number.",
  21608: "A trial account may only write to numbers that were verified in the Twilio Console.",
  21610: "This person has unsubscribed; they have to write START first.",
  63003: "This number is not on WhatsApp.",
  63007: "Check `from`: it must be a WhatsApp sender of this account.",
  63015: "In the Twilio sandbox a person must first join, by sending its join words to the sandbox number.",
  63016: "More than 24 hours have passed since this person wrote; they have to write first.",
  63024: "This number is not on WhatsApp.",
  63038: "The account's daily number of messages is used up; it is free again within 24 hours.",
};

/** Refusals whose cause lies in the account's credentials or standing. */
const AUTH_CODES: readonly unknown[] = [20003, 20005];

/** Causes that come up before a connection stands: nothing can have been sent. */
const UNREACHED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
const UNTRUSTED = /^(CERT_|ERR_TLS|ERR_SSL|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;

/**
 * An answer that is not a success.
 * @param body Twilio's JSON: `{code, message, more_info, status}`; anything else is taken as no words
 * @param now wall time in milliseconds, for `Retry-After` as a date
 */
export function toRefusal({ status, headers }: Response, body: string, authToken: string, now: number): ChannelError {
  const { code, message } = readFields(body);
  const words = withoutSecrets(typeof message === "string" ? message : "", [authToken]) || `HTTP ${status}`;
  const said = typeof code === "number" ? `${words} (error ${code})` : words;
  const advice = typeof code === "number" ? ADVICE[code] : undefined;
  if (advice !== undefined) return new ChannelError("rejected", `Twilio refused it: ${said}. ${advice}`);
  if (status === 429) {
    const retryAfterMs = retryAfterOf(headers, now) ?? DEFAULT_PAUSE_MS;
    return new ChannelError("retry", `Twilio takes no more just now: ${said}.`, { retryAfterMs, isAccountWide: true });
  }
  if (status === 401 || AUTH_CODES.includes(code)) {
    const todo = "Check accountSid and authToken in the Twilio Console.";
    return new ChannelError("auth", `Twilio does not accept the account: ${said}. ${todo}`);
  }
  if (status >= 500 || status === 408) return new ChannelError("retry", `Twilio has a fault of its own: ${said}.`);
  return new ChannelError("rejected", `Twilio refused it: ${said}.`);
}

/** No answer at all, or not the whole of it. */
export function toNetworkFailure(thrown: unknown): ChannelError {
  const cause = networkCauseOf(thrown);
  return UNREACHED.test(cause) || UNTRUSTED.test(cause)
    ? new ChannelError("retry", `Twilio cannot be reached (${cause}). Check the internet connection.`)
    : new ChannelError("unknown", `The connection to Twilio broke before its answer (${cause}).`);
}

/** The fields of a JSON answer; none if it is something else. */
export function readFields(body: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
