/** models.*: who can answer, whether a key works, and taking up what was found on this computer. */
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import type { ProviderOffer } from "#main/protocol/methods/config.ts";
import type { Configured } from "#main/providers/registry.ts";
import { ACCOUNTS } from "#main/secrets/contract.ts";
import { findEnvironmentKeys, type EnvironmentKey } from "#main/secrets/environment.ts";
import { invalid, type HandlersOf } from "../dispatch.ts";
import { present } from "../present.ts";
import type { MethodDeps } from "./deps.ts";
import { dropSecret, requirePlace } from "./keep-secret.ts";

const PROBE_TIMEOUT_MS = 15_000;

export function createModelHandlers(deps: MethodDeps): HandlersOf<"models"> {
  const { catalogue, providers, secrets, clock } = deps;
  return {
    "models.list": async ({ refresh, provider }) => {
      const models = await catalogue.list(refresh === true);
      return { models: provider === undefined ? models : models.filter((model) => model.provider === provider) };
    },
    "models.probe": async (params) => {
      const result = await catalogue.probe(toProbed(deps, params), params.timeoutMs ?? PROBE_TIMEOUT_MS);
      return { provider: params.provider, ...result };
    },
    "models.authStatus": async () => {
      const { backend, canStore, problem } = secrets;
      return {
        ts: clock.now(),
        providers: providers.statuses(),
        offers: await findOffers(deps),
        secrets: { backend, canStore, ...present({ message: problem }) },
      };
    },
    "models.provider.save": (params) => saveProvider(deps, params),
    "models.provider.remove": async ({ provider }) => {
      const { llm } = deps.config.current;
      const isDefault = llm.model?.startsWith(`${provider}/`) === true;
      const patch = { llm: { providers: { [provider]: null }, ...(isDefault ? { model: null } : {}) } };
      const change = await deps.config.patch(patch, undefined);
      await dropSecret(secrets, ACCOUNTS.providerKey(provider));
      catalogue.forget(provider);
      return { ok: true, hash: change.state.hash };
    },
    "models.offer.accept": (params) => acceptOffer(deps, params),
  };
}

/** What is to be tested: the given values, or what is configured. */
function toProbed(deps: MethodDeps, params: MethodParams<"models.probe">): Configured {
  const known = deps.providers.find(params.provider);
  const kindName = params.kind ?? known?.kind.kind ?? params.provider;
  const kind = deps.providers.kindOf(kindName);
  if (!kind) throw invalid(`there is no provider kind "${kindName}"`);
  const isNew = params.apiKey !== undefined || params.baseUrl !== undefined || !known;
  if (!isNew) return known;
  const baseUrl = params.baseUrl ?? (params.apiKey === undefined ? known?.config.baseUrl : undefined);
  if (baseUrl !== undefined && baseUrl !== "") requireUrl(baseUrl);
  // A kept key goes only to the address it was kept for.
  const keepsKey = params.apiKey === undefined && isSameHost(baseUrl, known?.config.baseUrl);
  const key = params.apiKey ?? (keepsKey && known ? deps.providers.keyOf(known.id, known.config).key : undefined);
  return deps.providers.create(kind, keepsKey ? params.provider : `${params.provider} (not saved)`, {
    ...present({ apiKey: key || undefined, baseUrl: baseUrl || undefined }),
    ...present({ headers: keepsKey ? known?.config.headers : undefined }),
  });
}

function requireUrl(text: string): void {
  const url = URL.parse(text);
  if (!url) {
    throw invalid(`"${text.slice(0, 200)}" is not an address; write it with http:// or https://`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid("the address must begin with http:// or https://");
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid("the address may not hold a user name or password; use the key field");
  }
}

function isSameHost(a: string | undefined, b: string | undefined): boolean {
  const hostOf = (value: string | undefined) =>
    value === undefined || value === "" ? "" : URL.canParse(value) ? new URL(value).host : value;
  return hostOf(a) === hostOf(b);
}

async function saveProvider(
  deps: MethodDeps,
  params: MethodParams<"models.provider.save">,
): Promise<MethodResult<"models.provider.save">> {
  const { provider, kind, baseUrl } = params;
  if (baseUrl !== undefined && baseUrl !== "") requireUrl(baseUrl);
  const known = deps.config.current.llm.providers[provider];
  const hasKey = known !== undefined && deps.providers.keyOf(provider, known).key !== undefined;
  if (params.apiKey === undefined && hasKey && baseUrl !== undefined && !isSameHost(baseUrl, known?.baseUrl)) {
    throw invalid("the address changed: enter the key again, so that it is not sent to a new place unasked");
  }
  const keySource = await keepKey(deps, provider, params.apiKey, params.consentFile === true);
  const entry = {
    kind,
    ...(baseUrl === undefined ? {} : { baseUrl: baseUrl === "" ? null : baseUrl }),
    // A key written in plain text gives way to the one that is kept now.
    ...(params.apiKey === undefined ? {} : { apiKey: null }),
  };
  const model = params.model === undefined ? {} : { model: `${provider}/${params.model}` };
  const change = await deps.config.patch({ llm: { ...model, providers: { [provider]: entry } } }, undefined);
  deps.catalogue.forget(provider);
  return { ok: true, hash: change.state.hash, keySource };
}

/** Keeps a key in the secrets. @returns where it is now */
async function keepKey(
  deps: MethodDeps,
  provider: string,
  apiKey: string | undefined,
  consentFile: boolean,
): Promise<string> {
  const { secrets } = deps;
  const account = ACCOUNTS.providerKey(provider);
  if (apiKey === undefined) return secrets.get(account) === undefined ? "none" : secrets.backend;
  const key = apiKey.trim();
  if (key === "") {
    await dropSecret(secrets, account);
    return "none";
  }
  const hint = "no keychain: agree to an encrypted file, or set the key as an environment variable";
  await requirePlace(secrets, consentFile, hint);
  await secrets.set(account, key);
  return secrets.backend;
}

function toOffer(found: EnvironmentKey): ProviderOffer {
  return {
    id: `environment:${found.variable}`,
    provider: found.provider,
    kind: found.kind,
    label: found.provider === "anthropic" ? "Anthropic" : found.provider === "openai" ? "OpenAI" : found.provider,
    source: "environment",
    detail: found.variable,
  };
}

async function findOffers(deps: MethodDeps): Promise<ProviderOffer[]> {
  const ready = new Set(deps.providers.statuses().flatMap((one) => (one.status === "ready" ? [one.provider] : [])));
  const keys = findEnvironmentKeys(deps.env).map(toOffer);
  const servers = await deps.catalogue.findLocalServers();
  return [...keys, ...servers].filter((offer) => !ready.has(offer.provider));
}

async function acceptOffer(
  deps: MethodDeps,
  params: MethodParams<"models.offer.accept">,
): Promise<MethodResult<"models.offer.accept">> {
  const offer = (await findOffers(deps)).find((one) => one.id === params.id);
  if (!offer) throw invalid("this offer is no longer there");
  const key = findEnvironmentKeys(deps.env).find((one) => toOffer(one).id === offer.id);
  const saved = await saveProvider(deps, {
    provider: offer.provider,
    kind: offer.kind === "anthropic" ? "anthropic" : "openai",
    ...present({ apiKey: key?.value, baseUrl: offer.baseUrl, model: params.model }),
    consentFile: params.consentFile === true,
  });
  return { ok: true, provider: offer.provider, hash: saved.hash };
}
