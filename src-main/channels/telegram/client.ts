/**
 * The Bot API through grammY, made safe for us: our `fetch`, no retries, failures in the channel's terms. Must never put
 * an address into an error or a log: the bot token is in it.
 */
import type { ApiClientOptions, InputFile, RawApi } from "grammy";
import { ChannelError, type ChannelContext } from "../contract.ts";
import { ofStatus, toChannelError } from "./failure.ts";
import type { TelegramSettings } from "./settings.ts";

/** A call that is not an upload answers within this, or never. */
const ANSWER_MS = 60_000;

export interface Client {
  /** Makes one call. Ends with the client, and with `signal` or after a minute. Throws ChannelError and nothing else. */
  call<T>(work: (api: RawApi) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Opens a file that getFile named. Throws ChannelError. */
  open(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  toFile(bytes: Uint8Array, fileName: string): InputFile;
}

/** @param stop ends every call for good */
export async function createClient(context: ChannelContext<TelegramSettings>, stop: AbortSignal): Promise<Client> {
  const { clock, fetch } = context;
  const { token } = context.settings;
  const apiRoot = context.settings.apiRoot.replace(/\/+$/, "");
  const { Api, InputFile } = await import("grammy");
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
    // One instance per call carries its signal: the library's own kind of signal is not one that `fetch` takes.
    call: (work, given) =>
      guarded((signal) => work(new Api(token, { apiRoot, fetch: toLibraryFetch(fetch, signal) }).raw), given),
    open: (path, given) =>
      guarded(async (signal) => {
        const response = await fetch(`${apiRoot}/file/bot${token}/${path}`, { signal, redirect: "error" });
        if (response.ok && response.body) return response.body;
        await response.body?.cancel();
        throw response.status === 404
          ? new ChannelError("rejected", "Telegram does not have this file any more.")
          : ofStatus(response.status);
      }, given),
    toFile: (bytes, fileName) => new InputFile(bytes, fileName),
  };
}

/** Our `fetch` as the library calls it, with an error for a proxy's page in the place of an answer. */
function toLibraryFetch(fetch: ChannelContext["fetch"], signal: AbortSignal) {
  const run = async (url: string, { method, headers, body }: RequestInit) => {
    const init = { method, headers, body, signal, redirect: "error", duplex: "half" } as RequestInit;
    const response = await fetch(url, init);
    const text = await response.text();
    return { json: () => toAnswer(text, response.status) };
  };
  return run as unknown as NonNullable<ApiClientOptions["fetch"]>;
}

/** Throws for an answer that counts as taken but cannot be read. */
function toAnswer(text: string, status: number): unknown {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null && "ok" in answer) return answer;
  } catch {
    // Not Telegram's own words: its status is all there is.
  }
  if (status < 400) throw new Error("an answer that cannot be read");
  return { ok: false, error_code: status, description: `HTTP ${status}` };
}
