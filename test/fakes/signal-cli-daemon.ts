/**
 * signal-cli's HTTP daemon on loopback, holding one account in multi-account mode, with `--receive-mode on-connection`:
 * JSON-RPC, and events that can be asked for again by id (signal-cli-jsonrpc(5), `HttpServerHandler`, `SseEventBuffer`).
 */
import type { ServerResponse } from "node:http";
import type { PlatformFault } from "./channel-platform.ts";
import { OWN_ACI, OWN_NUMBER, type FakeSignalAccount } from "./signal-account.ts";
import { answerJson, startFakeServer, type FakeRequest } from "./signal-server.ts";

type Params = Record<string, unknown>;
type RpcAnswer = { result: unknown } | { error: { code: number; message: string; data: unknown } };

export interface FakeSignalService {
  url: string;
  /** Times that somebody began to listen. */
  readonly attempts: number;
  /** Listeners that are connected now. */
  readonly listeners: number;
  /** Gives no sign of life any more, and holds its connections open. */
  isSilent: boolean;
  /** Of signal-cli-rest-api: `json-rpc`, or one of the modes without WebSocket. */
  mode: string;
  /** Sends something as it is, in the place of an envelope. */
  sendRaw(data: string): void;
  /** Ends what is connected: the account is gone. */
  dropListeners(): void;
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

export async function startSignalDaemon(account: FakeSignalAccount): Promise<FakeSignalService & { startId: string }> {
  const startId = `${Date.now()}-`;
  const events: { id: number; data: string }[] = [];
  const queue: string[] = [];
  const listeners = new Set<ServerResponse>();
  let attempts = 0;
  const emit = (data: string) => {
    const event = { id: events.length + 1, data };
    events.push(event);
    for (const listener of listeners) writeEvent(listener, event);
  };
  const writeEvent = (to: ServerResponse, event: { id: number; data: string }) =>
    to.write(`id:${startId}${event.id}\nevent:receive\ndata:${event.data}\n\n`);
  // While nobody listens, signal-cli does not receive: it waits at Signal.
  account.onReceive((payload) => {
    if (listeners.size > 0) emit(JSON.stringify(payload));
    else queue.push(JSON.stringify(payload));
  });

  const listen = (request: FakeRequest, response: ServerResponse) => {
    attempts += 1;
    if (account.isRevoked || request.query.get("account") !== OWN_NUMBER) return answerJson(response, 400);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    const after = request.headers["last-event-id"];
    if (typeof after === "string") {
      const last = after.startsWith(startId) ? Number(after.slice(startId.length)) : 0;
      for (const event of events) if (event.id > last) writeEvent(response, event);
    }
    listeners.add(response);
    response.on("close", () => listeners.delete(response));
    for (const data of queue.splice(0)) emit(data);
    return undefined;
  };

  const server = await startFakeServer((request, response) => {
    if (request.path === "/api/v1/events") return listen(request, response);
    if (request.path === "/api/v1/check") return answerJson(response, 200);
    if (request.path !== "/api/v1/rpc") return answerJson(response, 404);
    return answerRpc(account, request, response);
  });
  const life = setInterval(() => {
    if (!service.isSilent) listeners.forEach((listener) => listener.write(":\n"));
  }, 250);
  const service = {
    isSilent: false,
    mode: "",
    url: server.url,
    startId,
    get attempts() {
      return attempts;
    },
    get listeners() {
      return listeners.size;
    },
    sendRaw: (data: string) => listeners.forEach((listener) => listener.write(data)),
    dropListeners: () => listeners.forEach((listener) => listener.destroy()),
    down: server.down,
    up: server.up,
    async close() {
      clearInterval(life);
      await server.down();
    },
  };
  return service;
}

function answerRpc(account: FakeSignalAccount, { body }: FakeRequest, response: ServerResponse): void {
  const reply = (answer: RpcAnswer) => answerJson(response, 200, { jsonrpc: "2.0", ...answer, id: body["id"] });
  const params = (body["params"] ?? {}) as Params;
  if (account.isRevoked || params["account"] !== OWN_NUMBER) {
    return reply({ error: { code: -32602, message: "Specified account does not exist", data: null } });
  }
  if (body["method"] !== "send") return reply(callOther(account, String(body["method"]), params));
  account.sendCalls += 1;
  const said = account.takeWords();
  if (said !== undefined) return reply({ error: { code: said.code, message: said.words, data: null } });
  const fault = account.takeFault();
  if (fault?.is === "server-error") return answerJson(response, 500);
  if (fault !== undefined && fault.is !== "answer-lost") return reply({ error: errorOf(fault, account.now()) });
  const timestamp = account.accept({
    message: String(params["message"]),
    textStyles: (params["textStyles"] ?? []) as string[],
    recipient: (params["recipient"] as string[] | undefined)?.[0] ?? "",
    ...pick(params, "groupId", "quoteTimestamp", "quoteAuthor"),
    ...(params["attachments"] === undefined ? {} : { attachment: (params["attachments"] as string[])[0] ?? "" }),
  });
  if (fault !== undefined) return void response.destroy();
  return reply({ result: { timestamp, results: [{ recipientAddress: {}, type: "SUCCESS" }] } });
}

function errorOf(fault: PlatformFault, timestamp: number) {
  const failed = (result: object) => ({ response: { timestamp, results: [{ recipientAddress: {}, ...result }] } });
  if (fault.is === "rate-limit") {
    const result = { type: "RATE_LIMIT_FAILURE", token: "a36f8c39-5c1b", retryAfterSeconds: fault.seconds };
    return { code: -5, message: "Failed to send message due to rate limiting", data: failed(result) };
  }
  return { code: -1, message: "Failed to send message", data: failed({ type: "UNREGISTERED_FAILURE" }) };
}

function callOther(account: FakeSignalAccount, method: string, params: Params): RpcAnswer {
  const sent = { result: { timestamp: account.now(), results: [{ type: "SUCCESS" }] } };
  switch (method) {
    case "listIdentities":
      return { result: [{ number: OWN_NUMBER, uuid: OWN_ACI, trustLevel: "TRUSTED_VERIFIED" }] };
    case "sendTyping":
      account.typings += 1;
      return sent;
    case "sendReaction":
      account.reactions.push(params as unknown as (typeof account.reactions)[number]);
      return sent;
    case "getAttachment": {
      const bytes = account.attachments.get(String(params["id"]));
      account.downloads += 1;
      if (bytes === undefined) return { error: { code: -32603, message: "An error occurred", data: null } };
      return { result: { data: Buffer.from(bytes).toString("base64") } };
    }
    default:
      return { error: { code: -32601, message: "Method not implemented", data: null } };
  }
}

/** The fields that are there. */
export function pick(params: Params, ...names: string[]): Params {
  return Object.fromEntries(names.filter((name) => params[name] !== undefined).map((name) => [name, params[name]]));
}
