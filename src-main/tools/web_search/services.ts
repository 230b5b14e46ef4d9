/**
 * The search services, and which of them are asked in which order: the one the owner named, then those with a key or an
 * address, then DuckDuckGo. What they send is somebody else's: no shape of it is trusted. Must never put a key anywhere
 * but into its own service's request.
 */
import { refuse, RemoteError } from "#main/base/errors.ts";
import type { PlanContext } from "../contract.ts";
import type { FoundPage, SearchProvider } from "./contract.ts";
import { duckduckgo } from "./duckduckgo.ts";

const JSON_BODY = { "content-type": "application/json", accept: "application/json" } as const;

/** Exa's search API (docs.exa.ai, `POST /search`). */
const exa: SearchProvider = {
  id: "exa",
  label: "Exa",
  baseUrl: "https://api.exa.ai",
  needsKey: true,
  toRequest: (query, limit, { baseUrl, key = "" }) => ({
    url: `${baseUrl}/search`,
    method: "POST",
    headers: { "x-api-key": key, ...JSON_BODY },
    body: JSON.stringify({ query, numResults: limit, contents: { text: { maxCharacters: 500 } } }),
  }),
  readAnswer: (text) =>
    readPages(text, ["results"], (entry) => entry["text"] ?? entry["summary"] ?? entry["highlights"]),
};

/** Brave's search API (api.search.brave.com, `GET /res/v1/web/search`). Descriptions hold HTML. */
const brave: SearchProvider = {
  id: "brave",
  label: "Brave",
  baseUrl: "https://api.search.brave.com",
  needsKey: true,
  toRequest: (query, limit, { baseUrl, key = "" }) => ({
    url: `${baseUrl}/res/v1/web/search?q=${encodeURIComponent(query)}&count=${limit}`,
    method: "GET",
    headers: { "x-subscription-token": key, accept: "application/json" },
  }),
  readAnswer: (text) => readPages(text, ["web", "results"], (entry) => entry["description"]),
};

/** Tavily's search API (docs.tavily.com, `POST /search`). */
const tavily: SearchProvider = {
  id: "tavily",
  label: "Tavily",
  baseUrl: "https://api.tavily.com",
  needsKey: true,
  toRequest: (query, limit, { baseUrl, key = "" }) => ({
    url: `${baseUrl}/search`,
    method: "POST",
    headers: { authorization: `Bearer ${key}`, ...JSON_BODY },
    body: JSON.stringify({ query, max_results: limit, search_depth: "basic" }),
  }),
  readAnswer: (text) => readPages(text, ["results"], (entry) => entry["content"]),
};

/** A SearXNG instance of the owner's (docs.searxng.org, `GET /search?format=json`); JSON must be on in its settings. */
const searxng: SearchProvider = {
  id: "searxng",
  label: "SearXNG",
  needsKey: false,
  toRequest: (query, _limit, { baseUrl, key }) => ({
    url: `${baseUrl}/search?q=${encodeURIComponent(query)}&format=json`,
    method: "GET",
    headers: { accept: "application/json", ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
  }),
  readAnswer: (text) => readPages(text, ["results"], (entry) => entry["content"]),
};

const PROVIDERS: readonly SearchProvider[] = [exa, brave, tavily, searxng, duckduckgo];

export interface ChosenProvider {
  provider: SearchProvider;
  baseUrl: string;
  key: string | undefined;
}

/** Never empty: DuckDuckGo needs nothing. Throws Refused for an address of a service that is not one. */
export function chooseProviders({ settings, services }: Pick<PlanContext, "settings" | "services">): ChosenProvider[] {
  const named = settings["provider"];
  const ready = PROVIDERS.flatMap((provider) => {
    const section = settings[provider.id];
    const own = typeof section === "object" && section !== null ? (section as Record<string, unknown>) : {};
    const baseUrl = settingOf(own["baseUrl"]) ?? provider.baseUrl;
    const key = services.secret(`search:${provider.id}`) ?? settingOf(own["apiKey"]);
    if (baseUrl !== undefined && !/^https?:\/\/[^\s@]+$/.test(baseUrl)) {
      throw refuse(`tools.web_search.${provider.id}.baseUrl is not an http or https address.`);
    }
    if (baseUrl === undefined || (provider.needsKey && key === undefined)) return [];
    return [{ provider, baseUrl: baseUrl.replace(/\/+$/, ""), key }];
  });
  const first = ready.filter(({ provider }) => provider.id === named);
  return [...first, ...ready.filter(({ provider }) => provider.id !== named)];
}

function settingOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The entries of the list at `path`. Throws RemoteError when there is no such list.
 * @param path names from the top: `["web", "results"]`
 * @param snippetOf the text that says what a page holds
 */
function readPages(text: string, path: readonly string[], snippetOf: (entry: Fields) => unknown): FoundPage[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RemoteError("UNAVAILABLE", "the answer is not JSON", { cause: error });
  }
  for (const name of path) value = isFields(value) ? value[name] : undefined;
  // Services leave the list out when nothing was found.
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new RemoteError("UNAVAILABLE", "the answer holds no list of pages");
  return value.filter(isFields).map((entry) => ({
    title: textOf(entry["title"]),
    url: textOf(entry["url"]),
    snippet: textOf(snippetOf(entry)),
  }));
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.filter((part) => typeof part === "string").join(" … ") : "";
}
