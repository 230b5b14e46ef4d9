/**
 * Chat platforms: setting them up, linking, letting people in, deciding about what did not go out, answering by hand.
 * Everything shown is kept up to date by events; nothing is asked for again and again. Must never keep a secret: it goes
 * to the gateway in one call.
 */
import type { EventName, EventPayload } from "#main/protocol/events.ts";
import type { PersonRole } from "#main/protocol/methods/channels.ts";
import { hasMethod } from "./acting-actions.ts";
import {
  type Channels,
  dropLogin,
  putAccount,
  putItem,
  putLogin,
  putPairing,
  putStatus,
  sortPairings,
} from "./channel-model.ts";
import { wordsOf } from "./chat-actions.ts";
import type { Caller } from "./connection.ts";
import { type AppStore, may } from "./store.ts";

/** Somebody on a platform. */
export interface PersonRef {
  channel: string;
  accountId?: string;
  senderId: string;
}

export interface ChannelActions {
  /** Reads everything. A gateway without channels is left alone. */
  refresh(): Promise<void>;
  receive<N extends EventName>(event: N, payload: EventPayload<N>): void;
  /** Writes settings, `null` removes one; throws with what is wrong, and nothing was written then. */
  save(channel: string, settings: Record<string, unknown>): Promise<void>;
  remove(channel: string): Promise<void>;
  /** Tries again after an error. */
  start(channel: string): Promise<void>;
  logout(channel: string): Promise<void>;
  /** Begins linking; what comes of it is in the store. @param phone asks for a code to type instead of one to scan */
  login(channel: string, phone?: string): Promise<void>;
  approve(requestId: string, isOwner: boolean): Promise<void>;
  dismiss(requestId: string, isBlocked: boolean): Promise<void>;
  /** `null`: a stranger again. */
  setPerson(person: PersonRef, role: PersonRole | null): Promise<void>;
  retry(id: string): Promise<void>;
  discard(id: string): Promise<void>;
  /** The owner answers a conversation by hand, or gives it back. */
  takeOver(sessionKey: string, isTaken: boolean): Promise<void>;
}

/** Linking waits for the platform's first code. */
const LOGIN = { timeoutMs: 60_000 };

type Change = (step: (channels: Channels) => Channels) => void;

/** Reads one part each into the store. */
function createReaders(store: AppStore, call: Caller, change: Change) {
  const readOffers = async () => {
    const { channels: offers } = await call("channels.list", {});
    change((channels) => ({ ...channels, offers }));
  };
  const readStatus = async () => {
    const report = await call("channels.status", {});
    change((channels) => putStatus(channels, report));
  };
  const readPairings = async () => {
    if (!may(store.getState(), "operator.pairing")) return;
    const { requests } = await call("channels.pairing.list", {});
    change((channels) => ({ ...channels, pairings: sortPairings(requests) }));
  };
  const readPeople = async () => {
    const { people } = await call("channels.people.list", {});
    change((channels) => ({ ...channels, people }));
  };
  const readOutbox = async () => {
    const { items: outbox } = await call("outbox.list", {});
    change((channels) => ({ ...channels, outbox }));
  };
  return { readOffers, readStatus, readPairings, readPeople, readOutbox };
}

export function createChannelActions(store: AppStore, call: Caller): ChannelActions {
  const change: Change = (step) => store.setState((state) => ({ channels: step(state.channels) }));

  const { readOffers, readStatus, readPairings, readPeople, readOutbox } = createReaders(store, call, change);
  const refresh = async () => {
    if (!hasMethod(store, "channels.list")) return;
    change((channels) => ({ ...channels, status: channels.status === "ready" ? "ready" : "loading" }));
    try {
      await Promise.all([readOffers(), readStatus(), readPairings(), readPeople(), readOutbox()]);
      change((channels) => ({ ...channels, status: "ready", error: "" }));
    } catch (error) {
      change((channels) => ({ ...channels, status: "error", error: wordsOf(error) }));
    }
  };

  const receive: ChannelActions["receive"] = (event, payload) => {
    if (event === "channels.status") {
      const { channel, account } = payload as EventPayload<"channels.status">;
      change((channels) => putAccount(channels, channel, account));
    } else if (event === "channels.login") {
      change((channels) => putLogin(channels, payload as EventPayload<"channels.login">));
    } else if (event === "channels.pairing") {
      const told = payload as EventPayload<"channels.pairing">;
      change((channels) => putPairing(channels, told));
      if (told.state !== "requested") void readPeople().catch(() => undefined);
    } else if (event === "outbox.changed") {
      change((channels) => putItem(channels, (payload as EventPayload<"outbox.changed">).item));
    } else if (event === "config.changed" && hasMethod(store, "channels.list")) {
      void Promise.all([readOffers(), readPeople()]).catch(() => undefined);
    }
  };

  /** What was decided is shown before the event of it arrives. */
  const decided = (requestId: string) =>
    change((channels) => ({
      ...channels,
      pairings: channels.pairings.filter((request) => request.requestId !== requestId),
    }));

  return {
    refresh,
    receive,
    ...createSetup(store, call, { change, reread: () => Promise.all([readOffers(), readStatus()]) }),
    async approve(requestId, isOwner) {
      await call("channels.pairing.approve", { requestId, ...(isOwner ? { owner: true } : {}) });
      decided(requestId);
      await readPeople();
    },
    async dismiss(requestId, isBlocked) {
      await call("channels.pairing.dismiss", { requestId, ...(isBlocked ? { block: true } : {}) });
      decided(requestId);
      await readPeople();
    },
    async setPerson({ channel, accountId, senderId }, role) {
      await call("channels.people.set", { channel, senderId, role, ...(accountId ? { accountId } : {}) });
      await readPeople();
    },
    async retry(id) {
      await call("outbox.retry", { id });
      await readOutbox();
    },
    async discard(id) {
      await call("outbox.cancel", { id });
      await readOutbox();
    },
    async takeOver(key, taken) {
      await call("sessions.takeOver", { key, taken });
      const sessions = store.getState().sessions.map((row) => (row.key === key ? { ...row, isTakenOver: taken } : row));
      store.setState({ sessions });
    },
  };
}

interface SetupTools {
  change: Change;
  /** Offers and how the accounts stand. */
  reread(): Promise<unknown>;
}

/** Settings and credentials of one channel. */
function createSetup(
  store: AppStore,
  call: Caller,
  { change, reread }: SetupTools,
): Pick<ChannelActions, "save" | "remove" | "start" | "logout" | "login"> {
  return {
    async save(channel, settings) {
      await call("channels.save", { channel, settings });
      await reread();
    },
    async remove(channel) {
      await call("channels.remove", { channel });
      change((channels) => dropLogin(channels, channel));
      await reread();
    },
    async start(channel) {
      await call("channels.start", { channel });
    },
    async logout(channel) {
      await call("channels.logout", { channel });
      change((channels) => dropLogin(channels, channel));
      await reread();
    },
    async login(channel, phone) {
      change((channels) => dropLogin(channels, channel));
      const begun = await call("web.login.start", { channel, ...(phone ? { phone } : {}) }, LOGIN);
      // An event may have said more meanwhile.
      if (store.getState().channels.logins[channel]) return;
      const { connected, message, ...login } = begun;
      const state = connected ? "linked" : login.code ? "code" : login.qrDataUrl ? "qr" : undefined;
      if (!state) return;
      change((channels) => ({
        ...channels,
        logins: { ...channels.logins, [channel]: { state, ...login, ...(message ? { message } : {}) } },
      }));
    },
  };
}
