/**
 * The frames of the wire: one JSON object per text frame. A request is answered exactly once, in any order, but `agent`,
 * which answers twice with one id. `seq` counts the events of one connection; events are never replayed: a client that
 * sees a gap loads again. The schemas are the source; `protocol.schema.json` is generated from them.
 */
import Type, { type Static } from "typebox";
import { ERROR_CODES } from "./errors.ts";

const closed = { additionalProperties: false } as const;

/** Versions spoken, lowest to highest. A client gets the highest in its range, and the shapes of that version. */
export const PROTOCOL_MIN = 3;
export const PROTOCOL_MAX = 4;

/** Limits announced in `hello-ok.policy`; `handshake*` hold before it. */
export const POLICY = {
  maxPayload: 524_288,
  maxPayloadCeiling: 26_214_400,
  maxBufferedBytes: 1_572_864,
  tickIntervalMs: 30_000,
  handshakeMaxPayload: 65_536,
  handshakeTimeoutMs: 10_000,
} as const;

export const RequestFrame = Type.Object(
  {
    type: Type.Literal("req"),
    id: Type.String({ minLength: 1, maxLength: 128 }),
    method: Type.String({ minLength: 1, maxLength: 128 }),
    params: Type.Optional(Type.Unknown()),
    traceparent: Type.Optional(Type.String({ maxLength: 128 })),
  },
  closed,
);
export type RequestFrame = Static<typeof RequestFrame>;

export const ErrorShape = Type.Object(
  {
    code: Type.Enum([...ERROR_CODES]),
    message: Type.String(),
    details: Type.Optional(Type.Unknown()),
    retryable: Type.Optional(Type.Boolean()),
    retryAfterMs: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
);
export type ErrorShape = Static<typeof ErrorShape>;

export const ResponseFrame = Type.Object(
  {
    type: Type.Literal("res"),
    id: Type.String(),
    ok: Type.Boolean(),
    payload: Type.Optional(Type.Unknown()),
    error: Type.Optional(ErrorShape),
  },
  closed,
);
export type ResponseFrame = Static<typeof ResponseFrame>;

/** Counters by which a client knows whether its picture of presence and health is the newest. */
export const StateVersion = Type.Object(
  { presence: Type.Integer({ minimum: 0 }), health: Type.Integer({ minimum: 0 }) },
  closed,
);
export type StateVersion = Static<typeof StateVersion>;

export const EventFrame = Type.Object(
  {
    type: Type.Literal("event"),
    event: Type.String({ minLength: 1 }),
    payload: Type.Optional(Type.Unknown()),
    seq: Type.Optional(Type.Integer({ minimum: 1 })),
    stateVersion: Type.Optional(StateVersion),
  },
  closed,
);
export type EventFrame = Static<typeof EventFrame>;

export type ServerFrame = ResponseFrame | EventFrame;

/** Programs that may connect: ours, then the peer's. */
export const CLIENT_IDS = [
  "gatehouse-desktop",
  "gatehouse-web",
  "gatehouse-phone",
  "gatehouse-cli",
  "gatehouse-node",
  "webchat-ui",
  "openclaw-control-ui",
  "openclaw-tui",
  "webchat",
  "cli",
  "gateway-client",
  "openclaw-macos",
  "openclaw-linux",
  "openclaw-ios",
  "openclaw-watchos",
  "openclaw-android",
  "node-host",
  "openclaw-probe",
  "fingerprint",
  "test",
  "openclaw-browser-copilot",
  "openclaw-worker",
] as const;

export const CLIENT_MODES = ["webchat", "cli", "ui", "backend", "node", "worker", "probe", "test"] as const;

const short = Type.String({ maxLength: 256 });

export const ConnectParams = Type.Object(
  {
    minProtocol: Type.Integer({ minimum: 1 }),
    maxProtocol: Type.Integer({ minimum: 1 }),
    client: Type.Object(
      {
        id: Type.Enum([...CLIENT_IDS]),
        version: Type.String({ minLength: 1, maxLength: 128 }),
        platform: Type.String({ minLength: 1, maxLength: 128 }),
        mode: Type.Enum([...CLIENT_MODES]),
        displayName: Type.Optional(short),
        deviceFamily: Type.Optional(short),
        modelIdentifier: Type.Optional(short),
        instanceId: Type.Optional(short),
        buildId: Type.Optional(short),
        timeZone: Type.Optional(short),
      },
      closed,
    ),
    role: Type.Optional(Type.Union([Type.Literal("operator"), Type.Literal("node")])),
    scopes: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 })),
    caps: Type.Optional(Type.Array(Type.String({ maxLength: 128 }), { maxItems: 128 })),
    commands: Type.Optional(Type.Array(Type.String({ maxLength: 128 }), { maxItems: 512 })),
    permissions: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
    pathEnv: Type.Optional(Type.String({ maxLength: 8192 })),
    device: Type.Optional(
      Type.Object(
        {
          id: Type.String({ minLength: 1, maxLength: 128 }),
          publicKey: Type.String({ minLength: 1, maxLength: 256 }),
          signature: Type.String({ minLength: 1, maxLength: 256 }),
          signedAt: Type.Integer({ minimum: 0 }),
          nonce: Type.Optional(Type.String({ maxLength: 128 })),
        },
        closed,
      ),
    ),
    auth: Type.Optional(
      Type.Object(
        {
          token: Type.Optional(Type.String({ maxLength: 4096 })),
          password: Type.Optional(Type.String({ maxLength: 4096 })),
          deviceToken: Type.Optional(Type.String({ maxLength: 4096 })),
          bootstrapToken: Type.Optional(Type.String({ maxLength: 4096 })),
        },
        closed,
      ),
    ),
    locale: Type.Optional(short),
    userAgent: Type.Optional(Type.String({ maxLength: 1024 })),
  },
  closed,
);
export type ConnectParams = Static<typeof ConnectParams>;

/** One row per device (or per connection without one), however many roles and sockets it has. */
export const PresenceEntry = Type.Object(
  {
    host: Type.Optional(Type.String()),
    version: Type.Optional(Type.String()),
    platform: Type.Optional(Type.String()),
    deviceFamily: Type.Optional(Type.String()),
    mode: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    deviceId: Type.Optional(Type.String()),
    instanceId: Type.Optional(Type.String()),
    roles: Type.Optional(Type.Array(Type.String())),
    scopes: Type.Optional(Type.Array(Type.String())),
    text: Type.Optional(Type.String()),
    ts: Type.Integer(),
  },
  closed,
);
export type PresenceEntry = Static<typeof PresenceEntry>;

export const HelloOk = Type.Object(
  {
    type: Type.Literal("hello-ok"),
    protocol: Type.Integer(),
    server: Type.Object({ version: Type.String(), connId: Type.String(), host: Type.Optional(Type.String()) }, closed),
    features: Type.Object(
      {
        methods: Type.Array(Type.String()),
        events: Type.Array(Type.String()),
        capabilities: Type.Optional(Type.Array(Type.String())),
      },
      closed,
    ),
    snapshot: Type.Object(
      {
        presence: Type.Array(PresenceEntry),
        health: Type.Unknown(),
        stateVersion: StateVersion,
        uptimeMs: Type.Integer({ minimum: 0 }),
        sessionDefaults: Type.Object(
          {
            defaultAgentId: Type.String(),
            mainKey: Type.String(),
            mainSessionKey: Type.String(),
            scope: Type.String(),
            modelConfigured: Type.Boolean(),
          },
          closed,
        ),
      },
      closed,
    ),
    auth: Type.Object(
      {
        role: Type.String(),
        scopes: Type.Array(Type.String()),
        method: Type.String(),
        deviceToken: Type.Optional(Type.String()),
        issuedAtMs: Type.Optional(Type.Integer()),
      },
      closed,
    ),
    policy: Type.Object(
      {
        maxPayload: Type.Integer(),
        maxBufferedBytes: Type.Integer(),
        tickIntervalMs: Type.Integer(),
      },
      closed,
    ),
    canvasHostUrl: Type.Optional(Type.String()),
  },
  closed,
);
export type HelloOk = Static<typeof HelloOk>;
