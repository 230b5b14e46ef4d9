/**
 * The calls to Twilio, through its own library. Each is made once and ends in a result or a ChannelError. The account's
 * credentials go to Twilio's own hosts and nowhere else.
 */
import type { RequestClient } from "twilio";
import { networkCauseOf } from "#main/base/http/failure.ts";
import { ChannelError } from "../contract.ts";
import { toNetworkFailure, toRefusal } from "./failure.ts";

/** Twilio's answer to a download is a redirect to its storage, which may redirect once more. */
const MAX_REDIRECTS = 3;

export interface TwilioAccount {
  accountSid: string;
  authToken: string;
  /** Base address of the API. */
  apiBase: string;
  fetch: typeof fetch;
  /** Wall time in milliseconds. */
  now(): number;
}

export interface TwilioApi {
  /** Whether the account counts. Throws ChannelError. */
  checkAccount(signal: AbortSignal): Promise<void>;
  /** Sends a text once. Throws ChannelError. @returns the message's SID */
  sendText(message: { from: string; to: string; body: string }, signal: AbortSignal): Promise<string>;
  /** The bytes of a file that came with a message. Throws ChannelError. */
  download(address: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** True if the signature is Twilio's for these parameters at this address; compared in constant time. */
  isSigned(signature: string, address: string, params: URLSearchParams): boolean;
}

/** Loads the library. Connects to nothing. */
export async function createTwilioApi(account: TwilioAccount): Promise<TwilioApi> {
  const { default: library } = await import("twilio");
  // A client of the library costs nothing: one per call carries the call's signal. With a request client of our own
  // nothing is retried and no address is taken from the environment.
  const clientFor = (signal: AbortSignal) => {
    const httpClient = { request: (options: RequestOptions) => request(account, options, signal) };
    return new library.Twilio(account.accountSid, account.authToken, {
      httpClient: httpClient as unknown as RequestClient,
    });
  };
  return {
    async checkAccount(signal) {
      const { status } = await clientFor(signal).api.v2010.accounts(account.accountSid).fetch().catch(toChannelError);
      if (status === "active") return;
      throw new ChannelError("auth", `The Twilio account is ${status}. Look into the Twilio Console.`);
    },
    async sendText(message, signal) {
      const { sid } = await clientFor(signal).messages.create(message).catch(toChannelError);
      return sid;
    },
    async *download(address, signal) {
      try {
        yield* await openFile(account, address, signal);
      } catch (error) {
        if (error instanceof ChannelError) throw error;
        throw new ChannelError("retry", `The file could not be loaded from Twilio (${networkCauseOf(error)}).`);
      }
    },
    isSigned(signature, address, params) {
      const values: [string, string[]][] = [...new Set(params.keys())].map((name) => [name, params.getAll(name)]);
      return library.validateRequest(account.authToken, signature, address, Object.fromEntries(values));
    },
  };
}

type RequestOptions = Parameters<RequestClient["request"]>[0];

/** One HTTP call as the library wants it made, at our base address. Throws ChannelError for all but a success. */
async function request(account: TwilioAccount, options: RequestOptions, signal: AbortSignal) {
  const { pathname, search } = new URL(options.uri);
  const init: RequestInit = {
    method: options.method.toUpperCase(),
    headers: { ...(options.headers as Record<string, string>), authorization: basicAuth(account) },
    redirect: "manual",
    signal,
  };
  if (options.data) init.body = new URLSearchParams(options.data as Record<string, string>);
  const { response, body } = await account
    .fetch(account.apiBase.replace(/\/$/, "") + pathname + search, init)
    .then(async (answer) => ({ response: answer, body: await answer.text() }))
    .catch((error: unknown) => {
      throw toNetworkFailure(error);
    });
  if (!response.ok) throw toRefusal(response, body, account.authToken, account.now());
  return { statusCode: response.status, body, headers: Object.fromEntries(response.headers) };
}

/** Throws ChannelError when Twilio answers without the file, and what `fetch` throws. */
async function openFile(
  account: TwilioAccount,
  address: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const base = new URL(account.apiBase);
  const isTwilios = (url: URL) =>
    url.origin === base.origin || (url.protocol === "https:" && /(^|\.)twilio\.com$/.test(url.hostname));
  let url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !isTwilios(url)) {
    throw new ChannelError("rejected", "The file does not lie with Twilio; it is not loaded.");
  }
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const headers: Record<string, string> = isTwilios(url) ? { authorization: basicAuth(account) } : {};
    const response = await account.fetch(url, { headers, redirect: "manual", signal });
    if (response.ok && response.body) return response.body;
    await response.body?.cancel();
    const next = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || next === null) {
      const isPassing = response.status >= 500 || response.status === 429;
      throw new ChannelError(
        isPassing ? "retry" : "rejected",
        `Twilio did not give the file (HTTP ${response.status}).`,
      );
    }
    url = new URL(next, url);
    if (url.protocol !== "https:" && url.protocol !== base.protocol) break;
  }
  throw new ChannelError("rejected", "Twilio sent us on to no place where the file lies.");
}

function basicAuth({ accountSid, authToken }: TwilioAccount): string {
  return `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
}

/** What the library itself throws comes after a success that it could not read: the call may have counted. */
function toChannelError(error: unknown): never {
  if (error instanceof ChannelError) throw error;
  throw new ChannelError("unknown", "Twilio's answer cannot be read.", { cause: error });
}
