/**
 * A fake Slack on loopback: its Web API over HTTP and Socket Mode over WebSocket, in Slack's own wire format, reached
 * through the official client. What the methods answer is in `slack-web-api.ts`, the socket in `slack-socket.ts`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { FakePlatform, Person, PlatformFault, PlatformMessage, Written } from "./channel-platform.ts";
import { createSlackSocket, type SlackSocket } from "./slack-socket.ts";
import {
  answerMethod,
  APP_TOKEN,
  BOT,
  BOT_TOKEN,
  describeFile,
  type Answer,
  type Args,
  type Workspace,
} from "./slack-web-api.ts";

const ANN: Person = { id: "U0ANN", name: "ann" };
const BOB: Person = { id: "U0BOB", name: "bob" };
const GROUP = "C0GROUP";
const SENDING: readonly string[] = ["chat.postMessage", "files.completeUploadExternal"];

export interface SlackPlatform extends FakePlatform {
  socket: SlackSocket;
  workspace: Workspace;
  /** Each call of a method, oldest first. */
  calls: { method: string; args: Args }[];
  /** Headers of each request for a file's content. */
  fileRequests: Record<string, unknown>[];
  /** Delivers an event of the Events API. @returns its envelope's id */
  event(event: Record<string, unknown>): string;
  /** Makes the next calls of one method fail with a code of Slack's. */
  refuse(method: string, error: string, more?: Answer): void;
  /** Leaves calls of a method without an answer. */
  hang(method: string): void;
  /** The token counts no more; whoever is connected stays connected. */
  revokeToken(): void;
  base: string;
}

/** What the parts of the server share. */
interface State {
  base: string;
  socket: SlackSocket;
  workspace: Workspace;
  calls: { method: string; args: Args }[];
  fileRequests: Record<string, unknown>[];
  faults: PlatformFault[];
  refusals: Map<string, Answer>;
  hanging: Set<string>;
  isRevoked: boolean;
  downloads: number;
}

export async function startSlackPlatform(options: { redeliveryMs?: number } = {}): Promise<SlackPlatform> {
  const socket = createSlackSocket(options.redeliveryMs);
  const workspace = createWorkspace((event) => void deliverEvent(socket, event));
  const state: State = {
    base: "",
    socket,
    workspace,
    calls: [],
    fileRequests: [],
    faults: [],
    refusals: new Map(),
    hanging: new Set(),
    isRevoked: false,
    downloads: 0,
  };
  const server = createServer((request, response) => {
    handle(state, request, response).catch(() => response.destroy());
  });
  server.on("upgrade", (request, stream, head) => socket.upgrade(request, stream, head));
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  state.base = `http://127.0.0.1:${port}`;

  const close = async () => {
    socket.drop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    ann: ANN,
    bob: BOB,
    group: GROUP,
    directChat,
    ...speaking(state),
    socket,
    workspace,
    calls: state.calls,
    fileRequests: state.fileRequests,
    base: state.base,
    settings: { botToken: BOT_TOKEN, appToken: APP_TOKEN, signingSecret: "shh", apiUrl: `${state.base}/api/` },
    sent: () => workspace.messages,
    get sendCalls() {
      return state.calls.filter(({ method }) => SENDING.includes(method)).length;
    },
    get downloads() {
      return state.downloads;
    },
    typings: 0,
    fail: (fault, times = 1) => state.faults.push(...Array.from({ length: times }, () => fault)),
    refuse: (method, error, more = {}) => void state.refusals.set(method, { ok: false, error, ...more }),
    hang: (method) => void state.hanging.add(method),
    down: close,
    up: () => listen(server, port),
    async revoke() {
      state.isRevoked = true;
      socket.drop();
    },
    revokeToken() {
      state.isRevoked = true;
    },
    get attempts() {
      return state.calls.filter(({ method }) => ["auth.test", "apps.connections.open"].includes(method)).length;
    },
    async close() {
      socket.close();
      if (server.listening) await close();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}

function createWorkspace(announce: (event: Record<string, unknown>) => void): Workspace {
  let next = Math.floor(Date.now() / 1000) * 1_000_000;
  return {
    channels: new Set([directChat(ANN), directChat(BOB), GROUP]),
    messages: [],
    files: new Map(),
    reactions: new Map(),
    ephemerals: [],
    nextTs() {
      next += 100;
      return `${Math.floor(next / 1_000_000)}.${String(next % 1_000_000).padStart(6, "0")}`;
    },
    announce,
  };
}

function directChat(person: Person): string {
  return `D0${person.name.toUpperCase()}`;
}

function deliverEvent(socket: SlackSocket, event: Record<string, unknown>, eventId?: string): string {
  return socket.deliver("events_api", {
    token: "old-verification-token",
    team_id: BOT.teamId,
    api_app_id: BOT.appId,
    type: "event_callback",
    event_id: eventId ?? `Ev${String(event["event_ts"]).replace(".", "")}`,
    event_time: Math.floor(Number(event["event_ts"])),
    authorizations: [{ team_id: BOT.teamId, user_id: BOT.userId, is_bot: true, is_enterprise_install: false }],
    event,
  });
}

/** HTTP. */
async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { pathname } = new URL(request.url ?? "/", state.base);
  const [, place, name = "", id = ""] = pathname.split("/");
  if (place === "api") return callMethod(state, { name, body, token: request.headers.authorization }, response);
  if (place === "files-pri") return serveFile(state, name, request, response);
  const file = state.workspace.files.get(id);
  if (place !== "upload" || file === undefined) return void response.writeHead(404).end();
  file.bytes = new Uint8Array(body);
  return void response.writeHead(200, { "content-type": "text/plain" }).end(`OK - ${body.byteLength}`);
}

interface Call {
  name: string;
  body: Buffer;
  token: string | undefined;
}

function callMethod(state: State, { name, body, token }: Call, response: ServerResponse): void {
  const args = Object.fromEntries(new URLSearchParams(body.toString("utf8")));
  state.calls.push({ method: name, args });
  if (state.hanging.has(name)) return;
  const fault = SENDING.includes(name) ? state.faults.shift() : undefined;
  if (fault?.is === "rate-limit") {
    const headers = { "retry-after": String(fault.seconds), "content-type": "application/json" };
    return void response.writeHead(429, headers).end('{"ok":false,"error":"ratelimited"}');
  }
  if (fault?.is === "server-error") return void response.writeHead(503).end("upstream unavailable");
  const answer = fault?.is === "rejected" ? { ok: false, error: "channel_not_found" } : judge(state, name, args, token);
  if (fault?.is === "answer-lost") return void response.destroy();
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(answer));
}

function judge(state: State, method: string, args: Args, token: string | undefined): Answer {
  const refusal = state.refusals.get(method);
  if (refusal !== undefined) {
    state.refusals.delete(method);
    return refusal;
  }
  const wanted = method === "apps.connections.open" ? APP_TOKEN : BOT_TOKEN;
  if (token !== `Bearer ${wanted}`) return { ok: false, error: "invalid_auth" };
  if (state.isRevoked) return { ok: false, error: "token_revoked" };
  if (method !== "apps.connections.open") return answerMethod(state.workspace, method, args, state.base);
  return { ok: true, url: `${state.base.replace("http", "ws")}/link/?ticket=secret&app_id=${BOT.appId}` };
}

/** Whoever may not read the file sees a page to sign in. */
function serveFile(state: State, name: string, request: IncomingMessage, response: ServerResponse): void {
  state.fileRequests.push({ ...request.headers });
  const file = state.workspace.files.get(name.replace(`${BOT.teamId}-`, ""));
  if (file === undefined) return void response.writeHead(404).end();
  if (file.redirect !== undefined) return void response.writeHead(302, { location: file.redirect }).end();
  if (request.headers.authorization !== `Bearer ${BOT_TOKEN}`) {
    return void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Sign in</h1>");
  }
  state.downloads += 1;
  return void response.writeHead(200, { "content-type": file.mimetype }).end(file.bytes);
}

/** What people do. */
function speaking(state: State) {
  const { socket, workspace } = state;
  let last: Record<string, unknown> = {};
  const event = (event: Record<string, unknown>): string => deliverEvent(socket, event);
  return {
    event,
    async write(written: Written): Promise<string> {
      last = toMessageEvent(state, written);
      event(last);
      // Slack tells of a mention twice.
      if (written.mentionsBot === true) event({ ...last, type: "app_mention", channel_type: undefined });
      return String(last["ts"]);
    },
    async repeatLast() {
      event(last);
    },
    async writeNonsense() {
      for (const frame of NONSENSE) socket.raw(frame);
      for (const payload of NONSENSE_EVENTS) event({ event_ts: workspace.nextTs(), ...payload });
    },
    async press(message: PlatformMessage, data: string, by: Person) {
      socket.deliver("interactive", toPress(workspace, message, data, by));
    },
    async edit(platformId: string, text: string, by: Person) {
      const ts = workspace.nextTs();
      const message = { type: "message", user: by.id, text, ts: platformId, edited: { user: by.id, ts } };
      const previous = { type: "message", user: by.id, text: "before", ts: platformId };
      const change = { subtype: "message_changed", hidden: true, message, previous_message: previous };
      event({ type: "message", channel: directChat(by), channel_type: "im", ts, event_ts: ts, ...change });
    },
    async react(platformId: string, emoji: string, by: Person) {
      const item = { type: "message", channel: directChat(by), ts: platformId };
      const eventTs = workspace.nextTs();
      event({ type: "reaction_added", user: by.id, reaction: emoji, item, item_user: by.id, event_ts: eventTs });
    },
  };
}

function toMessageEvent({ workspace, base }: State, written: Written): Record<string, unknown> {
  const { from = ANN, where = "direct", text = "", mentionsBot = false, replyTo, media } = written;
  const ts = workspace.nextTs();
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const isToBot = workspace.messages.some(({ platformId }) => platformId === replyTo);
  const event: Record<string, unknown> = {
    type: "message",
    channel: where === "direct" ? directChat(from) : GROUP,
    channel_type: where === "direct" ? "im" : "channel",
    user: from.id,
    team: BOT.teamId,
    client_msg_id: `00000000-0000-4000-8000-${ts.replace(".", "").slice(-12)}`,
    text: mentionsBot ? `<@${BOT.userId}> ${escaped}` : escaped,
    ts,
    event_ts: ts,
  };
  if (replyTo !== undefined) {
    event["thread_ts"] = replyTo;
    event["parent_user_id"] = isToBot ? BOT.userId : from.id;
  }
  if (media !== undefined) {
    const mimetype = { image: "image/png", voice: "audio/webm", document: "application/pdf" }[media.kind];
    const id = `F0${workspace.files.size + 1}`;
    const file = { id, name: media.fileName ?? "file", mimetype, bytes: media.bytes };
    workspace.files.set(id, file);
    event["subtype"] = "file_share";
    event["files"] = [
      { ...describeFile(file, base), ...(media.kind === "voice" ? { subtype: "slack_audio", duration_ms: 1500 } : {}) },
    ];
  }
  return event;
}

function toPress(workspace: Workspace, message: PlatformMessage, data: string, by: Person): object {
  const { chatId, platformId } = message;
  const container = { type: "message", message_ts: platformId, channel_id: chatId, is_ephemeral: false };
  const thread = message.replyTo === undefined ? {} : { thread_ts: message.replyTo };
  return {
    type: "block_actions",
    user: { id: by.id, username: by.name, name: by.name, team_id: BOT.teamId },
    api_app_id: BOT.appId,
    token: "old-verification-token",
    container,
    trigger_id: "1.2.abc",
    team: { id: BOT.teamId, domain: "team" },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: chatId, name: "directmessage" },
    message: { type: "message", user: BOT.userId, bot_id: BOT.botId, ts: platformId, text: message.text, ...thread },
    response_url: "https://hooks.slack.com/actions/T0TEAM/1/secret",
    actions: [{ type: "button", block_id: "b", action_id: "button-0", value: data, action_ts: workspace.nextTs() }],
  };
}

const NONSENSE: readonly (string | Buffer)[] = [
  "not json",
  "null",
  "[]",
  "{}",
  Buffer.from([0, 1, 2, 255]),
  '{"type":"events_api","envelope_id":"x1"}',
  '{"type":"events_api","envelope_id":"x2","payload":null}',
  '{"type":"events_api","envelope_id":"x3","payload":{"type":"event_callback"}}',
  '{"type":"slash_commands","envelope_id":"x4","payload":{"command":7}}',
  '{"type":"interactive","envelope_id":"x5"}',
  '{"type":"tomorrow","envelope_id":"x6","payload":{}}',
];

const NONSENSE_EVENTS: readonly Record<string, unknown>[] = [
  { type: "message" },
  { type: "message", channel: 7, ts: {}, user: [] },
  { type: "message", channel: "C0GROUP", ts: "never", user: "U0ANN", text: "x" },
  { type: "message", channel: "C0GROUP", ts: "1.1", user: "U0ANN", text: { a: 1 }, files: [null, 3, { id: 4 }] },
  { type: "message", subtype: "message_changed", channel: "C0GROUP", message: null },
  { type: "reaction_added", item: "x" },
];
