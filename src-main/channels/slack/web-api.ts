/**
 * Slack's Web API through the official client, one call at a time: no retry, no queue, no log of its own. Everything it
 * throws is a ChannelError.
 */
import type * as bolt from "@slack/bolt";
import { withFirstOf } from "#main/base/disposable.ts";
import { retryAfterOf } from "#main/base/http/failure.ts";
import { ChannelError, type ChannelContext } from "../contract.ts";
import { fromAnswer, fromNetwork } from "./failure.ts";
import type { Json } from "./inbound.ts";

/** Milliseconds that a call may take. */
const CALL_LIMIT_MS = 60_000;
/** Milliseconds to wait where Slack limits the rate and does not say for how long. */
const DEFAULT_PAUSE_MS = 30_000;

/** The client library, loaded when the channel starts. */
export type Bolt = typeof bolt;

/** The world, with the settings in force. */
export type Context = ChannelContext<{
  botToken?: string;
  appToken?: string;
  signingSecret?: string;
  mode: "socket" | "http";
  apiUrl: string;
}>;

/** Calls a method with the bot's token. Throws ChannelError. */
export type Call = (method: string, args: Json, signal?: AbortSignal) => Promise<Json>;

/**
 * @param stop aborts every call when the channel stops
 * @param onAuth told when Slack no longer accepts the token
 */
export function createCall(
  library: Bolt,
  context: Context,
  stop: AbortSignal,
  onAuth: (error: ChannelError) => void,
): Call {
  const { clock, settings } = context;
  return async (method, args, signal = stop) => {
    const limit = new AbortController();
    const timer = clock.after(CALL_LIMIT_MS, () => limit.abort(new Error("no answer in time")));
    try {
      return await withFirstOf([stop, limit.signal, signal], async (until) => {
        // A client per call, since a call takes no signal. Making one costs a fraction of a millisecond.
        const client = new library.webApi.WebClient(settings.botToken, clientOptions(library, context, until));
        return { ...(await client.apiCall(method, { ...args })) };
      });
    } catch (thrown) {
      const error = toChannelError(library, method, thrown);
      if (error.failure === "auth") onAuth(error);
      throw error;
    } finally {
      await timer.dispose();
    }
  };
}

/** Options of a client whose calls end with `signal`. */
export function clientOptions(library: Bolt, context: Context, signal: AbortSignal): bolt.webApi.WebClientOptions {
  return {
    slackApiUrl: context.settings.apiUrl,
    logger: silentLogger(library),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    fetch: (url, init) => {
      const address = String(url);
      const method = address.slice(address.lastIndexOf("/") + 1);
      return fetchOnce(context, method, address, { ...init, signal } as RequestInit);
    },
  };
}

/**
 * Fetches something of Slack's, which answers 200 to all that it understood (docs.slack.dev, "Using the Slack Web API").
 * Throws ChannelError for every other answer and for none.
 */
export async function fetchOnce(context: Context, what: string, url: string, init: RequestInit): Promise<Response> {
  const hasLeft = init.signal?.aborted !== true;
  const response = await context.fetch(url, init).catch((thrown: unknown) => {
    throw fromNetwork(what, thrown, hasLeft);
  });
  if (response.ok) return response;
  const { status, headers } = response;
  await response.body?.cancel();
  const details = { status };
  if (status !== 429) throw new ChannelError("retry", `Slack answered ${what} with HTTP ${status}.`, { details });
  const retryAfterMs = retryAfterOf(headers, context.clock.now()) ?? DEFAULT_PAUSE_MS;
  // Posting is limited per channel, everything else per method and workspace (docs.slack.dev, "Rate limits").
  const isAccountWide = what !== "chat.postMessage";
  throw new ChannelError("retry", "Slack asks for a pause.", { details, retryAfterMs, isAccountWide });
}

/** What the client library threw, as the pipeline's error. */
export function toChannelError(library: Bolt, method: string, thrown: unknown): ChannelError {
  if (thrown instanceof ChannelError) return thrown;
  if (thrown instanceof library.webApi.WebAPIPlatformError) return fromAnswer(method, thrown.data);
  if (thrown instanceof library.webApi.WebAPIRequestError) return toChannelError(library, method, thrown.original);
  // The answer broke off while it was read, among others.
  return fromNetwork(method, thrown, true);
}

/** The library's log holds texts and addresses that are credentials; what matters comes as an error. */
export function silentLogger(library: Bolt) {
  const say = () => {};
  const getLevel = (): bolt.LogLevel => library.LogLevel.ERROR;
  return { debug: say, info: say, warn: say, error: say, setLevel: say, setName: say, getLevel };
}
