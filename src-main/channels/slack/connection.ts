/**
 * A live account: puts session, socket or webhook, mapping and Web API together. Slack is told that something arrived
 * only after `receive` resolved. Must never let a failure of one message reach another or the process.
 */
import { once } from "node:events";
import { sleep } from "#main/base/clock.ts";
import { Lanes } from "#main/base/lane.ts";
import {
  ChannelError,
  type ButtonPress,
  type ChannelConnection,
  type InboundEvent,
  type Sender,
  type WebhookRequest,
  type WebhookResponse,
} from "../contract.ts";
import { toEmojiName } from "./emoji.ts";
import { download, upload } from "./files.ts";
import { toArray, toInbound, toObject, toText } from "./inbound.ts";
import { toContent } from "./outbound.ts";
import { startSession } from "./session.ts";
import { holdSocket } from "./socket.ts";
import { createCall, type Bolt, type Call, type Context } from "./web-api.ts";
import { isFresh, isSigned, parseBody } from "./webhook.ts";

/** Milliseconds that a message waits for the name of its sender, which events do not carry. */
const NAME_LIMIT_MS = 1500;

/** Starts an account; connecting goes on behind. */
export function connect(bolt: Bolt, context: Context): ChannelConnection {
  const isHttp = context.settings.mode === "http";
  const stop = new AbortController();
  const lanes = new Lanes();
  const call = createCall(bolt, context, stop.signal, (error) => session.fail(error));
  const nameOf = createNaming(call, context, stop.signal);

  const receive = (event: InboundEvent) =>
    lanes.run(event.chat.id, async () => {
      const named = event.type === "delete" ? event : { ...event, sender: await nameOf(event.sender) };
      stop.signal.throwIfAborted();
      await context.receive(named);
    });
  /** Hands over what a payload means, in order within a chat. Rejects when Slack is to send it again. */
  const take = async (payload: unknown): Promise<void> => {
    const self = session.self();
    if (self === undefined || stop.signal.aborted) throw new Error("not connected");
    const inbound = toInbound(payload, self, context.clock.now());
    if (inbound?.is === "event") await receive(inbound.event);
    if (inbound?.is === "press") whisper(call, context, inbound.press, (await context.press(inbound.press)).text);
    // The answer tells whether the token counts, and ends the session when it does not.
    if (inbound?.is === "access") await call("auth.test", {}).catch(() => {});
  };
  const session = startSession({
    context,
    call,
    stop,
    async hold(signal, onOpen) {
      if (!isHttp) return holdSocket({ bolt, context, signal, take, onOpen });
      onOpen();
      await once(signal, "abort");
      throw signal.reason;
    },
  });

  return {
    ...calls(call, context, session),
    download: (media, signal) => download(call, context, media.ref, AbortSignal.any([stop.signal, signal])),
    ...(isHttp ? { webhook: (request) => answer(context, take, request) } : {}),
    async dispose() {
      await session.dispose();
      await lanes.idle();
    },
  };
}

/** @returns gives a sender the name that Slack tells in time, if any. For display only. Never rejects */
function createNaming(call: Call, { clock }: Context, stop: AbortSignal) {
  const names = new Map<string, Promise<string | undefined>>();
  const ask = async (user: string): Promise<string | undefined> => {
    try {
      const { profile, name } = toObject((await call("users.info", { user }))["user"]);
      const { display_name: display, real_name: real } = toObject(profile);
      return toText(display) ?? toText(real) ?? toText(name);
    } catch {
      names.delete(user);
      return undefined;
    }
  };
  return async (sender: Sender): Promise<Sender> => {
    if (sender.name !== undefined || !/^[UW]/.test(sender.id)) return sender;
    const known = names.get(sender.id) ?? ask(sender.id);
    names.set(sender.id, known);
    const late = sleep(clock, NAME_LIMIT_MS, stop).catch(() => {});
    const name = await Promise.race([known, late]);
    return name === undefined ? sender : { ...sender, name };
  };
}

type Session = ReturnType<typeof startSession>;

function calls(call: Call, context: Context, session: Session): Pick<ChannelConnection, "send" | "edit" | "react"> {
  return {
    /** In a thread the answer stays there; elsewhere Slack knows no answers but threads, which would be other talks. */
    async send(message, signal) {
      session.demand();
      const { chat, media } = message;
      if (media !== undefined) {
        await upload(call, context, { ...message, media }, signal);
        return { platformIds: [] };
      }
      const where = { channel: chat.id, thread_ts: chat.threadId };
      const args = { ...where, ...toContent(message), unfurl_links: false, unfurl_media: false };
      const ts = toText((await call("chat.postMessage", args, signal))["ts"]);
      return { platformIds: ts === undefined ? [] : [ts] };
    },
    async edit(chat, ts, message) {
      session.demand();
      await call("chat.update", { channel: chat.id, ts, ...toContent(message) });
    },
    async react(chat, ts, emoji) {
      session.demand();
      const where = { channel: chat.id, timestamp: ts };
      if (emoji !== undefined) {
        const name = toEmojiName(emoji);
        if (name === undefined) throw new ChannelError("rejected", `Slack has no reaction ${emoji}.`);
        return tolerate("already_reacted", call("reactions.add", { ...where, name }));
      }
      const { message } = await call("reactions.get", { ...where, full: true });
      for (const { name, users } of toArray(toObject(message)["reactions"]).map(toObject)) {
        if (!toArray(users).includes(session.self()?.userId)) continue;
        await tolerate("no_reaction", call("reactions.remove", { ...where, name }));
      }
      return undefined;
    },
  };
}

/** What is so already need not be done. */
async function tolerate(code: string, call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof ChannelError) || error.details?.["code"] !== code) throw error;
  });
}

/** Shows words to the one who pressed alone. They are a courtesy: nobody waits for them, and no failure counts. */
function whisper(call: Call, { log }: Context, { chat, sender }: ButtonPress, text: string | undefined): void {
  if (text === undefined) return;
  const args = { channel: chat.id, user: sender.id, thread_ts: chat.threadId, text: toContent({ text }).text };
  call("chat.postEphemeral", args).catch((error: unknown) => log.debug("a press was not answered", { error }));
}

async function answer(
  { settings, clock, log }: Context,
  take: (payload: unknown) => Promise<void>,
  { headers, readBody }: WebhookRequest,
): Promise<WebhookResponse> {
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
