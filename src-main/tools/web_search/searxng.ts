/** A SearXNG instance of the owner's (docs.searxng.org, `GET /search?format=json`); JSON must be on in its settings. */
import type { SearchProvider } from "./contract.ts";
import { readPages } from "./json-answer.ts";

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
