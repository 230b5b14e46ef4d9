/** channels.*, web.login.*, outbox.*, send, sessions.say, sessions.takeOver: chat platforms as clients see them. */
import { DEFAULT_ACCOUNT } from "#main/channels/settings.ts";
import type { LiveAccount } from "#main/channels/supervisor.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import { toOutboxItem } from "#main/routing/outgoing/outbox-item.ts";
import { parseSessionKey } from "#main/sessions/key.ts";
import { listOutbox } from "#main/store/channels/outbox.ts";
import { patchSession } from "#main/store/sessions.ts";
import { actorOf, invalid, type Handlers, type HandlersOf } from "../../dispatch.ts";
import type { MethodDeps } from "../deps.ts";
import { createPeopleHandlers } from "./people.ts";
import { listOffers, removeChannel, saveChannel } from "./settings.ts";

type ChannelHandlers = HandlersOf<"channels" | "outbox" | "web.login"> &
  Pick<Handlers, "send" | "sessions.say" | "sessions.takeOver">;

const LIST = 200;
const LOGIN_MS = 30_000;
const LOGIN_CHANNEL = "whatsapp";
/** Worst first: what a channel with several accounts shows. */
const ORDER = ["error", "disconnected", "degraded", "connecting", "connected", "disabled"];

export function createChannelHandlers(deps: MethodDeps): ChannelHandlers {
  const { channels, outbox, byHand, db, logins } = deps;
  const ofAccount = (params: { channel: string; accountId?: string }) => ({
    channel: params.channel,
    account: params.accountId ?? DEFAULT_ACCOUNT,
  });
  return {
    "channels.status": (params) => readStatus(deps, params.channel),
    "channels.list": () => ({ channels: listOffers(deps) }),
    "channels.save": (params) => saveChannel(deps, params),
    "channels.remove": (params) => removeChannel(deps, params.channel),
    "channels.start": (params) => done(channels.restart(ofAccount(params)), params.channel),
    "channels.stop": (params) => done(channels.halt(ofAccount(params)), params.channel),
    "channels.logout": async (params) => {
      const live = find(deps, ofAccount(params));
      if (!live.connection?.logout) throw invalid(`${live.plug.label} has nothing to log out of; remove it instead`);
      await live.connection.logout();
      return { ok: true };
    },
    "web.login.start": async (params) => {
      const live = find(deps, ofAccount({ channel: LOGIN_CHANNEL, ...params }));
      return logins.start(live, params.phone, params.timeoutMs ?? LOGIN_MS);
    },
    "web.login.wait": async (params) => {
      const live = find(deps, ofAccount({ channel: LOGIN_CHANNEL, ...params }));
      return logins.wait(live, params.timeoutMs ?? LOGIN_MS);
    },
    ...createPeopleHandlers(deps),
    "outbox.list": async ({ state, channel, limit }) => {
      const found = await listOutbox(db, { state, channel, limit: limit ?? LIST });
      return { items: found.map(toOutboxItem) };
    },
    "outbox.retry": ({ id }) => outbox.retry(id).then(() => ({ ok: true })),
    "outbox.cancel": ({ id }) => outbox.cancel(id).then(() => ({ ok: true })),
    send: async (params) => {
      const { channel, accountId, to, media, threadId, replyToId, idempotencyKey } = params;
      const text = params.text ?? params.message ?? "";
      const letter = { channel, account: accountId, to, text, media, threadId, replyTo: replyToId, idempotencyKey };
      const sent = await byHand.send(letter);
      if (params.wait !== true) return sent;
      await byHand.delivered(sent.id);
      return { ...sent, status: "sent" };
    },
    "sessions.say": ({ key, text, idempotencyKey }) =>
      byHand.say(parseSessionKey(key).key, text, { label: "you", idempotencyKey }),
    "sessions.takeOver": async ({ key: input, taken }, caller) => {
      const { key } = parseSessionKey(input);
      const record = await patchSession(db, key, { taken_over: Number(taken) });
      if (!record) throw invalid(`there is no session ${key}`);
      if (taken) deps.turns.abort(key);
      const message = taken ? "the owner answers by hand" : "the assistant answers again";
      await deps.audit.append({ type: "session.taken", actor: actorOf(caller), sessionKey: key, message });
      deps.broadcast.sendSessionsChanged({ sessionKey: key, reason: "updated" });
      return { ok: true };
    },
  };
}

function readStatus({ channels, clock }: MethodDeps, only: string | undefined): MethodResult<"channels.status"> {
  const plugs = channels.plugs.filter(({ id }) => (only ?? id) === id);
  const entries = plugs.map(({ id }) => {
    const accounts = channels.list().flatMap((one) => (one.channel === id ? [one.standing] : []));
    const ranked = accounts.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
    const worst = ranked.find(({ state }) => state !== "disabled") ?? ranked[0];
    const { state = "disabled" as const, since = 0, reason } = worst ?? {};
    return [id, { state, since, ...(reason === undefined ? {} : { reason }), accounts }] as const;
  });
  return {
    ts: clock.now(),
    channelOrder: plugs.map(({ id }) => id),
    channelLabels: Object.fromEntries(plugs.map(({ id, label }) => [id, label])),
    channels: Object.fromEntries(entries),
  };
}

function find({ channels }: MethodDeps, at: { channel: string; account: string }): LiveAccount {
  const live = channels.find(at);
  if (live) return live;
  throw invalid(`there is no account "${at.account}" of the channel "${at.channel}"; set it up first`);
}

function done(isDone: boolean, channel: string): { ok: true } {
  if (!isDone) throw invalid(`the channel "${channel}" is not set up`);
  return { ok: true };
}
