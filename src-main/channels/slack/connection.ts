/**
 * A live account: puts session, socket or webhook, mapping and Web API together. Slack is told that something arrived
 * only after `receive` resolved. Must never let a failure of one message reach another or the process.
 */
import { Lanes } from "#main/base/lane.ts";
import {
  ChannelError,
  type ButtonPress,
  type ChannelConnection,
  type ChannelContext,
  type ChatRef,
  type OutboundMessage,
  type WebhookRequest,
  type WebhookResponse,
} from "../contract.ts";
import { createDirectory, type Directory } from "./directory.ts";
import { toEmojiName } from "./emoji.ts";
import { download, upload } from "./files.ts";
import { toArray, toInbound, toObject, toText } from "./inbound.ts";
import { toContent } from "./outbound.ts";
import { startSession, type Session } from "./session.ts";
import { openSocket } from "./socket.ts";
import { createApi, type Bolt, type SlackApi } from "./web-api.ts";
import { isFresh, isSigned, parseBody } from "./webhook.ts";

/** Settings in force. */
export interface SlackSettings {
  botToken?: string;
  appToken?: string;
  signingSecret?: string;
  mode: "socket" | "http";
  apiUrl: string;
}

type Context = ChannelContext<SlackSettings>;

/** Starts an account; connecting goes on behind. */
export function connect(bolt: Bolt, context: Context): ChannelConnection {
  const { settings } = context;
  const stop = new AbortController();
  const lanes = new Lanes();
  const api: SlackApi = createApi(bolt, context, stop.signal, (error) => session.fail(error));
  const directory = createDirectory(api, context.clock);
  const take = (payload: unknown) =>
    takePayload({ context, api, session, directory, lanes, stop: stop.signal }, payload);
  const open = async (signal: AbortSignal) =>
    settings.mode === "http" ? { ended: untilAborted(signal) } : openSocket({ bolt, context, signal, take });
  const session: Session = startSession({ context, api, stop, open });

  return {
    send: (message, signal) => whileReachable(session, () => send(api, context, message, signal)),
    edit: async (chat, ts, message) => {
      // What is not named stays: buttons go only when told to.
      const args = { channel: chat.id, ts, blocks: [], attachments: [], ...toContent(message) };
      await whileReachable(session, () => api.call("chat.update", args));
    },
    react: (chat, ts, emoji) => whileReachable(session, () => react(api, session, { chat, ts, emoji })),
    download: (media, signal) => download(api, context, media.ref, AbortSignal.any([stop.signal, signal])),
    ...(settings.mode === "http" ? { webhook: (request) => answer(context, take, request) } : {}),
    async dispose() {
      await session.dispose();
      await lanes.idle();
    },
  };
}

interface Intake {
  context: Context;
  api: SlackApi;
  session: Session;
  directory: Directory;
  lanes: Lanes;
  stop: AbortSignal;
}

/** Hands over what a payload means, in order within a chat. Rejects when Slack is to send it again. */
async function takePayload(intake: Intake, payload: unknown): Promise<void> {
  const { context, session, stop } = intake;
  const self = session.self();
  if (self === undefined) throw new Error("not connected yet");
  const inbound = toInbound(payload, self, context.clock.now());
  if (inbound?.is === "access") session.recheck();
  if (inbound?.is === "event") {
    const { event } = inbound;
    await intake.lanes.run(event.chat.id, async () => {
      const named = event.type === "delete" ? event : { ...event, sender: await intake.directory.name(event.sender) };
      stop.throwIfAborted();
      await context.receive(named);
    });
  }
  if (inbound?.is === "press") {
    stop.throwIfAborted();
    const { text } = await context.press(inbound.press);
    if (text !== undefined) void whisper(intake.api, context, inbound.press, text);
  }
}

/** Shows words to the one who pressed alone. They are a courtesy: no failure counts. */
async function whisper(api: SlackApi, context: Context, { chat, sender }: ButtonPress, text: string): Promise<void> {
  const args = { channel: chat.id, user: sender.id, thread_ts: chat.threadId, text: toContent({ text }).text };
  await api
    .call("chat.postEphemeral", args)
    .catch((error: unknown) => context.log.debug("a press was not answered", { error }));
}

/** A failure while there is no connection ends with it: the pipeline is to wait, not to count. */
async function whileReachable<T>(session: Session, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const isOffline = error instanceof ChannelError && error.failure === "retry" && error.retryAfterMs === undefined;
    if (!isOffline || session.isConnected()) throw error;
    throw new ChannelError("offline", error.message, { cause: error });
  }
}

/** In a thread the answer stays there; elsewhere Slack knows no answers but threads, which would be other talks. */
async function send(api: SlackApi, context: Context, message: OutboundMessage, signal: AbortSignal) {
  const { chat, media } = message;
  if (media !== undefined) {
    await upload(api, context, message, signal);
    return { platformIds: [] };
  }
  const where = { channel: chat.id, thread_ts: chat.threadId };
  const args = { ...where, ...toContent(message), unfurl_links: false, unfurl_media: false };
  const ts = toText((await api.call("chat.postMessage", args, signal))["ts"]);
  return { platformIds: ts === undefined ? [] : [ts] };
}

interface Reaction {
  chat: ChatRef;
  ts: string;
  emoji: string | undefined;
}

async function react(api: SlackApi, session: Session, { chat, ts, emoji }: Reaction): Promise<void> {
  const where = { channel: chat.id, timestamp: ts };
  if (emoji === undefined) {
    const { message } = await api.call("reactions.get", { ...where, full: true });
    const given = toArray(toObject(message)["reactions"]).map(toObject);
    const ours = given.filter(({ users }) => toArray(users).includes(session.self()?.userId));
    for (const { name } of ours) await tolerate("no_reaction", api.call("reactions.remove", { ...where, name }));
    return;
  }
  const name = toEmojiName(emoji);
  if (name === undefined) throw new ChannelError("rejected", `Slack has no reaction ${emoji}.`);
  await tolerate("already_reacted", api.call("reactions.add", { ...where, name }));
}

/** What is so already need not be done. */
async function tolerate(code: string, call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof ChannelError) || error.details?.["code"] !== code) throw error;
  });
}

async function answer(
  context: Context,
  take: (payload: unknown) => Promise<void>,
  { headers, readBody }: WebhookRequest,
): Promise<WebhookResponse> {
  const { settings, clock, log } = context;
  const body = isFresh(headers, clock.now()) ? await readBody() : undefined;
  if (body === undefined || !isSigned(headers, body, settings.signingSecret ?? "")) {
    log.warn("a request without Slack's signature was refused");
    return { status: 401, body: "The signature is wrong or too old." };
  }
  const payload = parseBody(headers, body);
  const { type, challenge } = toObject(payload);
  if (payload === undefined) return { status: 400, body: "Neither JSON nor a form." };
  if (type === "url_verification") {
    return { status: 200, headers: { "content-type": "text/plain" }, body: toText(challenge) ?? "" };
  }
  try {
    await take(payload);
    return { status: 200 };
  } catch (error) {
    log.warn("not acknowledged, Slack sends it again", { error });
    return { status: 503, body: "Not kept. Send it again." };
  }
}

function untilAborted(signal: AbortSignal): Promise<ChannelError> {
  return new Promise((resolve) => {
    const end = () => resolve(new ChannelError("retry", "Asking Slack again whether the token counts."));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
