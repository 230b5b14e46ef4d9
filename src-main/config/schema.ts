/** The schema of the configuration, with defaults and the words that the settings form and `config.schema` show. */
import Type, { type Static } from "typebox";

/** Objects stay open: unknown keys warn with their path and are kept. */
const section = <P extends Record<string, Type.TSchema>>(properties: P) => Type.Object(properties);

/** Marks a path whose value is a secret: redacted in `config.get`, offered to be moved to the keychain. */
const secret = (description: string) => Type.Optional(Type.String({ description, "x-secret": true }));

export const ProviderConfig = section({
  kind: Type.Optional(
    Type.String({ description: "anthropic, openai (any compatible endpoint), llama or demo; absent: the name itself" }),
  ),
  apiKey: secret("Key of the service"),
  baseUrl: Type.Optional(Type.String({ description: "Address of the service, with /v1 where it has one" })),
  /** Headers such as Authorization carry keys: their values count as secrets. */
  headers: Type.Optional(Type.Record(Type.String(), Type.String({ "x-secret": true }))),
  models: Type.Optional(
    Type.Array(
      section({
        id: Type.String(),
        name: Type.Optional(Type.String()),
        path: Type.Optional(Type.String()),
        contextWindow: Type.Optional(Type.Integer({ minimum: 256 })),
        maxOutput: Type.Optional(Type.Integer({ minimum: 1 })),
        price: Type.Optional(
          section({
            input: Type.Number({ minimum: 0 }),
            output: Type.Number({ minimum: 0 }),
            cacheRead: Type.Optional(Type.Number({ minimum: 0 })),
            cacheWrite: Type.Optional(Type.Number({ minimum: 0 })),
          }),
        ),
      }),
      { description: "Models offered beside those the service lists, or facts about them" },
    ),
  ),
});

/** Which tools may be used: names, or `group:fs`, `group:web`, `group:runtime`, `group:sessions` … Deny wins. */
export const ToolRules = section({
  allow: Type.Optional(Type.Array(Type.String(), { description: "Only these; empty or absent: all" })),
  deny: Type.Optional(Type.Array(Type.String(), { description: "Never these" })),
  elevated: Type.Optional(Type.Array(Type.String(), { description: "These always ask, but in an elevated session" })),
});

/** As sessions name agents. */
const AGENT_ID = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";
/** A platform's id: YAML reads a bare number as one. */
const PlatformId = Type.Union([Type.String(), Type.Integer()]);

/** What holds in one group, server or workspace. */
const GroupRules = section({
  requireMention: Type.Optional(Type.Boolean()),
  allowFrom: Type.Optional(
    Type.Array(PlatformId, { description: "Only these may write there; absent: everyone there" }),
  ),
});

/** What all channels have; each has settings of its own beside these, which its plug declares and checks. */
export const ChannelConfig = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean({ description: "Absent: on" })),
    dmPolicy: Type.Optional(
      Type.Enum(["pairing", "allowlist", "open", "disabled"], { description: "Direct messages" }),
    ),
    allowFrom: Type.Optional(Type.Array(PlatformId, { description: "Ids of senders who may write" })),
    owners: Type.Optional(Type.Array(PlatformId, { description: "Ids of the owner's own accounts: may command" })),
    groupPolicy: Type.Optional(Type.Enum(["allowlist", "open", "disabled"])),
    requireMention: Type.Optional(Type.Boolean({ description: "In groups only when mentioned or answered" })),
    mentionPatterns: Type.Optional(
      Type.Array(Type.String(), { description: "Regular expressions that count as a mention" }),
    ),
    groups: Type.Optional(Type.Record(Type.String(), GroupRules)),
    guilds: Type.Optional(Type.Record(Type.String(), GroupRules)),
    rateLimit: Type.Optional(
      section({
        perMinute: Type.Optional(Type.Integer({ minimum: 1 })),
        burst: Type.Optional(Type.Integer({ minimum: 1 })),
      }),
    ),
    queue: Type.Optional(
      section({
        mode: Type.Optional(Type.Enum(["steer", "queue", "collect", "interrupt"])),
        debounceMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000 })),
      }),
    ),
    streaming: Type.Optional(Type.Boolean({ description: "Shows long answers while they are written" })),
    agent: Type.Optional(Type.String({ pattern: AGENT_ID, description: "Id of the agent that answers" })),
    accounts: Type.Optional(
      Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), {
        description: "Further accounts by name, each with what differs",
      }),
    ),
  },
  // The plug knows the rest.
  { "x-open": true },
);
export type ChannelConfig = Static<typeof ChannelConfig>;

export const ConfigSchema = section({
  gateway: section({
    host: Type.String({ default: "127.0.0.1", description: "Address to listen on" }),
    port: Type.Integer({ default: 18789, minimum: 0, maximum: 65535, description: "0: a free one" }),
    auth: section({
      mode: Type.Enum(["token", "password"], { default: "token" }),
      token: secret("Shared token; absent: made at the first start and kept with the secrets"),
      password: secret("Shared password, with mode password"),
    }),
    allowedOrigins: Type.Array(Type.String(), { default: [], description: "Web origins that may connect" }),
    allowedHosts: Type.Array(Type.String(), { default: [], description: "Further names in the Host header" }),
    trustedProxies: Type.Array(Type.String(), { default: [] }),
    maxPayload: Type.Integer({ default: 524_288, minimum: 65_536, maximum: 26_214_400 }),
    pairing: section({
      requestSeconds: Type.Integer({ default: 300, minimum: 10 }),
      setupCodeSeconds: Type.Integer({ default: 600, minimum: 10 }),
      autoApproveLocal: Type.Boolean({ default: true }),
      maxDevices: Type.Integer({ default: 50, minimum: 1 }),
      maxPendingDevices: Type.Integer({ default: 25, minimum: 1 }),
    }),
  }),
  llm: section({
    model: Type.Optional(Type.String({ description: "provider/model; absent: the demo" })),
    providers: Type.Record(Type.String(), ProviderConfig, { default: {} }),
    fallbacks: Type.Array(Type.String(), { default: [], description: "provider/model to try when the first fails" }),
    routing: Type.Array(
      section({
        match: Type.Optional(Type.String({ description: "Regular expression on the message" })),
        when: Type.Optional(Type.Enum(["code", "short"])),
        model: Type.String(),
      }),
      { default: [], description: "First rule that fits chooses the model" },
    ),
    idleTimeoutSeconds: Type.Number({ default: 60, minimum: 1, description: "Cuts a hung stream" }),
    maxTokens: Type.Optional(Type.Integer({ minimum: 1 })),
    thinking: Type.Optional(Type.Enum(["off", "minimal", "low", "medium", "high"])),
  }),
  agents: Type.Record(
    Type.String(),
    section({
      name: Type.Optional(Type.String()),
      emoji: Type.Optional(Type.String()),
      workspace: Type.Optional(Type.String()),
      model: Type.Optional(Type.String()),
      system: Type.Optional(Type.String({ description: "Added to the system prompt" })),
      tools: Type.Optional(ToolRules),
    }),
    { default: {} },
  ),
  channels: Type.Object(
    {
      pairingCodeSeconds: Type.Integer({ default: 3600, minimum: 60, description: "How long a pairing code counts" }),
    },
    // Every other key is a channel: `Config["channels"]` says so to the compiler.
    { patternProperties: { "^(?!pairingCodeSeconds$)": ChannelConfig } },
  ),
  /** First that fits: which agent answers whom. */
  bindings: Type.Array(
    section({
      agent: Type.String({ pattern: AGENT_ID }),
      channel: Type.Optional(Type.String()),
      account: Type.Optional(Type.String()),
      chat: Type.Optional(PlatformId),
      sender: Type.Optional(PlatformId),
    }),
    { default: [], description: "Which agent answers whom; the first that fits" },
  ),
  sessions: section({
    scope: Type.Enum(["per-sender", "main", "per-peer", "per-channel-peer", "per-account-channel-peer"], {
      default: "per-sender",
    }),
    identityLinks: Type.Record(Type.String(), Type.Array(Type.String()), {
      default: {},
      description: "One person on several channels: name to channel:id",
    }),
    reset: section({
      daily: Type.String({ default: "04:00" }),
      idleMinutes: Type.Integer({ default: 0, minimum: 0 }),
    }),
    contextTokens: Type.Integer({ default: 128_000, minimum: 256 }),
  }),
  tools: section({
    approvals: section({
      required: Type.Boolean({ default: true, description: "false: nothing up to level 7 asks. Dangerous" }),
      autoApproveLevels: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), {
        default: [1, 2, 3],
        description: "Levels that run without asking",
      }),
      timeoutSeconds: Type.Integer({ default: 120, minimum: 5, maximum: 3600 }),
    }),
    allow: Type.Array(Type.String(), { default: [], description: "Only these tools or groups; empty: all" }),
    deny: Type.Array(Type.String(), { default: [], description: "Never these tools or groups" }),
    elevated: Type.Array(Type.String(), { default: [], description: "These always ask, but in an elevated session" }),
    byChannel: Type.Record(Type.String(), ToolRules, { default: {} }),
    bySender: Type.Record(Type.String(), ToolRules, { default: {}, description: "By channel:sender" }),
    settings: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), {
      default: {},
      description: "Settings of single tools by name",
    }),
  }),
  sandbox: section({
    mode: Type.Enum(["auto", "off", "bwrap", "docker"], { default: "auto" }),
    scope: Type.Enum(["session", "agent", "shared"], { default: "session" }),
    workspace: Type.Enum(["none", "ro", "rw"], { default: "rw" }),
    network: Type.Enum(["none", "bridge"], { default: "none" }),
    limits: section({
      cpus: Type.Optional(Type.Number({ minimum: 0.1 })),
      memoryMb: Type.Integer({ default: 1024, minimum: 64 }),
      processes: Type.Integer({ default: 128, minimum: 4 }),
      fileMb: Type.Integer({ default: 512, minimum: 1 }),
    }),
  }),
  budgets: section({
    dailyUsd: Type.Optional(Type.Number({ minimum: 0, description: "Spend of a day over all models; then it asks" })),
    agents: Type.Record(Type.String(), Type.Number({ minimum: 0 }), {
      default: {},
      description: "US dollars a day by agent",
    }),
    providers: Type.Record(Type.String(), Type.Number({ minimum: 0 }), {
      default: {},
      description: "US dollars a day by provider",
    }),
    maxTurns: Type.Integer({ default: 25, minimum: 1, maximum: 200, description: "Model requests in one answer" }),
    turnSeconds: Type.Integer({
      default: 1800,
      minimum: 10,
      description: "Longest answer, waiting for approvals included",
    }),
  }),
  secrets: section({
    backend: Type.Enum(["auto", "keychain", "file", "environment"], { default: "auto" }),
  }),
  storage: section({
    backend: Type.Enum(["sqlite"], { default: "sqlite" }),
  }),
  logging: section({
    level: Type.Enum(["trace", "debug", "info", "warn", "error"], { default: "info" }),
    format: Type.Enum(["pretty", "compact", "json"], { default: "pretty" }),
  }),
});

export type Config = Static<typeof ConfigSchema>;

/** The sections of channels by name. */
export function channelSections(config: Pick<Config, "channels">): Readonly<Record<string, ChannelConfig>> {
  const { pairingCodeSeconds: _, ...sections } = config.channels;
  return sections as unknown as Record<string, ChannelConfig>;
}
export type ProviderConfig = Static<typeof ProviderConfig>;
export type ToolRules = Static<typeof ToolRules>;

/** Sections of later rooms: known, so that they do not warn, and kept as they are. */
export const RESERVED_SECTIONS = ["voice", "plugins", "canvas", "models"] as const;
