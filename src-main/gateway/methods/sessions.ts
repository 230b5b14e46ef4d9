/** sessions.* and agents.list. */
import { Refused } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import { textOf } from "#main/protocol/text-of.ts";
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import type { SessionRow } from "#main/protocol/methods/sessions.ts";
import { parseModelRef } from "#main/providers/routing.ts";
import type { ChatAddress } from "#main/routing/route.ts";
import { DEFAULT_AGENT, MAIN_KEY, parseSessionKey } from "#main/sessions/key.ts";
import { readMessages, removeFrom, searchMessages } from "#main/store/messages.ts";
import * as sessions from "#main/store/sessions.ts";
import { actorOf, invalid, type Caller, type Handlers, type HandlersOf } from "../dispatch.ts";
import { present } from "../present.ts";
import { exportSession } from "./session-export.ts";
import { agentsOf, STORE_NAME } from "./status.ts";
import type { MethodDeps } from "./deps.ts";

type SessionHandlers = Omit<HandlersOf<"sessions">, "sessions.elevate" | "sessions.say" | "sessions.takeOver"> &
  Pick<Handlers, "agents.list">;

const MINUTE_MS = 60_000;
/** Sessions whose messages one connection may watch. */
const MAX_SUBSCRIPTIONS = 1000;

/** A row as clients see it. */
export function toSessionRow(record: sessions.SessionRecord, hasActiveRun: boolean): SessionRow {
  return {
    key: record.key,
    sessionId: record.session_id,
    agentId: record.agent_id,
    kind: record.kind === "group" ? "group" : "direct",
    channel: record.channel,
    displayName: record.label ?? record.derived_title ?? record.key.split(":").slice(2).join(":"),
    pinned: record.pinned === 1,
    createdAt: record.created_at,
    updatedAt: record.updated_at,
    messageCount: record.message_count,
    totalTokens: record.total_tokens,
    hasActiveRun,
    ...present({
      label: record.label,
      derivedTitle: record.derived_title,
      lastMessagePreview: record.last_preview,
      model: record.model,
      thinkingLevel: record.thinking_level,
    }),
    ...(record.chat === null ? {} : { chat: toChat(record.chat) }),
    ...(record.taken_over === 1 ? { isTakenOver: true } : {}),
  };
}

/** Where a conversation takes place, as clients see it. */
function toChat(json: string): NonNullable<SessionRow["chat"]> {
  const { channel, account, chat, name } = JSON.parse(json) as ChatAddress & { name?: string };
  return { channel, accountId: account, chatId: chat.id, ...present({ threadId: chat.threadId, name }) };
}

export function createSessionHandlers(deps: MethodDeps): SessionHandlers {
  const { db, turns, broadcast } = deps;
  const toRow = (record: sessions.SessionRecord) => toSessionRow(record, turns.ofSession(record.key).length > 0);
  const keyOf = (key: string, agentId?: string) => parseSessionKey(key, agentId).key;
  const changed = (sessionKey: string, reason: "updated" | "reset" | "deleted" | "created") =>
    broadcast.sendSessionsChanged({ sessionKey, reason });
  return {
    "sessions.list": (params) => list(deps, params, toRow),
    "sessions.create": async (params) => {
      const { record, created } = await create(deps, params);
      if (created) changed(record.key, "created");
      return { ok: true, key: record.key, sessionId: record.session_id, entry: toRow(record) };
    },
    "sessions.preview": (params) => preview(deps, params),
    "sessions.describe": async (params) => {
      const record = await sessions.findSession(db, keyOf(params.key, params.agentId));
      return { session: record ? toRow(record) : null };
    },
    "sessions.subscribe": (_params, caller) => {
      caller.subscriptions.sessions = true;
      return { subscribed: true };
    },
    "sessions.messages.subscribe": (params, caller) => {
      const key = keyOf(params.key, params.agentId);
      watch(caller.subscriptions.messages, key);
      return { subscribed: true, key };
    },
    "sessions.messages.unsubscribe": (params, caller) => {
      const key = keyOf(params.key, params.agentId);
      caller.subscriptions.messages.delete(key);
      return { subscribed: false, key };
    },
    "sessions.patch": async (params) => {
      const key = keyOf(params.key, params.agentId);
      if (typeof params.model === "string") requireModelRef(params.model);
      const pinned = params.pinned === undefined ? undefined : Number(params.pinned);
      const { label, model, thinkingLevel } = params;
      const record = await sessions.patchSession(db, key, { label, pinned, model, thinking_level: thinkingLevel });
      if (!record) throw noSession(key);
      changed(key, "updated");
      return { ok: true, key, entry: toRow(record) };
    },
    ...createEndings(deps, toRow),
    "sessions.restore": async (params) => {
      const key = keyOf(params.key, params.agentId);
      const restored = await sessions.restoreSession(db, key);
      if (restored) changed(key, "created");
      return { ok: true, key, restored };
    },
    "sessions.rewind": (params) =>
      rewind(deps, params, () => changed(keyOf(params.sessionKey, params.agentId), "updated")),
    "sessions.search": async (params) => {
      const limit = params.limit ?? 50;
      const keys = params.sessionKeys?.map((key) => keyOf(key, params.agentId));
      const text = toSearchText(params.query);
      const results = await searchMessages(db, { text, limit: limit + 1, sessionKeys: keys });
      return { results: results.slice(0, limit), truncated: results.length > limit };
    },
    "sessions.export": async (params) => {
      const record = await sessions.findSession(db, keyOf(params.key));
      if (!record) throw noSession(params.key);
      return exportSession(db, record, params.format ?? "markdown");
    },
    "agents.list": () => listAgents(deps),
  };
}

/** Throws Refused: a model is named with its provider. */
function requireModelRef(ref: string): void {
  if (!parseModelRef(ref)) throw invalid(`"${ref}" is not a model: write provider/model`);
}

/** Finds or makes the conversation. A name and a model are given to a new one only. */
async function create(
  deps: MethodDeps,
  params: MethodParams<"sessions.create">,
): Promise<{ record: sessions.SessionRecord; created: boolean }> {
  const { label, model } = params;
  if (model !== undefined) requireModelRef(model);
  const { key, agentId } = parseSessionKey(params.key ?? createId("chat"), params.agentId);
  const wanted: sessions.NewSession = { key, agentId, kind: "direct", channel: "webchat" };
  return deps.db.transaction().execute(async (trx) => {
    const made = await sessions.ensureSession(trx, wanted, deps.clock.now());
    if (!made.created) return { record: made.session, created: false };
    const named = await sessions.patchSession(trx, key, { label, model });
    return { record: named ?? made.session, created: true };
  });
}

function watch(watched: Set<string>, key: string): void {
  if (watched.size >= MAX_SUBSCRIPTIONS && !watched.has(key)) {
    const words = `this connection watches ${MAX_SUBSCRIPTIONS} sessions; unsubscribe some first`;
    throw new Refused("RATE_LIMITED", words);
  }
  watched.add(key);
}

/** Control characters find nothing, and a zero would end the search's own text in the middle. */
function toSearchText(query: string): string {
  return query.toWellFormed().replace(/\p{Cc}/gu, " ");
}

/** Beginning anew, and deleting: nothing of the conversation runs on, and who asked for it is recorded. */
function createEndings(
  { db, turns, clock, audit, broadcast }: MethodDeps,
  toRow: (record: sessions.SessionRecord) => SessionRow,
): Pick<Handlers, "sessions.reset" | "sessions.delete"> {
  const tell = async (type: "reset" | "deleted", sessionKey: string, caller: Caller, message: string) => {
    await audit.append({ type: `session.${type}`, actor: actorOf(caller), sessionKey, message });
    broadcast.sendSessionsChanged({ sessionKey, reason: type });
  };
  return {
    "sessions.reset": async (params, caller) => {
      const { key } = parseSessionKey(params.key, params.agentId);
      turns.abort(key);
      const record = await sessions.resetSession(db, key, clock.now());
      if (!record) throw noSession(key);
      await tell("reset", key, caller, "the conversation began anew");
      return { ok: true, key, entry: toRow(record) };
    },
    "sessions.delete": async (params, caller) => {
      const { key } = parseSessionKey(params.key, params.agentId);
      turns.abort(key);
      const deleted = await sessions.deleteSession(db, key, clock.now());
      if (deleted) await tell("deleted", key, caller, "the conversation was deleted");
      return { ok: true, key, deleted };
    },
  };
}

function noSession(key: string): Refused {
  return invalid(`there is no session ${key}`);
}

async function list(
  deps: MethodDeps,
  params: MethodParams<"sessions.list">,
  toRow: (record: sessions.SessionRecord) => SessionRow,
): Promise<MethodResult<"sessions.list">> {
  const limit = params.limit ?? 100;
  const offset = params.offset ?? 0;
  const now = deps.clock.now();
  const { rows, total } = await sessions.listSessions(deps.db, {
    limit,
    offset,
    agentId: params.agentId,
    search: params.search,
    updatedAfter: params.activeMinutes === undefined ? undefined : now - params.activeMinutes * MINUTE_MS,
  });
  return {
    ts: now,
    path: STORE_NAME,
    count: rows.length,
    totalCount: total,
    hasMore: offset + rows.length < total,
    defaults: { model: deps.providers.defaultRef, contextTokens: deps.config.current.sessions.contextTokens },
    sessions: rows.map(toRow),
  };
}

async function preview(
  deps: MethodDeps,
  params: MethodParams<"sessions.preview">,
): Promise<MethodResult<"sessions.preview">> {
  const maxChars = params.maxChars ?? 240;
  const previews: MethodResult<"sessions.preview">["previews"] = [];
  for (const raw of params.keys) {
    const { key } = parseSessionKey(raw);
    const record = await sessions.findSession(deps.db, key);
    if (!record) {
      previews.push({ key, status: "missing", items: [] });
      continue;
    }
    const place = { sessionKey: key, sessionId: record.session_id };
    const { messages } = await readMessages(deps.db, place, { limit: params.limit ?? 12 });
    const items = messages.flatMap((message) => {
      const text = textOf(message).slice(0, maxChars).toWellFormed();
      return text === "" || message.role === "toolResult" ? [] : [{ role: message.role, text }];
    });
    previews.push({ key, status: items.length > 0 ? "ok" : "empty", items });
  }
  return { ts: deps.clock.now(), previews };
}

async function rewind(
  deps: MethodDeps,
  params: MethodParams<"sessions.rewind">,
  onChanged: () => void,
): Promise<MethodResult<"sessions.rewind">> {
  const { key } = parseSessionKey(params.sessionKey, params.agentId);
  const record = await sessions.findSession(deps.db, key);
  if (!record) throw noSession(key);
  if (deps.turns.ofSession(key).length > 0) {
    throw invalid("an answer is being written; stop it before taking messages back");
  }
  const place = { sessionKey: key, sessionId: record.session_id };
  const taken = await deps.db.transaction().execute((trx) => removeFrom(trx, place, params.entryId, deps.clock.now()));
  if (!taken) throw invalid("this message is not in the conversation");
  onChanged();
  const editorText = taken.first.role === "user" ? { editorText: textOf(taken.first) } : {};
  return { ok: true, removed: taken.removed, ...editorText };
}

function listAgents({ config }: MethodDeps): MethodResult<"agents.list"> {
  const agents = agentsOf(config.current).map(({ id, name }) => {
    const { emoji = "", model } = config.current.agents[id] ?? {};
    return { id, name, identity: { name, emoji }, ...(model === undefined ? {} : { model }) };
  });
  return { defaultId: DEFAULT_AGENT, mainKey: MAIN_KEY, scope: "per-sender", agents };
}
