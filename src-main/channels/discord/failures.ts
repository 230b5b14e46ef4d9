/**
 * What became of a call to Discord that failed. Pure. Told by the shape of what the client library throws, so that the
 * library need not be loaded for it. Must never put an address into a message: those of interactions hold a token.
 */
import { isAbort } from "#main/base/errors.ts";
import { ChannelError } from "../contract.ts";
import { fieldsOf } from "./inbound.ts";

/** What to do about a refusal, by the codes of "Opcodes and Status Codes", JSON Error Codes. */
const ADVICE: Readonly<Record<number, string>> = {
  10003: "Discord knows no such channel: it was deleted, or the bot is not in its server any more.",
  10008: "Discord knows no such message: it was deleted.",
  40005: "The file is too large for Discord.",
  50001: "The bot cannot see this channel. Give its role View Channel there.",
  50007: "This person takes no direct messages from the bot. They must allow direct messages in a server they share.",
  50013: "The bot may not do this here. Give its role Send Messages, Attach Files and Add Reactions in this channel.",
};

export const BAD_TOKEN =
  "Discord does not accept the token. Make a new one (Developer Portal, your application, Bot, Reset Token) and enter it under channels.discord.token.";

/** A 401 for the token of one interaction, not for the bot's ("Invalid Webhook Token"). */
const INTERACTION_EXPIRED = 50027;

/** Nothing had left when one of these was thrown. */
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]) as ReadonlySet<string>;

/** @param thrown whatever a call of the client library threw */
export function toChannelError(thrown: unknown): ChannelError {
  if (thrown instanceof ChannelError) return thrown;
  const { status, code, retryAfter, timeToReset, sublimitTimeout, global: isGlobal } = fieldsOf(thrown);
  if (typeof retryAfter === "number") {
    const waits = [retryAfter, timeToReset, sublimitTimeout].map(Number).filter(Number.isFinite);
    const retryAfterMs = Math.max(1000, ...waits);
    const isAccountWide = isGlobal === true;
    return new ChannelError("retry", "Discord asks to wait before the next message.", { retryAfterMs, isAccountWide });
  }
  const isForTheBot = code !== INTERACTION_EXPIRED;
  if ((status === 401 && isForTheBot) || isTokenGone(thrown, code)) return new ChannelError("auth", BAD_TOKEN);
  if (typeof status === "number" && status >= 500) {
    return new ChannelError("retry", `Discord has a fault of its own (${status}).`);
  }
  if (typeof status === "number") return new ChannelError("rejected", toRefusal(thrown, status, code));
  // Only here is the cause kept: the library's own errors hold addresses and texts.
  const options = { cause: thrown };
  const reason = codeOf(thrown);
  if (reason !== undefined && NOT_CONNECTED.has(reason)) {
    return new ChannelError("retry", `Discord could not be reached (${reason}). Look at the network.`, options);
  }
  const what = isAbort(thrown) ? "took too long to answer" : "broke the connection before it answered";
  return new ChannelError("unknown", `Discord ${what}: it may have taken the call.`, options);
}

function toRefusal(thrown: unknown, status: number, code: unknown): string {
  if (status === 413) return ADVICE[40005] ?? "";
  const advice = typeof code === "number" ? ADVICE[code] : undefined;
  const said = fieldsOf(fieldsOf(thrown)["rawError"])["message"];
  return (
    advice ?? `Discord refuses this: ${String(said ?? "no reason given").slice(0, 200)} (${String(code ?? status)}).`
  );
}

/** How the client library says that a token was refused: at login, and for every call after a 401. */
function isTokenGone(thrown: unknown, code: unknown): boolean {
  return code === "TokenInvalid" || (thrown instanceof Error && thrown.message.startsWith("Expected token to be set"));
}

/** The code of a network failure, which `fetch` hides in its cause. */
function codeOf(thrown: unknown): string | undefined {
  for (let at = thrown, depth = 0; depth < 4 && typeof at === "object" && at !== null; depth++) {
    const { code, cause, errors } = fieldsOf(at);
    if (typeof code === "string") return code;
    at = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return undefined;
}
