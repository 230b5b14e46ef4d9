/** config.*, models.*, secrets and usage. */
import Type, { type Static } from "typebox";
import { defineMethod } from "../method.ts";
import { closed, NoParams } from "./common.ts";

const Issue = Type.Object({ path: Type.String(), message: Type.String() }, closed);

/** As written and in force, secrets redacted in both (`"__REDACTED__"`). A redacted value written back is left alone. */
const ConfigSnapshot = Type.Object(
  {
    path: Type.String(),
    exists: Type.Boolean(),
    /** Changes with every byte of the file: the base of `config.set` and `config.patch`. */
    hash: Type.String(),
    config: Type.Unknown(),
    resolved: Type.Unknown(),
    valid: Type.Boolean(),
    issues: Type.Array(Issue),
    warnings: Type.Array(Issue),
  },
  closed,
);
export type ConfigSnapshot = Static<typeof ConfigSnapshot>;

const ConfigWrite = Type.Object(
  {
    ok: Type.Literal(true),
    path: Type.String(),
    hash: Type.String(),
    changedPaths: Type.Array(Type.String()),
    config: Type.Unknown(),
  },
  closed,
);

const Raw = Type.Object(
  {
    /** JSON5. For `set` the whole tree, for `patch` a merge patch (RFC 7396: `null` removes). */
    raw: Type.String({ maxLength: 2_000_000 }),
    baseHash: Type.Optional(Type.String({ maxLength: 128 })),
    note: Type.Optional(Type.String({ maxLength: 1000 })),
    sessionKey: Type.Optional(Type.String({ maxLength: 512 })),
    restartDelayMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);

export const ModelRow = Type.Object(
  {
    /** Model id without the provider. */
    id: Type.String(),
    name: Type.String(),
    provider: Type.String(),
    /** `provider/model`, as configuration and requests name it. */
    ref: Type.String(),
    available: Type.Boolean(),
    unavailableReason: Type.Optional(Type.String()),
    contextWindow: Type.Optional(Type.Integer()),
    reasoning: Type.Optional(Type.Boolean()),
    input: Type.Optional(Type.Array(Type.String())),
    isDefault: Type.Boolean(),
  },
  closed,
);
export type ModelRow = Static<typeof ModelRow>;

const ProbeStatus = Type.Union([
  Type.Literal("ok"),
  Type.Literal("auth"),
  Type.Literal("rate_limit"),
  Type.Literal("billing"),
  Type.Literal("timeout"),
  Type.Literal("format"),
  Type.Literal("unknown"),
  Type.Literal("no_model"),
]);

export const ProviderStatus = Type.Object(
  {
    provider: Type.String(),
    kind: Type.String(),
    label: Type.String(),
    baseUrl: Type.Optional(Type.String()),
    status: Type.Union([
      Type.Literal("ready"),
      Type.Literal("missing-key"),
      Type.Literal("off"),
      Type.Literal("error"),
    ]),
    /** Where the key comes from: keychain, file, environment, config (in plain text), none needed. */
    keySource: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
  },
  closed,
);
export type ProviderStatus = Static<typeof ProviderStatus>;

/** Something found on this computer that could answer: a key in the environment, a local server. Nothing is used unasked. */
export const ProviderOffer = Type.Object(
  {
    id: Type.String(),
    provider: Type.String(),
    kind: Type.String(),
    label: Type.String(),
    source: Type.Union([Type.Literal("environment"), Type.Literal("local-server")]),
    detail: Type.String(),
    baseUrl: Type.Optional(Type.String()),
    models: Type.Optional(Type.Array(Type.String())),
  },
  closed,
);
export type ProviderOffer = Static<typeof ProviderOffer>;

const Totals = Type.Object(
  {
    requests: Type.Integer(),
    input: Type.Integer(),
    output: Type.Integer(),
    cacheRead: Type.Integer(),
    cacheWrite: Type.Integer(),
    totalTokens: Type.Integer(),
    totalCost: Type.Number(),
    /** Requests whose price is not known: the cost is then a lower bound. */
    missingCostEntries: Type.Integer(),
  },
  closed,
);

export const configMethods = {
  "config.get": defineMethod({ scope: "operator.read", params: NoParams, result: ConfigSnapshot }),
  "config.set": defineMethod({ scope: "operator.admin", params: Raw, result: ConfigWrite }),
  "config.patch": defineMethod({ scope: "operator.admin", params: Raw, result: ConfigWrite }),
  "config.schema": defineMethod({
    scope: "operator.read",
    params: NoParams,
    result: Type.Object(
      { schema: Type.Unknown(), uiHints: Type.Unknown(), version: Type.String(), generatedAt: Type.String() },
      closed,
    ),
  }),
  "models.list": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        agentId: Type.Optional(Type.String({ maxLength: 64 })),
        refresh: Type.Optional(Type.Boolean()),
        view: Type.Optional(Type.String({ maxLength: 32 })),
        /** Only models of this provider. */
        provider: Type.Optional(Type.String({ maxLength: 64 })),
        /** Sent by the peer's clients; all that is known of a model is in its row anyway. */
        includeDetails: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    result: Type.Object({ models: Type.Array(ModelRow) }, closed),
  }),
  "models.probe": defineMethod({
    scope: "operator.admin",
    params: Type.Object(
      {
        provider: Type.String({ minLength: 1, maxLength: 64 }),
        /** Values to test before they are saved; absent: what is configured. */
        kind: Type.Optional(Type.String({ maxLength: 32 })),
        apiKey: Type.Optional(Type.String({ maxLength: 4096 })),
        baseUrl: Type.Optional(Type.String({ maxLength: 2048 })),
        model: Type.Optional(Type.String({ maxLength: 200 })),
        timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 120_000 })),
      },
      closed,
    ),
    result: Type.Object(
      {
        provider: Type.String(),
        status: ProbeStatus,
        latencyMs: Type.Optional(Type.Integer()),
        error: Type.Optional(Type.String()),
        /** Ids the endpoint lists. */
        models: Type.Array(Type.String()),
      },
      closed,
    ),
  }),
  "models.authStatus": defineMethod({
    scope: "operator.read",
    params: Type.Object({ refresh: Type.Optional(Type.Boolean()) }, closed),
    result: Type.Object(
      {
        ts: Type.Integer(),
        providers: Type.Array(ProviderStatus),
        offers: Type.Array(ProviderOffer),
        secrets: Type.Object(
          { backend: Type.String(), canStore: Type.Boolean(), message: Type.Optional(Type.String()) },
          closed,
        ),
      },
      closed,
    ),
  }),
  /** Writes a provider into the configuration and its key into the secrets; what was there is replaced. */
  "models.provider.save": defineMethod({
    scope: "operator.admin",
    params: Type.Object(
      {
        provider: Type.String({ pattern: "^[a-z][a-z0-9-]{0,31}$" }),
        kind: Type.Union([Type.Literal("anthropic"), Type.Literal("openai")]),
        apiKey: Type.Optional(Type.String({ maxLength: 4096 })),
        baseUrl: Type.Optional(Type.String({ maxLength: 2048 })),
        /** Makes this the default model, without the provider's name. */
        model: Type.Optional(Type.String({ maxLength: 200 })),
        /** Agrees that the key is kept in an encrypted file when there is no keychain. */
        consentFile: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    result: Type.Object({ ok: Type.Literal(true), hash: Type.String(), keySource: Type.String() }, closed),
  }),
  "models.provider.remove": defineMethod({
    scope: "operator.admin",
    params: Type.Object({ provider: Type.String({ minLength: 1, maxLength: 64 }) }, closed),
    result: Type.Object({ ok: Type.Literal(true), hash: Type.String() }, closed),
  }),
  /** Takes up an offer of `models.authStatus`: moves the key to the secrets, or adds the local server. */
  "models.offer.accept": defineMethod({
    scope: "operator.admin",
    params: Type.Object(
      {
        id: Type.String({ minLength: 1, maxLength: 128 }),
        model: Type.Optional(Type.String({ maxLength: 200 })),
        consentFile: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    result: Type.Object({ ok: Type.Literal(true), provider: Type.String(), hash: Type.String() }, closed),
  }),
  "usage.status": defineMethod({
    scope: "operator.read",
    params: NoParams,
    result: Type.Object({ updatedAt: Type.Integer(), providers: Type.Array(Type.Unknown()), today: Totals }, closed),
  }),
  "usage.cost": defineMethod({
    scope: "operator.read",
    params: Type.Object(
      {
        days: Type.Optional(Type.Integer({ minimum: 1, maximum: 366 })),
        sessionKey: Type.Optional(Type.String({ maxLength: 512 })),
      },
      closed,
    ),
    result: Type.Object(
      {
        updatedAt: Type.Integer(),
        days: Type.Integer(),
        /** One row a day that has any, local time, oldest first. `date` is YYYY-MM-DD. */
        daily: Type.Array(Type.Object({ date: Type.String(), totals: Totals }, closed)),
        byModel: Type.Array(Type.Object({ model: Type.String(), totals: Totals }, closed)),
        totals: Totals,
      },
      closed,
    ),
  }),
} as const;

export type UsageTotals = Static<typeof Totals>;
