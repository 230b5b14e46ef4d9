/**
 * What became of a call to Discord that failed. Pure. Told by the shape of what the client library throws, so that the
 * library need not be loaded for it. Must never put an address into a message: those of interactions hold a token.
 */
import { isAbort, messageOf } from "#main/base/errors.ts";
import { networkCauseOf } from "#main/base/http/failure.ts";
import { ChannelError } from "../contract.ts";
import { fieldsOf } from "./inbound.ts";

/** What to do about a refusal, by the codes of "Opcodes and Status Codes", JSON Error Codes; 413 is a status. */
const ADVICE = new Map<unknown, string>([
  [10003, "Discord knows no such channel: it was deleted, or the bot is not in its server any more."],
  [10008, "Discord knows no such message: it was deleted."],
  [413, "The file is too large for Discord."],
  [40005, "The file is too large for Discord."],
  [50001, "The bot cannot see this channel. Give its role View Channel there."],
  [50007, "This person takes no direct messages from the bot. They must allow them in a server they share."],
  [50013, "The bot may not do this here. Give its role Send Messages, Attach Files and Add Reactions in this channel."],
]);

export const BAD_TOKEN =
  "Discord does not accept the token. Make a new one (Developer Portal, your application, Bot, Reset Token) and enter it under channels.discord.token.";

/** A 401 for the token of one interaction, not for the bot's ("Invalid Webhook Token"). */
const INTERACTION_EXPIRED = 50027;

/** Nothing had left when one of these was thrown. */
const NOT_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/** @param thrown whatever a call of the client library threw */
export function toChannelError(thrown: unknown): ChannelError {
  if (thrown instanceof ChannelError) return thrown;
  const { status, code, retryAfter, timeToReset, sublimitTimeout, global: isGlobal, rawError } = fieldsOf(thrown);
  if (typeof retryAfter === "number") {
    const waits = [retryAfter, timeToReset, sublimitTimeout].map(Number).filter(Number.isFinite);
    const options = { retryAfterMs: Math.max(1000, ...waits), isAccountWide: isGlobal === true };
    return new ChannelError("retry", "Discord asks to wait before the next message.", options);
  }
  // How the library says that a token was refused: at login, and for every call after a 401.
  const isTokenGone = code === "TokenInvalid" || messageOf(thrown).startsWith("Expected token to be set");
  if ((status === 401 && code !== INTERACTION_EXPIRED) || isTokenGone) return new ChannelError("auth", BAD_TOKEN);
  if (typeof status === "number") {
    if (status >= 500) return new ChannelError("retry", `Discord has a fault of its own (${status}).`);
    const said = String(fieldsOf(rawError)["message"] ?? "no reason given").slice(0, 200);
    const words =
      ADVICE.get(code) ?? ADVICE.get(status) ?? `Discord refuses this: ${said} (${String(code ?? status)}).`;
    return new ChannelError("rejected", words);
  }
  // Only here is the cause kept: the library's own errors hold addresses and texts.
  const options = { cause: thrown };
  const reason = networkCauseOf(thrown);
  if (NOT_CONNECTED.test(reason)) {
    return new ChannelError("retry", `Discord could not be reached (${reason}). Look at the network.`, options);
  }
  const what = isAbort(thrown) ? "took too long to answer" : "broke the connection before it answered";
  return new ChannelError("unknown", `Discord ${what}: it may have taken the call.`, options);
}
