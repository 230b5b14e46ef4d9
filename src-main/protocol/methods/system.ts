/** health, status, presence, logs. */
import Type, { type Static } from "typebox";
import { PresenceEntry } from "../frames.ts";
import { defineMethod } from "../method.ts";
import { closed, NoParams } from "./common.ts";

/** Delay of the main thread's event loop since the last reading, milliseconds. */
const EventLoop = Type.Object({ p50Ms: Type.Number(), p99Ms: Type.Number(), maxMs: Type.Number() }, closed);

export const HealthSummary = Type.Object(
  {
    ok: Type.Boolean(),
    ts: Type.Integer(),
    durationMs: Type.Number(),
    version: Type.String(),
    uptimeMs: Type.Integer(),
    defaultAgentId: Type.String(),
    agents: Type.Array(Type.Object({ agentId: Type.String(), isDefault: Type.Boolean() }, closed)),
    sessions: Type.Object({ count: Type.Integer() }, closed),
    channels: Type.Record(Type.String(), Type.Unknown()),
    channelOrder: Type.Array(Type.String()),
    channelLabels: Type.Record(Type.String(), Type.String()),
    heartbeatSeconds: Type.Number(),
    eventLoop: Type.Optional(EventLoop),
    /** What is not as it should be, in words: a configuration that did not parse, no keychain, a full disk. */
    problems: Type.Array(Type.String()),
  },
  closed,
);
export type HealthSummary = Static<typeof HealthSummary>;

const StatusSummary = Type.Object(
  {
    runtimeVersion: Type.String(),
    version: Type.String(),
    pid: Type.Integer(),
    uptimeMs: Type.Integer(),
    stateDir: Type.String(),
    url: Type.String(),
    model: Type.Object({ ref: Type.String(), provider: Type.String(), isDemo: Type.Boolean() }, closed),
    secretsBackend: Type.String(),
    connections: Type.Integer(),
    runs: Type.Object({ active: Type.Integer(), queued: Type.Integer() }, closed),
    sessions: Type.Object(
      {
        count: Type.Integer(),
        paths: Type.Array(Type.String()),
        defaults: Type.Object({ model: Type.String(), contextTokens: Type.Integer() }, closed),
        recent: Type.Array(Type.Unknown()),
        byAgent: Type.Array(Type.Unknown()),
      },
      closed,
    ),
    heartbeat: Type.Object({ defaultAgentId: Type.String(), agents: Type.Array(Type.Unknown()) }, closed),
    channelSummary: Type.Array(Type.String()),
    queuedSystemEvents: Type.Array(Type.String()),
    tasks: Type.Unknown(),
    taskAudit: Type.Unknown(),
    processMemory: Type.Object({ rssBytes: Type.Integer(), heapUsedBytes: Type.Integer() }, closed),
    eventLoop: EventLoop,
    problems: Type.Array(Type.String()),
  },
  closed,
);

export const systemMethods = {
  health: defineMethod({
    scope: "none",
    params: Type.Object({ probe: Type.Optional(Type.Boolean()) }, closed),
    result: HealthSummary,
  }),
  status: defineMethod({
    scope: "operator.read",
    params: Type.Object({ includeChannelSummary: Type.Optional(Type.Boolean()) }, closed),
    result: StatusSummary,
  }),
  "system-presence": defineMethod({
    scope: "operator.read",
    params: NoParams,
    result: Type.Array(PresenceEntry),
  }),
  "logs.tail": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        /** Number of lines ever written, as returned last time; absent: the newest `limit` lines. */
        cursor: Type.Optional(Type.Integer({ minimum: 0 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000 })),
        maxBytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
      },
      closed,
    ),
    result: Type.Object(
      {
        file: Type.String(),
        cursor: Type.Integer(),
        size: Type.Integer(),
        lines: Type.Array(Type.String()),
        truncated: Type.Optional(Type.Boolean()),
        reset: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
  }),
} as const;
