/**
 * What became of a call to Telegram that failed, in the channel's terms and in words for a person. Pure. Must never let
 * the bot token through: it is part of every address that the library and `fetch` know, so no cause is passed on.
 */
import type { GrammyError } from "grammy";
import { networkCauseOf, withoutSecrets } from "#main/base/http-failure.ts";
import { ChannelError, type ChannelFailure } from "../contract.ts";

const UNKNOWN_TOKEN =
  "Telegram does not know this bot token. Get the right one from @BotFather with /token and put it into the settings.";

/** What a status means, and what a person can do about it. */
const MEANINGS: Readonly<Record<number, readonly [ChannelFailure, string]>> = {
  401: ["auth", UNKNOWN_TOKEN],
  403: ["rejected", "The bot may not write there: it was blocked, removed, or never spoken to."],
  404: ["auth", UNKNOWN_TOKEN],
  409: [
    "retry",
    "Another program is receiving this bot's messages. Stop that program, or have @BotFather make a new token with " +
      "/revoke and put it into the settings.",
  ],
  429: ["retry", "Telegram asks for a pause."],
};

/** The HTTP status of the answer behind an error, or undefined when there was none. */
export function statusOf(error: ChannelError): number | undefined {
  const status = error.details?.["status"];
  return typeof status === "number" ? status : undefined;
}

/**
 * @param thrown anything that a call of the library or of `fetch` threw
 * @param token cut out of every word
 */
export function toChannelError(thrown: unknown, token: string): ChannelError {
  // The library wraps what `fetch` threw in an `HttpError`.
  const inner = thrown instanceof Error && "error" in thrown ? thrown.error : thrown;
  if (inner instanceof ChannelError) return inner;
  if (inner instanceof Error && "error_code" in inner) {
    const { error_code: status, description, parameters } = inner as GrammyError;
    return ofStatus(status, withoutSecrets(String(description), [token]), parameters);
  }
  const cause = withoutSecrets(networkCauseOf(inner), [token]);
  return neverConnected(inner)
    ? new ChannelError("retry", `Telegram could not be reached (${cause}).`)
    : new ChannelError("unknown", `The connection to Telegram broke before it answered (${cause}).`);
}

/** @param words Telegram's own, if the answer held any */
export function ofStatus(
  status: number,
  words = `HTTP ${status}`,
  { retry_after: seconds, migrate_to_chat_id: newId }: GrammyError["parameters"] = {},
): ChannelError {
  const [failure, meaning] = MEANINGS[status] ?? (status >= 500 ? ["retry", ""] : ["rejected", ""]);
  const moved = newId === undefined ? "" : `The group became a supergroup: its id is ${newId} now.`;
  const wait = typeof seconds === "number" && seconds >= 0 ? { retryAfterMs: Math.ceil(seconds * 1000) } : {};
  const message = [`Telegram answered: ${words}.`, meaning, moved].filter(Boolean).join(" ");
  return new ChannelError(failure, message, { details: { status }, ...wait });
}

/** Codes of a connection that was refused while it was made: bad certificates, and undici's own time-out. */
const UNCONNECTED =
  /^(UND_ERR_CONNECT_TIMEOUT|CERT_\w+|ERR_TLS_CERT_\w+|(DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|UNABLE_TO_\w+)$/;

/** True when not one byte of the request can have left. */
function neverConnected(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { syscall, code } = thrown as { syscall?: unknown; code?: unknown };
  const isConnect = syscall === "connect" || syscall === "getaddrinfo" || UNCONNECTED.test(String(code));
  // An AggregateError: several addresses were tried, and none answered.
  return isConnect || thrown instanceof AggregateError || neverConnected(thrown.cause);
}
