/** From the configuration and the secrets to the settings of each account. Pure, but for looking secrets up. */
import type { TSchema } from "typebox";
import { channelSections, type ChannelConfig, type Config } from "#main/config/schema.ts";
import { ACCOUNTS, type SecretStore } from "#main/secrets/contract.ts";
import type { AnyChannel } from "./contract.ts";

export const DEFAULT_ACCOUNT = "default";

/** One account as it is to run. */
export interface AccountSettings {
  channel: string;
  account: string;
  plug: AnyChannel;
  enabled: boolean;
  /** Defaults filled in, secrets looked up. */
  values: Record<string, unknown>;
  /** Why it cannot start, in words that name the key. */
  problem?: string;
}

interface FieldSchema {
  default?: unknown;
  type?: unknown;
  "x-secret"?: unknown;
}

/** The declared fields of a channel's own settings. */
export function fieldsOf(schema: TSchema): Readonly<Record<string, FieldSchema>> {
  return "properties" in schema ? (schema.properties as Record<string, FieldSchema>) : {};
}

/** A copy of `written` with the schema's defaults where something is missing. */
export function withDefaults(schema: TSchema, written: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const filled: Record<string, unknown> = { ...written };
  for (const [key, field] of Object.entries(fieldsOf(schema))) {
    if (filled[key] === undefined && field.default !== undefined) filled[key] = structuredClone(field.default);
  }
  return filled;
}

/** The rules of an account: those of the channel, with what the account says otherwise. */
export function rulesOf(config: Pick<Config, "channels">, channel: string, account: string): ChannelConfig {
  const { accounts, ...section } = channelSections(config)[channel] ?? {};
  return account === DEFAULT_ACCOUNT ? section : { ...section, ...(accounts?.[account] as ChannelConfig | undefined) };
}

/** Every account that the configuration names. A section without `accounts` is one account, `default`. */
export function readAccounts(deps: {
  channels: readonly AnyChannel[];
  config: { current: Pick<Config, "channels"> };
  secrets: SecretStore;
  platform: NodeJS.Platform;
}): AccountSettings[] {
  const { current } = deps.config;
  const found: AccountSettings[] = [];
  for (const [channel, section] of Object.entries(channelSections(current))) {
    const plug = deps.channels.find(({ id }) => id === channel);
    if (!plug) continue;
    const accounts = Object.keys(section.accounts ?? {});
    for (const account of accounts.length === 0 ? [DEFAULT_ACCOUNT] : accounts) {
      const settings = toAccount(deps, plug, account, rulesOf(current, channel, account));
      found.push(withoutTwin(settings, found));
    }
  }
  return found;
}

/** Two accounts with the same credentials would take each other's messages: the second is refused, not the luckier one. */
function withoutTwin(settings: AccountSettings, others: readonly AccountSettings[]): AccountSettings {
  const secrets = Object.entries(fieldsOf(settings.plug.settings)).filter(([, field]) => field["x-secret"] === true);
  const isSame = (other: AccountSettings) =>
    other.channel === settings.channel &&
    other.enabled &&
    secrets.some(([key]) => (settings.values[key] ?? "") !== "" && settings.values[key] === other.values[key]);
  const twin = settings.enabled ? others.find(isSame) : undefined;
  if (!twin) return settings;
  return { ...settings, problem: `it has the same credentials as the account "${twin.account}"; give it its own` };
}

function toAccount(
  { secrets, platform }: { secrets: SecretStore; platform: NodeJS.Platform },
  plug: AnyChannel,
  account: string,
  rules: ChannelConfig,
): AccountSettings {
  const written = rules as Record<string, unknown>;
  const fields = fieldsOf(plug.settings);
  const own = Object.fromEntries(Object.keys(fields).map((key) => [key, written[key]]));
  for (const [key, field] of Object.entries(fields)) {
    // YAML reads a number without quotes as one; ids and phone numbers are texts.
    if (field.type === "string" && typeof own[key] === "number") own[key] = String(own[key]);
    if (field["x-secret"] !== true || (own[key] !== undefined && own[key] !== "")) continue;
    own[key] = secrets.get(ACCOUNTS.channelSecret(plug.id, account, key));
  }
  const values = withDefaults(plug.settings, own);
  const base = { channel: plug.id, account, plug, enabled: rules.enabled !== false, values };
  const problem =
    findWrongType(plug, values) ?? plug.unavailable?.(platform, values as never) ?? plug.check(values as never);
  return problem === undefined ? base : { ...base, problem };
}

/** The first field that holds something else than its kind. */
function findWrongType(plug: AnyChannel, values: Readonly<Record<string, unknown>>): string | undefined {
  for (const [key, field] of Object.entries(fieldsOf(plug.settings))) {
    const value = values[key];
    if (value === undefined) continue;
    const is = Array.isArray(value) ? "array" : typeof value;
    const wants = field.type === "integer" ? "number" : field.type;
    if (typeof wants === "string" && wants !== is) return `channels.${plug.id}.${key} must be a ${wants}, not a ${is}`;
  }
  return undefined;
}
