/** Hands the HTTP routes what they need of the gateway. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { authorizeBearer } from "#main/identity/bearer.ts";
import { admit, type AdmissionRules } from "./admission.ts";
import { createCompletions } from "./completions.ts";
import type { GatewayParts } from "./methods/deps.ts";
import { MAIN_KEY, parseSessionKey } from "#main/sessions/key.ts";
import { createHttpApp } from "./http/app.ts";
import { signOf } from "./http/avatar.ts";
import type { HttpDeps, ToolRequest } from "./http/deps.ts";

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
    checkOrigin(headers, remoteAddress) {
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
    agent: (agentId) => (knowsAgent(agentId) ? signOf(config.current.agents, agentId) : undefined),
    rendererDir: parts.rendererDir,
    async models() {
      const rows = await parts.catalogue.list(false);
      return rows.filter((row) => row.available).map(({ ref, provider }) => ({ ref, provider }));
    },
    complete: createCompletions({ ...parts.completions, knowsAgent }),
    tools: createToolAccess(parts),
    webhookOf(channel, account) {
      const connection = parts.channels.find({ channel, account })?.connection;
      return (
        connection?.webhook && ((request) => connection.webhook?.(request) ?? Promise.reject(new Error("stopped")))
      );
    },
    log: parts.log,
    clock,
  });
}

const RESULT_LIFE_MS = 60 * 60 * 1000;

/** The routes of tools over the one guard. Whoever holds the Bearer credential is the owner; see `authorizeBearer`. */
function createToolAccess({ invocations, desk, clock }: GatewayParts): HttpDeps["tools"] {
  const requester = { channel: "http", sender: "tools", isOwner: true };
  const toInvocation = ({ tool, args, sessionKey }: ToolRequest) => {
    const { key, agentId } = parseSessionKey(sessionKey ?? MAIN_KEY);
    return { tool, args, agentId, sessionKey: key, requester };
  };
  return {
    explain: async (request) => invocations.explain(toInvocation(request)),
    invoke: async (request, waitMs) => invocations.invoke(toInvocation(request), waitMs),
    async result(approvalId) {
      const found = await desk.get(approvalId);
      if (!found || (found.approval.resolvedAtMs ?? clock.now()) < clock.now() - RESULT_LIFE_MS) return undefined;
      const { approval, result, isError } = found;
      const { outcome, run } = approval;
      const status = approval.status === "pending" ? "pending" : (run ?? (outcome === "allowed" ? "running" : outcome));
      const answer =
        result === undefined ? {} : isError ? { error: { code: "tool_error", message: result } } : { result };
      return { ok: run === "done", status, approvalId, ...(outcome === undefined ? {} : { outcome }), ...answer };
    },
  };
}
