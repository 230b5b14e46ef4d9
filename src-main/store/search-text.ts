/**
 * Words for the full-text index. Chinese, Japanese and Korean are written without spaces, so each of their characters
 * becomes a word of its own, and a query for several of them a phrase. Pure; used for what is stored and what is asked.
 */

/** Han, Hiragana, Katakana, Hangul, and the marks that go with them. */
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** The text as it goes into the index. */
export function toSearchText(text: string): string {
  return text.replace(CJK, " $& ");
}

/**
 * An FTS5 query: every word must occur, the last one may be a beginning. Quotes around every word keep the query
 * language out. Undefined when there is nothing to look for.
 */
export function toSearchQuery(input: string): string | undefined {
  const words = input
    .trim()
    .split(/\s+/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (words.length === 0) return undefined;
  return words
    .map((word, index) => {
      const phrase = `"${toSearchText(word).trim().replaceAll('"', " ")}"`;
      return index === words.length - 1 ? `${phrase}*` : phrase;
    })
    .join(" AND ");
}

/** A piece of `text` of about `length` characters around the first word of the query that occurs in it. */
export function toSnippet(text: string, input: string, length = 160): string {
  const flat = text.replace(/\s+/gu, " ").trim();
  const lower = flat.toLowerCase();
  const hits = input
    .toLowerCase()
    .split(/\s+/u)
    .map((word) => (word === "" ? -1 : lower.indexOf(word)))
    .filter((at) => at >= 0);
  const at = hits.length > 0 ? Math.min(...hits) : 0;
  let from = Math.max(0, at - Math.floor(length / 3));
  // Never begins with the second half of a surrogate pair.
  if (from > 0 && /[\uDC00-\uDFFF]/.test(flat.charAt(from))) from += 1;
  const points = [...flat.slice(from)];
  const piece = points.slice(0, length).join("");
  return `${from > 0 ? "…" : ""}${piece}${points.length > length ? "…" : ""}`;
}
