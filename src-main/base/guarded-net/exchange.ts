/**
 * One request and its answer over a connection that is already open. Follows nothing, keeps no cookies, sends only the
 * headers it was given. Must never read the body of a redirect.
 */
import { request as startRequest, type ClientRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { ACCEPT_ENCODING, readBody } from "./body.ts";

/** Redirect statuses with a meaning for a client (RFC 9110 §15.4). */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Set by us alone, or never sent: who we talk to, how the message ends, other people's logins. */
const NOT_FROM_CALLERS =
  /^(host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|cookie2?|accept-encoding|proxy-.*|via|forwarded|x-forwarded-.*)$/i;

export interface Ask {
  url: URL;
  method: "GET" | "POST";
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
  truncated: boolean;
  /** Where a redirect leads, as written; the body was not read then. */
  location: string | undefined;
}

/**
 * Sends the request and reads the answer, then destroys the socket.
 * @param onData called whenever bytes arrived, for the idle time-out
 * Rejects with the system's error or an error of `readBody`; the caller knows whether it aborted.
 */
export async function exchange(
  ask: Ask,
  socket: Socket,
  { maxBytes, signal, onData }: { maxBytes: number; signal: AbortSignal; onData: () => void },
): Promise<Answer> {
  const onAbort = () => void socket.destroy();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    const response = await send(ask, socket);
    onData();
    const status = response.statusCode ?? 0;
    const headers = plainHeaders(response);
    const location = REDIRECTS.has(status) ? headers["location"] : undefined;
    if (location !== undefined) return { status, headers, body: new Uint8Array(), truncated: false, location };
    const { bytes, truncated } = await readBody(response, maxBytes, onData);
    return { status, headers, body: bytes, truncated, location };
  } finally {
    signal.removeEventListener("abort", onAbort);
    socket.destroy();
  }
}

/** The headers a caller may set: names and values that can be sent, without those that are ours. */
export function allowedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) =>
        /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(name) &&
        !NOT_FROM_CALLERS.test(name) &&
        /^[\t\x20-\x7e]{0,4096}$/.test(value),
    ),
  );
}

function send(ask: Ask, socket: Socket): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request: ClientRequest = startRequest({
      createConnection: () => socket,
      method: ask.method,
      path: `${ask.url.pathname}${ask.url.search}`,
      headers: {
        ...allowedHeaders(ask.headers),
        host: ask.url.host,
        "accept-encoding": ACCEPT_ENCODING,
        connection: "close",
        ...(ask.body === undefined ? {} : { "content-length": String(Buffer.byteLength(ask.body)) }),
      },
      insecureHTTPParser: false,
    });
    request.once("response", (response) => {
      // What the reader of the body reports is enough; an answer that nobody reads may still break.
      response.on("error", () => {});
      resolve(response);
    });
    request.on("error", reject);
    request.once("close", () => reject(new Error("the connection was closed before an answer came")));
    request.end(ask.body);
  });
}

/** One text per name, without cookies: nothing here keeps them. */
function plainHeaders(response: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headersDistinct)) {
    if (value !== undefined && !name.startsWith("set-cookie")) headers[name] = value.join(", ");
  }
  return headers;
}
