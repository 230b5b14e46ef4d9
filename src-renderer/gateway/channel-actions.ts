/**
 * Chat platforms: setting them up, linking, letting people in, what did not go out, answering by hand. What is shown
 * follows the events; nothing is asked for again and again. Must never keep a secret: it goes to the gateway in one call.
 */
import { GatewayError } from "#main/protocol/client.ts";
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
import { type Caller, quietly } from "./connection.ts";
import { type AppStore, may } from "./store.ts";

/** Somebody on a platform. */
export interface PersonRef {
  channel: string;
  accountId?: string;
  senderId: string;
}

export type ChannelActions = ReturnType<typeof createChannelActions>;

/** Linking waits for the platform's first code. */
const LOGIN = { timeoutMs: 60_000 };

type Change = (step: (channels: Channels) => Partial<Channels>) => void;
type Readers = ReturnType<typeof createReaders>;
type Takers = { [N in EventName]?: (payload: EventPayload<N>) => void };

/** True when a secret was refused because there is no keychain: the owner may agree to a file. */
export function needsConsent(thrown: unknown): boolean {
  return (
    thrown instanceof GatewayError && (thrown.details as { code?: unknown } | undefined)?.code === "CONSENT_REQUIRED"
  );
}

/** Each reads one part into the store. */
function createReaders(store: AppStore, call: Caller, change: Change) {
  return {
    async offers() {
      const { channels: offers } = await call("channels.list", {});
      change(() => ({ offers }));
    },
    async status() {
      const report = await call("channels.status", {});
      change((channels) => putStatus(channels, report));
    },
    async pairings() {
      if (!may(store.getState(), "operator.pairing")) return;
      const { requests } = await call("channels.pairing.list", {});
      change(() => ({ pairings: sortPairings(requests) }));
    },
    async people() {
      const { people } = await call("channels.people.list", {});
      change(() => ({ people }));
    },
    async outbox() {
      const { items: outbox } = await call("outbox.list", {});
      change(() => ({ outbox }));
    },
  };
}

function createTakers(store: AppStore, read: Readers, change: Change): Takers {
  return {
    "channels.status": ({ channel, account }) => change((channels) => putAccount(channels, channel, account)),
    "channels.login": (event) => change((channels) => putLogin(channels, event)),
    "channels.pairing": (told) => {
      change((channels) => putPairing(channels, told));
      if (told.state !== "requested") quietly(read.people());
    },
    "outbox.changed": ({ item }) => change((channels) => putItem(channels, item)),
    "config.changed": () => {
      if (hasMethod(store, "channels.list")) quietly(Promise.all([read.offers(), read.people()]));
    },
  };
}

/** What a person does. Each throws with the reason when it did not happen. */
function createDeeds(store: AppStore, call: Caller, { read, change }: { read: Readers; change: Change }) {
  const reread = () => Promise.all([read.offers(), read.status()]);
  const decide = async (requestId: string, decided: Promise<unknown>) => {
    await decided;
    // Shown before the event of it arrives.
    change(({ pairings }) => ({ pairings: pairings.filter((request) => request.requestId !== requestId) }));
    await read.people();
  };
  return {
    /** Writes settings, `null` removes one. @param consentFile agrees to keep secrets in the encrypted file */
    async save(channel: string, settings: Record<string, unknown>, consentFile = false) {
      await call("channels.save", { channel, settings, ...(consentFile ? { consentFile } : {}) });
      await reread();
    },
    async leave(way: "logout" | "remove", channel: string) {
      await call(`channels.${way}`, { channel });
      change((channels) => dropLogin(channels, channel));
      await reread();
    },
    /** Tries again after an error. */
    start: (channel: string) => call("channels.start", { channel }),
    /** Begins linking; what comes of it is in the store. @param phone asks for a code to type, not one to scan */
    async login(channel: string, phone?: string) {
      change((channels) => dropLogin(channels, channel));
      const { connected, ...login } = await call("web.login.start", { channel, ...(phone ? { phone } : {}) }, LOGIN);
      const state = connected ? "linked" : login.code ? "code" : login.qrDataUrl ? "qr" : undefined;
      // An event may have said more meanwhile.
      if (!state || store.getState().channels.logins[channel]) return;
      change((channels) => putLogin(channels, { channel, accountId: "", state, ...login }));
    },
    approve: (requestId: string, isOwner: boolean) =>
      decide(requestId, call("channels.pairing.approve", { requestId, ...(isOwner ? { owner: true } : {}) })),
    dismiss: (requestId: string, isBlocked: boolean) =>
      decide(requestId, call("channels.pairing.dismiss", { requestId, ...(isBlocked ? { block: true } : {}) })),
    /** `null`: a stranger again. */
    async setPerson({ channel, accountId, senderId }: PersonRef, role: PersonRole | null) {
      await call("channels.people.set", { channel, senderId, role, ...(accountId ? { accountId } : {}) });
      await read.people();
    },
    async settle(way: "retry" | "cancel", id: string) {
      await call(`outbox.${way}`, { id });
      await read.outbox();
    },
    /** The owner answers a conversation by hand, or gives it back. */
    async takeOver(key: string, taken: boolean) {
      await call("sessions.takeOver", { key, taken });
      store.setState(({ sessions }) => ({
        sessions: sessions.map((row) => (row.key === key ? { ...row, isTakenOver: taken } : row)),
      }));
    },
  };
}

export function createChannelActions(store: AppStore, call: Caller) {
  const change: Change = (step) => store.setState(({ channels }) => ({ channels: { ...channels, ...step(channels) } }));
  const read = createReaders(store, call, change);
  const takers = createTakers(store, read, change);
  return {
    ...createDeeds(store, call, { read, change }),
    receive: <N extends EventName>(event: N, payload: EventPayload<N>): void => takers[event]?.(payload),
    /** Reads everything. A gateway without channels is left alone. */
    async refresh() {
      if (!hasMethod(store, "channels.list")) return;
      change(({ status }) => ({ status: status === "ready" ? "ready" : "loading" }));
      try {
        await Promise.all(Object.values(read).map((part) => part()));
        change(() => ({ status: "ready", error: "" }));
      } catch (error) {
        change(() => ({ status: "error", error: wordsOf(error) }));
      }
    },
  };
}
