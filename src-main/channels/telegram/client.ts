/**
 * The Bot API through grammY, made safe for us: our `fetch`, no retries, failures in the channel's terms and in words for
 * a person. Must never let the bot token through: it is part of every address that the library and `fetch` know, so no
 * cause is passed on.
 */
import { json } from "node:stream/consumers";
import type { ApiClientOptions, GrammyError, RawApi } from "grammy";
import { withFirstOf } from "#main/base/disposable.ts";
import type { HttpAsk, HttpCall } from "#main/base/http/client.ts";
import { networkCauseOf, withoutSecrets } from "#main/base/http/failure.ts";
import { ChannelError, type ChannelContext, type ChannelFailure } from "../contract.ts";
import type { TelegramSettings } from "./settings.ts";

/** A call that is not an upload answers within this, or never. */
const ANSWER_MS = 60_000;

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

/** Codes of a connection that was refused while it was made: bad certificates, and undici's own time-out. */
const UNCONNECTED =
  /^(UND_ERR_CONNECT_TIMEOUT|CERT_\w+|ERR_TLS_CERT_\w+|(DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|UNABLE_TO_\w+)$/;

export type Client = Awaited<ReturnType<typeof createClient>>;

/** @param stop ends every call for good */
export async function createClient(context: ChannelContext<TelegramSettings>, stop: AbortSignal) {
  const { clock, fetch, call } = context;
  const { token } = context.settings;
  const apiRoot = context.settings.apiRoot.replace(/\/+$/, "");
  const { Api, InputFile } = await import("grammy");
  /** Ends with the client, and with `given` or after a minute. Throws ChannelError and nothing else. */
  const guarded = async <T>(work: (signal: AbortSignal) => Promise<T>, given?: AbortSignal): Promise<T> => {
    const late = new AbortController();
    const timer = given ? undefined : clock.after(ANSWER_MS, () => late.abort());
    try {
      return await withFirstOf([stop, given ?? late.signal], (signal) => {
        if (signal.aborted) throw new ChannelError("retry", "The Telegram channel stopped before this was sent.");
        return work(signal);
      });
    } catch (thrown) {
      throw toChannelError(thrown, token);
    } finally {
      await timer?.dispose();
    }
  };
  return {
    /** Makes one call. The library's own kind of signal is not one that `fetch` takes: an instance per call carries it. */
    call: <T>(work: (api: RawApi) => Promise<T>, given?: AbortSignal) =>
      guarded((signal) => work(new Api(token, { apiRoot, fetch: toLibraryFetch(call, signal) }).raw), given),
    /** Opens a file that getFile named. */
    open: (path: string, given: AbortSignal) =>
      guarded(async () => {
        // Also ends what is read after this call.
        const signal = AbortSignal.any([stop, given]);
        const response = await fetch(`${apiRoot}/file/bot${token}/${path}`, { signal, redirect: "error" });
        if (response.ok && response.body) return response.body;
        await response.body?.cancel();
        throw response.status === 404
          ? new ChannelError("rejected", "Telegram does not have this file any more.")
          : ofStatus(response.status);
      }, given),
    toFile: (bytes: Uint8Array, fileName: string) => new InputFile(bytes, fileName),
  };
}

/** Our `fetch` as the library calls it. */
function toLibraryFetch(call: HttpCall, signal: AbortSignal) {
  const run = async (url: string, { method, headers, body: said }: Omit<HttpAsk, "signal">) => {
    const { status, body } = await call(url, { method, headers, body: said, signal });
    const answer = (await json(body).catch(() => undefined)) as { ok?: unknown } | null | undefined;
    if (typeof answer?.ok === "boolean") return { json: () => answer };
    // Not Telegram's own words but, say, a proxy's page: its status is all there is. A success may have counted.
    throw status < 300 ? new Error("an answer that cannot be read") : ofStatus(status);
  };
  return run as unknown as NonNullable<ApiClientOptions["fetch"]>;
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

/** True when not one byte of the request can have left. */
function neverConnected(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { syscall, code } = thrown as { syscall?: unknown; code?: unknown };
  const isConnect = syscall === "connect" || syscall === "getaddrinfo" || UNCONNECTED.test(String(code));
  // An AggregateError: several addresses were tried, and none answered.
  return isConnect || thrown instanceof AggregateError || neverConnected(thrown.cause);
}
