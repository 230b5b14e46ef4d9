/** Brave's search API (api.search.brave.com, `GET /res/v1/web/search`). Descriptions hold HTML. */
import type { SearchProvider } from "./contract.ts";
import { readPages } from "./json-answer.ts";

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
