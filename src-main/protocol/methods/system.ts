/** health, status, presence, logs. */
import Type, { type Static } from "typebox";
import { PresenceEntry } from "../frames.ts";
import { defineMethod } from "../method.ts";
import { closed, NoParams } from "./common.ts";

/** The main thread since the last tick: how late it was, in milliseconds, and how busy. Names as the peer's clients read them. */
const EventLoop = Type.Object(
  {
    /** Late enough that people notice; `reasons` says of what kind. */
    degraded: Type.Boolean(),
    reasons: Type.Array(Type.String()),
    delayP50Ms: Type.Number(),
    delayP99Ms: Type.Number(),
    delayMaxMs: Type.Number(),
    /** Share of the time in which the thread worked, 0 to 1. */
    utilization: Type.Number(),
    /** Processor time of the whole process per time passed: 1 is one core in full. */
    cpuCoreRatio: Type.Number(),
  },
  closed,
);

/** Counts only: which conversations there are is nothing for a connection without a right to read. */
const SessionCount = Type.Object(
  { path: Type.String(), count: Type.Integer(), recent: Type.Array(Type.Never()) },
  closed,
);

export const HealthSummary = Type.Object(
  {
    ok: Type.Boolean(),
    ts: Type.Integer(),
    durationMs: Type.Number(),
    version: Type.String(),
    uptimeMs: Type.Integer(),
    defaultAgentId: Type.String(),
    agents: Type.Array(
      Type.Object(
        {
          agentId: Type.String(),
          isDefault: Type.Boolean(),
          heartbeat: Type.Object({ enabled: Type.Boolean() }, closed),
          sessions: SessionCount,
        },
        closed,
      ),
    ),
    sessions: SessionCount,
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

const RecentSession = Type.Object(
  {
    key: Type.String(),
    agentId: Type.String(),
    sessionId: Type.String(),
    kind: Type.String(),
    updatedAt: Type.Integer(),
    /** Milliseconds since `updatedAt`. */
    age: Type.Integer(),
    model: Type.String(),
    contextTokens: Type.Integer(),
  },
  closed,
);

const CliProjection = Type.Object(
  {
    agents: Type.Object(
      {
        defaultId: Type.String(),
        ownership: Type.Union([Type.Literal("sole"), Type.Literal("explicit")]),
        selectionRequired: Type.Boolean(),
        rows: Type.Array(Type.Object({ id: Type.String(), name: Type.String() }, closed)),
      },
      closed,
    ),
    updateChannel: Type.Null(),
    memoryPlugin: Type.Object({ enabled: Type.Boolean(), slot: Type.Null() }, closed),
  },
  closed,
);

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
        /** The newest ten. */
        recent: Type.Array(RecentSession),
        byAgent: Type.Array(
          Type.Object(
            { agentId: Type.String(), path: Type.String(), count: Type.Integer(), recent: Type.Array(RecentSession) },
            closed,
          ),
        ),
      },
      closed,
    ),
    heartbeat: Type.Object(
      {
        defaultAgentId: Type.String(),
        agents: Type.Array(
          Type.Object(
            { agentId: Type.String(), enabled: Type.Boolean(), every: Type.String(), everyMs: Type.Null() },
            closed,
          ),
        ),
      },
      closed,
    ),
    channelSummary: Type.Array(Type.String()),
    queuedSystemEvents: Type.Array(Type.String()),
    degradedSecretOwners: Type.Array(Type.Never()),
    degradedPlugins: Type.Array(Type.Never()),
    /** Only when asked for: what the peer's `status --json` takes from the gateway instead of its own files. */
    cliProjection: Type.Optional(CliProjection),
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
    params: Type.Object(
      {
        includeChannelSummary: Type.Optional(Type.Boolean()),
        includeCliProjection: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
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
