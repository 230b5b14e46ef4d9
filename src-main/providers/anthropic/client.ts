/**
 * The official SDK, made safe for us: nothing from the environment, no retries, no log of its own, a bounded stream. It
 * is loaded at the first call, never at the start.
 */
import type { Anthropic } from "@anthropic-ai/sdk";
import { ProviderError, type ProviderContext } from "../contract.ts";

export const DEFAULT_BASE_URL = "https://api.anthropic.com";

/** Bytes that one event of the stream may hold. */
export const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** The SDK's own limit until the headers come; the idle limit above it is shorter. */
const HEADERS_TIMEOUT_MS = 15 * 60_000;

/** A client for one call, with the key of now. Throws ProviderError "auth" when there is none. */
export async function createClient(context: ProviderContext): Promise<Anthropic> {
  const key = context.apiKey();
  const names = new Set(Object.keys(context.headers).map((name) => name.toLowerCase()));
  if (key === undefined && !names.has("authorization") && !names.has("x-api-key")) {
    throw new ProviderError("auth", `No key is set for ${context.id}. Add one in Settings.`);
  }
  const { Anthropic } = await import("@anthropic-ai/sdk");
  return new Anthropic({
    // Always one given in code: without, the SDK looks for a credential in the environment and on disk.
    apiKey: key ?? "none",
    webhookKey: null,
    // The documented header beside the SDK's own, since proxies know only that one.
    defaultHeaders: {
      ...(key === undefined ? { authorization: null } : { "x-api-key": key }),
      ...context.headers,
    },
    baseURL: baseUrlOf(context),
    fetch: boundedFetch(context.fetch),
    fetchOptions: { redirect: "manual" },
    maxRetries: 0,
    timeout: HEADERS_TIMEOUT_MS,
    logLevel: "off",
  });
}

/** The SDK adds `/v1` itself: an address that already ends in it means the same. */
function baseUrlOf(context: ProviderContext): string {
  return (context.baseUrl ?? DEFAULT_BASE_URL).replace(/\/v1\/?$/, "");
}

/** A fetch whose bodies fail when one event grows beyond bounds: the SDK itself would collect it without end. */
function boundedFetch(inner: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await inner(input, init);
    if (response.body === null) return response;
    return new Response(response.body.pipeThrough(createBound(MAX_EVENT_BYTES)), {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  };
}

/** Passes bytes on and counts those since the last empty line. Errors with RangeError above `limit`. */
export function createBound(limit: number): TransformStream<Uint8Array, Uint8Array> {
  let since = 0;
  let lineLength = 0;
  return new TransformStream({
    transform(bytes, controller) {
      for (let at = 0; at < bytes.length;) {
        const end = bytes.indexOf(0x0a, at);
        const stop = end === -1 ? bytes.length : end;
        // A carriage return alone does not make a line: CRLF counts as empty too.
        lineLength += stop - at;
        since += stop - at + 1;
        if (end === -1) break;
        if (lineLength === 0 || (lineLength === 1 && bytes[stop - 1] === 0x0d)) since = 0;
        lineLength = 0;
        at = end + 1;
      }
      if (since > limit) controller.error(new RangeError("one event of the stream is too long"));
      else controller.enqueue(bytes);
    },
  });
}
