/** Tells clients what no request of theirs caused: ticks, a changed configuration, pairing; and cuts what lost its credential. */
import type { DisposableStore } from "#main/base/disposable.ts";
import { POLICY } from "#main/protocol/frames.ts";
import type { HealthSummary } from "#main/protocol/methods/system.ts";
import type { Connection } from "./connection.ts";
import type { GatewayParts } from "./methods/deps.ts";
import { present } from "./present.ts";

type AnnounceParts = Pick<
  GatewayParts,
  "clock" | "config" | "log" | "devices" | "broadcast" | "connections" | "meter" | "auth" | "desk"
>;

/** @param health the summary of now */
export function announceChanges(parts: AnnounceParts, health: () => HealthSummary, store: DisposableStore): void {
  const { clock, config, log, devices, broadcast, connections, meter } = parts;
  store.add(
    clock.every(POLICY.tickIntervalMs, () => {
      broadcast.send("tick", { ts: clock.now() });
      meter.reset();
      devices.expire().catch((error: unknown) => log.warn("pairing requests could not be ended", { error }));
    }),
  );
  const toSecret = () => JSON.stringify(parts.auth.shared());
  let secret = toSecret();
  store.add(
    config.onChange(({ state, changedPaths }) => {
      const issues = state.issues.map((issue) => issue.message);
      if (changedPaths.length > 0 || issues.length > 0) {
        broadcast.send("config.changed", { hash: state.hash, changedPaths: [...changedPaths], issues });
        // What is wrong with the configuration is a part of the health.
        broadcast.sendState("health", health());
      }
      const now = toSecret();
      if (now === secret) return;
      secret = now;
      // Those that are being decided right now may have shown the old one.
      cut(connections, ({ session, deciding }) =>
        session ? ["token", "password"].includes(session.grant.method) : deciding !== undefined,
      );
    }),
  );
  store.add(
    parts.desk.onEvent(({ type, approval }) => {
      if (type === "requested") broadcast.send("exec.approval.requested", approval);
      else {
        broadcast.send("exec.approval.resolved", {
          id: approval.id,
          decision: approval.decision ?? null,
          outcome: approval.outcome ?? "expired",
          resolvedBy: approval.resolvedBy ?? "",
          ts: approval.resolvedAtMs ?? clock.now(),
        });
      }
    }),
  );
  store.add(
    devices.onChange((change) => {
      if (change.type === "requested") {
        const { request } = change;
        broadcast.send("device.pair.requested", {
          requestId: request.request_id,
          deviceId: request.device_id,
          ...present({ displayName: request.display_name, platform: request.platform }),
          role: request.role,
          scopes: JSON.parse(request.scopes) as string[],
          ts: request.created_at,
        });
      } else if (change.type === "resolved") {
        const { requestId, deviceId, decision } = change;
        broadcast.send("device.pair.resolved", { requestId, deviceId, decision, ts: clock.now() });
      } else {
        const { deviceId, role } = change;
        cut(connections, ({ session, deciding }) => {
          const id = session ? session.grant.deviceId : deciding?.device?.id;
          return (
            id === deviceId && (role === undefined || (session?.grant.role ?? deciding?.role ?? "operator") === role)
          );
        });
      }
    }),
  );
}

/** Ends connections whose credential no longer counts. */
function cut(connections: ReadonlySet<Connection>, which: (connection: Connection) => boolean): void {
  for (const connection of connections) {
    if (which(connection)) connection.retire();
  }
}
