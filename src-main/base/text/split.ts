/**
 * Cuts a long Markdown text into parts that each fit one message: at paragraphs where it can, else at lines, sentences,
 * words, and at last between what a reader sees as one character. A code block that is cut is closed and opened again.
 * Pure.
 */

/** Parts are not made smaller than this share of the room only to end at a better place. */
const LEAST_SHARE = 0.4;
const MANY_TIMES = 8;
const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n`]*)$/gm;

/**
 * @param max in the unit of `measure`, at least 16
 * @param measure length of a part as the platform counts it, after rendering; grows with the text
 * @returns at least one part; none is empty unless the text is
 */
export function splitMarkdown(
  markdown: string,
  max: number,
  measure: (part: string) => number = (part) => part.length,
): string[] {
  const parts: string[] = [];
  let rest = markdown.toWellFormed().trim();
  let prefix = "";
  // What is many times too long need not be measured whole again for each part.
  while (rest.length > max * MANY_TIMES || measure(prefix + rest) > max) {
    const fits = (length: number) => measure(close(prefix + rest.slice(0, length))) <= max;
    const longest = findLongest(Math.min(rest.length - 1, max), fits);
    let cut = toBoundary(rest, longest);
    while (cut > 1 && !fits(cut)) cut = toBoundary(rest, Math.floor(cut * 0.8));
    const part = prefix + rest.slice(0, cut);
    const open = openFence(part);
    parts.push(close(part.trimEnd()));
    rest = open === undefined ? rest.slice(cut).trimStart() : rest.slice(cut).replace(/^\n/, "");
    prefix = open === undefined ? "" : `${open}\n`;
  }
  if (rest !== "" || parts.length === 0) parts.push(prefix + rest);
  return parts;
}

/** The largest length up to `limit` that fits, at least 1. */
function findLongest(limit: number, fits: (length: number) => boolean): number {
  let low = 1;
  let high = Math.max(1, limit);
  if (fits(high)) return high;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The best place to cut at or before `longest`. */
function toBoundary(text: string, longest: number): number {
  const room = text.slice(0, longest);
  const least = Math.floor(longest * LEAST_SHARE);
  for (const pattern of [/\n\s*\n/g, /\n/g, /[.!?…。！？]["')\]]*\s/g, /\s/g]) {
    let best = 0;
    for (const match of room.matchAll(pattern)) best = match.index + match[0].length;
    if (best > least) return best;
  }
  return toCharacterEnd(text, longest);
}

/** Between two characters as a reader sees them, near the end of the room. */
function toCharacterEnd(text: string, longest: number): number {
  const from = Math.max(0, longest - 64);
  const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  let end = 0;
  for (const { index } of segmenter.segment(text.slice(from, longest + 64))) {
    if (from + index > longest) break;
    end = from + index;
  }
  if (end > from) return end;
  // One character longer than the room: then at least no half of a code point.
  const isInPair = /^[\uDC00-\uDFFF]/.test(text.slice(longest));
  return Math.max(1, isInPair && longest > 1 ? longest - 1 : isInPair ? 2 : longest);
}

/** The line that opened a code block which is still open at the end. */
function openFence(text: string): string | undefined {
  let open: string | undefined;
  for (const [line, mark = "", info = ""] of text.matchAll(FENCE)) {
    if (open === undefined) open = line.trim();
    else if (mark[0] === open[0] && mark.length >= (/^(`+|~+)/.exec(open)?.[0].length ?? 3) && info.trim() === "") {
      open = undefined;
    }
  }
  return open;
}

function close(text: string): string {
  const open = openFence(text);
  return open === undefined ? text : `${text.trimEnd()}\n${/^(`+|~+)/.exec(open)?.[0] ?? "```"}`;
}
