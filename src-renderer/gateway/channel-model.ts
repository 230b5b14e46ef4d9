/** Chat platforms as the window knows them, and how that changes. Pure. Must never hold a secret. */
import type { EventPayload } from "#main/protocol/events.ts";
import type {
  ChannelAccount,
  ChannelOffer,
  ChannelState,
  ChatPairing,
  ChatPerson,
  OutboxItem,
} from "#main/protocol/methods/channels.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";

/** The newest step of a linking. */
export type Login = Omit<EventPayload<"channels.login">, "channel" | "accountId">;

export interface Channels {
  /** `none`: never read; this gateway may have no channels at all. */
  status: "none" | "loading" | "ready" | "error";
  error: string;
  offers: readonly ChannelOffer[];
  /** Accounts by channel. */
  accounts: Readonly<Record<string, readonly ChannelAccount[]>>;
  /** Who waits to be let in, oldest first: what is being read never moves for something new. */
  pairings: readonly ChatPairing[];
  people: readonly ChatPerson[];
  /** What needs a look and what waits, newest first. */
  outbox: readonly OutboxItem[];
  /** By channel. */
  logins: Readonly<Record<string, Login>>;
}

export const NO_CHANNELS: Channels = {
  status: "none",
  error: "",
  offers: [],
  accounts: {},
  pairings: [],
  people: [],
  outbox: [],
  logins: {},
};

/** Worst first: one account in trouble is what a person has to see. */
const GRAVITY: readonly ChannelState[] = ["error", "disconnected", "degraded", "connecting", "connected", "disabled"];

/** How a whole channel stands, and the account that says so. */
export function standingOf(accounts: readonly ChannelAccount[] = []) {
  const account = accounts.toSorted((a, b) => GRAVITY.indexOf(a.state) - GRAVITY.indexOf(b.state))[0];
  return { state: account?.state ?? ("disabled" as const), account };
}

/** Takes in how an account stands; what comes late is ignored. */
export function putAccount(channels: Channels, channel: string, account: ChannelAccount): Channels {
  const known = channels.accounts[channel] ?? [];
  const at = known.findIndex((other) => other.accountId === account.accountId);
  const before = known[at];
  if (before && before.since > account.since) return channels;
  const accounts = before ? known.with(at, account) : [...known, account];
  return { ...channels, accounts: { ...channels.accounts, [channel]: accounts } };
}

export function putStatus(channels: Channels, report: MethodResult<"channels.status">): Channels {
  const accounts = Object.entries(report.channels).map(([id, entry]) => [id, entry.accounts] as const);
  return { ...channels, accounts: { ...channels.accounts, ...Object.fromEntries(accounts) } };
}

/** Takes in a request, or that it was decided. */
export function putPairing(channels: Channels, { state, request }: EventPayload<"channels.pairing">): Channels {
  const rest = channels.pairings.filter((other) => other.requestId !== request.requestId);
  return { ...channels, pairings: sortPairings(state === "requested" ? [...rest, request] : rest) };
}

export function sortPairings(pairings: readonly ChatPairing[]): ChatPairing[] {
  return pairings.toSorted((a, b) => a.createdAtMs - b.createdAtMs);
}

/** Something that failed for good, or may have been sent: only a person can decide about it. */
export function needsLook({ state }: Pick<OutboxItem, "state">): boolean {
  return state === "failed" || state === "expired" || state === "may-have-been-sent";
}

/** Takes in how something that leaves stands; what arrived or was taken back is forgotten. */
export function putItem(channels: Channels, item: OutboxItem): Channels {
  const at = channels.outbox.findIndex((other) => other.id === item.id);
  if (item.state === "sent" || item.state === "cancelled") {
    return at === -1 ? channels : { ...channels, outbox: channels.outbox.toSpliced(at, 1) };
  }
  return { ...channels, outbox: at === -1 ? [item, ...channels.outbox] : channels.outbox.with(at, item) };
}

export function putLogin(channels: Channels, event: EventPayload<"channels.login">): Channels {
  const { channel, accountId: _, ...login } = event;
  return { ...channels, logins: { ...channels.logins, [channel]: login } };
}

/** Forgets a linking: an old picture is never shown again. */
export function dropLogin(channels: Channels, channel: string): Channels {
  const { [channel]: _, ...logins } = channels.logins;
  return { ...channels, logins };
}

/** How many things on the page wait for the person: requests, what did not go out, channels in trouble. */
export function countWaiting({ pairings, outbox, offers, accounts }: Channels): number {
  const inTrouble = offers.filter(({ id, isConfigured }) => isConfigured && standingOf(accounts[id]).state === "error");
  return pairings.length + outbox.filter(needsLook).length + inTrouble.length;
}

/** A name that may be written in any direction, set apart from the sentence around it. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/** The channel's name; its id while nothing is known of it. */
export function labelOf(channels: Pick<Channels, "offers">, id: string): string {
  return channels.offers.find((offer) => offer.id === id)?.label ?? id;
}
