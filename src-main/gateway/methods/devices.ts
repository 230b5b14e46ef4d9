/** device.*: pairing requests, paired devices, tokens, one-time codes. */
import { parseScopes } from "#main/identity/devices.ts";
import type { PairedDevice, PendingDevice } from "#main/protocol/methods/devices.ts";
import { isScope } from "#main/protocol/scopes.ts";
import type { DeviceRecord, DeviceTokenRecord, PairingRequestRecord } from "#main/store/devices.ts";
import { actorOf, invalid, type HandlersOf } from "../dispatch.ts";
import { present } from "../present.ts";
import type { MethodDeps } from "./deps.ts";

export function createDeviceHandlers(deps: MethodDeps): HandlersOf<"device"> {
  const { devices, codes, clock } = deps;
  const connected = () => {
    const ids = [...deps.connections].map((connection) => connection.session?.grant.deviceId);
    return new Set(ids.filter((id) => id !== undefined));
  };
  return {
    "device.pair.list": async () => {
      const { devices: paired, tokens, pending } = await devices.list();
      const live = connected();
      const known = new Set(paired.map((device) => device.device_id));
      return {
        pending: pending.map((request) => toWireRequest(request, known)),
        paired: paired.map((device) => toWireDevice(device, tokens, live)),
      };
    },
    "device.pair.approve": async ({ requestId }, caller) => {
      const approved = await devices.approve(requestId, caller.scopes);
      const { tokens } = await devices.list();
      return { requestId, device: toWireDevice(approved.record, tokens, connected()) };
    },
    "device.pair.reject": async ({ requestId }) => ({ requestId, ...(await devices.reject(requestId)) }),
    "device.pair.remove": async ({ deviceId }, caller) => {
      await devices.remove(deviceId, caller.scopes);
      return { deviceId };
    },
    "device.token.rotate": async (params, caller) => {
      const scopes = params.scopes?.filter(isScope);
      if (scopes && params.scopes && scopes.length < params.scopes.length) {
        throw invalid("unknown scope");
      }
      const rotated = await devices.rotate(params.deviceId, params.role, scopes, caller.scopes);
      const isOwn = caller.deviceId === params.deviceId;
      return {
        deviceId: params.deviceId,
        role: params.role,
        scopes: rotated.scopes,
        rotatedAtMs: rotated.rotatedAtMs,
        ...(isOwn ? { token: rotated.token } : {}),
        tokenDelivery: isOwn ? "in-band" : "withheld-cross-device",
      };
    },
    "device.token.revoke": async ({ deviceId, role }, caller) => ({
      deviceId,
      role,
      ...(await devices.revoke(deviceId, role, caller.scopes)),
    }),
    "device.bootstrap.create": (_params, caller) => {
      const { code, expiresAtMs } = codes.create([...caller.scopes]);
      deps.log.info("one-time code made", { by: actorOf(caller), at: clock.now() });
      return { code, url: `${deps.facts.url()}/#code=${code}`, expiresAtMs };
    },
  };
}

function toWireRequest(row: PairingRequestRecord, known: ReadonlySet<string>): PendingDevice {
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

function toWireDevice(
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
