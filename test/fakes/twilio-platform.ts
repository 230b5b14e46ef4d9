/**
 * Twilio on loopback: the REST API (account, messages, media), its storage at another origin, and the signed webhook
 * requests that it makes. Formats: Twilio documentation, "Messages resource", "Media subresource", "Messaging webhooks",
 * "Webhooks security". Requests are signed here by hand, not with the library that the channel checks them with.
 */
import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ChannelConnection, WebhookResponse } from "#main/channels/contract.ts";
import type { FakePlatform, PlatformFault, PlatformMessage, Written } from "./channel-platform.ts";

const OWN = "whatsapp:+14155238886";
const AUTH_TOKEN = "0123456789abcdef0123456789abcdef";
const ACCOUNT = `AC${"ab".repeat(16)}`;
const API = `/2010-04-01/Accounts/${ACCOUNT}`;
export const WEBHOOK_URL = "https://gatehouse.example/channels/twilio/webhook?key=a%20b";

export interface FakeTwilio extends FakePlatform {
  /** A request to the webhook as Twilio makes it, signed for `address`. */
  post(params: Record<string, string>, address?: string): Promise<WebhookResponse>;
  /** Parameters of an incoming message. */
  incoming(message: Written, sid?: string): Record<string, string>;
  /** Refuses the next message with an error of Twilio's own. */
  refuse(status: number, code: number, message: string): void;
  setAccountStatus(status: string): void;
  /** `Authorization` headers that the storage was sent. */
  readonly strayCredentials: readonly string[];
  connection(): ChannelConnection;
}

/** The signature of a form: HMAC-SHA1 over the address and the parameters sorted by name. */
export function sign(address: string, params: Record<string, string>, token = AUTH_TOKEN): string {
  const text = Object.keys(params)
    .sort()
    .reduce((joined, name) => joined + name + params[name], address);
  return createHmac("sha1", token).update(text, "utf8").digest("base64");
}

const newSid = (kind: string) => kind + randomBytes(16).toString("hex");

export async function startTwilio(): Promise<FakeTwilio> {
  const sent: PlatformMessage[] = [];
  const files = new Map<string, Buffer>();
  const faults: (PlatformFault | { is: "error"; status: number; code: number; message: string })[] = [];
  const strayCredentials: string[] = [];
  let [sendCalls, downloads, attempts] = [0, 0, 0];
  let [isRevoked, isDown, isClosed] = [false, false, false];
  let accountStatus = "active";
  let connection: ChannelConnection | undefined;

  const answerError = (response: ServerResponse, status: number, code: number, message: string, headers = {}) =>
    answer(
      response,
      status,
      { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
      headers,
    );

  const takeMessage = async (request: IncomingMessage, response: ServerResponse) => {
    sendCalls += 1;
    const form = new URLSearchParams(await readText(request));
    const body = form.get("Body") ?? "";
    const fault = faults.shift();
    if (fault?.is === "rate-limit") {
      return answerError(response, 429, 20429, "Too Many Requests", { "retry-after": String(fault.seconds) });
    }
    if (fault?.is === "server-error") return answerError(response, 503, 20503, "Service is temporarily unavailable");
    if (fault?.is === "rejected") return answerError(response, 400, 21211, "Invalid 'To' Phone Number");
    if (fault?.is === "error") return answerError(response, fault.status, fault.code, fault.message);
    if (body.length > 1600) return answerError(response, 400, 21617, "The message body exceeds 1600 characters");
    if (form.get("From") !== OWN)
      return answerError(response, 400, 63007, "No Channel with the specified From address");
    const sid = newSid("SM");
    sent.push({ platformId: sid, chatId: (form.get("To") ?? "").replace("whatsapp:", ""), text: body, edits: 0 });
    if (fault?.is === "answer-lost") return void request.socket.destroy();
    return answer(response, 201, {
      sid,
      status: "queued",
      body,
      num_media: "0",
      error_code: null,
      account_sid: ACCOUNT,
    });
  };

  const storage = await listen((request, response) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) strayCredentials.push(authorization);
    const file = files.get(request.url ?? "");
    if (file === undefined) return void response.writeHead(404).end();
    downloads += 1;
    return void response.writeHead(200, { "content-type": "image/png" }).end(file);
  });

  const api = await listen((request, response) => {
    const expected = `Basic ${Buffer.from(`${ACCOUNT}:${AUTH_TOKEN}`).toString("base64")}`;
    const path = request.url ?? "";
    if (path === `${API}.json`) attempts += 1;
    if (isRevoked || request.headers.authorization !== expected) {
      if (path === `${API}/Messages.json`) sendCalls += 1;
      return answerError(response, 401, 20003, "Authenticate");
    }
    if (path === `${API}.json`) return answer(response, 200, { sid: ACCOUNT, status: accountStatus, type: "Full" });
    if (path === `${API}/Messages.json` && request.method === "POST") return void takeMessage(request, response);
    if (files.has(path)) return void response.writeHead(307, { location: storage.url + path }).end();
    return answerError(response, 404, 20404, "The requested resource was not found");
  });

  const post = async (params: Record<string, string>, address = WEBHOOK_URL): Promise<WebhookResponse> => {
    const headers = {
      "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      "x-twilio-signature": sign(address, params),
      "i-twilio-idempotency-token": newSid(""),
    };
    const body = Buffer.from(new URLSearchParams(params).toString());
    if (connection?.webhook === undefined) throw new Error("the channel has no webhook");
    return connection.webhook({ headers, query: new URL(address).search.slice(1), readBody: async () => body });
  };

  const incoming = (message: Written, sid = newSid("SM")): Record<string, string> => {
    const from = message.from ?? ann;
    const path = `${API}/Messages/${sid}/Media/${newSid("ME")}`;
    if (message.media) files.set(path, Buffer.from(message.media.bytes));
    const types = { image: "image/png", voice: "audio/ogg", document: "application/pdf" };
    return {
      SmsMessageSid: sid,
      MessageSid: sid,
      SmsSid: sid,
      SmsStatus: "received",
      MessageType: message.media?.kind ?? "text",
      AccountSid: ACCOUNT,
      From: `whatsapp:${from.id}`,
      To: OWN,
      WaId: from.id.slice(1),
      ProfileName: from.name,
      Body: message.text ?? "",
      NumSegments: "1",
      NumMedia: message.media ? "1" : "0",
      ApiVersion: "2010-04-01",
      ...(message.media ? { MediaUrl0: api.url + path, MediaContentType0: types[message.media.kind] } : {}),
      ...(message.replyTo ? { OriginalRepliedMessageSid: message.replyTo, OriginalRepliedMessageSender: OWN } : {}),
    };
  };

  const waiting: Record<string, string>[] = [];
  let last: Record<string, string> = {};
  let delivering: Promise<void> | undefined;
  let again: NodeJS.Timeout | undefined;
  const deliver = async () => {
    for (let next = waiting[0]; next !== undefined && !isDown && !isClosed; next = waiting[0]) {
      const { status } = await post(next);
      if (status < 200 || status > 299) {
        if (!isClosed) again = setTimeout(() => void run(), 20);
        return;
      }
      waiting.shift();
    }
  };
  const run = () => (delivering ??= deliver().finally(() => (delivering = undefined)));

  const ann = { id: "+15550001111", name: "Ann" };
  return {
    settings: { accountSid: ACCOUNT, authToken: AUTH_TOKEN, from: OWN, webhookUrl: WEBHOOK_URL, apiBase: api.url },
    ann,
    bob: { id: "+15550002222", name: "Bob" },
    directChat: (person) => person.id,
    group: "",
    async begin(started) {
      connection = started;
    },
    connection() {
      if (connection === undefined) throw new Error("not started");
      return connection;
    },
    async write(message) {
      last = incoming(message);
      waiting.push(last);
      await run();
      return last["MessageSid"] ?? "";
    },
    async repeatLast() {
      waiting.push(last);
      await run();
    },
    async writeNonsense() {
      const odd = {
        NumMedia: "99999999999",
        MediaUrl0: "::",
        Latitude: "north",
        Longitude: "NaN",
        Body: "\uFFFF",
        To: OWN,
      };
      await post({ ...odd, MessageSid: newSid("SM"), From: "whatsapp:" });
      await post({ ...odd, From: "whatsapp:+1" });
      await post({ __proto__x: "1", constructor: "2" });
      await post({});
      const readBody = async () => Buffer.from([0xff, 0x25, 0x26, 0x3d, 0]);
      const headers = { "x-twilio-signature": `${"A".repeat(27)}=` };
      await connection?.webhook?.({ headers, query: "%%%", readBody });
    },
    post,
    incoming,
    refuse: (status, code, message) => void faults.push({ is: "error", status, code, message }),
    setAccountStatus: (status) => void (accountStatus = status),
    sent: () => sent,
    fail: (fault, times = 1) => void faults.push(...Array.from({ length: times }, () => fault)),
    get sendCalls() {
      return sendCalls;
    },
    get downloads() {
      return downloads;
    },
    typings: 0,
    get attempts() {
      return attempts;
    },
    strayCredentials,
    async down() {
      isDown = true;
      await api.stop();
    },
    async up() {
      await api.resume();
      isDown = false;
      await run();
    },
    async revoke() {
      isRevoked = true;
    },
    async close() {
      isClosed = true;
      clearTimeout(again);
      await delivering;
      await Promise.all([api.stop(), storage.stop()]);
    },
  };
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

interface Listener {
  url: string;
  /** Breaks what is open and refuses what comes. */
  stop(): Promise<void>;
  /** Listens at the same port again. */
  resume(): Promise<void>;
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server: Server = createServer(handle);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const open = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await open(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    resume: () => open(port),
  };
}
