/** Hands the HTTP routes what they need of the gateway. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { authorizeBearer } from "#main/identity/bearer.ts";
import { admit, type AdmissionRules } from "./admission.ts";
import { createCompletions } from "./completions.ts";
import type { GatewayParts } from "./parts.ts";
import { createHttpApp } from "./http/app.ts";

/** @param state.isLocalSocket the requests come through the socket that only this user can open */
export function createListener(
  parts: GatewayParts,
  state: { rules(): AdmissionRules; isReady(): boolean; isLocalSocket: boolean },
): (request: IncomingMessage, response: ServerResponse) => void {
  const { clock, config, facts } = parts;
  const { isLocalSocket } = state;
  const knowsAgent = (agentId: string) => agentId === "main" || Object.hasOwn(config.current.agents, agentId);
  return createHttpApp({
    async authenticate(headers, remoteAddress) {
      // The address that counts is the one behind a proxy that is trusted, as on the WebSocket.
      const admission = admit({ headers, remoteAddress, isLocalSocket }, state.rules(), { needsOrigin: true });
      if (!admission.ok) return { ok: false, status: 401, message: admission.message };
      return authorizeBearer(parts.auth, headers.authorization, admission.source);
    },
    checkOrigin(_origin, _host, remoteAddress, headers) {
      const admission = admit({ headers, remoteAddress, isLocalSocket }, state.rules(), { needsOrigin: true });
      if (admission.ok) return { ok: true };
      return { ok: false, status: admission.status === 403 ? 403 : 421, message: admission.message };
    },
    health: () => ({
      version: facts.version,
      uptimeSeconds: Math.round((clock.now() - facts.startedAtMs) / 1000),
      ready: state.isReady(),
      problems: facts.problems(),
    }),
    rendererDir: parts.rendererDir,
    async models() {
      const rows = await parts.catalogue.list(false);
      return rows.filter((row) => row.available).map(({ ref, provider }) => ({ ref, provider }));
    },
    complete: createCompletions({ ...parts.completions, knowsAgent }),
    log: parts.log,
    clock,
  });
}
