/** Who is connected: one row per device, however many roles and sockets it has; per connection where there is no device. */
import { hostname } from "node:os";
import type { PresenceEntry } from "#main/protocol/frames.ts";
import type { Connection } from "./connection.ts";
import { present } from "./present.ts";

/** @param now milliseconds since 1970 */
export function toPresence(connections: Iterable<Connection>, version: string, now: number): PresenceEntry[] {
  const rows = new Map<string, PresenceEntry>();
  rows.set("gateway", {
    host: hostname(),
    version,
    platform: process.platform,
    mode: "gateway",
    reason: "self",
    text: `Gateway: ${hostname()} · Gatehouse ${version}`,
    ts: now,
  });
  for (const connection of connections) {
    const { session } = connection;
    if (!session) continue;
    const { client, grant } = session;
    const key = grant.deviceId ?? connection.id;
    const known = rows.get(key);
    const name = client.displayName ?? client.id;
    rows.set(key, {
      host: name,
      version: client.version,
      platform: client.platform,
      mode: client.mode,
      reason: "connect",
      ...present({ deviceFamily: client.deviceFamily, instanceId: client.instanceId, deviceId: grant.deviceId }),
      roles: [...new Set([...(known?.roles ?? []), grant.role])],
      scopes: [...new Set([...(known?.scopes ?? []), ...grant.scopes])],
      text: `${name} · ${client.mode} · ${client.version}`,
      ts: now,
    });
  }
  return [...rows.values()];
}
