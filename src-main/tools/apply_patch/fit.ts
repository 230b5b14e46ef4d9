/**
 * Puts hunks into a text. A hunk may lie somewhere else than it says, its lines may not be other lines: never a fuzzy
 * match, and never the first of several places unless the patch says which. Pure.
 */
import { Refused } from "#main/base/errors.ts";
import type { Hunk } from "./patch.ts";

/** Comparisons made to name the nearest place when nothing fits. */
const MAX_COMPARISONS = 2_000_000;

interface Lines {
  /** Without newlines; a carriage return stays. */
  lines: string[];
  /** The last line ends with a newline. */
  ended: boolean;
}

/**
 * The text with all hunks applied, in their order.
 * @param path for messages. Throws Refused that says which hunk does not fit, and what is there instead.
 */
export function applyHunks(text: string, hunks: readonly Hunk[], path: string): string {
  const file = toLines(text);
  const { lines, ended } = file;
  const mendsReturns = isWindows(file) && !hunks.some(({ steps }) => steps.some(({ line }) => line.endsWith("\r")));
  // The carriage return belongs to the newline that the last line lacks: given to it here, taken from the last below.
  if (mendsReturns && !ended) lines.push(`${lines.pop() ?? ""}\r`);
  const out: string[] = [];
  let cursor = 0;
  let drift = 0;
  let endedNow = ended;
  for (const [index, hunk] of hunks.entries()) {
    const olds = hunk.steps.filter(({ mark }) => mark !== "+").map(({ line }) => line);
    const at = locate(file, hunk, { olds, cursor, drift, what: `hunk ${index + 1} of '${path}'` });
    out.push(...lines.slice(cursor, at));
    cursor = at;
    for (const { mark, line } of hunk.steps) {
      if (mark === "+") out.push(mendsReturns ? `${line}\r` : line);
      else if (mark === " ") out.push(lines[cursor++] ?? line);
      else cursor++;
    }
    if (hunk.oldStart !== undefined) drift = at - (olds.length === 0 ? hunk.oldStart : hunk.oldStart - 1);
    if (cursor === lines.length) endedNow = endAfter(hunk, ended);
  }
  out.push(...lines.slice(cursor));
  const last = out.pop();
  if (last === undefined) return "";
  out.push(mendsReturns && !endedNow ? last.replace(/\r$/, "") : last);
  return out.join("\n") + (endedNow ? "\n" : "");
}

/** True when every line that ends ends with CR LF. */
function isWindows({ lines, ended }: Lines): boolean {
  const whole = ended ? lines : lines.slice(0, -1);
  return whole.length > 0 && whole.every((line) => line.endsWith("\r"));
}

/** A new file's text. */
export function toNewText(hunks: readonly Hunk[]): string {
  const lines = hunks.flatMap(({ steps }) => steps.filter(({ mark }) => mark === "+").map(({ line }) => line));
  if (lines.length === 0) return "";
  return lines.join("\n") + (hunks.at(-1)?.newUnended === true ? "" : "\n");
}

function toLines(text: string): Lines {
  if (text === "") return { lines: [], ended: true };
  const lines = text.split("\n");
  const ended = lines.at(-1) === "";
  if (ended) lines.pop();
  return { lines, ended };
}

/** Whether the text ends with a newline after a hunk that touches its end. What the patch does not say stays. */
function endAfter(hunk: Hunk, ended: boolean): boolean {
  if (hunk.newUnended === true) return false;
  return hunk.oldUnended === true ? true : ended;
}

interface Search {
  olds: readonly string[];
  /** Lines before it belong to hunks before. */
  cursor: number;
  /** How far earlier hunks lay from where they said. */
  drift: number;
  what: string;
}

function locate(file: Lines, hunk: Hunk, search: Search): number {
  const { lines } = file;
  const { olds, what } = search;
  const start = afterHeaders(lines, hunk, search);
  if (olds.length === 0) return placeOfInsert(lines, hunk, start, search);
  for (const same of [isEqual, isEqualButReturn]) {
    const fits = (at: number) =>
      olds.every((line, i) => same(lines[at + i] ?? "", line)) && mayEnd(file, hunk, at + olds.length);
    const places = findPlaces({ from: start, to: lines.length - olds.length, fits }, hunk, search);
    if (places.length === 1) return places[0] ?? 0;
    if (places.length > 1) {
      const where = places.slice(0, 5).map((at) => at + 1);
      throw refuse(`${what} fits in several places (lines ${where.join(", ")}). Give more context lines, or '@@ …'.`);
    }
  }
  throw refuse(`${what} does not fit. ${nearest(file, hunk, search)}`);
}

/** The nearest to where the patch says; the first after a heading; otherwise all there are, up to six. */
function findPlaces(
  { from, to, fits }: { from: number; to: number; fits: (at: number) => boolean },
  hunk: Hunk,
  { drift }: Search,
): number[] {
  if (hunk.oldStart !== undefined) {
    if (to < from) return [];
    const expected = Math.min(to, Math.max(from, hunk.oldStart - 1 + drift));
    const farthest = Math.max(Math.abs(expected - from), Math.abs(to - expected));
    for (let distance = 0; distance <= farthest; distance++) {
      for (const at of distance === 0 ? [expected] : [expected - distance, expected + distance]) {
        if (at >= from && at <= to && fits(at)) return [at];
      }
    }
    return [];
  }
  const places: number[] = [];
  const most = hunk.headers.length > 0 ? 1 : 6;
  for (let at = from; at <= to && places.length < most; at++) if (fits(at)) places.push(at);
  return places;
}

/** A hunk that says how the file ends fits at its end only. */
function mayEnd({ lines, ended }: Lines, hunk: Hunk, end: number): boolean {
  if (hunk.oldUnended === true) return end === lines.length && !ended;
  return hunk.atEnd === true ? end === lines.length : true;
}

function afterHeaders(lines: readonly string[], hunk: Hunk, { cursor, what }: Search): number {
  let at = cursor;
  for (const header of hunk.headers) {
    const exact = lines.findIndex((line, i) => i >= at && line.trim() === header);
    const found = exact === -1 ? lines.findIndex((line, i) => i >= at && line.trim().startsWith(header)) : exact;
    if (found === -1) throw refuse(`${what}: no line '${header}' after line ${at}.`);
    at = found + 1;
  }
  // The heading itself may be the first line of context.
  return Math.max(cursor, hunk.headers.length > 0 ? at - 1 : at);
}

/** Without old lines there is nothing to look for: the line that the patch names, after its heading, or the end. */
function placeOfInsert(lines: readonly string[], hunk: Hunk, start: number, { cursor, drift, what }: Search): number {
  if (hunk.oldStart === undefined) return hunk.headers.length > 0 && hunk.atEnd !== true ? start + 1 : lines.length;
  const at = hunk.oldStart + drift;
  if (at < cursor || at > lines.length) throw refuse(`${what} does not fit: there is no line ${hunk.oldStart}.`);
  return at;
}

function isEqual(one: string, other: string): boolean {
  return one === other;
}

/** Line ends are not content: a patch made elsewhere may lack the carriage returns of the file. */
function isEqualButReturn(one: string, other: string): boolean {
  return one.replace(/\r$/, "") === other.replace(/\r$/, "");
}

/** Where most of the old lines are, and the first that differs there. */
function nearest({ lines }: Lines, hunk: Hunk, { olds, cursor, drift }: Search): string {
  let best = { at: -1, score: 0 };
  let left = MAX_COMPARISONS;
  const expected = hunk.oldStart === undefined ? cursor : hunk.oldStart - 1 + drift;
  for (let at = 0; at < lines.length && left > 0; at++) {
    const score = olds.filter((line, i) => isEqualButReturn(lines[at + i] ?? "\n", line)).length;
    left -= olds.length;
    const isNearer = score === best.score && Math.abs(at - expected) < Math.abs(best.at - expected);
    if (score > best.score || (score > 0 && isNearer)) best = { at, score };
  }
  if (best.at === -1) return `None of its lines is in the file, which has ${lines.length} lines.`;
  const differs = olds.findIndex((line, i) => !isEqualButReturn(lines[best.at + i] ?? "\n", line));
  if (differs === -1)
    return "Its lines are there, but not where the patch says (before an earlier hunk, or not at the end).";
  const found = lines[best.at + differs];
  const shown = found === undefined ? "the end of the file" : quote(found);
  return `Nearest is line ${best.at + 1}; there line ${best.at + differs + 1} is ${shown}, not ${quote(olds[differs] ?? "")}.`;
}

function quote(line: string): string {
  return JSON.stringify(line.length > 120 ? `${line.slice(0, 120)}…` : line);
}

function refuse(message: string): Refused {
  return new Refused("INVALID_REQUEST", `${message.charAt(0).toUpperCase()}${message.slice(1)}`);
}
