/** Calls to the service that holds the Signal account. Must never repeat a call, and never throw but ChannelError. */
import { retryAfterOf } from "#main/base/http/failure.ts";
import { ChannelError, type ChannelContext } from "../contract.ts";
import { toHttpFailure, toNetworkFailure } from "./failures.ts";
import { objectOf, parseJson, textOf } from "./fields.ts";

export interface HttpCall {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  body?: object;
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /** It changes something at the other end: without an answer nobody knows whether it did. */
  isSend?: boolean;
}

export interface Http {
  /** Without a slash at the end. */
  base: string;
  /** The account in signal-cli: a number or an ACI. */
  account: string;
  /** Resolves with an answer of status 2xx whose body has not been read. */
  open(path: string, call: HttpCall): Promise<Response>;
  /** Resolves with the parsed body; undefined when it is empty or no JSON. */
  json(path: string, call: HttpCall): Promise<unknown>;
}

export function createHttp({ fetch, clock }: ChannelContext, base: string, account: string): Http {
  const open: Http["open"] = async (path, { method = "GET", body, headers, signal, isSend = false }) => {
    if (signal.aborted) throw new ChannelError("retry", "It was stopped before it was sent.");
    const init = { method, signal, headers: { "content-type": "application/json", ...headers } };
    const response = await fetch(base + path, {
      ...init,
      body: body === undefined ? null : JSON.stringify(body),
    }).catch((thrown: unknown) => {
      throw toNetworkFailure(thrown, isSend);
    });
    if (response.ok) return response;
    const words = textOf(objectOf(parseJson(await response.text().catch(() => "")))["error"]) ?? "";
    throw toHttpFailure(response.status, words, account, retryAfterOf(response.headers, clock.now()));
  };
  return {
    base,
    account,
    open,
    async json(path, call) {
      const response = await open(path, call);
      return response.text().then(parseJson, (thrown: unknown) => {
        throw toNetworkFailure(thrown, call.isSend === true);
      });
    },
  };
}

/** The body in pieces. Leaving the loop closes the connection. Throws ChannelError when it breaks. */
export async function* readBytes(response: Response, onPiece?: () => void): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const piece of response.body ?? []) {
      onPiece?.();
      yield piece as Uint8Array;
    }
  } catch (thrown) {
    throw toNetworkFailure(thrown, false);
  }
}
