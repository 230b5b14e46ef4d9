/**
 * What became of a call to Telegram that failed, in the channel's terms and in words for a person. Pure. Must never let
 * the bot token through: it is part of every address that the library and `fetch` know, so no cause is passed on.
 */
import { networkCauseOf, withoutSecrets } from "#main/base/http-failure.ts";
import { ChannelError } from "../contract.ts";

/** Telegram's words for a refusal, as the library throws them (`GrammyError`). */
interface Answer {
  error_code: number;
  description: string;
  parameters?: { retry_after?: number; migrate_to_chat_id?: number };
}

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
  if (thrown instanceof ChannelError) return thrown;
  if (isAnswer(thrown)) return ofAnswer(thrown, token);
  const cause = withoutSecrets(networkCauseOf(innerOf(thrown)), [token]);
  return neverConnected(innerOf(thrown))
    ? new ChannelError("retry", `Telegram could not be reached (${cause}).`)
    : new ChannelError("unknown", `The connection to Telegram broke before it answered (${cause}).`);
}

/** The failure for an HTTP answer that is not in Telegram's own format: a proxy's page, a file that is gone. */
export function ofHttpStatus(status: number): ChannelError {
  return ofAnswer({ error_code: status, description: `HTTP ${status}` }, "");
}

function ofAnswer({ error_code: status, description, parameters }: Answer, token: string): ChannelError {
  const words = withoutSecrets(description, [token]);
  const details = { status };
  if (status === 429) {
    const seconds = parameters?.retry_after;
    const wait = typeof seconds === "number" && seconds >= 0 ? { retryAfterMs: Math.ceil(seconds * 1000) } : {};
    return new ChannelError("retry", "Telegram asks for a pause: too many messages were sent.", { details, ...wait });
  }
  if (status >= 500) return new ChannelError("retry", `Telegram has a fault of its own (${words}).`, { details });
  if (status === 401 || status === 404) return new ChannelError("auth", unknownToken(words), { details });
  if (status === 409) return new ChannelError("retry", conflict(words), { details });
  if (status === 403) {
    const message = `Telegram does not let the bot write there (${words}). It was blocked, removed, or never spoken to.`;
    return new ChannelError("rejected", message, { details });
  }
  const newId = parameters?.migrate_to_chat_id;
  const moved = newId === undefined ? "" : ` The group became a supergroup: its id is ${newId} now.`;
  return new ChannelError("rejected", `Telegram refused it (${words}).${moved}`, { details });
}

function unknownToken(words: string): string {
  return (
    `Telegram does not know this bot token (${words}). Get the right one from @BotFather with /token and put it into ` +
    "the settings."
  );
}

/** What to say when somebody else takes what is meant for us. */
export function conflict(words: string): string {
  return (
    `Another program is receiving this bot's messages (${words}). Stop that program, or have @BotFather make a new ` +
    "token with /revoke and put it into the settings."
  );
}

function isAnswer(thrown: unknown): thrown is Answer {
  return thrown instanceof Error && "error_code" in thrown && "description" in thrown;
}

/** The library wraps what `fetch` threw in an `HttpError`. */
function innerOf(thrown: unknown): unknown {
  return thrown instanceof Error && "error" in thrown ? thrown.error : thrown;
}

/** Codes of a connection that was refused while it was made: bad certificates, and undici's own time-out. */
const UNCONNECTED =
  /^(UND_ERR_CONNECT_TIMEOUT|CERT_\w+|ERR_TLS_CERT_\w+|(DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|UNABLE_TO_\w+)$/;

/** True when not one byte of the request can have left. */
function neverConnected(thrown: unknown): boolean {
  let cause = thrown;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth++) {
    // Several addresses were tried, and none answered.
    if (cause instanceof AggregateError) return true;
    const { syscall, code } = cause as { syscall?: unknown; code?: unknown };
    if (syscall === "connect" || syscall === "getaddrinfo" || UNCONNECTED.test(String(code))) return true;
    cause = cause.cause;
  }
  return false;
}
