/** Search results as a model reads them: plain text, short, only addresses of the web. Pure. */
import type { FoundPage } from "./contract.ts";

const MAX_TITLE = 150;
const MAX_SNIPPET = 400;
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** At most `limit` pages, each address once, cleaned of HTML. */
export function cleanPages(pages: readonly FoundPage[], limit: number): FoundPage[] {
  const seen = new Set<string>();
  const clean: FoundPage[] = [];
  for (const { title, url, snippet } of pages) {
    if (clean.length >= limit) break;
    if (url.length > 2048 || !URL.canParse(url)) continue;
    const { href, protocol } = new URL(url);
    if ((protocol !== "http:" && protocol !== "https:") || seen.has(href)) continue;
    seen.add(href);
    clean.push({ title: plain(title, MAX_TITLE) || href, url: href, snippet: plain(snippet, MAX_SNIPPET) });
  }
  return clean;
}

export function toList(pages: readonly FoundPage[]): string {
  return pages
    .map(({ title, url, snippet }, index) => [`${index + 1}. ${title}`, url, snippet].filter(Boolean).join("\n   "))
    .join("\n\n");
}

function plain(text: string, limit: number): string {
  const short = text.slice(0, limit * 10).replace(/<[^<>]{0,500}>/g, "");
  const decoded = short.replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]{2,5}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal));
  });
  const line = decoded.toWellFormed().replace(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 1).toWellFormed()}…` : line;
}
