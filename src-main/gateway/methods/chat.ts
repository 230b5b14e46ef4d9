/** chat.* and agent*: the wire's way into the inbox, and out of the transcript. */
import { Refused } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import { groupByRun } from "#main/agent/prompt.ts";
import type { ContentBlock, Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/messages.ts";
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import { toBlocks, type RawAttachment } from "#main/routing/attachments.ts";
import { DEFAULT_AGENT, MAIN_KEY, parseSessionKey, type SessionKey } from "#main/sessions/key.ts";
import type { RunOptions } from "#main/sessions/live-run.ts";
import type { RunResult } from "#main/sessions/run-result.ts";
import { insertMessage, readMessages } from "#main/store/messages.ts";
import { findRun, type RunRecord } from "#main/store/runs.ts";
import { countMessage, ensureSession, findSession, findSessionById } from "#main/store/sessions.ts";
import type { Handlers } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";

const CHANNEL = "webchat";
const HISTORY_LIMIT = 200;
/** JSON of a history page at most; a page that would be larger is shorter, and `hasMore` says so. */
const HISTORY_BYTES = 4 * 1024 * 1024;
const WAIT_MS = 30_000;

type ChatHandlers = Pick<
  Handlers,
  | "chat.send"
  | "chat.history"
  | "chat.startup"
  | "chat.abort"
  | "chat.inject"
  | "agent"
  | "agent.wait"
  | "agent.identity.get"
>;

export function createChatHandlers(deps: MethodDeps): ChatHandlers {
  const history = (params: MethodParams<"chat.startup">) => readHistory(deps, params);
  return {
    "chat.send": async (params) => {
      const session = parseSessionKey(params.sessionKey, params.agentId);
      if (params.sessionId !== undefined) await requireTranscript(deps, session.key, params.sessionId);
      const options: RunOptions = {
        ...(params.thinking === undefined ? {} : { thinking: params.thinking }),
        ...(params.timeoutMs === undefined ? {} : { timeoutMs: params.timeoutMs }),
      };
      const sent = await send(deps, session, params, options);
      if (!sent.isNew) return toStored(sent.run);
      return { runId: sent.runId, status: "started", messageId: sent.messageId };
    },
    "chat.history": history,
    "chat.startup": history,
    "chat.abort": (params) => {
      const { key } = parseSessionKey(params.sessionKey, params.agentId);
      const runIds = deps.turns.abort(key, params.runId);
      return { ok: true, aborted: runIds.length > 0, runIds };
    },
    "chat.inject": (params) => inject(deps, params),
    agent: (params, caller) => runAgent(deps, params, (payload) => caller.accept(payload)),
    "agent.wait": (params) => waitFor(deps, params.runId, params.timeoutMs ?? WAIT_MS),
    "agent.identity.get": (params) => {
      const agentId =
        params.sessionKey === undefined
          ? (params.agentId ?? DEFAULT_AGENT)
          : parseSessionKey(params.sessionKey).agentId;
      const agent = deps.config.current.agents[agentId];
      const emoji = agent?.emoji === undefined ? {} : { emoji: agent.emoji };
      return { agentId, name: agent?.name ?? "Gatehouse", avatar: agent?.emoji ?? "G", ...emoji };
    },
  };
}

function toContent(message: string, attachments: readonly RawAttachment[] | undefined): ContentBlock[] {
  const blocks = toBlocks(attachments ?? []);
  if (message.trim() === "" && blocks.length === 0) {
    throw new Refused("INVALID_REQUEST", "the message is empty: write something or attach a file");
  }
  return message === "" ? blocks : [{ type: "text", text: message.toWellFormed() }, ...blocks];
}

/** What became of a message: taken, or known already by its key. */
type Sent = { isNew: true; runId: string; messageId: string } | { isNew: false; run: RunRecord };

async function send(
  deps: MethodDeps,
  session: SessionKey,
  params: { message: string; attachments?: RawAttachment[]; idempotencyKey: string },
  options: RunOptions,
): Promise<Sent> {
  const content = toContent(params.message, params.attachments);
  const messageId = params.idempotencyKey;
  // Asked before the inbox is: a repeated key must not make a session either.
  const known = await findRun(deps.db, messageId);
  const receipt = known
    ? { state: "duplicate" as const, run: known }
    : await deps.receive({ channel: CHANNEL, account: "default", messageId, session, content, options });
  if (receipt.state === "accepted") {
    return { isNew: true, runId: receipt.run.runId, messageId: receipt.message.id };
  }
  if (receipt.run.session_key !== session.key) {
    throw new Refused("INVALID_REQUEST", "this idempotencyKey was used in another session; make a new one");
  }
  return { isNew: false, run: receipt.run };
}

/** What a repeated idempotency key is answered. */
function toStored(run: RunRecord): MethodResult<"chat.send"> {
  if (run.state === "queued" || run.state === "running") return { runId: run.run_id, status: "in_flight" };
  const status = run.state === "ok" || run.state === "aborted" ? run.state : "error";
  const summary = run.summary ?? run.error;
  return { runId: run.run_id, status, ...(summary === null ? {} : { summary }) };
}

async function readHistory(
  deps: MethodDeps,
  params: MethodParams<"chat.startup">,
): Promise<MethodResult<"chat.history">> {
  const { key } = parseSessionKey(params.sessionKey ?? MAIN_KEY, params.agentId);
  const session = await findSession(deps.db, key);
  if (!session)
    return { sessionKey: key, sessionId: "", messages: [], hasMore: false, totalMessages: 0, queuedRunIds: [] };
  const place = { sessionKey: key, sessionId: session.session_id };
  // Read together with the live state, without waiting in between: nothing is in both, and nothing in neither.
  const page = await readMessages(deps.db, place, { limit: params.limit ?? HISTORY_LIMIT, before: params.before });
  const runs = params.before === undefined ? deps.turns.ofSession(key) : [];
  const running = runs.find((run) => run.phase === "running");
  const fitted = fitBytes(page.messages, params.maxBytes ?? HISTORY_BYTES);
  return {
    sessionKey: key,
    sessionId: session.session_id,
    messages: groupByRun(fitted).map((message) => clip(message, params.maxChars)),
    hasMore: page.hasMore || fitted.length < page.messages.length,
    totalMessages: session.message_count,
    ...(running
      ? {
          inFlightRun: {
            runId: running.runId,
            seq: running.seq,
            startedAtMs: running.startedAtMs,
            text: running.text,
            tools: [...running.tools.values()],
          },
        }
      : {}),
    queuedRunIds: runs.filter((run) => run.phase === "queued").map((run) => run.runId),
  };
}

/** The newest messages whose JSON stays within `maxBytes`, at least one. */
function fitBytes(messages: readonly Message[], maxBytes: number): Message[] {
  let total = 0;
  let from = messages.length;
  while (from > 0) {
    total += JSON.stringify(messages[from - 1]).length;
    if (total > maxBytes && from < messages.length) break;
    from -= 1;
  }
  return messages.slice(from);
}

function clip(message: Message, maxChars: number | undefined): Message {
  if (maxChars === undefined) return message;
  const content = message.content.map((block) =>
    block.type === "text" && block.text.length > maxChars
      ? { ...block, text: `${block.text.slice(0, maxChars).toWellFormed()}…` }
      : block,
  );
  return { ...message, content };
}

async function inject(deps: MethodDeps, params: MethodParams<"chat.inject">): Promise<MethodResult<"chat.inject">> {
  const session = parseSessionKey(params.sessionKey, params.agentId);
  const now = deps.clock.now();
  const message: Message = {
    id: createId("msg"),
    role: "assistant",
    content: [{ type: "text", text: params.message.toWellFormed() }],
    timestamp: now,
    stopReason: "stop",
    label: params.label ?? "injected",
  };
  await deps.db.transaction().execute(async (trx) => {
    const made = await ensureSession(
      trx,
      { key: session.key, agentId: session.agentId, kind: "direct", channel: CHANNEL },
      now,
    );
    await insertMessage(trx, { sessionKey: session.key, sessionId: made.session.session_id }, message);
    await countMessage(trx, session.key, { now, preview: params.message.slice(0, 200), title: "New chat" });
  });
  deps.broadcast.sendMessage({ sessionKey: session.key, message });
  deps.broadcast.sendSessionsChanged({ sessionKey: session.key, reason: "updated" });
  return { ok: true, messageId: message.id };
}

/** Throws Refused: who shows an old transcript must not write into the new one unseen. */
async function requireTranscript(deps: MethodDeps, key: string, sessionId: string): Promise<void> {
  const session = await findSession(deps.db, key);
  if (!session || session.session_id === sessionId) return;
  throw new Refused("INVALID_REQUEST", "this conversation has begun anew meanwhile; load it again");
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
  accept: (payload: unknown) => void,
): Promise<MethodResult<"agent">> {
  const session = await toAgentSession(deps, params);
  const model =
    params.model === undefined
      ? undefined
      : params.provider === undefined
        ? params.model
        : `${params.provider}/${params.model}`;
  const options: RunOptions = {
    ...(params.thinking === undefined ? {} : { thinking: params.thinking }),
    ...(params.timeout === undefined || params.timeout === 0 ? {} : { timeoutMs: params.timeout * 1000 }),
    ...(model === undefined ? {} : { model }),
    ...(params.extraSystemPrompt === undefined ? {} : { extraSystem: params.extraSystemPrompt }),
  };
  const sent = await send(deps, session, params, options);
  const runId = sent.isNew ? sent.runId : sent.run.run_id;
  const base = { runId, sessionKey: session.key, agentId: session.agentId };
  if (sent.isNew) accept({ ...base, status: "accepted", acceptedAt: deps.clock.now() });
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
    const error = result.error === undefined ? {} : { error: result.error };
    return { runId, status: result.status, startedAt: result.startedAt, endedAt: result.endedAt, ...error };
  }
  const run = await findRun(deps.db, runId);
  if (!run || run.state === "queued" || run.state === "running") return { runId, status: "timeout" };
  const status = run.state === "ok" || run.state === "aborted" ? run.state : "error";
  return {
    runId,
    status,
    ...(run.started_at === null ? {} : { startedAt: run.started_at }),
    ...(run.ended_at === null ? {} : { endedAt: run.ended_at }),
    ...(run.error === null ? {} : { error: run.error }),
  };
}
