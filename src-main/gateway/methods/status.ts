/**
 * health, status, presence, logs. The whole summary of `status` has the shape that the peer's command line reads: it
 * takes every list for granted, so what Gatehouse has none of is empty or zero, never absent. Must not say more to a
 * reader than `sessions.list` does.
 */
import type { Config } from "#main/config/schema.ts";
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import { DEFAULT_AGENT } from "#main/sessions/key.ts";
import { countSessionsByAgent, listSessions, type SessionRecord } from "#main/store/sessions.ts";
import type { Handlers } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";

/** How the store is called on the wire; its path is nobody's business. */
export const STORE_NAME = "gatehouse.db";

const RECENT = 10;

type Status = MethodResult<"status">;
type RecentSession = Status["sessions"]["recent"][number];

export function createSystemHandlers(
  deps: MethodDeps,
): Pick<Handlers, "health" | "status" | "system-presence" | "logs.tail"> {
  return {
    health: () => deps.health(),
    status: (params) => readStatus(deps, params),
    "system-presence": () => deps.presence(),
    "logs.tail": (params) => ({ file: deps.facts.logFile, ...deps.ring.tail(params) }),
  };
}

async function readStatus(deps: MethodDeps, params: MethodParams<"status">): Promise<Status> {
  const { clock, facts, turns } = deps;
  const { heapUsed, rss } = process.memoryUsage();
  const ref = deps.providers.defaultRef;
  const runs = turns.counts;
  const agents = agentsOf(deps.config.current);
  return {
    runtimeVersion: facts.version,
    version: facts.version,
    pid: process.pid,
    uptimeMs: Math.round(clock.now() - facts.startedAtMs),
    stateDir: facts.stateDir,
    url: facts.url(),
    model: { ref, provider: ref.split("/", 1)[0] ?? ref, isDemo: deps.providers.isDemo },
    secretsBackend: deps.secrets.backend,
    connections: deps.connections.size,
    runs: { active: runs.running, queued: runs.queued },
    sessions: await readSessions(deps, agents),
    heartbeat: {
      defaultAgentId: DEFAULT_AGENT,
      agents: agents.map(({ id }) => ({ agentId: id, enabled: false, every: "disabled", everyMs: null })),
    },
    channelSummary: [],
    queuedSystemEvents: [],
    degradedSecretOwners: [],
    degradedPlugins: [],
    tasks: {
      total: 0,
      active: 0,
      terminal: 0,
      failures: 0,
      byStatus: zeros(TASK_STATES),
      byRuntime: zeros(TASK_RUNTIMES),
    },
    taskAudit: { total: 0, warnings: 0, errors: 0, byCode: zeros(AUDIT_CODES) },
    processMemory: { rssBytes: rss, heapUsedBytes: heapUsed },
    eventLoop: deps.meter.read(),
    problems: facts.problems(),
    ...(params.includeCliProjection === true ? { cliProjection: toProjection(agents) } : {}),
  };
}

/** Counters that the peer's clients look up by name. Facts: its `status` over the wire, 2026.9.6. */
const TASK_STATES = ["queued", "running", "succeeded", "failed", "timed_out", "cancelled", "lost"];
const TASK_RUNTIMES = ["subagent", "acp", "cli", "cron"];
const AUDIT_CODES = [
  "stale_queued",
  "stale_running",
  "lost",
  "delivery_failed",
  "missing_cleanup",
  "inconsistent_timestamps",
];

function zeros(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, 0]));
}

interface AgentName {
  id: string;
  name: string;
}

/** The agents there are, the default one first, whether it is configured or not. */
export function agentsOf({ agents }: Config): AgentName[] {
  const ids = [...new Set([DEFAULT_AGENT, ...Object.keys(agents)])];
  return ids.map((id) => ({ id, name: agents[id]?.name ?? (id === DEFAULT_AGENT ? "Gatehouse" : id) }));
}

async function readSessions(deps: MethodDeps, agents: readonly AgentName[]): Promise<Status["sessions"]> {
  const { db } = deps;
  const { contextTokens } = deps.config.current.sessions;
  const model = deps.providers.defaultRef;
  const now = deps.clock.now();
  const [counts, { rows }] = await Promise.all([
    countSessionsByAgent(db),
    listSessions(db, { limit: RECENT, offset: 0 }),
  ]);
  const toRecent = (record: SessionRecord): RecentSession => ({
    key: record.key,
    agentId: record.agent_id,
    sessionId: record.session_id,
    kind: record.kind,
    updatedAt: record.updated_at,
    age: Math.max(0, now - record.updated_at),
    model: record.model ?? model,
    contextTokens,
  });
  const recent = rows.map(toRecent).sort((a, b) => a.age - b.age);
  return {
    count: [...counts.values()].reduce((total, count) => total + count, 0),
    paths: [],
    defaults: { model, contextTokens },
    recent,
    byAgent: agents.map(({ id }) => ({
      agentId: id,
      path: STORE_NAME,
      count: counts.get(id) ?? 0,
      recent: recent.filter((session) => session.agentId === id),
    })),
  };
}

function toProjection(agents: readonly AgentName[]): NonNullable<Status["cliProjection"]> {
  return {
    agents: {
      defaultId: DEFAULT_AGENT,
      ownership: agents.length === 1 ? "sole" : "explicit",
      selectionRequired: false,
      rows: [...agents],
    },
    updateChannel: null,
    memoryPlugin: { enabled: false, slot: null },
  };
}
