/**
 * The Bot API through grammY, made safe for us: our `fetch`, no retries, one place where failures get their meaning. The
 * library is loaded here, when an account starts. Must never put an address into an error or a log: the bot token is in
 * it.
 */
import type { Api, ApiClientOptions, InputFile } from "grammy";
import type { Clock } from "#main/base/clock.ts";
import { ChannelError } from "../contract.ts";
import { ofHttpStatus, toChannelError } from "./failure.ts";

/** A call that is not a long poll and not an upload answers within this, or never. */
const ANSWER_MS = 60_000;

/** The library's own type of a signal; a native one does, too. */
export type LibrarySignal = NonNullable<Parameters<Api["getMe"]>[0]>;

export interface Client {
  /**
   * Makes one call. Ends with the client, with `signal`, and without a signal after a minute. Throws ChannelError and
   * nothing else.
   */
  call<T>(work: (api: Api, signal: LibrarySignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Opens a file that getFile named. Throws ChannelError. */
  open(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  toFile(bytes: Uint8Array, fileName: string): InputFile;
}

export interface ClientOptions {
  token: string;
  /** Without a slash at its end. */
  apiRoot: string;
  fetch: typeof fetch;
  clock: Clock;
  /** Ends every call for good. */
  stop: AbortSignal;
}

export async function createClient(options: ClientOptions): Promise<Client> {
  const { token, apiRoot, fetch, clock, stop } = options;
  const { Api, InputFile } = await import("grammy");
  const api = new Api(token, { apiRoot, fetch: toClientFetch(fetch) });
  const guarded = async <T>(signal: AbortSignal, work: (both: AbortSignal) => Promise<T>): Promise<T> => {
    const both = AbortSignal.any([stop, signal]);
    if (both.aborted) throw new ChannelError("retry", "The Telegram channel stopped before this was sent.");
    try {
      return await work(both);
    } catch (thrown) {
      throw toChannelError(thrown, token);
    }
  };
  return {
    async call(work, signal) {
      const limit = new AbortController();
      const timer = signal ? undefined : clock.after(ANSWER_MS, () => limit.abort());
      try {
        return await guarded(signal ?? limit.signal, (both) => work(api, both as LibrarySignal));
      } finally {
        void timer?.dispose();
      }
    },
    open: (path, signal) =>
      guarded(signal, async (both) => {
        const file = path.split("/").map(encodeURIComponent).join("/");
        const response = await fetch(`${apiRoot}/file/bot${token}/${file}`, { signal: both, redirect: "error" });
        if (response.ok && response.body) return response.body;
        await response.body?.cancel();
        throw response.status === 404
          ? new ChannelError("rejected", "Telegram does not have this file any more.")
          : ofHttpStatus(response.status);
      }),
    toFile: (bytes, fileName) => new InputFile(bytes, fileName),
  };
}

/** What the library hands to `fetch`, whose signal is of its own make, and what it reads of the answer. */
interface LibraryRequest {
  method: string;
  headers: Record<string, string>;
  body: BodyInit;
  signal: { aborted: boolean; addEventListener(type: "abort", run: () => void): void };
}

/**
 * Our `fetch` in the shape that the library calls: with a native signal, which `fetch` insists on, and with an error for
 * a proxy's page in the place of an answer.
 */
function toClientFetch(fetch: ChannelFetch): NonNullable<ApiClientOptions["fetch"]> {
  const run = async (url: string, { method, headers, body, signal }: LibraryRequest) => {
    const controller = new AbortController();
    if (signal.aborted) controller.abort();
    signal.addEventListener("abort", () => controller.abort());
    const init = { method, headers, body, signal: controller.signal, redirect: "error", duplex: "half" } as const;
    const response = await fetch(url, init);
    const text = await response.text();
    return { json: () => toAnswer(text, response.status) };
  };
  return run as unknown as NonNullable<ApiClientOptions["fetch"]>;
}

type ChannelFetch = typeof fetch;

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
