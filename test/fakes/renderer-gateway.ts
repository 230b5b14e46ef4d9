/**
 * A gateway for the window's tests: speaks the handshake and the methods that the renderer calls, over a socket that is
 * an object. Runs in Node and in a page. A test drives it by `emit`, `drop` and `answer`; it never invents an event.
 */
import type { SocketLike } from "#main/protocol/client.ts";
import type { EventName, EventPayload } from "#main/protocol/events.ts";
import type { ConnectParams, ErrorShape, HelloOk } from "#main/protocol/frames.ts";
import type { Message } from "#main/protocol/messages.ts";
import type { MethodName, MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import type { SessionRow } from "#main/protocol/methods/sessions.ts";
import { OWNER_SCOPES } from "#main/protocol/scopes.ts";

/** Answers one method; throws `Refusal` to refuse. */
export type Answer<N extends MethodName> = (params: MethodParams<N>) => MethodResult<N> | Promise<MethodResult<N>>;
type Answers = { [N in MethodName]?: Answer<N> };

/** Makes the fake answer with an error. */
export class Refusal extends Error {
  readonly shape: ErrorShape;
  constructor(shape: ErrorShape) {
    super(shape.message);
    this.shape = shape;
  }
}

export interface FakeChat {
  row: SessionRow;
  messages: Message[];
  inFlightRun?: MethodResult<"chat.history">["inFlightRun"];
  queuedRunIds: string[];
}

interface Live extends SocketLike {
  receive(frame: unknown): void;
  end(code: number, reason: string): void;
}

export interface RendererGateway {
  /** To be given to the client as `open`. */
  open(url: string): SocketLike;
  /** Replaces the answer of a method. */
  answer<N extends MethodName>(method: N, answer: Answer<N>): void;
  emit<N extends EventName>(event: N, payload: EventPayload<N>): void;
  /** Closes every connection. */
  drop(code?: number, reason?: string): void;
  /** The conversations, by key. */
  chats: Map<string, FakeChat>;
  addChat(key: string, title: string, messages: Message[], change?: Partial<SessionRow>): FakeChat;
  /** What was called, in order. */
  calls: { method: string; params: unknown }[];
  /** The connect parameters of each attempt. */
  connects: ConnectParams[];
  /** When set, the next handshakes are refused with it and closed with `closeCode`. */
  refusal: { error: ErrorShape; closeCode: number } | undefined;
  /** When true, sockets fail before the handshake. */
  isDown: boolean;
  deviceToken: string;
}

/** A network delivers each frame in a task of its own, after the promises of the one before. */
function later(run: () => void): void {
  setTimeout(run, 0);
}

/** @param defer runs something after the current task */
export function createRendererGateway(defer: (run: () => void) => void = later): RendererGateway {
  const sockets = new Set<Live>();
  const chats = new Map<string, FakeChat>();
  const answers: Answers = {};
  let seq = 0;

  const gateway: RendererGateway = {
    calls: [],
    connects: [],
    chats,
    refusal: undefined,
    isDown: false,
    deviceToken: "device-token",
    open: () => openSocket(),
    answer(method, answer) {
      (answers as Record<string, unknown>)[method] = answer;
    },
    emit(event, payload) {
      seq += 1;
      for (const socket of sockets) socket.receive({ type: "event", event, payload, seq });
    },
    drop(code = 1006, reason = "the network went away") {
      for (const socket of [...sockets]) socket.end(code, reason);
    },
    addChat(key, title, messages, change = {}) {
      const chat: FakeChat = { row: toRow(key, title, messages, change), messages, queuedRunIds: [] };
      chats.set(key, chat);
      return chat;
    },
  };
  Object.assign(answers, defaultAnswers(gateway));

  const openSocket = (): SocketLike => {
    const socket: Live = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      receive: (frame) =>
        defer(() => (socket.onmessage as ((e: unknown) => void) | null)?.({ data: JSON.stringify(frame) })),
      end(code, reason) {
        sockets.delete(socket);
        defer(() => (socket.onclose as ((e: unknown) => void) | null)?.({ code, reason }));
      },
      close: () => void sockets.delete(socket),
      send: (data) => void respond(socket, JSON.parse(data) as { id: string; method: MethodName; params: never }),
    };
    if (gateway.isDown) {
      socket.end(1006, "connection refused");
      return socket;
    }
    socket.receive({ type: "event", event: "connect.challenge", payload: { nonce: "nonce-1", ts: 0 } });
    return socket;
  };

  const respond = async (socket: Live, frame: { id: string; method: MethodName; params: never }) => {
    const { id, method } = frame;
    const reply = (rest: object) => socket.receive({ type: "res", id, ...rest });
    if ((method as string) === "connect") {
      gateway.connects.push(frame.params);
      if (gateway.refusal) {
        reply({ ok: false, error: gateway.refusal.error });
        socket.end(gateway.refusal.closeCode, gateway.refusal.error.message);
        return;
      }
      seq = 0;
      sockets.add(socket);
      reply({ ok: true, payload: toHello(gateway.deviceToken, Object.keys(answers)) });
      return;
    }
    gateway.calls.push({ method, params: frame.params });
    const answer = answers[method] as Answer<MethodName> | undefined;
    try {
      if (!answer) throw new Refusal({ code: "INVALID_REQUEST", message: `unknown method: ${method}` });
      reply({ ok: true, payload: await answer(frame.params) });
    } catch (error) {
      const shape = error instanceof Refusal ? error.shape : { code: "INTERNAL", message: String(error) };
      reply({ ok: false, error: shape });
    }
  };
  return gateway;
}

function toRow(key: string, title: string, messages: readonly Message[], change: Partial<SessionRow>): SessionRow {
  const updatedAt = messages.at(-1)?.timestamp ?? Date.now();
  return {
    key,
    sessionId: `ses_${key}`,
    agentId: "main",
    kind: "direct",
    channel: "webchat",
    displayName: title,
    derivedTitle: title,
    pinned: false,
    createdAt: updatedAt,
    updatedAt,
    messageCount: messages.length,
    totalTokens: 0,
    hasActiveRun: false,
    ...change,
  };
}

function toHello(deviceToken: string, methods: string[]): HelloOk {
  return {
    type: "hello-ok",
    protocol: 4,
    server: { version: "0.1.0", connId: "conn_1" },
    features: { methods, events: [] },
    snapshot: {
      presence: [],
      health: { ok: true, problems: [] },
      stateVersion: { presence: 0, health: 0 },
      uptimeMs: 1000,
      sessionDefaults: {
        defaultAgentId: "main",
        mainKey: "main",
        mainSessionKey: "agent:main:main",
        scope: "per-sender",
        modelConfigured: false,
      },
    },
    auth: { role: "operator", scopes: [...OWNER_SCOPES], method: "device", deviceToken },
    policy: { maxPayload: 524_288, maxBufferedBytes: 1_572_864, tickIntervalMs: 30_000 },
  };
}

function defaultAnswers(gateway: RendererGateway): Answers {
  const { chats } = gateway;
  const chatOf = (key: string) => chats.get(key) ?? gateway.addChat(key, "New chat", []);
  return {
    "sessions.subscribe": () => ({ subscribed: true }),
    "sessions.messages.subscribe": ({ key }) => ({ subscribed: true, key }),
    "sessions.list": ({ limit = 100 }) => {
      const rows = [...chats.values()].map((chat) => chat.row);
      return {
        ts: 0,
        path: "",
        count: Math.min(limit, rows.length),
        totalCount: rows.length,
        hasMore: rows.length > limit,
        defaults: { model: "demo/demo", contextTokens: 128_000 },
        sessions: rows.slice(0, limit),
      };
    },
    "sessions.patch": ({ key, label, pinned, model }) => {
      const chat = chatOf(key);
      chat.row = {
        ...chat.row,
        ...(label ? { label } : {}),
        ...(pinned === undefined ? {} : { pinned }),
        ...(model ? { model } : {}),
      };
      return { ok: true, key, entry: chat.row };
    },
    "sessions.search": ({ query }) => ({
      results: [...chats.values()].flatMap((chat) =>
        chat.messages
          .filter((message) => JSON.stringify(message.content).toLowerCase().includes(query.toLowerCase()))
          .slice(0, 3)
          .map((message) => ({
            sessionKey: chat.row.key,
            sessionId: chat.row.sessionId,
            messageId: message.id,
            role: message.role,
            timestamp: message.timestamp,
            snippet: message.content
              .map((block) => (block.type === "text" ? block.text : ""))
              .join("")
              .slice(0, 120),
            score: 1,
          })),
      ),
    }),
    "chat.history": ({ sessionKey, limit = 100, before }) => {
      const chat = chatOf(sessionKey);
      const end = before ? chat.messages.findIndex((message) => message.id === before) : chat.messages.length;
      const from = Math.max(0, end - limit);
      return {
        sessionKey,
        sessionId: chat.row.sessionId,
        messages: chat.messages.slice(from, end),
        hasMore: from > 0,
        totalMessages: chat.messages.length,
        queuedRunIds: chat.queuedRunIds,
        ...(chat.inFlightRun ? { inFlightRun: chat.inFlightRun } : {}),
      };
    },
    "chat.send": ({ sessionKey, message, idempotencyKey }) => {
      const chat = chatOf(sessionKey);
      const known = chat.messages.find((other) => other.runId === idempotencyKey && other.role === "user");
      if (known) return { runId: idempotencyKey, status: "in_flight", messageId: known.id };
      const id = `msg_${idempotencyKey}`;
      const content: Message["content"] = [{ type: "text", text: message }];
      chat.messages.push({ id, role: "user", content, timestamp: Date.now(), runId: idempotencyKey });
      return { runId: idempotencyKey, status: "started", messageId: id };
    },
    "chat.abort": () => ({ ok: true, aborted: true, runIds: [] }),
    "sessions.rewind": ({ sessionKey, entryId }) => {
      const chat = chatOf(sessionKey);
      const at = chat.messages.findIndex((message) => message.id === entryId);
      const removed = at === -1 ? [] : chat.messages.splice(at);
      return { ok: true, removed: removed.length };
    },
    "sessions.delete": ({ key }) => ({ ok: true, key, deleted: chats.delete(key) }),
    "sessions.restore": ({ key }) => ({ ok: true, key, restored: true }),
    "sessions.export": ({ key }) => ({ fileName: `${key}.md`, mimeType: "text/markdown", content: "# Export" }),
    "models.list": () => ({ models: [] }),
    "models.authStatus": () => ({
      ts: 0,
      providers: [],
      offers: [],
      secrets: { backend: "keychain", canStore: true },
    }),
    "config.get": () => ({
      path: "config.yaml",
      exists: true,
      hash: "hash",
      config: {},
      resolved: {},
      valid: true,
      issues: [],
      warnings: [],
    }),
    "device.pair.list": () => ({ pending: [], paired: [] }),
    "exec.approval.list": () => [],
    "sessions.create": ({ key = "agent:main:made", model }) => {
      const { row } = gateway.addChat(key, "New chat", [], model ? { model } : {});
      return { ok: true, key, sessionId: row.sessionId, entry: row };
    },
  };
}
