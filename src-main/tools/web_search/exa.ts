/** Exa's search API (docs.exa.ai, `POST /search`). */
import type { SearchProvider } from "./contract.ts";
import { readPages } from "./json-answer.ts";

export const exa: SearchProvider = {
  id: "exa",
  label: "Exa",
  baseUrl: "https://api.exa.ai",
  needsKey: true,
  toRequest: (query, limit, { baseUrl, key = "" }) => ({
    url: `${baseUrl}/search`,
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query, numResults: limit, contents: { text: { maxCharacters: 500 } } }),
  }),
  readAnswer: (text) =>
    readPages(text, ["results"], (entry) => entry["text"] ?? entry["summary"] ?? entry["highlights"]),
};
