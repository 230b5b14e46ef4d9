/** health, status, presence, logs. */
import { countSessions } from "#main/store/sessions.ts";
import type { Handlers } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";

type SystemHandlers = Pick<Handlers, "health" | "status" | "system-presence" | "logs.tail">;

export function createSystemHandlers(deps: MethodDeps): SystemHandlers {
  const { clock, facts, meter, turns } = deps;
  return {
    health: () => deps.health(),
    async status() {
      const memory = process.memoryUsage();
      const ref = deps.providers.defaultRef;
      const count = await countSessions(deps.db);
      const runs = turns.counts;
      const { contextTokens } = deps.config.current.sessions;
      return {
        runtimeVersion: facts.version,
        version: facts.version,
        pid: process.pid,
        uptimeMs: Math.round(clock.now() - facts.startedAtMs),
        stateDir: facts.stateDir,
        url: facts.url(),
        model: { ref, provider: ref.split("/", 1)[0] ?? ref, isDemo: deps.providers.isDemo },
        secretsBackend: deps.secrets.backend,
        connections: deps.connections().size,
        runs: { active: runs.running, queued: runs.queued },
        sessions: { count, paths: [], defaults: { model: ref, contextTokens }, recent: [], byAgent: [] },
        heartbeat: { defaultAgentId: "main", agents: [] },
        channelSummary: [],
        queuedSystemEvents: [],
        tasks: { total: 0, active: 0, terminal: 0, failures: 0, byStatus: {}, byRuntime: {} },
        taskAudit: { total: 0, warnings: 0, errors: 0, byCode: {} },
        processMemory: { rssBytes: memory.rss, heapUsedBytes: memory.heapUsed },
        eventLoop: meter.read(),
        problems: facts.problems(),
      };
    },
    "system-presence": () => deps.presence(),
    "logs.tail": (params) => ({ file: facts.logFile, ...deps.ring.tail(params) }),
  };
}
