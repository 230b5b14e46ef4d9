/** chat.*: a message in, the conversation out. */
import { groupByRun } from "#main/agent/prompt.ts";
import type { Message } from "#main/protocol/messages.ts";
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import { MAIN_KEY, parseSessionKey } from "#main/sessions/key.ts";
import type { LiveRun, RunOptions } from "#main/sessions/live-run.ts";
import { readMessages } from "#main/store/messages.ts";
import { findRun } from "#main/store/runs.ts";
import { findSession } from "#main/store/sessions.ts";
import { invalid, type HandlersOf } from "../dispatch.ts";
import { present } from "../present.ts";
import type { MethodDeps } from "./deps.ts";
import { answerCommand } from "../chat-commands.ts";
import { send, toOrigin, toRequester, toStored } from "./send.ts";

const HISTORY_LIMIT = 200;
/** JSON of a history page at most; a page that would be larger is shorter, and `hasMore` says so. */
const HISTORY_BYTES = 4 * 1024 * 1024;

export function createChatHandlers(deps: MethodDeps): HandlersOf<"chat"> {
  const history = (params: MethodParams<"chat.startup">) => readHistory(deps, params);
  return {
    "chat.send": async (params, caller) => {
      const session = parseSessionKey(params.sessionKey, params.agentId);
      await requireTranscript(deps, session.key, params);
      const command = await answerCommand(deps, session, params, caller);
      if (command) return command;
      const options: RunOptions = {
        requester: toRequester(caller),
        ...(await toOrigin(deps, session, params.deliver)),
        ...present({ thinking: params.thinking, timeoutMs: params.timeoutMs }),
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
    "chat.inject": async ({ sessionKey, agentId, message, label }) => {
      const session = parseSessionKey(sessionKey, agentId);
      return { ok: true, ...(await deps.inject(session, message, label ?? "injected")) };
    },
  };
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
    ...(running ? { inFlightRun: toInFlight(running) } : {}),
    queuedRunIds: runs.filter((run) => run.phase === "queued").map((run) => run.runId),
  };
}

function toInFlight({
  runId,
  seq,
  startedAtMs,
  text,
  tools,
}: LiveRun): NonNullable<MethodResult<"chat.history">["inFlightRun"]> {
  return { runId, seq, startedAtMs, text, tools: [...tools.values()] };
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

/**
 * Throws Refused: who shows an old transcript must not write into the new one unseen. A repeated key only asks for its
 * answer.
 */
async function requireTranscript(deps: MethodDeps, key: string, params: MethodParams<"chat.send">): Promise<void> {
  const { sessionId, idempotencyKey } = params;
  if (sessionId === undefined) return;
  const session = await findSession(deps.db, key);
  if (!session || session.session_id === sessionId || (await findRun(deps.db, idempotencyKey))) return;
  throw invalid("this conversation has begun anew meanwhile; load it again");
}
