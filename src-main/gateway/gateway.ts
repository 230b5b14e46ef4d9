/**
 * The wire's side of the gateway: dispatch, server, events to clients. Gets the finished rooms below and adds nothing of
 * their work. Called by the assembly alone.
 */
import { DisposableStore, type Disposable } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import { CLOSE } from "#main/protocol/errors.ts";
import type { Connection } from "./connection.ts";
import { createDispatch } from "./dispatch.ts";
import { createHealth } from "./health.ts";
import { toHello } from "./hello.ts";
import { createListener } from "./listener.ts";
import { createHandlers } from "./methods/index.ts";
import { announceChannels } from "./methods/channels/announce.ts";
import type { GatewayParts } from "./methods/deps.ts";
import { toPresence } from "./presence.ts";
import { startServer, type ServerOptions } from "./server.ts";
import { announceChanges } from "./announce.ts";
import { createAuthorize, createCause, startAuditing, withCause } from "./auditing.ts";

export interface RunningServer extends Disposable {
  port: number;
  socketPath: string | undefined;
  readonly connected: number;
  onConnections(listener: () => void): Disposable;
  /** Tells clients that the gateway goes, and refuses new ones. */
  announceShutdown(reason: string): void;
  /** Closes all connections; call it after the drain. */
  closeAll(): void;
}

/** Connections that one device may hold (contract.md). */
const MAX_PER_DEVICE = 16;

/** The newest counts: a phone that comes back must not be kept out by what is left of its broken connections. */
function closeOldest(connections: Iterable<Connection>, newest: Connection): void {
  const deviceId = newest.session?.grant.deviceId;
  if (deviceId === undefined) return;
  const own = [...connections].filter((one) => one.session?.grant.deviceId === deviceId);
  for (const one of own.slice(0, -MAX_PER_DEVICE)) one.close(CLOSE.policy, "too many connections of this device");
}

/** Listens and answers. Throws Refused `PORT_IN_USE`. */
export async function startGateway(parts: GatewayParts): Promise<RunningServer> {
  const { clock, log, config, facts, broadcast, connections } = parts;
  const store = new DisposableStore();
  const changes = new Emitter<void>();
  let isClosing = false;
  const presence = () => toPresence(connections, facts.version, clock.now());
  const health = createHealth(parts, store);
  const logins = announceChannels(parts, store);
  const methods = { ...parts, presence, health, logins };
  const cause = createCause();
  const dispatch = createDispatch(withCause(createHandlers(methods), cause), log);
  const rules = () => {
    const { host, allowedOrigins, allowedHosts, trustedProxies } = config.current.gateway;
    return { boundHost: host, allowedOrigins, allowedHosts, trustedProxies };
  };
  const connection: ServerOptions["connection"] = {
    clock,
    log,
    dispatch,
    authorize: createAuthorize(parts),
    startingFor: () => (isClosing ? 1000 : undefined),
    maxPayload: () => config.current.gateway.maxPayload,
    hello: (one) => toHello(one, { parts, presence: presence(), health: health() }),
  };
  const { host, port } = config.current.gateway;
  const server = await startServer({
    host,
    port,
    ...(parts.socketPath === undefined ? {} : { socketPath: parts.socketPath }),
    clock,
    log,
    rules,
    connections,
    onRequest: (isLocalSocket) => createListener(parts, { rules, isReady: () => !isClosing, isLocalSocket }),
    connection,
    onChange(changed, isConnected) {
      if (isConnected) {
        closeOldest(connections, changed);
        broadcast.sendTo(changed, "health", health());
      }
      broadcast.sendState("presence", { presence: presence() });
      changes.emit();
    },
  });
  store.add(server);
  announceChanges(parts, health, store);
  startAuditing(parts, cause, store);
  store.defer(() => server.closeAll(CLOSE.restart, "gateway stopping"));
  return {
    port: server.port,
    socketPath: server.socketPath,
    get connected() {
      return connections.size;
    },
    onConnections: (listener) => changes.on(listener),
    announceShutdown(reason) {
      isClosing = true;
      broadcast.send("shutdown", { reason });
    },
    closeAll: () => server.closeAll(CLOSE.restart, "gateway stopping"),
    dispose: () => store.dispose(),
  };
}
