/** Rows of the device tables as the wire shows them. Pure. */
import { parseScopes } from "#main/identity/devices.ts";
import type { PairedDevice, PendingDevice } from "#main/protocol/methods/devices.ts";
import type { DeviceRecord, DeviceTokenRecord, PairingRequestRecord } from "#main/store/devices.ts";
import { present } from "../present.ts";

export function toWireRequest(row: PairingRequestRecord, known: ReadonlySet<string>): PendingDevice {
  return {
    requestId: row.request_id,
    deviceId: row.device_id,
    ...present({
      displayName: row.display_name,
      platform: row.platform,
      clientId: row.client_id,
      remoteAddress: row.remote_address,
    }),
    role: row.role,
    scopes: parseScopes(row.scopes),
    reason: row.reason,
    isRepair: known.has(row.device_id),
    ts: row.created_at,
    expiresAtMs: row.expires_at,
  };
}

export function toWireDevice(
  row: DeviceRecord,
  tokens: readonly DeviceTokenRecord[],
  connected: ReadonlySet<string>,
): PairedDevice {
  return {
    deviceId: row.device_id,
    ...present({
      displayName: row.display_name,
      platform: row.platform,
      clientId: row.client_id,
      lastSeenAtMs: row.last_seen_at,
    }),
    roles: JSON.parse(row.roles) as string[],
    scopes: parseScopes(row.scopes),
    tokens: tokens
      .filter((token) => token.device_id === row.device_id)
      .map((token) => ({
        role: token.role,
        scopes: parseScopes(token.scopes),
        createdAtMs: token.created_at,
        ...present({ lastUsedAtMs: token.last_used_at }),
      })),
    createdAtMs: row.created_at,
    approvedAtMs: row.approved_at,
    connected: connected.has(row.device_id),
  };
}
