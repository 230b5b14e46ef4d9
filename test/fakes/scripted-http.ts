/**
 * A model service on loopback that plays scripts: one per request, in order, and a default answer when none is left.
 * Speaks no format of its own: the fakes of the services say what a default answer looks like.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came. */
export interface RecordedRequest {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  /** The raw body, for byte budgets. */
  bodyBytes: number;
  /** The parsed body, or its text when it is not JSON; undefined when empty. */
  body: unknown;
}

/** One step of a streamed answer. */
export type Step =
  /** Bytes or text as they are. */
  | { raw: string | Uint8Array }
  /** Waits until the promise settles: a gate that the test opens. */
  | { gate: Promise<unknown> }
  /** Breaks the connection without a proper end. */
  | { breakOff: true }
  /** Keeps the connection open and says nothing more. */
  | { hang: true };

/** What a request is answered with. */
export type Script =
  | { status: number; headers?: Record<string, string>; body: string }
  | { steps: readonly Step[]; headers?: Record<string, string> };

export interface ScriptedServer {
  /** `http://127.0.0.1:PORT`, without a path. */
  url: string;
  /** All requests so far, oldest first. */
  requests: RecordedRequest[];
  /** Appends scripts for the requests to come. */
  script(...scripts: Script[]): void;
  /** Connections that the client closed before the answer was complete. */
  readonly abandoned: number;
  /** Connections ever opened. */
  readonly connections: number;
  close(): Promise<void>;
}

/**
 * Starts on a free port of loopback.
 * @param fallback the answer to a request that no script is left for
 */
export async function startScriptedServer(
  fallback: (request: RecordedRequest) => Script,
  port = 0,
): Promise<ScriptedServer> {
  const queue: Script[] = [];
  const requests: RecordedRequest[] = [];
  let abandoned = 0;
  let connections = 0;
  const server = createServer((incoming, response) => {
    response.on("close", () => {
      if (!response.writableFinished) abandoned += 1;
    });
    void record(incoming).then(async (request) => {
      requests.push(request);
      // Lists of models are asked for at any time and use up no script.
      const script = request.method === "POST" ? (queue.shift() ?? fallback(request)) : fallback(request);
      await play(script, response);
    });
  });
  server.on("connection", () => void (connections += 1));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script: (...scripts) => void queue.push(...scripts),
    get abandoned() {
      return abandoned;
    },
    get connections() {
      return connections;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers: incoming.headers,
    bodyBytes: bytes.length,
    body: parse(bytes.toString("utf8")),
  };
}

async function play(script: Script, response: ServerResponse): Promise<void> {
  if ("status" in script) {
    response.writeHead(script.status, { "content-type": "application/json", ...script.headers });
    response.end(script.body);
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", ...script.headers });
  for (const step of script.steps) {
    if (response.destroyed) return;
    if ("raw" in step) response.write(step.raw);
    else if ("gate" in step) await step.gate;
    else if ("hang" in step) return response.flushHeaders();
    // Lets what was written leave before the connection is torn.
    else return void setImmediate(() => setImmediate(() => response.destroy()));
  }
  response.end();
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A gate for a script: `gate` waits until `open` is called. */
export function createGate(): { gate: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { gate: promise, open: resolve };
}
