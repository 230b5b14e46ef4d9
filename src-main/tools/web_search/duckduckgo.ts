/**
 * DuckDuckGo's page for browsers without scripts (html.duckduckgo.com/html). Not an API: read by its class names, and
 * what cannot be read is said. Linear in the length of the page.
 */
import { RemoteError } from "#main/base/errors.ts";
import type { FoundPage, SearchProvider } from "./contract.ts";

const RESULT = 'class="result__a"';
const SNIPPET = 'class="result__snippet"';
/** Entries that are looked at; a page holds about thirty. */
const MAX_RESULTS = 100;
/** Characters between the beginning of a tag and its class. */
const MAX_TAG = 300;
/** Characters of one entry that are looked at. */
const MAX_ENTRY = 10_000;

export const duckduckgo: SearchProvider = {
  id: "duckduckgo",
  label: "DuckDuckGo",
  baseUrl: "https://html.duckduckgo.com",
  needsKey: false,
  toRequest: (query, _limit, { baseUrl }) => ({
    url: `${baseUrl}/html/?q=${encodeURIComponent(query)}`,
    method: "GET",
    headers: { accept: "text/html", "user-agent": "Mozilla/5.0 (compatible; Gatehouse)" },
  }),
  readAnswer(text) {
    const found = readResults(text);
    if (found.length > 0 || /class="no-results"|No\s+results/i.test(text)) return found;
    throw new RemoteError("UNAVAILABLE", "the page holds no results; it may ask whether a person searches");
  },
};

function readResults(html: string): FoundPage[] {
  const found: FoundPage[] = [];
  for (let at = html.indexOf(RESULT), seen = 0; at >= 0 && seen < MAX_RESULTS; seen++) {
    const next = html.indexOf(RESULT, at + RESULT.length);
    const from = Math.max(0, at - MAX_TAG);
    const start = from + Math.max(0, html.slice(from, at).lastIndexOf("<"));
    const entry = html.slice(start, Math.min(next < 0 ? html.length : next, at + MAX_ENTRY));
    const url = targetOf(/^<a\s[^>]{0,3000}?href="([^"]{1,3000})"/.exec(entry)?.[1] ?? "");
    const snippetAt = entry.indexOf(SNIPPET);
    // Advertisements lead over a counter of DuckDuckGo's own.
    if (url !== undefined) {
      found.push({ url, title: elementText(entry, 0), snippet: snippetAt < 0 ? "" : elementText(entry, snippetAt) });
    }
    at = next;
  }
  return found;
}

/** What stands in the element that is open at `from`, tags included. */
function elementText(entry: string, from: number): string {
  const start = entry.indexOf(">", from);
  const end = entry.indexOf("</a>", start);
  return start < 0 ? "" : entry.slice(start + 1, end < 0 ? undefined : end);
}

/** `//duckduckgo.com/l/?uddg=ADDRESS&rut=…` leads to ADDRESS. Undefined for advertisements. */
function targetOf(href: string): string | undefined {
  const address = href.replaceAll("&amp;", "&");
  if (!URL.canParse(address, "https://duckduckgo.com")) return undefined;
  const url = new URL(address, "https://duckduckgo.com");
  if (!/(^|\.)duckduckgo\.com$/.test(url.hostname)) return url.href;
  return url.pathname === "/l/" ? (url.searchParams.get("uddg") ?? undefined) : undefined;
}
