/** agent*: a message whose caller waits for the answer, and who answers. */
import { textOf } from "#main/protocol/text-of.ts";
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import { DEFAULT_AGENT, MAIN_KEY, parseSessionKey, type SessionKey } from "#main/sessions/key.ts";
import type { RunOptions } from "#main/sessions/live-run.ts";
import type { RunResult } from "#main/sessions/run-result.ts";
import { findRun } from "#main/store/runs.ts";
import { findSessionById } from "#main/store/sessions.ts";
import type { Caller, Handlers } from "../dispatch.ts";
import { signOf } from "../http/avatar.ts";
import { present } from "../present.ts";
import type { MethodDeps } from "./deps.ts";
import { send, toRequester } from "./send.ts";

const WAIT_MS = 30_000;

export function createAgentHandlers(deps: MethodDeps): Pick<Handlers, "agent" | "agent.wait" | "agent.identity.get"> {
  return {
    agent: (params, caller) => runAgent(deps, params, caller),
    "agent.wait": (params) => waitFor(deps, params.runId, params.timeoutMs ?? WAIT_MS),
    "agent.identity.get": (params) => {
      const agentId =
        params.sessionKey === undefined
          ? (params.agentId ?? DEFAULT_AGENT)
          : parseSessionKey(params.sessionKey).agentId;
      const sign = signOf(deps.config.current.agents, agentId);
      // A sign that is text, or the picture's path on this gateway.
      return { agentId, ...sign, avatar: sign.emoji ?? `/avatar/${encodeURIComponent(agentId)}` };
    },
  };
}

/** By key; by the id of a transcript, or the conversation named after that id, as the peer does; else the main one. */
async function toAgentSession(deps: MethodDeps, params: MethodParams<"agent">): Promise<SessionKey> {
  const { sessionKey, sessionId, agentId } = params;
  if (sessionKey !== undefined || sessionId === undefined) return parseSessionKey(sessionKey ?? MAIN_KEY, agentId);
  const named = parseSessionKey(`explicit:${sessionId}`, agentId);
  const known = await findSessionById(deps.db, named.agentId, sessionId);
  return known ? parseSessionKey(known.key) : named;
}

async function runAgent(
  deps: MethodDeps,
  params: MethodParams<"agent">,
  caller: Caller,
): Promise<MethodResult<"agent">> {
  const session = await toAgentSession(deps, params);
  const { provider, model, thinking, timeout, extraSystemPrompt: extraSystem } = params;
  const options: RunOptions = {
    requester: toRequester(caller),
    ...present({ thinking, extraSystem, timeoutMs: timeout ? timeout * 1000 : undefined }),
    ...(model === undefined ? {} : { model: provider === undefined ? model : `${provider}/${model}` }),
  };
  const sent = await send(deps, session, params, options);
  const runId = sent.isNew ? sent.runId : sent.run.run_id;
  const base = { runId, sessionKey: session.key, agentId: session.agentId };
  if (sent.isNew) caller.accept({ ...base, status: "accepted", acceptedAt: deps.clock.now() });
  else if (sent.run.state === "queued" || sent.run.state === "running") return { ...base, status: "in_flight" };
  const isLive = sent.isNew && deps.turns.find(runId) !== undefined;
  const result = isLive ? await new Promise<RunResult>((resolve) => deps.turns.onEnd(runId, resolve)) : undefined;
  const run = result ? undefined : await findRun(deps.db, runId);
  const status = result?.status ?? run?.state;
  const text = result ? (result.message ? textOf(result.message) : "") : (run?.summary ?? "");
  const failure = result ? result.error : (run?.error ?? undefined);
  return {
    ...base,
    status: status === "ok" ? "ok" : "error",
    summary: failure ?? (status === "aborted" ? "aborted" : "completed"),
    result: { payloads: [{ text }], meta: {} },
  };
}

async function waitFor(deps: MethodDeps, runId: string, timeoutMs: number): Promise<MethodResult<"agent.wait">> {
  if (deps.turns.find(runId)) {
    const result = await new Promise<RunResult | undefined>((resolve) => {
      const timer = deps.clock.after(timeoutMs, () => {
        void listening.dispose();
        resolve(undefined);
      });
      const listening = deps.turns.onEnd(runId, (ended) => {
        void timer.dispose();
        resolve(ended);
      });
    });
    if (!result) return { runId, status: "timeout" };
    const { startedAt, endedAt, error } = result;
    return { runId, status: result.status, startedAt, endedAt, ...present({ error }) };
  }
  const run = await findRun(deps.db, runId);
  if (!run || run.state === "queued" || run.state === "running") return { runId, status: "timeout" };
  const status = run.state === "ok" || run.state === "aborted" ? run.state : "error";
  return { runId, status, ...present({ startedAt: run.started_at, endedAt: run.ended_at, error: run.error }) };
}
