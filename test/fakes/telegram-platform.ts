/**
 * Telegram on loopback: the Bot API over HTTP for one bot, and the people who write to it. With `webhook`, updates are
 * brought to the channel as the gateway's HTTP server would hand them on.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChannelConnection, WebhookRequest } from "#main/channels/contract.ts";
import type { FakePlatform, Person, Written } from "./channel-platform.ts";
import { BOT, FakeBotApi, type Fields, type Outcome } from "./telegram-api.ts";
import { refusal } from "./telegram-updates.ts";
import { readBody } from "./telegram-wire.ts";

const TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
export const WEBHOOK_SECRET = "a-secret_of-the-webhook";
const GROUP_ID = -1001234567890;

export interface FakeTelegram extends FakePlatform {
  api: FakeBotApi;
  token: string;
  /** Puts an update into the queue, its `update_id` added. */
  push(content: unknown): void;
  /** The update as the platform would POST it. */
  toRequest(update: unknown, secret?: string): WebhookRequest;
  /** A message as Telegram tells it, already in its chat. */
  compose(written: Written): Fields;
}

export async function startTelegram({ mode = "polling" as "polling" | "webhook" } = {}): Promise<FakeTelegram> {
  const api = new FakeBotApi();
  let downloads = 0;
  let isDown = false;
  let isClosed = false;
  const server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const file = new RegExp(`^/file/bot${TOKEN}/(.+)$`).exec(request.url ?? "")?.[1];
    if (file !== undefined) {
      downloads += 1;
      const held = [...api.files.values()].find(({ path }) => path === decodeURIComponent(file));
      return void response.writeHead(held ? 200 : 404).end(held?.bytes);
    }
    const [, token, method = ""] = /^\/bot([^/]+)\/(\w+)$/.exec(request.url ?? "") ?? [];
    const body = readBody(request.headers["content-type"] ?? "", Buffer.concat(chunks));
    const outcome: Outcome = token === TOKEN ? await api.call(method, body) : refusal(401, "Unauthorized");
    if (outcome === "lost") return void request.socket.destroy();
    response.writeHead(outcome.status, { "content-type": "application/json" });
    return void response.end(typeof outcome.body === "string" ? outcome.body : JSON.stringify(outcome.body));
  };
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const hangUp = () =>
    new Promise<void>((resolve) => {
      api.updates.end(refusal(500, "Internal Server Error"));
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const ann = { id: "501", name: "Ann" };
  const people = createPeople(api, ann);
  const toRequest = (update: unknown, secret = api.webhook?.secret ?? ""): WebhookRequest => ({
    headers: { "content-type": "application/json", "x-telegram-bot-api-secret-token": secret },
    query: "",
    readBody: async () => Buffer.from(JSON.stringify(update)),
  });
  const bring = async (connection: ChannelConnection): Promise<void> => {
    while (!isClosed) {
      const next = isDown || api.webhook === undefined ? undefined : api.updates.next();
      const answer = next && (await connection.webhook?.(toRequest(next.update)));
      if (answer?.status === 200) next?.confirm();
      else await new Promise((resolve) => setTimeout(resolve, 3));
    }
  };
  const webhook = {
    mode,
    webhookUrl: "https://gatehouse.example/channels/telegram/webhook",
    webhookSecret: WEBHOOK_SECRET,
  };
  return {
    ...people,
    api,
    token: TOKEN,
    settings: { token: TOKEN, apiRoot: `http://127.0.0.1:${port}`, ...(mode === "webhook" && webhook) },
    push: (content) => api.updates.push(content),
    toRequest,
    ...(mode === "webhook" && {
      async begin(connection: ChannelConnection) {
        void bring(connection);
      },
    }),
    async repeatLast() {
      api.updates.repeatLast();
    },
    sent: () => api.sent,
    get sendCalls() {
      return api.sendCalls;
    },
    get downloads() {
      return downloads;
    },
    get typings() {
      return api.typings;
    },
    get attempts() {
      return api.calls.length - api.sendCalls;
    },
    fail: (fault, times = 1) => api.fail(fault, times),
    async down() {
      isDown = true;
      await hangUp();
    },
    async up() {
      await listen(port);
      isDown = false;
    },
    async revoke() {
      api.revoke();
    },
    async close() {
      isClosed = true;
      if (server.listening) await hangUp();
    },
  };
}

type People = Pick<FakeTelegram, "ann" | "bob" | "directChat" | "group" | "compose" | "write" | "writeNonsense"> &
  Required<Pick<FakeTelegram, "press" | "edit" | "react">>;

/** What people do there, as updates. */
function createPeople(api: FakeBotApi, ann: Person): People {
  const bob = { id: "502", name: "Bob" };
  const group = { id: GROUP_ID, type: "supergroup", title: "Our <group> & friends" };
  const direct = ({ id, name }: Person) => ({
    id: Number(id),
    type: "private",
    first_name: name,
    username: `${name}_x`,
  });
  const userOf = ({ id, name }: Person) => ({ id: Number(id), is_bot: false, first_name: name, language_code: "en" });
  const find = (platformId: string): Fields =>
    [...api.messages.values()].toReversed().find((one) => String(one["message_id"]) === platformId) ?? {};
  const compose = (written: Written) => {
    const from = written.from ?? ann;
    const chat = written.where === "group" ? group : direct(from);
    const held = api.messages.get(`${chat.id}:${written.replyTo}`);
    return api.post(chat, { from: userOf(from), ...contentOf(api, written), ...(held && { reply_to_message: held }) });
  };
  return {
    ann,
    bob,
    directChat: ({ id }) => id,
    group: String(GROUP_ID),
    compose,
    async write(written) {
      const message = compose(written);
      api.updates.push({ message });
      return String(message["message_id"]);
    },
    async writeNonsense() {
      for (const one of NONSENSE) api.updates.push(one);
    },
    async press({ platformId }, data, by) {
      api.updates.push({
        callback_query: { id: "8123", from: userOf(by), message: find(platformId), chat_instance: "-99", data },
      });
    },
    async edit(platformId, text, by) {
      api.updates.push({ edited_message: { ...find(platformId), from: userOf(by), edit_date: 1_760_000_000, text } });
    },
    async react(platformId, emoji, by) {
      const { chat, message_id } = find(platformId);
      const reactions = { old_reaction: [], new_reaction: [{ type: "emoji", emoji }] };
      api.updates.push({ message_reaction: { chat, message_id, user: userOf(by), date: 1_760_000_000, ...reactions } });
    },
  };
}

/** The text with its entities, or a file with its caption. */
function contentOf(api: FakeBotApi, { text = "", mentionsBot = false, media }: Written): Fields {
  const words = mentionsBot ? `@${BOT.username} ${text}` : text;
  // Telegram marks whatever looks like a user name, whosever it is.
  const entities = [...words.matchAll(/@\w{5,}/g)].map(({ 0: name, index }) => ({
    type: "mention",
    offset: index,
    length: name.length,
  }));
  const marks = entities.length > 0 ? entities : undefined;
  if (media === undefined) return { text: words, ...(marks && { entities: marks }) };
  const id = `AgAD-${api.files.size}`;
  api.files.set(id, { path: `${media.kind}s/file_${api.files.size}.bin`, bytes: media.bytes });
  const file = { file_id: id, file_unique_id: `u${id}`, file_size: media.bytes.length };
  const small = { ...file, file_id: "thumbnail", width: 90, height: 60 };
  const kinds = {
    image: { photo: [small, { ...file, width: 1280, height: 853 }] },
    voice: { voice: { ...file, duration: 3, mime_type: "audio/ogg" } },
    document: { document: { ...file, file_name: media.fileName, mime_type: "application/octet-stream" } },
  };
  return { ...kinds[media.kind], ...(words && { caption: words, ...(marks && { caption_entities: marks }) }) };
}

/** Each of them breaks a promise of the Bot API. */
const NONSENSE: readonly unknown[] = [
  {},
  { message: null },
  { message: "text" },
  { message: [] },
  { message: { message_id: "7", chat: { id: 1, type: "private" }, text: "an id that is no number" } },
  { message: { message_id: 7, date: 1, chat: null, from: { id: 5 }, text: "no chat" } },
  { message: { message_id: 8, date: 1, chat: { id: 9, type: "starship" }, from: { id: 5 }, text: "no such kind" } },
  { message: { message_id: 9, date: "now", chat: { id: 9, type: "private" }, from: { id: 5 }, text: "no date" } },
  { edited_message: { message_id: {} } },
  { callback_query: { id: 4, from: {}, data: 7 } },
  { message_reaction: { new_reaction: "heart" } },
  { something_new: { of: "tomorrow" } },
  7,
  null,
  "update",
];
