/** What can be set up, and setting it up: secrets go to the secrets, everything else into the configuration. */
import type { AnyChannel } from "#main/channels/contract.ts";
import { DEFAULT_ACCOUNT, fieldsOf, withDefaults } from "#main/channels/settings.ts";
import { channelSections } from "#main/config/schema.ts";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import { ACCOUNTS } from "#main/secrets/contract.ts";
import { present } from "../../present.ts";
import type { MethodDeps } from "../deps.ts";
import { dropSecret, requirePlace } from "../keep-secret.ts";
import { invalid } from "../../dispatch.ts";

type Deps = Pick<MethodDeps, "channels" | "config" | "secrets">;

const secretNames = (plug: AnyChannel) =>
  Object.entries(fieldsOf(plug.settings)).flatMap(([key, field]) => (field["x-secret"] === true ? [key] : []));

const accountOf = (channel: string, field: string) => ACCOUNTS.channelSecret(channel, DEFAULT_ACCOUNT, field);

export function listOffers({ channels, config, secrets }: Deps): ChannelOffer[] {
  const sections = channelSections(config.current);
  const redacted = channelSections(config.redact(config.current) as typeof config.current);
  return channels.plugs.map((plug): ChannelOffer => {
    const { id, label, summary, setup, setupUrl, capabilities } = plug;
    const section = (sections[id] ?? {}) as Record<string, unknown>;
    const unavailable = plug.unavailable?.(process.platform, withDefaults(plug.settings, section) as never);
    const isHeld = (field: string) => secrets.get(accountOf(id, field)) !== undefined || (section[field] ?? "") !== "";
    return {
      ...{ id, label, summary, setup: [...setup], login: capabilities.login, groups: capabilities.groups },
      schema: JSON.parse(JSON.stringify(plug.settings)) as unknown,
      isConfigured: Object.hasOwn(sections, id),
      settings: (redacted[id] ?? {}) as Record<string, unknown>,
      heldSecrets: secretNames(plug).filter(isHeld),
      ...present({ setupUrl, unavailable }),
    };
  });
}

/** Throws Refused with what is wrong; nothing is written then. */
export async function saveChannel(
  deps: Deps,
  params: MethodParams<"channels.save">,
): Promise<MethodResult<"channels.save">> {
  const plug = requirePlug(deps, params.channel);
  const names = secretNames(plug);
  const isSecret = ([key]: [string, unknown]) => names.includes(key);
  const entries = Object.entries(params.settings);
  const given = entries.filter(isSecret);
  await keepSecrets(deps, plug, given, params.consentFile === true);
  // A secret in plain text gives way to the one that is kept now.
  const section = (channelSections(deps.config.current)[plug.id] ?? {}) as Record<string, unknown>;
  const replaced = given.flatMap(([key]) => (section[key] === undefined ? [] : [[key, null] as const]));
  const rest = entries.filter((entry) => !isSecret(entry));
  const patch = { channels: { [plug.id]: Object.fromEntries([...rest, ...replaced]) } };
  const change = await deps.config.patch(patch, undefined);
  deps.channels.refresh();
  return { ok: true, hash: change.state.hash };
}

/** Takes away settings, secrets and what the platform gave. */
export async function removeChannel(deps: Deps, channel: string): Promise<{ ok: true }> {
  requirePlug(deps, channel);
  for (const live of deps.channels.list()) {
    // It may be unreachable: it is removed here all the same.
    if (live.channel === channel) await live.connection?.logout?.().catch(() => {});
  }
  if (Object.hasOwn(channelSections(deps.config.current), channel)) {
    await deps.config.patch({ channels: { [channel]: null } }, undefined);
  }
  // Those of every account, and the keys without which what the platform gave cannot be read any more.
  const own = deps.secrets.accounts().filter((name) => name.startsWith(ACCOUNTS.ofChannel(channel)));
  for (const name of own) await dropSecret(deps.secrets, name);
  deps.channels.refresh();
  return { ok: true };
}

function requirePlug({ channels }: Deps, channel: string): AnyChannel {
  const plug = channels.plug(channel);
  if (plug) return plug;
  const known = channels.plugs.map(({ id }) => id).join(", ");
  throw invalid(`there is no channel "${channel}"; there are ${known}`);
}

async function keepSecrets(
  { secrets }: Deps,
  plug: AnyChannel,
  given: readonly [string, unknown][],
  consentFile: boolean,
): Promise<void> {
  for (const [key, value] of given) {
    if (value !== null && typeof value !== "string") throw invalid(`${key} must be text`);
  }
  const wanted = given.some(([, value]) => value !== null && value !== "");
  const hint = "no keychain: agree to an encrypted file, or write ${VARIABLE} into the configuration";
  if (wanted) await requirePlace(secrets, consentFile, hint);
  for (const [key, value] of given) {
    const account = accountOf(plug.id, key);
    if (typeof value === "string" && value.trim() !== "") await secrets.set(account, value.trim());
    else await dropSecret(secrets, account);
  }
}
