/** The search services that answer in JSON. What they send is somebody else's: no shape of it is trusted. */
import { RemoteError } from "#main/base/errors.ts";
import type { FoundPage, SearchProvider } from "./contract.ts";

const JSON_BODY = { "content-type": "application/json", accept: "application/json" } as const;

/** Exa's search API (docs.exa.ai, `POST /search`). */
export const exa: SearchProvider = {
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
export const brave: SearchProvider = {
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
export const tavily: SearchProvider = {
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
export const searxng: SearchProvider = {
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
