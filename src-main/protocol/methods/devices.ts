/** device.*: who may connect. Full pairing (setup codes, QR) comes with the Devices page. */
import Type, { type Static } from "typebox";
import { defineMethod } from "../method.ts";
import { closed, NoParams } from "./common.ts";

const RequestId = Type.Object({ requestId: Type.String({ minLength: 1, maxLength: 128 }) }, closed);
const DeviceId = Type.String({ minLength: 1, maxLength: 128 });
const RoleName = Type.String({ minLength: 1, maxLength: 32 });

export const PendingDevice = Type.Object(
  {
    requestId: Type.String(),
    deviceId: Type.String(),
    displayName: Type.Optional(Type.String()),
    platform: Type.Optional(Type.String()),
    clientId: Type.Optional(Type.String()),
    remoteAddress: Type.Optional(Type.String()),
    role: Type.String(),
    scopes: Type.Array(Type.String()),
    reason: Type.String(),
    isRepair: Type.Boolean(),
    ts: Type.Integer(),
    expiresAtMs: Type.Integer(),
  },
  closed,
);
export type PendingDevice = Static<typeof PendingDevice>;

export const PairedDevice = Type.Object(
  {
    deviceId: Type.String(),
    displayName: Type.Optional(Type.String()),
    platform: Type.Optional(Type.String()),
    clientId: Type.Optional(Type.String()),
    roles: Type.Array(Type.String()),
    scopes: Type.Array(Type.String()),
    tokens: Type.Array(
      Type.Object(
        {
          role: Type.String(),
          scopes: Type.Array(Type.String()),
          createdAtMs: Type.Integer(),
          lastUsedAtMs: Type.Optional(Type.Integer()),
        },
        closed,
      ),
    ),
    createdAtMs: Type.Integer(),
    approvedAtMs: Type.Integer(),
    lastSeenAtMs: Type.Optional(Type.Integer()),
    connected: Type.Boolean(),
  },
  closed,
);
export type PairedDevice = Static<typeof PairedDevice>;

export const deviceMethods = {
  "device.pair.list": defineMethod({
    scope: "operator.pairing",
    params: NoParams,
    result: Type.Object({ pending: Type.Array(PendingDevice), paired: Type.Array(PairedDevice) }, closed),
  }),
  "device.pair.approve": defineMethod({
    scope: "operator.pairing",
    params: RequestId,
    result: Type.Object({ requestId: Type.String(), device: PairedDevice }, closed),
  }),
  "device.pair.reject": defineMethod({
    scope: "operator.pairing",
    params: RequestId,
    result: Type.Object({ requestId: Type.String(), deviceId: Type.String() }, closed),
  }),
  "device.pair.remove": defineMethod({
    scope: "operator.pairing",
    params: Type.Object({ deviceId: DeviceId }, closed),
    result: Type.Object({ deviceId: Type.String() }, closed),
  }),
  "device.token.rotate": defineMethod({
    scope: "operator.pairing",
    params: Type.Object(
      {
        deviceId: DeviceId,
        role: RoleName,
        scopes: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 })),
      },
      closed,
    ),
    /** The token is handed to the device itself only; whoever rotates another device's does not see it. */
    result: Type.Object(
      {
        deviceId: Type.String(),
        role: Type.String(),
        scopes: Type.Array(Type.String()),
        rotatedAtMs: Type.Integer(),
        token: Type.Optional(Type.String()),
        tokenDelivery: Type.Union([Type.Literal("in-band"), Type.Literal("withheld-cross-device")]),
      },
      closed,
    ),
  }),
  "device.token.revoke": defineMethod({
    scope: "operator.pairing",
    params: Type.Object({ deviceId: DeviceId, role: RoleName }, closed),
    result: Type.Object({ deviceId: Type.String(), role: Type.String(), revokedAtMs: Type.Integer() }, closed),
  }),
  /** A one-time code for the owner's next window or page: two minutes, single use, for a device of its own. */
  "device.bootstrap.create": defineMethod({
    scope: "operator.admin",
    params: NoParams,
    result: Type.Object({ code: Type.String(), url: Type.String(), expiresAtMs: Type.Integer() }, closed),
  }),
} as const;
