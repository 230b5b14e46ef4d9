/** Calls to the service that holds the Signal account. Must never repeat a call, and never throw but ChannelError. */
import { retryAfterOf } from "#main/base/http-failure.ts";
import { ChannelError, type ChannelContext } from "../contract.ts";
import { toHttpFailure, toNetworkFailure } from "./failures.ts";
import { objectOf, parseJson, textOf } from "./fields.ts";

export interface HttpCall {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /** It changes something at the other end: without an answer nobody knows whether it did. */
  isSend?: boolean;
}

/** Throws ChannelError, as `failures.ts` says. */
export interface Http {
  /** Without a slash at the end. */
  base: string;
  /** The account in signal-cli: a number or an ACI. */
  account: string;
  /** Resolves with an answer of status 2xx whose body has not been read. */
  open(path: string, call: HttpCall): Promise<Response>;
  /** Resolves with the parsed body; undefined when it is empty or no JSON. */
  json(path: string, call: HttpCall, maxBytes?: number): Promise<unknown>;
}

/** Longest answer that is read where nothing else is said, bytes. */
const MAX_ANSWER = 4_000_000;

export function createHttp(context: ChannelContext, base: string, account: string): Http {
  const open = async (path: string, call: HttpCall): Promise<Response> => {
    if (call.signal.aborted) throw new ChannelError("retry", "It was stopped before it was sent.");
    const response = await context
      .fetch(base + path, {
        method: call.method ?? "GET",
        signal: call.signal,
        headers: { ...(call.body === undefined ? {} : { "content-type": "application/json" }), ...call.headers },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      })
      .catch((thrown: unknown) => {
        throw toNetworkFailure(thrown, call.isSend === true);
      });
    if (response.ok) return response;
    const answer = await readText(response, MAX_ANSWER, call).catch(() => "");
    const words = textOf(objectOf(parseJson(answer))["error"]) ?? "";
    throw toHttpFailure(response.status, words, account, retryAfterOf(response.headers, context.clock.now()));
  };
  return {
    base,
    account,
    open,
    json: async (path, call, maxBytes = MAX_ANSWER) =>
      parseJson(await readText(await open(path, call), maxBytes, call)),
  };
}

async function readText(response: Response, maxBytes: number, call: HttpCall): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readBytes(response, call.isSend === true)) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new ChannelError(call.isSend === true ? "unknown" : "rejected", "signal-cli's answer is too long.");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The body in pieces. Leaving the loop closes the connection. Throws ChannelError when it breaks. */
export async function* readBytes(response: Response, isSend = false): AsyncGenerator<Uint8Array, void> {
  if (response.body === null) return;
  try {
    for await (const chunk of response.body) yield chunk as Uint8Array;
  } catch (thrown) {
    throw toNetworkFailure(thrown, isSend);
  }
}
