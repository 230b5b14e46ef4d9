/**
 * The REST side of a fake Discord: the routes that the channel calls, with Discord's status codes, error bodies and
 * rate-limit headers ("Message Resource", "Rate Limits", "Receiving and Responding"). 204 answers carry no content type.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { PlatformFault } from "./channel-platform.ts";
import type { DiscordWorld, Json, StoredMessage } from "./discord-world.ts";

export interface RestSight {
  sendCalls: number;
  downloads: number;
  typings: number;
  gatewayCalls: number;
  /** Bodies of new messages, as they came. */
  posted: Json[];
  commands: unknown;
  callbacks: Json[];
  followups: Json[];
  cleared: number;
  reactions: { method: string; messageId: string; emoji: string }[];
  fetched: string[];
}

export interface RestSide {
  seen: RestSight;
  faults: PlatformFault[];
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Call {
  method: string;
  parts: string[];
  query: URLSearchParams;
  body: Json;
  file?: File;
}

type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | "break";

const refuse = (status: number, code: number, message: string): Answer => ({ status, body: { message, code } });

export function createRestSide(options: {
  world: DiscordWorld;
  base(): string;
  gatewayUrl(): string;
  isToken(token: unknown): boolean;
  emit(t: string, d: unknown): void;
}): RestSide {
  const { world } = options;
  const faults: PlatformFault[] = [];
  const seen: RestSight = {
    sendCalls: 0,
    downloads: 0,
    typings: 0,
    gatewayCalls: 0,
    posted: [],
    commands: undefined,
    callbacks: [],
    followups: [],
    cleared: 0,
    reactions: [],
    fetched: [],
  };

  const create = async (channelId: string, { body, file }: Call): Promise<Answer> => {
    seen.sendCalls += 1;
    const fault = faults.shift();
    if (fault?.is === "rate-limit") return rateLimit(fault.seconds);
    if (fault?.is === "server-error") return refuse(500, 0, "Internal Server Error");
    if (fault?.is === "rejected") return refuse(403, 50007, "Cannot send messages to this user");
    seen.posted.push(body);
    const known = world.messages.get(channelId) ?? [];
    const twin = body["enforce_nonce"] === true && known.find(({ nonce }) => nonce === body["nonce"]);
    if (twin) return { status: 200, body: twin };
    const content = String(body["content"] ?? "");
    if (content.length > 2000) return refuse(400, 50035, "Invalid Form Body");
    if (content === "" && file === undefined) return refuse(400, 50006, "Cannot send an empty message");
    const message = world.add(await toStored(channelId, content, body, file));
    options.emit("MESSAGE_CREATE", { ...message, ...(world.isDirect(channelId) ? {} : { guild_id: world.guild }) });
    return fault?.is === "answer-lost" ? "break" : { status: 200, body: message };
  };

  const toStored = async (channelId: string, content: string, body: Json, file?: File): Promise<StoredMessage> => ({
    ...world.blank(channelId, world.botUser, content),
    ...(body["components"] === undefined ? {} : { components: body["components"] as StoredMessage["components"] }),
    ...(body["message_reference"] === undefined
      ? {}
      : { message_reference: body["message_reference"] as { message_id: string }, type: 19 }),
    ...(typeof body["nonce"] === "string" ? { nonce: body["nonce"] } : {}),
    ...(file === undefined
      ? {}
      : {
          attachments: [
            world.addFile(
              { bytes: new Uint8Array(await file.arrayBuffer()), mimeType: file.type, fileName: file.name },
              options.base(),
            ),
          ],
        }),
  });

  const change = (messageId: string, { body }: Call): Answer => {
    const message = world.find(messageId);
    if (message === undefined) return refuse(404, 10008, "Unknown Message");
    if (message.author.id !== world.botUser.id) return refuse(403, 50005, "Cannot edit a message of another user");
    Object.assign(message, body);
    world.edits.set(messageId, (world.edits.get(messageId) ?? 0) + 1);
    return { status: 200, body: message };
  };

  const list = (channelId: string, { query }: Call): Answer => {
    seen.fetched.push(channelId);
    const after = BigInt(query.get("after") ?? 0);
    const found = (world.messages.get(channelId) ?? []).filter(({ id }) => BigInt(id) > after);
    return { status: 200, body: found.slice(0, Number(query.get("limit") ?? 50)).toReversed() };
  };

  const inChannel = async (call: Call): Promise<Answer> => {
    const [, channelId = "", what, messageId, reactions, emoji] = call.parts;
    if (!world.messages.has(channelId)) return refuse(404, 10003, "Unknown Channel");
    if (what === "typing") {
      seen.typings += 1;
      return { status: 204 };
    }
    if (messageId === undefined) return call.method === "POST" ? create(channelId, call) : list(channelId, call);
    if (reactions === "reactions") {
      seen.reactions.push({ method: call.method, messageId, emoji: decodeURIComponent(emoji ?? "") });
      return { status: 204 };
    }
    if (call.method === "PATCH") return change(messageId, call);
    const message = world.find(messageId);
    return message === undefined ? refuse(404, 10008, "Unknown Message") : { status: 200, body: message };
  };

  const inWebhook = (call: Call): Answer => {
    if (call.method === "DELETE") seen.cleared += 1;
    else seen.followups.push(call.body);
    return call.method === "DELETE" ? { status: 204 } : { status: 200, body: { id: world.nextId() } };
  };

  const route = async (call: Call, authorization: unknown): Promise<Answer> => {
    const [place] = call.parts;
    if (place === "interactions") {
      seen.callbacks.push(call.body);
      return { status: 204 };
    }
    if (place === "webhooks") return inWebhook(call);
    if (!options.isToken(String(authorization).replace(/^Bot /, ""))) return refuse(401, 0, "401: Unauthorized");
    if (place === "gateway") {
      seen.gatewayCalls += 1;
      const session_start_limit = { total: 1000, remaining: 999, reset_after: 14_400_000, max_concurrency: 1 };
      return { status: 200, body: { url: options.gatewayUrl(), shards: 1, session_start_limit } };
    }
    if (place === "applications") {
      seen.commands = call.body;
      return { status: 200, body: [] };
    }
    return place === "channels" ? inChannel(call) : refuse(404, 0, "404: Not Found");
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const path = url.pathname.split("/").slice(1);
    if (path[0] === "attachments") {
      const file = world.files.get(path[1] ?? "");
      seen.downloads += 1;
      response.writeHead(file === undefined ? 404 : 200).end(file?.bytes);
      return;
    }
    const { body, file } = await readBody(request);
    const call: Call = {
      method: request.method ?? "GET",
      // /api/v10/…
      parts: path.slice(2),
      query: url.searchParams,
      body,
      ...(file === undefined ? {} : { file }),
    };
    const answer = await route(call, request.headers.authorization);
    if (answer === "break") return void request.socket.destroy();
    const text = answer.body === undefined ? undefined : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      ...(text === undefined ? {} : { "content-type": "application/json" }),
      ...answer.headers,
    });
    response.end(text);
  };
  return { seen, faults, handle };
}

function rateLimit(seconds: number): Answer {
  return {
    status: 429,
    body: { message: "You are being rate limited.", retry_after: seconds, global: false },
    headers: { "retry-after": String(seconds), "x-ratelimit-scope": "user" },
  };
}

async function readBody(request: IncomingMessage): Promise<{ body: Json; file?: File }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/")) {
    const text = Buffer.concat(chunks).toString("utf8");
    return { body: text === "" ? {} : (JSON.parse(text) as Json) };
  }
  const form = await new Response(Buffer.concat(chunks), { headers: { "content-type": type } }).formData();
  const file = form.get("files[0]");
  return {
    body: JSON.parse(String(form.get("payload_json") ?? "{}")) as Json,
    ...(file instanceof File ? { file } : {}),
  };
}
