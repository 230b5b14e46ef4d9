/**
 * The Bot API through grammY, made safe for us: our `fetch`, no retries, failures in the channel's terms. Must never put
 * an address into an error or a log: the bot token is in it.
 */
import type { ApiClientOptions, RawApi } from "grammy";
import { ChannelError, type ChannelContext } from "../contract.ts";
import { ofStatus, toChannelError } from "./failure.ts";
import type { TelegramSettings } from "./settings.ts";

/** A call that is not an upload answers within this, or never. */
const ANSWER_MS = 60_000;

export type Client = Awaited<ReturnType<typeof createClient>>;

/** @param stop ends every call for good */
export async function createClient(context: ChannelContext<TelegramSettings>, stop: AbortSignal) {
  const { clock, fetch } = context;
  const { token } = context.settings;
  const apiRoot = context.settings.apiRoot.replace(/\/+$/, "");
  const { Api, InputFile } = await import("grammy");
  /** Ends with the client, and with `given` or after a minute. Throws ChannelError and nothing else. */
  const guarded = async <T>(work: (signal: AbortSignal) => Promise<T>, given?: AbortSignal): Promise<T> => {
    const late = new AbortController();
    const timer = given ? undefined : clock.after(ANSWER_MS, () => late.abort());
    const signal = AbortSignal.any([stop, given ?? late.signal]);
    try {
      if (signal.aborted) throw new ChannelError("retry", "The Telegram channel stopped before this was sent.");
      return await work(signal);
    } catch (thrown) {
      throw toChannelError(thrown, token);
    } finally {
      await timer?.dispose();
    }
  };
  return {
    /** Makes one call. The library's own kind of signal is not one that `fetch` takes: an instance per call carries it. */
    call: <T>(work: (api: RawApi) => Promise<T>, given?: AbortSignal) =>
      guarded((signal) => work(new Api(token, { apiRoot, fetch: toLibraryFetch(fetch, signal) }).raw), given),
    /** Opens a file that getFile named. */
    open: (path: string, given: AbortSignal) =>
      guarded(async (signal) => {
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
function toLibraryFetch(fetch: ChannelContext["fetch"], signal: AbortSignal) {
  const run = async (url: string, { method, headers, body }: RequestInit) => {
    const init = { method, headers, body, signal, redirect: "error", duplex: "half" } as RequestInit;
    const response = await fetch(url, init);
    const answer = (await response.json().catch(() => undefined)) as { ok?: unknown } | null | undefined;
    if (typeof answer?.ok === "boolean") return { json: () => answer };
    // Not Telegram's own words but, say, a proxy's page: its status is all there is. A success may have counted.
    throw response.ok ? new Error("an answer that cannot be read") : ofStatus(response.status);
  };
  return run as unknown as NonNullable<ApiClientOptions["fetch"]>;
}
