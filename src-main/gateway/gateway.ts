/**
 * The wire's side of the gateway: dispatch, server, events to clients. Gets the finished rooms below and adds nothing of
 * their work. Called by the assembly alone.
 */
import { DisposableStore, type Disposable } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import { authorize, type AuthDeps } from "#main/identity/authorize.ts";
import { CLOSE } from "#main/protocol/errors.ts";
import type { PresenceEntry } from "#main/protocol/frames.ts";
import type { AdmissionRules } from "./admission.ts";
import type { Connection, ConnectionDeps } from "./connection.ts";
import { createDispatch } from "./dispatch.ts";
import { createHealth } from "./health.ts";
import { toHello } from "./hello.ts";
import { createListener } from "./listener.ts";
import { createHandlers } from "./methods/index.ts";
import type { MethodDeps } from "./methods/deps.ts";
import { toPresence } from "./presence.ts";
import { startServer, type GatewayServer } from "./server.ts";
import type { CompletionDeps } from "./completions.ts";

export interface GatewayParts extends Omit<MethodDeps, "connections" | "presence" | "health"> {
  auth: AuthDeps;
  /** Shared with the broadcast; filled here. */
  connections: Set<Connection>;
  completions: Omit<CompletionDeps, "knowsAgent">;
  rendererDir: string;
  socketPath: string | undefined;
}

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

/** Listens and answers. Throws Refused `PORT_IN_USE`. */
export async function startGateway(parts: GatewayParts): Promise<RunningServer> {
  const { clock, log, config, facts, broadcast, connections } = parts;
  const store = new DisposableStore();
  const changes = new Emitter<void>();
  let isClosing = false;
  const presence = (): PresenceEntry[] => toPresence(connections, facts.version, clock.now());
  const health = createHealth(parts, store);
  const methods: MethodDeps = { ...parts, connections: () => connections, presence, health: health.read };
  const dispatch = createDispatch(createHandlers(methods), log);
  const rules = (): AdmissionRules => {
    const { host, allowedOrigins, allowedHosts, trustedProxies } = config.current.gateway;
    return { boundHost: host, allowedOrigins, allowedHosts, trustedProxies };
  };
  const connection: Omit<ConnectionDeps, "onReady" | "onClosed"> = {
    clock,
    log,
    dispatch,
    authorize: (attempt) => authorize(parts.auth, attempt),
    startingFor: () => (isClosing ? 1000 : undefined),
    maxPayload: () => config.current.gateway.maxPayload,
    hello: (one) => toHello(one, { parts, presence: presence(), health: health.read() }),
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
    onRequest: () => createListener(parts, { rules, isReady: () => !isClosing }),
    connection,
    onChange(changed, isConnected) {
      if (isConnected) broadcast.sendTo(changed, "health", health.read());
      broadcast.sendState("presence", { presence: presence() });
      changes.emit();
    },
  });
  store.add(server);
  wireEvents(parts, server, store);
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

/** What clients are told that no request of theirs caused. */
function wireEvents(parts: GatewayParts, server: GatewayServer, store: DisposableStore): void {
  const { clock, config, devices, broadcast, connections, meter } = parts;
  store.add(
    clock.every(30_000, () => {
      broadcast.send("tick", { ts: clock.now() });
      meter.reset();
    }),
  );
  let secret = parts.auth.shared().value;
  store.add(
    config.onChange(({ state, changedPaths }) => {
      const issues = state.issues.map((issue) => issue.message);
      if (changedPaths.length > 0 || issues.length > 0) {
        broadcast.send("config.changed", { hash: state.hash, changedPaths: [...changedPaths], issues });
      }
      const now = parts.auth.shared().value;
      if (now === secret) return;
      secret = now;
      cut(connections, (one) => ["token", "password"].includes(one.session?.grant.method ?? ""));
    }),
  );
  store.add(
    devices.onChange((change) => {
      if (change.type === "requested") {
        const { request } = change;
        broadcast.send("device.pair.requested", {
          requestId: request.request_id,
          deviceId: request.device_id,
          ...(request.display_name === null ? {} : { displayName: request.display_name }),
          ...(request.platform === null ? {} : { platform: request.platform }),
          role: request.role,
          scopes: JSON.parse(request.scopes) as string[],
          ts: request.created_at,
        });
      } else if (change.type === "resolved") {
        const { requestId, deviceId, decision } = change;
        broadcast.send("device.pair.resolved", { requestId, deviceId, decision, ts: clock.now() });
      } else {
        const { deviceId, role } = change;
        cut(connections, ({ session }) => session?.grant.deviceId === deviceId && (role === undefined || session.grant.role === role));
      }
    }),
  );
  store.defer(() => server.closeAll(CLOSE.restart, "gateway stopping"));
}

/** Ends connections whose credential no longer counts. */
function cut(connections: ReadonlySet<Connection>, which: (connection: Connection) => boolean): void {
  for (const connection of connections) {
    if (which(connection)) connection.close(CLOSE.credentials, "credentials rotated or revoked");
  }
}
