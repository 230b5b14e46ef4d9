/**
 * Listens: HTTP and WebSocket on one port, and on a socket of the file system that only this user can open. Checks Host
 * and Origin before an upgrade, holds few connections that have not shown who they are, and ticks.
 */
import { chmodSync, rmSync } from "node:fs";
import { createServer, STATUS_CODES, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Clock } from "#main/base/clock.ts";
import { DisposableStore, type Disposable } from "#main/base/disposable.ts";
import { Refused, messageOf } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import { POLICY } from "#main/protocol/frames.ts";
import { admit, type AdmissionRules } from "./admission.ts";
import { Connection, type ConnectionDeps } from "./connection.ts";
import { createFrameValidators } from "./handshake.ts";

export interface ServerOptions {
  host: string;
  /** 0: a free one. */
  port: number;
  /** Path of the user's own socket; absent where the system has none. */
  socketPath?: string;
  clock: Clock;
  log: Logger;
  rules(): AdmissionRules;
  /** Answers HTTP. Told whether the request came through the user's own socket. */
  onRequest(isLocalSocket: boolean): RequestListener;
  connection: Omit<ConnectionDeps, "onClosed" | "onReady" | "validators">;
  /** Filled and emptied here: every open connection, whether it has shown who it is or not. */
  connections: Set<Connection>;
  /** Called when a connection has shown who it is, and again when it is gone. */
  onChange(connection: Connection, isConnected: boolean): void;
}

/** Connections per address that have not shown who they are. */
const MAX_PENDING = 32;
/** When that many wait, one that has said nothing for so long makes room: a storm does not keep the others out. */
const SILENT_MS = 200;
/** How long HTTP waits: for the head of a request, for all of it, for the next one. A slow one holds up nobody. */
export const HTTP_LIMITS = {
  headersTimeout: 20_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
  maxHeaderSize: 16_384,
  connectionsCheckingInterval: 5000,
} as const;
/** Longest path of a socket that all systems take. */
const MAX_SOCKET_PATH = 100;

export interface GatewayServer extends Disposable {
  port: number;
  /** The socket's path, when it could be made. */
  socketPath: string | undefined;
  /** Stops taking connections and closes those that are there. */
  closeAll(code: number, reason: string): void;
}

/** Throws Refused `PORT_IN_USE` with `{port}`, or what the system says, in words. */
export async function startServer(options: ServerOptions): Promise<GatewayServer> {
  const store = new DisposableStore();
  const { connections } = options;
  const accept = createUpgradeHandler(options);
  const tcp = createHttp(options, accept, false);
  const port = await listen(tcp, options);
  store.defer(() => close(tcp));
  let socketPath: string | undefined;
  if (options.socketPath !== undefined) {
    const local = createHttp(options, accept, true);
    socketPath = await listenLocal(local, options.socketPath, options.log);
    if (socketPath !== undefined) store.defer(() => close(local));
  }
  store.add(
    options.clock.every(POLICY.tickIntervalMs, () => {
      for (const connection of connections) connection.checkAlive();
    }),
  );
  return {
    port,
    socketPath,
    closeAll(code, reason) {
      for (const connection of connections) connection.close(code, reason);
    },
    dispose: () => store.dispose(),
  };
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, isLocalSocket: boolean) => void;

function createUpgradeHandler(options: ServerOptions): Upgrade {
  const { connections } = options;
  /** By address: those that have not shown who they are, oldest first. */
  const pending = new Map<string, Set<Connection>>();
  const validators = createFrameValidators();
  const maxPayload = POLICY.maxPayloadCeiling;
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload });
  const settle = (connection: Connection) => {
    const { address } = connection.source;
    const waiting = pending.get(address);
    waiting?.delete(connection);
    if (waiting?.size === 0) pending.delete(address);
  };
  return (request, socket, head, isLocalSocket) => {
    const asked = { headers: request.headers, remoteAddress: request.socket.remoteAddress, isLocalSocket };
    const admission = admit(asked, options.rules(), { needsOrigin: true });
    if (!admission.ok) return refuseUpgrade(socket, admission.status, admission.message);
    const { source } = admission;
    const waiting = pending.get(source.address) ?? new Set();
    if (waiting.size >= MAX_PENDING && !makeRoom(waiting)) {
      return refuseUpgrade(socket, 503, "too many connections wait for their handshake");
    }
    // Answers at once, in this call, or refuses the upgrade itself.
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(webSocket, socket, source, isLocalSocket, {
        ...options.connection,
        validators,
        onReady: (ready) => {
          settle(ready);
          options.onChange(ready, true);
        },
        onClosed: (closed) => {
          settle(closed);
          connections.delete(closed);
          if (closed.session) options.onChange(closed, false);
        },
      });
      connections.add(connection);
      pending.set(source.address, waiting.add(connection));
    });
    return undefined;
  };
}

/** Ends the oldest connection that has said nothing for a while. @returns false when there is none */
function makeRoom(waiting: Set<Connection>): boolean {
  for (const connection of waiting) {
    if ((connection.silentFor ?? 0) < SILENT_MS) continue;
    waiting.delete(connection);
    connection.cut();
    return true;
  }
  return false;
}

function createHttp(options: ServerOptions, accept: Upgrade, isLocalSocket: boolean): Server {
  const server = createServer({ ...HTTP_LIMITS }, options.onRequest(isLocalSocket));
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    accept(request, socket, head, isLocalSocket);
  });
  return server;
}

function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  const retryable = status === 503;
  const body = JSON.stringify({ error: { code: retryable ? "UNAVAILABLE" : "FORBIDDEN", message, retryable } });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n${body}`,
  );
}

function listen(server: Server, options: ServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const { host, port } = options;
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const isTaken = cause.code === "EADDRINUSE";
      const words = isTaken
        ? `Port ${port} on ${host} is in use by another program. Set gateway.port to another one, or 0 for a free one.`
        : `Cannot listen on ${host}:${port}: ${cause.message}`;
      reject(new Refused(isTaken ? "PORT_IN_USE" : "UNAVAILABLE", words, { cause, details: { port } }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** The state directory's lock is held, so a socket file that is there is a leftover. */
function listenLocal(server: Server, path: string, log: Logger): Promise<string | undefined> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    log.info("no local socket: the path of the state directory is too long for one", { path });
    return Promise.resolve(undefined);
  }
  rmSync(path, { force: true });
  return new Promise((resolve) => {
    server.once("error", (error) => {
      log.warn("no local socket", { error: messageOf(error) });
      resolve(undefined);
    });
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(path);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
