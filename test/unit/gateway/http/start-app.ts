/** The routes on a real socket of the loopback, with everything behind them played by the test. */
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { createManualClock, type ManualClock } from "#test/fakes/manual-clock.ts";
import { silentLogger } from "#main/base/logger.ts";
import { OWNER_SCOPES } from "#main/protocol/scopes.ts";
import { createHttpApp } from "#main/gateway/http/app.ts";
import type { HttpDeps } from "#main/gateway/http/deps.ts";

export const TOKEN = "test-token";

export interface RunningApp {
  url: string;
  port: number;
  clock: ManualClock;
  close(): Promise<void>;
}

/** Allows the loopback's own name and origin and the one token, like the gateway does. */
export function fakeDeps(overrides: Partial<HttpDeps> = {}): HttpDeps {
  return {
    authenticate(headers) {
      if (headers.authorization === `Bearer ${TOKEN}`) return { ok: true, scopes: new Set(OWNER_SCOPES) };
      return { ok: false, status: 401, message: "unauthorized: send the gateway's token as a Bearer token" };
    },
    checkOrigin({ origin, host }) {
      if (!/^127\.0\.0\.1(?::\d+)?$/.test(host ?? "")) return { ok: false, status: 421, message: "unknown host" };
      if (origin !== undefined && origin !== `http://${host}`) {
        return { ok: false, status: 403, message: "this page may not connect" };
      }
      return { ok: true };
    },
    health: () => ({ version: "1.2.3", uptimeSeconds: 7, ready: true, problems: [] }),
    agent: (agentId) => (agentId === "main" ? { name: "Gatehouse" } : undefined),
    rendererDir: "/nonexistent",
    models: () => Promise.resolve([]),
    webhookOf: () => undefined,
    async *complete() {
      yield { type: "text", delta: "hi" };
      yield { type: "end", finishReason: "stop" };
    },
    tools: {
      explain: async () => ({ error: "not-found", message: "there is no such tool" }),
      invoke: async () => ({ state: "not-found", message: "there is no such tool" }),
      result: async () => undefined,
    },
    log: silentLogger,
    clock: createManualClock(),
    ...overrides,
  };
}

export async function startApp(overrides: Partial<HttpDeps> = {}): Promise<RunningApp> {
  const clock = createManualClock();
  const server = createServer(createHttpApp(fakeDeps({ clock, ...overrides })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    clock,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request whose target goes out exactly as written: `fetch` would tidy it up. */
export function sendRaw(
  app: RunningApp,
  target: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: "127.0.0.1",
        port: app.port,
        path: target,
        method: options.method ?? "GET",
        headers: options.headers ?? {},
        agent: false,
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => (body += text));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(options.body);
  });
}

export const authorized = { authorization: `Bearer ${TOKEN}` };

/** Asks for a completion; headers are added to the credential and the content type. */
export function postChat(
  app: RunningApp,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${app.url}/v1/chat/completions`, {
    method: "POST",
    headers: { ...authorized, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}
