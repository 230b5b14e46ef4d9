/** The health summary: from memory, so that asking for it costs next to nothing. */
import type { DisposableStore } from "#main/base/disposable.ts";
import type { HealthSummary } from "#main/protocol/methods/system.ts";
import { DEFAULT_AGENT } from "#main/sessions/key.ts";
import { countSessionsByAgent } from "#main/store/sessions.ts";
import { agentsOf, STORE_NAME } from "./methods/status.ts";
import type { GatewayParts } from "./methods/deps.ts";

/** How old the reading of the event loop and the count of sessions may be. */
const FRESH_MS = 1000;

/** @returns what reads the summary of now */
export function createHealth(parts: GatewayParts, store: DisposableStore): () => HealthSummary {
  const { clock, config, facts, meter } = parts;
  let sessions: ReadonlyMap<string, number> = new Map();
  let eventLoop = meter.read();
  let readAt = -FRESH_MS;
  let isOpen = true;
  store.defer(() => {
    isOpen = false;
  });
  const refresh = () => {
    readAt = clock.monotonic();
    eventLoop = meter.read();
    countSessionsByAgent(parts.db).then(
      (counts) => {
        sessions = counts;
      },
      () => {},
    );
  };
  return () => {
    const startedAt = clock.monotonic();
    if (isOpen && startedAt - readAt > FRESH_MS) refresh();
    const now = clock.now();
    return {
      ok: true,
      ts: now,
      durationMs: Math.round((clock.monotonic() - startedAt) * 1000) / 1000,
      version: facts.version,
      uptimeMs: Math.round(now - facts.startedAtMs),
      defaultAgentId: DEFAULT_AGENT,
      agents: agentsOf(config.current).map(({ id: agentId }) => ({
        agentId,
        isDefault: agentId === DEFAULT_AGENT,
        heartbeat: { enabled: false },
        sessions: toCount(sessions.get(agentId) ?? 0),
      })),
      sessions: toCount([...sessions.values()].reduce((total, count) => total + count, 0)),
      channels: {},
      channelOrder: [],
      channelLabels: {},
      heartbeatSeconds: 0,
      eventLoop,
      problems: facts.problems(),
    };
  };
}

function toCount(count: number): HealthSummary["sessions"] {
  return { path: STORE_NAME, count, recent: [] };
}
