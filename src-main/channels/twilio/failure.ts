/**
 * What a failed call of Twilio means for the message, in words for a person. Pure. Must never let the auth token into a
 * message.
 */
import { networkCauseOf, retryAfterOf, withoutSecrets } from "#main/base/http/failure.ts";
import { ChannelError } from "../contract.ts";

/** When Twilio says that it was too much but not for how long. */
const DEFAULT_PAUSE_MS = 1000;

/** What a person can do, by Twilio's error code (twilio.com/docs/api/errors). */
const ADVICE: Readonly<Record<number, string>> = {
  21211: "Check the number.",
  21608: "A trial account may only write to numbers that were verified in the Twilio Console.",
  21610: "This person has unsubscribed; they have to write START first.",
  21614: "Check the number.",
  63003: "This number is not on WhatsApp.",
  63007: "Check `from`: it must be a WhatsApp sender of this account.",
  63015: "In the Twilio sandbox a person must first join, by sending its join words to the sandbox number.",
  63016: "More than 24 hours have passed since this person wrote; they have to write first.",
  63024: "This number is not on WhatsApp.",
  63038: "The account's daily number of messages is used up; it is free again within 24 hours.",
};

/** Refusals whose cause lies in the account's credentials or standing. */
const AUTH_CODES: ReadonlySet<number> = new Set([20003, 20005]);

/** Causes that come up before a connection stands: nothing can have been sent. */
const UNREACHED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
const UNTRUSTED = /^(CERT_|ERR_TLS|ERR_SSL|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;

/**
 * An answer that is not a success.
 * @param body Twilio's JSON: `{code, message, more_info, status}`; anything else is taken as no words
 * @param now wall time in milliseconds, for `Retry-After` as a date
 */
export function toRefusal(response: Response, body: string, authToken: string, now: number): ChannelError {
  const { status } = response;
  const { code, words } = readError(body);
  const said = withoutSecrets(words, [authToken]) || `HTTP ${status}`;
  if (code !== undefined && code in ADVICE) {
    return new ChannelError("rejected", `Twilio refused the message: ${said} (error ${code}). ${ADVICE[code]}`);
  }
  if (status === 429) {
    const retryAfterMs = retryAfterOf(response.headers, now) ?? DEFAULT_PAUSE_MS;
    return new ChannelError("retry", `Twilio takes no more just now: ${said}`, { retryAfterMs, isAccountWide: true });
  }
  if (status === 401 || (code !== undefined && AUTH_CODES.has(code))) {
    const message = `Twilio does not accept the account: ${said}. Check accountSid and authToken in the Twilio Console.`;
    return new ChannelError("auth", message);
  }
  if (status >= 500 || status === 408) return new ChannelError("retry", `Twilio has a fault of its own: ${said}.`);
  return new ChannelError(
    "rejected",
    `Twilio refused the message: ${said}${code === undefined ? "" : ` (error ${code})`}.`,
  );
}

/** No answer at all, or not the whole of it. */
export function toNetworkFailure(thrown: unknown): ChannelError {
  const cause = networkCauseOf(thrown);
  if (UNREACHED.test(cause) || UNTRUSTED.test(cause)) {
    return new ChannelError("retry", `Twilio cannot be reached (${cause}). Check the internet connection.`);
  }
  return new ChannelError("unknown", `The connection to Twilio broke before its answer (${cause}).`);
}

function readError(body: string): { code?: number; words: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null) return { words: "" };
    const { code, message } = parsed as Record<string, unknown>;
    return { ...(typeof code === "number" ? { code } : {}), words: typeof message === "string" ? message : "" };
  } catch {
    return { words: "" };
  }
}
