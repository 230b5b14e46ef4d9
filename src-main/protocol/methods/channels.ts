/** channels.*, web.login.*, outbox.*, send: chat platforms, who may write there, and what leaves. */
import Type, { type Static } from "typebox";
import { defineMethod } from "../method.ts";
import { Attachment } from "./chat.ts";
import { closed, IdempotencyKey, NoParams, Ok, SessionKeyString } from "./common.ts";

const ChannelId = Type.String({ minLength: 1, maxLength: 64 });
const AccountId = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }));
const Id = Type.String({ minLength: 1, maxLength: 128 });
const one = <V extends string>(...values: V[]) =>
  Type.Unsafe<V>(Type.Union(values.map((value) => Type.Literal(value))));

export const ChannelState = one("connecting", "connected", "degraded", "disconnected", "error", "disabled");
export type ChannelState = Static<typeof ChannelState>;

/** How one account stands. `since`: when it came into this state, milliseconds. */
const standing = { state: ChannelState, since: Type.Integer(), reason: Type.Optional(Type.String()) };

export const ChannelAccount = Type.Object(
  {
    accountId: Type.String(),
    ...standing,
    /** Who we are there: `@name`, a number. */
    identity: Type.Optional(Type.String()),
    lastInboundAtMs: Type.Optional(Type.Integer()),
    lastOutboundAtMs: Type.Optional(Type.Integer()),
  },
  closed,
);
export type ChannelAccount = Static<typeof ChannelAccount>;

/** What a person needs to know to set a channel up, and what is set. */
export const ChannelOffer = Type.Object(
  {
    id: Type.String(),
    label: Type.String(),
    summary: Type.String(),
    setup: Type.Array(Type.String()),
    setupUrl: Type.Optional(Type.String()),
    login: one("credentials", "qr", "none"),
    groups: Type.Boolean(),
    /** JSON Schema of the channel's own settings: `title`, `description`, `x-secret`, `x-advanced` for the form. */
    schema: Type.Unknown(),
    /** Why it cannot run on this computer. */
    unavailable: Type.Optional(Type.String()),
    /** There is a section for it in the configuration. */
    isConfigured: Type.Boolean(),
    /** The section in force, secrets redacted. */
    settings: Type.Record(Type.String(), Type.Unknown()),
    /** Secret fields that are kept, by name. */
    heldSecrets: Type.Array(Type.String()),
  },
  closed,
);
export type ChannelOffer = Static<typeof ChannelOffer>;

/** Somebody who wrote and is not known: nothing of theirs is answered before the owner says so. */
export const ChatPairing = Type.Object(
  {
    requestId: Type.String(),
    channel: Type.String(),
    accountId: Type.String(),
    senderId: Type.String(),
    senderName: Type.Optional(Type.String()),
    /** 8 characters; the person was told the same. */
    code: Type.String(),
    createdAtMs: Type.Integer(),
    expiresAtMs: Type.Integer(),
    /** Messages that wait for the decision. */
    waiting: Type.Integer(),
  },
  closed,
);
export type ChatPairing = Static<typeof ChatPairing>;

export const PersonRole = one("owner", "allowed", "blocked");
export type PersonRole = Static<typeof PersonRole>;

export const ChatPerson = Type.Object(
  {
    channel: Type.String(),
    accountId: Type.String(),
    senderId: Type.String(),
    name: Type.Optional(Type.String()),
    role: PersonRole,
    /** `config`: written in the configuration, and only changed there. */
    source: one("pairing", "window", "config"),
    addedAtMs: Type.Optional(Type.Integer()),
  },
  closed,
);
export type ChatPerson = Static<typeof ChatPerson>;

export const OutboxState = one(
  "queued",
  "sending",
  "sent",
  "failed",
  "cancelled",
  "expired",
  /** A crash or a broken connection cut the send: the platform may have it. Never repeated unasked. */
  "may-have-been-sent",
);
export type OutboxState = Static<typeof OutboxState>;

export const OutboxItem = Type.Object(
  {
    id: Type.String(),
    channel: Type.String(),
    accountId: Type.String(),
    /** The platform's id of the chat. */
    to: Type.String(),
    toName: Type.Optional(Type.String()),
    state: OutboxState,
    text: Type.String(),
    attempts: Type.Integer(),
    error: Type.Optional(Type.String()),
    createdAtMs: Type.Integer(),
    nextAttemptAtMs: Type.Optional(Type.Integer()),
    sentAtMs: Type.Optional(Type.Integer()),
    sessionKey: Type.Optional(Type.String()),
  },
  closed,
);
export type OutboxItem = Static<typeof OutboxItem>;

const Account = Type.Object({ channel: ChannelId, accountId: AccountId }, closed);
const PairingChoice = {
  channel: Type.Optional(ChannelId),
  accountId: AccountId,
  requestId: Type.Optional(Id),
  /** The code that the person was shown, instead of `requestId`. */
  code: Type.Optional(Type.String({ maxLength: 32 })),
};
const Decided = Type.Object({ requestId: Type.String(), channel: Type.String(), senderId: Type.String() }, closed);

export const channelMethods = {
  "channels.status": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        channel: Type.Optional(ChannelId),
        /** Sent by the peer's clients; every state here is the newest anyway. */
        probe: Type.Optional(Type.Boolean()),
        timeoutMs: Type.Optional(Type.Integer({ minimum: 0 })),
      },
      closed,
    ),
    result: Type.Object(
      {
        ts: Type.Integer(),
        channelOrder: Type.Array(Type.String()),
        channelLabels: Type.Record(Type.String(), Type.String()),
        channels: Type.Record(
          Type.String(),
          Type.Object({ ...standing, accounts: Type.Array(ChannelAccount) }, closed),
        ),
      },
      closed,
    ),
  }),
  /** Every channel there is, with what its wizard needs. */
  "channels.list": defineMethod({
    scope: "operator.read",
    params: NoParams,
    result: Type.Object({ channels: Type.Array(ChannelOffer) }, closed),
  }),
  /**
   * Writes settings of a channel: secrets to the keychain, the rest to the configuration; `null` removes a key. Refused
   * with what is wrong; nothing is written then. The channel starts anew with them at once.
   */
  "channels.save": defineMethod({
    scope: "operator.admin",
    params: Type.Object(
      {
        channel: ChannelId,
        settings: Type.Record(Type.String(), Type.Unknown()),
        /** Without a keychain: agrees to keep secrets in the encrypted file (`CONSENT_REQUIRED`). */
        consentFile: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    result: Type.Object({ ok: Type.Literal(true), hash: Type.String() }, closed),
  }),
  /** Takes settings and secrets of a channel away and unlinks it. Conversations stay. */
  "channels.remove": defineMethod({ scope: "operator.admin", params: Account, result: Ok }),
  /** Begins anew after an error, without waiting for the next try. */
  "channels.start": defineMethod({ scope: "operator.admin", params: Account, result: Ok }),
  /** Until the next start of Gatehouse or `channels.start`. */
  "channels.stop": defineMethod({ scope: "operator.admin", params: Account, result: Ok }),
  /** Unlinks, and forgets the credentials that the platform gave. */
  "channels.logout": defineMethod({ scope: "operator.admin", params: Account, result: Ok }),
  /** Begins linking; each further picture comes as the event `channels.login`. */
  "web.login.start": defineMethod({
    scope: "operator.admin",
    params: Type.Object(
      {
        channel: Type.Optional(ChannelId),
        accountId: AccountId,
        /** The phone's number with country code: answers a code to type instead of one to scan. */
        phone: Type.Optional(Type.String({ maxLength: 32 })),
        force: Type.Optional(Type.Boolean()),
        verbose: Type.Optional(Type.Boolean()),
        timeoutMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 300_000 })),
      },
      closed,
    ),
    result: Type.Object(
      {
        connected: Type.Optional(Type.Boolean()),
        qrDataUrl: Type.Optional(Type.String()),
        qr: Type.Optional(Type.String()),
        code: Type.Optional(Type.String()),
        expiresAtMs: Type.Optional(Type.Integer()),
        message: Type.Optional(Type.String()),
      },
      closed,
    ),
  }),
  "web.login.wait": defineMethod({
    scope: "operator.admin",
    params: Type.Object(
      {
        channel: Type.Optional(ChannelId),
        accountId: AccountId,
        timeoutMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 300_000 })),
        currentQrDataUrl: Type.Optional(Type.String({ maxLength: 200_000 })),
      },
      closed,
    ),
    result: Type.Object({ connected: Type.Boolean(), message: Type.Optional(Type.String()) }, closed),
  }),
  "channels.pairing.list": defineMethod({
    scope: "operator.pairing",
    params: Type.Object({ channel: Type.Optional(ChannelId), accountId: AccountId }, closed),
    result: Type.Object({ requests: Type.Array(ChatPairing) }, closed),
  }),
  /** Lets somebody in. What they wrote meanwhile is answered now. */
  "channels.pairing.approve": defineMethod({
    scope: "operator.pairing",
    params: Type.Object(
      {
        ...PairingChoice,
        /** It is the owner, writing from their own account: may command, and answer approvals. */
        owner: Type.Optional(Type.Boolean()),
        notify: Type.Optional(Type.Boolean()),
        bootstrapCommandOwner: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    result: Decided,
  }),
  "channels.pairing.dismiss": defineMethod({
    scope: "operator.pairing",
    params: Type.Object({ ...PairingChoice, block: Type.Optional(Type.Boolean()) }, closed),
    result: Decided,
  }),
  "channels.people.list": defineMethod({
    scope: "operator.read",
    params: Type.Object({ channel: Type.Optional(ChannelId) }, closed),
    result: Type.Object({ people: Type.Array(ChatPerson) }, closed),
  }),
  "channels.people.set": defineMethod({
    scope: "operator.pairing",
    params: Type.Object(
      {
        channel: ChannelId,
        accountId: AccountId,
        senderId: Type.String({ minLength: 1, maxLength: 256 }),
        /** Null: forgotten; a stranger again. */
        role: Type.Union([PersonRole, Type.Null()]),
      },
      closed,
    ),
    result: Ok,
  }),
  /** Newest first. Without `state`: what needs a look (failed, expired, may-have-been-sent) and what waits. */
  "outbox.list": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        state: Type.Optional(OutboxState),
        channel: Type.Optional(ChannelId),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
      },
      closed,
    ),
    result: Type.Object({ items: Type.Array(OutboxItem) }, closed),
  }),
  /** Sends again what failed, expired or may have been sent. The owner's decision, never made by itself. */
  "outbox.retry": defineMethod({
    scope: "operator.write",
    params: Type.Object({ id: Id }, closed),
    result: Ok,
  }),
  "outbox.cancel": defineMethod({
    scope: "operator.write",
    params: Type.Object({ id: Id }, closed),
    result: Ok,
  }),
  /**
   * Writes to a chat as Gatehouse, by hand. Answers once the row is committed; with `wait` when it was delivered, or
   * throws UNAVAILABLE with the platform's reason.
   */
  send: defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        channel: Type.Optional(ChannelId),
        accountId: AccountId,
        to: Type.String({ minLength: 1, maxLength: 256 }),
        text: Type.Optional(Type.String({ maxLength: 400_000 })),
        /** The peer's name for `text`. */
        message: Type.Optional(Type.String({ maxLength: 400_000 })),
        media: Type.Optional(Attachment),
        threadId: Type.Optional(Type.String({ maxLength: 256 })),
        replyToId: Type.Optional(Type.String({ maxLength: 256 })),
        sessionKey: Type.Optional(SessionKeyString),
        idempotencyKey: IdempotencyKey,
        wait: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    result: Type.Object({ id: Type.String(), status: OutboxState }, closed),
  }),
  /** Writes into a conversation of a channel as its owner: the person there reads it, and the assistant knows of it. */
  "sessions.say": defineMethod({
    scope: "operator.write",
    params: Type.Object(
      {
        key: SessionKeyString,
        text: Type.String({ minLength: 1, maxLength: 400_000 }),
        idempotencyKey: IdempotencyKey,
      },
      closed,
    ),
    result: Type.Object({ id: Type.String(), messageId: Type.String() }, closed),
  }),
  /** Taken over: what comes is kept and shown, and the assistant stays silent until it is given back. */
  "sessions.takeOver": defineMethod({
    scope: "operator.write",
    params: Type.Object({ key: SessionKeyString, taken: Type.Boolean() }, closed),
    result: Ok,
  }),
} as const;
