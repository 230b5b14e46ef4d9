/** The answer to a successful `connect`: what works here, and a first picture of the state. Holds no path and no token. */
import { EVENTS } from "#main/protocol/events.ts";
import type { HelloOk, PresenceEntry } from "#main/protocol/frames.ts";
import { METHODS } from "#main/protocol/methods/index.ts";
import type { HealthSummary } from "#main/protocol/methods/system.ts";
import { DEFAULT_AGENT, MAIN_KEY, toMainKey } from "#main/sessions/key.ts";
import { CAP_DELTA_ONLY, CAP_TOOL_EVENTS } from "./broadcast.ts";
import type { Connection } from "./connection.ts";
import type { GatewayParts } from "./methods/deps.ts";

/** By it the peer's command line knows that `models.list` shows all that can be chosen here. */
const CAP_MODEL_CATALOGUE = "published-model-catalog";

export function toHello(
  connection: Connection,
  state: { parts: GatewayParts; presence: PresenceEntry[]; health: HealthSummary },
): Omit<HelloOk, "type" | "protocol" | "auth" | "policy"> {
  const { parts, presence, health } = state;
  return {
    server: { version: parts.facts.version, connId: connection.id },
    features: {
      methods: Object.keys(METHODS),
      events: Object.keys(EVENTS),
      capabilities: [CAP_TOOL_EVENTS, CAP_DELTA_ONLY, CAP_MODEL_CATALOGUE],
    },
    snapshot: {
      presence,
      health,
      stateVersion: parts.broadcast.stateVersion,
      uptimeMs: health.uptimeMs,
      sessionDefaults: {
        defaultAgentId: DEFAULT_AGENT,
        mainKey: MAIN_KEY,
        mainSessionKey: toMainKey(),
        scope: parts.config.current.sessions.scope,
        modelConfigured: !parts.providers.isDemo,
      },
    },
  };
}
