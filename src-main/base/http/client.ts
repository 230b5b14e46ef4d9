/**
 * Calls to services that the owner configured, over connections that are kept for a moment. The system library's client,
 * not `fetch`: a small call takes less than half as long, and nothing has to be loaded. Must never follow a redirect.
 */
import * as plain from "node:http";
import * as secure from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Disposable } from "../disposable.ts";

export interface HttpAsk {
  method: "GET" | "POST";
  headers: Readonly<Record<string, string>>;
  body?: string | AsyncIterable<Uint8Array> | undefined;
  /** Ends the call, and the body of its answer, with its reason. */
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: { get(name: string): string | null };
  /** To be read to its end or destroyed: until then its connection is not free. */
  body: Readable;
}

/**
 * Resolves when the head of the answer is there, whatever its status. Throws what the system says, the signal's reason,
 * and TypeError for an address or a header that cannot be sent.
 */
export type HttpCall = (url: string, ask: HttpAsk) => Promise<HttpAnswer>;

/** A connection without a call ends after this: one that slept with the computer must not take the next call. */
const KEEP_MS = 4000;

export interface HttpClient extends Disposable {
  call: HttpCall;
}

export function createHttpClient(): HttpClient {
  // This time-out ends only connections that are not in use (nodejs.org, "Class: http.Agent").
  const kept = { keepAlive: true, timeout: KEEP_MS };
  const [agent, secureAgent] = [new plain.Agent(kept), new secure.Agent(kept)];
  return {
    call: (url, { method, headers, body, signal }) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const target = new URL(url);
        // Some services turn away who does not say what it is.
        const options = { method, headers: { "user-agent": "Gatehouse", ...headers } };
        const asked =
          target.protocol === "https:"
            ? secure.request(target, { ...options, agent: secureAgent })
            : plain.request(target, { ...options, agent });
        let answer: plain.IncomingMessage | undefined;
        const onAbort = () => {
          answer?.destroy(signal.reason);
          asked.destroy(signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        asked.on("close", () => signal.removeEventListener("abort", onAbort));
        asked.on("error", reject);
        asked.on("response", (given) => {
          answer = given;
          // Who reads the body is told; where nobody does, it is of no account.
          given.on("error", () => {});
          const get = (name: string) => given.headers[name.toLowerCase()]?.toString() ?? null;
          resolve({ status: given.statusCode ?? 0, headers: { get }, body: given });
        });
        if (typeof body === "object") pipeline(body, asked).catch(reject);
        else asked.end(body);
      }),
    dispose() {
      agent.destroy();
      secureAgent.destroy();
    },
  };
}
