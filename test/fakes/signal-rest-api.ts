/**
 * signal-cli-rest-api on loopback, in mode json-rpc: its routes, its WebSocket, and its reading of styled text
 * (`src/api/api.go`, `src/client/client.go`, `src/utils/textstyleparser.go`). As the real one, it keeps nothing for a listener
 * that is not there; what waits while the whole service is down waits at Signal.
 */
import type { ServerResponse } from "node:http";
import { WebSocketServer, type WebSocket } from "ws";
import { OWN_ACI, OWN_NUMBER, type FakeSignalAccount } from "./signal-account.ts";
import type { FakeSignalService } from "./signal-cli-daemon.ts";
import { answerJson, startFakeServer, type FakeRequest } from "./signal-server.ts";

const GONE = { error: "Specified account does not exist" };

export async function startSignalRestApi(account: FakeSignalAccount): Promise<FakeSignalService> {
  const queue: string[] = [];
  const sockets = new Set<WebSocket>();
  const upgrader = new WebSocketServer({ noServer: true });
  let attempts = 0;
  account.onReceive((payload) => {
    const data = JSON.stringify(payload);
    if (sockets.size === 0) queue.push(data);
    for (const socket of sockets) socket.send(data);
  });
  const server = await startFakeServer((request, response) => answer(account, request, response, api.mode));
  server.server.on("upgrade", (request, stream, head) => {
    attempts += 1;
    if (decodeURIComponent(request.url ?? "") !== `/v1/receive/${OWN_NUMBER}`) return void stream.destroy();
    return upgrader.handleUpgrade(request, stream, head, (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      for (const data of queue.splice(0)) socket.send(data);
    });
  });
  const life = setInterval(() => {
    if (!api.isSilent) sockets.forEach((socket) => socket.ping());
  }, 250);
  const dropListeners = () => sockets.forEach((socket) => socket.terminate());
  const api: FakeSignalService = {
    url: server.url,
    mode: "json-rpc",
    isSilent: false,
    get attempts() {
      return attempts;
    },
    get listeners() {
      return sockets.size;
    },
    sendRaw: (data) => sockets.forEach((socket) => socket.send(data)),
    dropListeners,
    down() {
      dropListeners();
      return server.down();
    },
    up: server.up,
    async close() {
      clearInterval(life);
      dropListeners();
      await server.down();
      upgrader.close();
    },
  };
  return api;
}

function answer(account: FakeSignalAccount, request: FakeRequest, response: ServerResponse, mode: string): void {
  const { method, path, body } = request;
  const route = `${method} ${path}`;
  if (route === "GET /v1/about") return answerJson(response, 200, { versions: ["v1", "v2"], build: 2, mode });
  if (account.isRevoked) return answerJson(response, 400, GONE);
  if (route === `GET /v1/identities/${OWN_NUMBER}`) {
    return answerJson(response, 200, [{ number: OWN_NUMBER, uuid: OWN_ACI, status: "TRUSTED_VERIFIED" }]);
  }
  if (route === "POST /v2/send") return send(account, body, response);
  if (route === `PUT /v1/typing-indicator/${OWN_NUMBER}`) {
    account.typings += 1;
    return answerJson(response, 204);
  }
  if (path === `/v1/reactions/${OWN_NUMBER}` && (method === "POST" || method === "DELETE")) {
    const [emoji, targetAuthor] = [String(body["reaction"]), String(body["target_author"])];
    account.reactions.push({
      emoji,
      targetAuthor,
      targetTimestamp: Number(body["timestamp"]),
      remove: method === "DELETE",
    });
    return answerJson(response, 204);
  }
  const id = /^GET \/v1\/attachments\/([^/]+)$/.exec(route)?.[1];
  if (id === undefined) return answerJson(response, 404);
  account.downloads += 1;
  const bytes = account.attachments.get(id);
  if (bytes === undefined) return answerJson(response, 404, { error: "No attachment with that name found" });
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes.length });
  return void response.end(bytes);
}

function send(account: FakeSignalAccount, body: Record<string, unknown>, response: ServerResponse): void {
  account.sendCalls += 1;
  const said = account.takeWords();
  if (said !== undefined) return answerJson(response, 400, { error: said.words });
  const fault = account.takeFault();
  if (body["number"] !== OWN_NUMBER) return answerJson(response, 400, GONE);
  if (fault?.is === "server-error") return answerJson(response, 502);
  if (fault?.is === "rate-limit") {
    const error = "Failed to send message due to rate limiting. Use the attached challenge tokens to lift it.";
    return answerJson(response, 429, { error, challenge_tokens: ["a36f8c39-5c1b"], account: OWN_NUMBER });
  }
  if (fault?.is === "rejected") return answerJson(response, 400, { error: 'Unregistered user "+491700000002"' });
  const [recipient = ""] = body["recipients"] as string[];
  const groupId = recipient.startsWith("group.") ? Buffer.from(recipient.slice(6), "base64").toString() : undefined;
  const [message, textStyles] =
    body["text_mode"] === "styled" ? parseStyled(String(body["message"])) : [String(body["message"]), []];
  const [attachment] = (body["base64_attachments"] ?? []) as string[];
  const number = (name: string) => body[name] as number | undefined;
  const timestamp = account.accept({
    message,
    textStyles,
    ...(groupId === undefined ? { recipient } : { groupId }),
    ...(attachment === undefined ? {} : { attachment }),
    ...(body["quote_timestamp"] === undefined
      ? {}
      : { quoteTimestamp: number("quote_timestamp") ?? 0, quoteAuthor: String(body["quote_author"]) }),
  });
  if (fault !== undefined) return void response.destroy();
  return answerJson(response, 201, { timestamp: String(timestamp) });
}

const STYLES: readonly (readonly [string, string])[] = [
  ["**", "BOLD"],
  ["*", "ITALIC"],
  ["||", "SPOILER"],
  ["~", "STRIKETHROUGH"],
  ["`", "MONOSPACE"],
];

/** Reads from the left, the longest mark first; a mark closes only the style that was opened last. */
function parseStyled(styled: string): [string, string[]] {
  let text = "";
  const open: { mark: string; start: number }[] = [];
  const ranges: string[] = [];
  for (let at = 0; at < styled.length;) {
    const style = STYLES.find(([mark]) => styled.startsWith(mark, at));
    if (style === undefined) {
      text += styled[at];
      at += 1;
      continue;
    }
    const [mark, name] = style;
    at += mark.length;
    const last = open.at(-1);
    if (last?.mark !== mark) open.push({ mark, start: text.length });
    else ranges.push(`${open.pop()?.start}:${text.length - last.start}:${name}`);
  }
  return [text, ranges];
}
