/** Tavily's search API (docs.tavily.com, `POST /search`). */
import type { SearchProvider } from "./contract.ts";
import { readPages } from "./json-answer.ts";

export const tavily: SearchProvider = {
  id: "tavily",
  label: "Tavily",
  baseUrl: "https://api.tavily.com",
  needsKey: true,
  toRequest: (query, limit, { baseUrl, key = "" }) => ({
    url: `${baseUrl}/search`,
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query, max_results: limit, search_depth: "basic" }),
  }),
  readAnswer: (text) => readPages(text, ["results"], (entry) => entry["content"]),
};
