/**
 * A gateway that a test plays: the real handshake on a loopback port and on a Unix socket, with a lock file beside it.
 * Methods answer from a table; a method that is not in it is refused as unknown.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { WebSocketServer, type WebSocket } from "ws";
import type { ConnectParams } from "#main/protocol/frames.ts";

export interface FakeRefusal {
  code: string;
  message: string;
  details?: unknown;
}

type Handler = (params: Record<string, unknown>, send: (event: string, payload: unknown) => void) => unknown;

export interface FakeGateway {
  url: string;
  /** What each connection said of itself. */
  connects: { params: ConnectParams; via: "tcp" | "socket"; origin: string | undefined }[];
  calls: { method: string; params: unknown }[];
  /** Closes all connections, as a crash would. */
  drop(): void;
  close(): Promise<void>;
}

export interface FakeGatewayOptions {
  stateDir: string;
  token?: string;
  socket?: boolean;
  methods?: Record<string, Handler>;
  /** Fields of the lock file that are not as they should be. */
  lock?: Record<string, unknown>;
}

/** Thrown by a handler: becomes a refusal on the wire. */
export class Refusal extends Error {
  readonly shape: FakeRefusal;
  constructor(shape: FakeRefusal) {
    super(shape.message);
    this.shape = shape;
  }
}

function hello(params: ConnectParams) {
  return {
    type: "hello-ok",
    protocol: 4,
    server: { version: "1.2.3", connId: "c1" },
    features: { methods: [], events: [] },
    snapshot: {
      presence: [],
      health: {},
      stateVersion: { presence: 0, health: 0 },
      uptimeMs: 1,
      sessionDefaults: {
        defaultAgentId: "main",
        mainKey: "main",
        mainSessionKey: "agent:main:main",
        scope: "per-sender",
        modelConfigured: true,
      },
    },
    auth: { role: "operator", scopes: params.scopes ?? [], method: "token" },
    policy: { maxPayload: 524_288, maxBufferedBytes: 1_572_864, tickIntervalMs: 30_000 },
  };
}

function isRight(params: ConnectParams, via: "tcp" | "socket", token: string | undefined): boolean {
  return via === "socket" || token === undefined || params.auth?.token === token;
}

export async function startFakeGateway(options: FakeGatewayOptions): Promise<FakeGateway> {
  const { stateDir, token, methods = {} } = options;
  const connects: FakeGateway["connects"] = [];
  const calls: FakeGateway["calls"] = [];
  const sockets = new Set<WebSocket>();
  const serve = (socket: WebSocket, via: "tcp" | "socket", origin: string | undefined) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    const send = (frame: unknown) => socket.send(JSON.stringify(frame));
    const emit = (event: string, payload: unknown) => send({ type: "event", event, payload });
    emit("connect.challenge", { nonce: "n", ts: 0 });
    const answer = async (data: Buffer) => {
      const { id, method, params } = JSON.parse(data.toString()) as { id: string; method: string; params: never };
      if (method === "connect") {
        connects.push({ params, via, origin });
        if (isRight(params, via, token)) return send({ type: "res", id, ok: true, payload: hello(params) });
        const details = { code: "AUTH_TOKEN_MISMATCH" };
        const error = { code: "INVALID_REQUEST", message: "unauthorized: gateway token mismatch", details };
        send({ type: "res", id, ok: false, error });
        return socket.close(1008, "unauthorized");
      }
      calls.push({ method, params });
      const handler = methods[method];
      try {
        if (!handler) throw new Refusal({ code: "INVALID_REQUEST", message: `unknown method: ${method}` });
        return send({ type: "res", id, ok: true, payload: await handler(params, emit) });
      } catch (error) {
        const shape = error instanceof Refusal ? error.shape : { code: "INTERNAL", message: String(error) };
        return send({ type: "res", id, ok: false, error: shape });
      }
    };
    socket.on("message", (data: Buffer) => void answer(data));
  };
  const servers: Server[] = [];
  const listen = (via: "tcp" | "socket", where: { port: number; host: string } | { path: string }) => {
    const server = createServer((_request, response) => response.writeHead(404).end());
    const wss = new WebSocketServer({ server });
    wss.on("connection", (socket, request) => serve(socket, via, request.headers.origin));
    servers.push(server);
    return new Promise<Server>((resolve) => server.listen(where, () => resolve(server)));
  };
  const tcp = await listen("tcp", { port: 0, host: "127.0.0.1" });
  const url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`;
  const socketPath = join(stateDir, "gateway.sock");
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  if (options.socket) await listen("socket", { path: socketPath });
  const lock = { pid: process.pid, url, startedAtMs: 0, version: "1.2.3", ...(options.socket ? { socketPath } : {}) };
  writeFileSync(join(stateDir, "gateway.lock"), JSON.stringify({ ...lock, ...options.lock }), { mode: 0o600 });
  return {
    url,
    connects,
    calls,
    drop() {
      for (const socket of sockets) socket.terminate();
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      for (const server of servers) {
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        });
      }
    },
  };
}

/** The same, closed when the running test ends. */
export async function playGateway(
  options: FakeGatewayOptions,
  onEnd: (close: () => Promise<void>) => void,
): Promise<FakeGateway> {
  const gateway = await startFakeGateway(options);
  onEnd(() => gateway.close());
  return gateway;
}
