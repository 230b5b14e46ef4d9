/** Chat platforms to look at: how they stand, who waits, what did not go out, a conversation on one. Data only. */
import type {
  ChannelAccount,
  ChannelOffer,
  ChatPairing,
  ChatPerson,
  OutboxItem,
} from "#main/protocol/methods/channels.ts";
import type { RendererGateway } from "./renderer-gateway.ts";

const MINUTE = 60_000;

export function toOffer(id: string, label: string, change: Partial<ChannelOffer> = {}): ChannelOffer {
  return {
    id,
    label,
    summary: `Talk to your assistant on ${label}.`,
    setup: [],
    login: "credentials",
    groups: true,
    schema: { type: "object", properties: {} },
    isConfigured: false,
    settings: {},
    heldSecrets: [],
    ...change,
  };
}

/** With every kind of field that a form can show. */
export const TELEGRAM: ChannelOffer = toOffer("telegram", "Telegram", {
  summary: "A bot of your own that you write to like any contact, in private and in groups.",
  setup: [
    "Open Telegram and write to @BotFather.",
    "Send /newbot, then choose a name and a user name that ends in “bot”.",
    "Copy the token that BotFather answers with, and paste it here.",
  ],
  setupUrl: "https://t.me/BotFather",
  schema: {
    type: "object",
    required: ["token"],
    properties: {
      token: {
        type: "string",
        title: "Bot token",
        description: "From @BotFather, like 123456:ABC-DEF.",
        pattern: "^\\d+:[\\w-]+$",
        "x-secret": true,
      },
      mode: {
        title: "How messages come",
        description: "Polling needs no public address.",
        anyOf: [
          { const: "polling", type: "string" },
          { const: "webhook", type: "string" },
        ],
        default: "polling",
        "x-advanced": true,
      },
      webhookUrl: { type: "string", title: "Public address", "x-advanced": true },
      timeoutSeconds: { type: "integer", title: "Wait per request, seconds", default: 30, "x-advanced": true },
      silent: { type: "boolean", title: "Send without a sound", default: false, "x-advanced": true },
      dmPolicy: { type: "string" },
    },
  },
});

export const WHATSAPP: ChannelOffer = toOffer("whatsapp", "WhatsApp", {
  summary: "Your own number, linked like another device of yours.",
  login: "qr",
});

const OTHERS: readonly ChannelOffer[] = [
  toOffer("twilio", "Twilio", { summary: "SMS and calls with a number that you rent.", groups: false }),
  toOffer("slack", "Slack", { summary: "An app in your workspace, in channels and direct messages." }),
  toOffer("signal", "Signal", { summary: "Private messages through signal-cli on this computer." }),
  toOffer("imessage", "iMessage", {
    summary: "The Messages app of this Mac.",
    unavailable: "Needs a Mac: Messages runs nowhere else.",
  }),
];

/** What a person set up, in every state. */
export function configuredOffers(): ChannelOffer[] {
  return [
    { ...TELEGRAM, isConfigured: true, settings: { enabled: true }, heldSecrets: ["token"] },
    {
      ...WHATSAPP,
      isConfigured: true,
      settings: { enabled: true, dmPolicy: "allowlist", groupPolicy: "disabled", allowFrom: ["+4915123456789"] },
    },
    toOffer("discord", "Discord", {
      summary: "A bot on your server and in direct messages.",
      isConfigured: true,
      settings: { enabled: true, dmPolicy: "disabled", groupPolicy: "open", requireMention: false },
    }),
    ...OTHERS,
  ];
}

export function toAccount(state: ChannelAccount["state"], since: number, change: Partial<ChannelAccount> = {}) {
  return { accountId: "default", state, since, ...change };
}

export function toPairing(requestId: string, now: number, change: Partial<ChatPairing> = {}): ChatPairing {
  return {
    requestId,
    channel: "telegram",
    accountId: "default",
    senderId: "81726354",
    senderName: "Ada Lovelace",
    code: "K7PX4MWD",
    createdAtMs: now,
    expiresAtMs: now + 47 * MINUTE,
    waiting: 2,
    ...change,
  };
}

export function toItem(id: string, now: number, change: Partial<OutboxItem> = {}): OutboxItem {
  return {
    id,
    channel: "telegram",
    accountId: "default",
    to: "81726354",
    toName: "Ada Lovelace",
    state: "failed",
    text: "The train at 9:12 is on time. I moved the dentist to ten o'clock and told the office.",
    attempts: 5,
    error: "Telegram refused it: the bot was blocked by the user",
    createdAtMs: now - 40 * MINUTE,
    ...change,
  };
}

const PEOPLE: readonly ChatPerson[] = [
  { channel: "telegram", accountId: "default", senderId: "5511223", name: "Grace", role: "owner", source: "pairing" },
  { channel: "telegram", accountId: "default", senderId: "7733110", name: "عمر", role: "allowed", source: "window" },
  { channel: "telegram", accountId: "default", senderId: "99120", role: "blocked", source: "window" },
  { channel: "telegram", accountId: "default", senderId: "404404", role: "allowed", source: "config" },
];

/** Answers everything about channels from lists that a test can change by answering anew. */
export function answerChannels(
  gateway: RendererGateway,
  offers: readonly ChannelOffer[],
  accounts: Readonly<Record<string, ChannelAccount[]>>,
  rest: { pairings?: ChatPairing[]; outbox?: OutboxItem[]; people?: readonly ChatPerson[] } = {},
): void {
  const kept = { offers: [...offers], pairings: rest.pairings ?? [], outbox: rest.outbox ?? [] };
  gateway.answer("channels.list", () => ({ channels: kept.offers }));
  gateway.answer("channels.status", () => ({
    ts: 0,
    channelOrder: kept.offers.map(({ id }) => id),
    channelLabels: Object.fromEntries(kept.offers.map(({ id, label }) => [id, label])),
    channels: Object.fromEntries(
      Object.entries(accounts).map(([id, list]) => [
        id,
        { state: list[0]?.state ?? "disabled", since: list[0]?.since ?? 0, accounts: list },
      ]),
    ),
  }));
  gateway.answer("channels.save", ({ channel, settings }) => {
    kept.offers = kept.offers.map((offer) =>
      offer.id === channel ? { ...offer, isConfigured: true, settings: { ...offer.settings, ...settings } } : offer,
    );
    return { ok: true, hash: "hash" };
  });
  gateway.answer("channels.remove", ({ channel }) => {
    kept.offers = kept.offers.map((offer) =>
      offer.id === channel ? { ...offer, isConfigured: false, settings: {}, heldSecrets: [] } : offer,
    );
    return { ok: true };
  });
  for (const method of ["channels.start", "channels.logout", "channels.people.set"] as const) {
    gateway.answer(method, () => ({ ok: true }));
  }
  gateway.answer("channels.pairing.list", () => ({ requests: kept.pairings }));
  const decide = ({ requestId = "" }: { requestId?: string }) => {
    const request = kept.pairings.find((other) => other.requestId === requestId);
    kept.pairings = kept.pairings.filter((other) => other !== request);
    return { requestId, channel: request?.channel ?? "", senderId: request?.senderId ?? "" };
  };
  gateway.answer("channels.pairing.approve", decide);
  gateway.answer("channels.pairing.dismiss", decide);
  gateway.answer("channels.people.list", () => ({ people: [...(rest.people ?? [])] }));
  gateway.answer("outbox.list", () => ({ items: kept.outbox }));
  const drop = ({ id }: { id: string }) => {
    kept.outbox = kept.outbox.filter((item) => item.id !== id);
    return { ok: true } as const;
  };
  gateway.answer("outbox.retry", drop);
  gateway.answer("outbox.cancel", drop);
  gateway.answer("web.login.start", ({ phone }) => (phone ? { code: "WZYEH1YY" } : {}));
  gateway.answer("sessions.takeOver", ({ key, taken }) => {
    const chat = gateway.chats.get(key);
    if (chat) chat.row = { ...chat.row, isTakenOver: taken };
    return { ok: true };
  });
  gateway.answer("sessions.say", ({ idempotencyKey }) => ({ id: "out_1", messageId: `msg_${idempotencyKey}` }));
}

/** A page that looks lived in: one that works, one in trouble, one that lost its connection; requests; dead letters. */
export function fillChannels(gateway: RendererGateway, now: number): void {
  const accounts = {
    telegram: [
      toAccount("connected", now - 190 * MINUTE, {
        identity: "@ada_gatehouse_bot",
        lastInboundAtMs: now - 4 * MINUTE,
        lastOutboundAtMs: now - 3 * MINUTE,
      }),
    ],
    whatsapp: [
      toAccount("error", now - 12 * MINUTE, {
        identity: "+49 1512 3456789",
        reason: "WhatsApp ended the link: this computer was removed from the linked devices. Link it again.",
        lastInboundAtMs: now - 26 * 60 * MINUTE,
      }),
    ],
    discord: [
      toAccount("disconnected", now - 2 * MINUTE, { identity: "Gatehouse#0417", reason: "No network. Trying again." }),
    ],
  };
  answerChannels(gateway, configuredOffers(), accounts, {
    people: PEOPLE,
    pairings: [
      toPairing("par_1", now - 13 * MINUTE),
      toPairing("par_2", now - MINUTE, {
        channel: "whatsapp",
        senderId: "4917612345678@s.whatsapp.net",
        senderName: "محمد بن عبد العزيز آل سعود الكبير من فريق المبيعات والتسويق",
        code: "H3QVR9TA",
        waiting: 1,
      }),
    ],
    outbox: [
      toItem("out_1", now),
      toItem("out_2", now, {
        channel: "discord",
        toName: "#garden",
        state: "may-have-been-sent",
        attempts: 1,
        text: "Water the tomatoes tonight: tomorrow will be hot.",
        error: "Discord did not answer within 30 s",
      }),
      toItem("out_3", now, { state: "queued", attempts: 2, nextAttemptAtMs: now + 3 * MINUTE, text: "Good night!" }),
    ],
  });
  fillTalk(gateway, now);
}

/** A conversation on Telegram. */
export function fillTalk(gateway: RendererGateway, now: number): void {
  const chat = { channel: "telegram", accountId: "default", chatId: "81726354", name: "Ada Lovelace" };
  const base = { timestamp: now - 5 * MINUTE };
  gateway.addChat(
    "talk",
    "Are you free on Friday?",
    [
      {
        ...base,
        id: "c1",
        role: "user",
        runId: "run-c1",
        content: [{ type: "text", text: "Are you free on Friday?" }],
      },
      {
        ...base,
        id: "c2",
        role: "assistant",
        runId: "run-c1",
        model: "anthropic/claude-sonnet-4-5",
        stopReason: "stop",
        content: [{ type: "text", text: "Friday is open from two o'clock. Shall I hold an hour?" }],
      },
      { ...base, id: "c3", role: "user", runId: "run-c3", content: [{ type: "text", text: "Yes, at three please." }] },
      {
        ...base,
        id: "c4",
        role: "assistant",
        label: "you, by hand",
        content: [{ type: "text", text: "See you then!" }],
      },
    ],
    { channel: "telegram", chat, updatedAt: now - 4 * MINUTE },
  );
  gateway.addChat(
    "group",
    "Garden",
    [
      {
        ...base,
        id: "g1",
        role: "user",
        label: "نورا",
        runId: "run-g1",
        content: [{ type: "text", text: "Who waters the tomatoes?" }],
      },
    ],
    { channel: "discord", kind: "group", chat: { ...chat, channel: "discord", name: "#garden" } },
  );
}

/** Nothing is set up yet. */
export function fillNoChannels(gateway: RendererGateway): void {
  const discord = toOffer("discord", "Discord", { summary: "A bot on your server and in direct messages." });
  answerChannels(gateway, [TELEGRAM, discord, WHATSAPP, ...OTHERS], {});
}
