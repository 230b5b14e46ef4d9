/**
 * What a call that failed means for the one who called: from signal-cli's results, codes and words. Pure. Must never let
 * an address with a password or a whole foreign text through.
 *
 * Sources: signal-cli's `JsonSendMessageResult`, `SendMessageResultUtils` and `SignalJsonRpcCommandHandler` (codes -1
 * user, -3 network, -4 untrusted identity, -5 rate limit), `SendV2` of signal-cli-rest-api (400 and 429 with `error`).
 */
import { networkCauseOf, withoutSecrets } from "#main/base/http/failure.ts";
import { ChannelError } from "../contract.ts";
import { countOf, objectOf, objectsOf, textOf, type Json } from "./fields.ts";

/** Signal names no time in most of its refusals; asking sooner only makes them last. */
const RATE_LIMIT_WAIT_MS = 60_000;
/** Codes of the system for "no connection was made": nothing can have left. */
const NOT_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

const TRUST_ADVICE =
  "The safety number of this person changed. Compare it, then trust it with `signal-cli trust` and send again.";

/** Types of result when nobody was reached, the first that occurs counts. All others: rejected. */
const RESULTS = [
  ["NETWORK_FAILURE", "retry", "Signal could not be reached by signal-cli."],
  ["IDENTITY_FAILURE", "rejected", `Signal did not send it. ${TRUST_ADVICE}`],
  ["UNREGISTERED_FAILURE", "rejected", "This person is not, or no longer, on Signal."],
] as const;

/** The words of signal-cli's exceptions, where nothing better is told. */
const ACCOUNT_GONE =
  /specified account does not exist|valid account parameter|authorization failed|number not registered/i;
const RATE_LIMITED = /rate limit|\[4(13|29)\]|captcha proof required/i;
const REFUSED = /untrusted identit|is not registered|unregistered user/i;
/** "Failed to send message" alone is what is left of results that were all failures: nobody got it. */
const PASSING = /network failure|timeout|timed out|unknownhost|connect|^failed to send message\.?$/i;

/**
 * Reads `{results: [{type, token?, retryAfterSeconds?}]}`.
 * @returns undefined when it reached somebody (a group message counts once one member got it), or no results are told
 */
export function toSendFailure(response: Json): ChannelError | undefined {
  const results = objectsOf(response["results"]);
  const has = (type: string) => results.some((result) => result["type"] === type);
  if (results.length === 0 || has("SUCCESS")) return undefined;
  const token = results.map((result) => textOf(result["token"])).find((found) => /^[\w-]{1,64}$/.test(found ?? ""));
  if (has("RATE_LIMIT_FAILURE") || token !== undefined) {
    return rateLimited(Math.max(...results.map((result) => countOf(result["retryAfterSeconds"]) ?? 0)) * 1000, token);
  }
  const [, failure, message] = RESULTS.find(([type]) => has(type)) ?? [];
  return new ChannelError(failure ?? "rejected", message ?? "Signal did not take the message for this recipient.");
}

/** The error of a JSON-RPC answer. */
export function toRpcFailure({ code, message, data }: Json, account: string): ChannelError {
  const failure = toSendFailure(objectOf(objectOf(data)["response"]));
  if (failure !== undefined) return failure;
  const words = textOf(message) ?? "signal-cli gave no reason";
  if (code === -5) return rateLimited(waitOf(words));
  // -3: Signal's servers were not reached. -32603: whatever else went wrong inside.
  return toWordsFailure(words, account, code === -3 || code === -32603 ? "retry" : "rejected");
}

/** An HTTP answer other than 2xx. `words`: its `error` field, or nothing. */
export function toHttpFailure(status: number, words: string, account: string, retryAfterMs?: number): ChannelError {
  if (status === 429) return rateLimited(retryAfterMs ?? waitOf(words));
  if (status === 401 || status === 403) {
    const message = `Something in front of signal-cli asks for a password (${status}). Let it through.`;
    return new ChannelError("auth", message);
  }
  // A proxy gave up waiting: what it passed on may have been sent.
  if (status === 504) return new ChannelError("unknown", "signal-cli did not answer in time (504).");
  if (status >= 500) return new ChannelError("retry", `signal-cli has a fault of its own (${status}).`);
  if (words !== "") return toWordsFailure(words, account, "rejected");
  return new ChannelError("rejected", `signal-cli refused the call (${status}). See that signal.url is right.`);
}

/** No answer came. `isSend`: what left may have had its effect. */
export function toNetworkFailure(thrown: unknown, isSend: boolean): ChannelError {
  const cause = withoutSecrets(networkCauseOf(thrown), []);
  if (NOT_CONNECTED.test(cause) || !isSend) {
    return new ChannelError("retry", `signal-cli cannot be reached (${cause}).`, { cause: thrown });
  }
  const message = `signal-cli did not answer (${cause}); it may have sent the message.`;
  return new ChannelError("unknown", message, { cause: thrown });
}

function toWordsFailure(words: string, account: string, otherwise: "retry" | "rejected"): ChannelError {
  const isUnregistered = words.includes(account) && /is not registered/i.test(words);
  if (isUnregistered || ACCOUNT_GONE.test(words)) {
    const advice = "Register or link the account in signal-cli again, then save the settings of this channel.";
    return new ChannelError("auth", `signal-cli does not, or no longer, hold the account ${account}. ${advice}`);
  }
  if (RATE_LIMITED.test(words)) return rateLimited(waitOf(words));
  const advice = /untrusted/i.test(words) ? ` ${TRUST_ADVICE}` : "";
  const failure = REFUSED.test(words) ? "rejected" : PASSING.test(words) ? "retry" : otherwise;
  return new ChannelError(failure, `signal-cli says: ${withoutSecrets(words, [])}${advice}`);
}

function rateLimited(waitMs: number, token?: string): ChannelError {
  const challenge = token === undefined ? "" : ` --challenge ${token}`;
  const advice = `To lift it sooner: signal-cli submitRateLimitChallenge${challenge} --captcha (see signalcaptchas.org).`;
  // Signal limits by recipient: others can still be written to.
  return new ChannelError("retry", `Signal lets us send no more to this recipient for now. ${advice}`, {
    retryAfterMs: waitMs > 0 ? waitMs : RATE_LIMIT_WAIT_MS,
  });
}

/** Milliseconds of `or wait "86400" seconds`; 0 when not told. */
function waitOf(words: string): number {
  return Number(/wait "?(\d{1,7})"? seconds/.exec(words)?.[1] ?? 0) * 1000;
}
