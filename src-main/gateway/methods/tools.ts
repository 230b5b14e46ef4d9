/** tools.*: what can be done, what would happen, doing it through the one guard. */
import type { MethodResult } from "#main/protocol/methods/index.ts";
import { DEFAULT_AGENT, MAIN_KEY, parseSessionKey } from "#main/sessions/key.ts";
import { actorOf, invalid, type Handlers, type HandlersOf } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";
import { elevate } from "#main/routing/commands.ts";
import { toRequester } from "./send.ts";

const GROUP_LABELS: Readonly<Record<string, string>> = {
  basics: "Basics",
  fs: "Files",
  web: "Web",
  runtime: "Programs",
  sessions: "Conversations",
  messaging: "Messages",
  config: "Settings",
};

export function createToolHandlers(deps: MethodDeps): HandlersOf<"tools"> & Pick<Handlers, "sessions.elevate"> {
  const { invocations } = deps;
  return {
    "tools.catalog": (params) => toCatalog(deps, params.agentId ?? DEFAULT_AGENT),
    "tools.explain": async ({ tool, args, sessionKey }, caller) => {
      const { key, agentId } = parseSessionKey(sessionKey ?? MAIN_KEY);
      const told = await invocations.explain({ tool, args, agentId, sessionKey: key, requester: toRequester(caller) });
      if ("error" in told) throw invalid(told.message);
      return told;
    },
    "tools.invoke": async ({ name, args = {}, sessionKey, agentId }, caller) => {
      const session = parseSessionKey(sessionKey ?? MAIN_KEY, agentId);
      const requester = toRequester(caller);
      const invocation = { tool: name, args, agentId: session.agentId, sessionKey: session.key, requester };
      const outcome = await invocations.invoke(invocation, 0);
      const base = { toolName: name, source: "core" };
      switch (outcome.state) {
        case "not-found":
        case "invalid":
          throw invalid(outcome.message);
        case "pending":
          return { ...base, ok: false, requiresApproval: true, approvalId: outcome.approvalId };
        case "done":
          if (!outcome.isError) return { ...base, ok: true, output: outcome.text };
          return { ...base, ok: false, error: { code: "tool_error", message: outcome.text } };
      }
    },
    "sessions.elevate": async ({ key: raw, elevated }, caller) => {
      const { key } = parseSessionKey(raw);
      await elevate(deps, key, elevated, actorOf(caller));
      return { ok: true, key, elevated };
    },
  };
}

function toCatalog({ tools }: MethodDeps, agentId: string): MethodResult<"tools.catalog"> {
  const groups = [...Map.groupBy(tools(), (tool) => tool.group)].map(([id, members]) => {
    const list = members.map(({ name, description, params }) => ({ id: name, label: name, description, params }));
    return { id, label: GROUP_LABELS[id] ?? id, source: "core" as const, tools: list };
  });
  return {
    agentId,
    profiles: [{ id: "full", label: "All tools, as far as the policy allows" }],
    groups,
  };
}
