/**
 * File name patterns: `*`, `?`, `[a-z]`, `[!a]`, `{a,b}`, and `**` for any number of folders. Names that begin with a dot
 * are names like others. Pure; takes time in proportion to the name, whatever the pattern.
 */
import { Refused } from "../errors.ts";
import { compilePattern, PatternTooLarge, type Matcher, type Pattern } from "./automaton.ts";

const MAX_LENGTH = 1000;
const MAX_DEPTH = 10;
const SLASH = 47;
const notSlash: Pattern = { kind: "set", has: (codePoint) => codePoint !== SLASH };
const slash: Pattern = { kind: "set", has: (codePoint) => codePoint === SLASH };

/**
 * A matcher of paths relative to a folder, with `/`.
 * @param anyFolder a pattern without a slash means the name in whatever folder, as in ripgrep's `--glob`
 * Throws Refused for a pattern that leaves, is not closed, or is too large.
 */
export function compileGlob(pattern: string, { anyFolder = false } = {}): Matcher {
  const clean = pattern.replace(/^(\.\/)+/, "");
  if (clean.length > MAX_LENGTH) throw refuse(pattern, `is longer than ${MAX_LENGTH} characters`);
  if (clean.startsWith("/")) throw refuse(pattern, "begins with /; patterns are relative, path names the folder");
  if (clean.split("/").includes("..")) throw refuse(pattern, "holds ..; patterns stay below the folder");
  const whole = anyFolder && !clean.includes("/") ? `**/${clean}` : clean;
  const reader = { chars: [...whole], at: 0, pattern };
  try {
    return compilePattern(readSequence(reader, 0), "whole");
  } catch (error) {
    if (error instanceof PatternTooLarge) throw refuse(pattern, "is too large");
    throw error;
  }
}

/** The folder that all matches of a pattern lie in: what stands before the first special character. */
export function folderOfGlob(pattern: string): string {
  const clean = pattern.replace(/^(\.\/)+/, "");
  const special = clean.search(/[*?[{\\]/);
  const plain = special === -1 ? clean : clean.slice(0, special);
  return plain.slice(0, Math.max(0, plain.lastIndexOf("/")));
}

interface Reader {
  chars: readonly string[];
  at: number;
  pattern: string;
}

/** Up to the end, or inside braces up to `,` or `}`. */
function readSequence(reader: Reader, depth: number): Pattern {
  const items: Pattern[] = [];
  while (reader.at < reader.chars.length) {
    const char = reader.chars[reader.at] ?? "";
    if (depth > 0 && (char === "," || char === "}")) break;
    reader.at++;
    if (char === "*") items.push(readStars(reader));
    else if (char === "?") items.push(notSlash);
    else if (char === "[") items.push(readSet(reader));
    else if (char === "{") items.push(readChoice(reader, depth + 1));
    else if (char === "\\") items.push(literal(reader.chars[reader.at++] ?? "\\"));
    else items.push(literal(char));
  }
  return { kind: "sequence", items };
}

function literal(char: string): Pattern {
  const wanted = char.codePointAt(0) ?? 0;
  return { kind: "set", has: (codePoint) => codePoint === wanted };
}

/** `**` alone between slashes: any folders; anything else: within one name. */
function readStars(reader: Reader): Pattern {
  const before = reader.chars[reader.at - 2];
  const first = reader.at;
  while (reader.chars[reader.at] === "*") reader.at++;
  const after = reader.chars[reader.at];
  const many = (item: Pattern, min: number): Pattern => ({ kind: "repeat", item, min, max: Number.POSITIVE_INFINITY });
  const isAlone = reader.at - first === 1 && (before === undefined || before === "/");
  if (!isAlone || (after !== undefined && after !== "/")) return many(notSlash, 0);
  if (after === undefined) return many({ kind: "set", has: () => true }, 1);
  reader.at++;
  return many({ kind: "sequence", items: [many(notSlash, 1), slash] }, 0);
}

function readSet(reader: Reader): Pattern {
  const isNot = reader.chars[reader.at] === "!" || reader.chars[reader.at] === "^";
  if (isNot) reader.at++;
  const ranges: [number, number][] = [];
  for (let isFirst = true; ; isFirst = false) {
    let char = reader.chars[reader.at++];
    if (char === undefined) throw refuse(reader.pattern, "has a [ that is not closed");
    if (char === "]" && !isFirst) break;
    if (char === "\\") char = reader.chars[reader.at++] ?? "\\";
    const from = char.codePointAt(0) ?? 0;
    const isRange = reader.chars[reader.at] === "-" && (reader.chars[reader.at + 1] ?? "]") !== "]";
    if (isRange) reader.at++;
    const to = isRange ? (reader.chars[reader.at++]?.codePointAt(0) ?? from) : from;
    ranges.push([from, to]);
  }
  const inside = (codePoint: number) => ranges.some(([from, to]) => codePoint >= from && codePoint <= to);
  return { kind: "set", has: (codePoint) => codePoint !== SLASH && inside(codePoint) !== isNot };
}

function readChoice(reader: Reader, depth: number): Pattern {
  if (depth > MAX_DEPTH) throw refuse(reader.pattern, "has too many braces inside each other");
  const items: Pattern[] = [];
  for (;;) {
    items.push(readSequence(reader, depth));
    const end = reader.chars[reader.at++];
    if (end === "}") return { kind: "choice", items };
    if (end === undefined) throw refuse(reader.pattern, "has a { that is not closed");
  }
}

function refuse(pattern: string, what: string): Refused {
  const shown = pattern.length > 100 ? `${pattern.slice(0, 100)}…` : pattern;
  return new Refused("INVALID_REQUEST", `The pattern '${shown.toWellFormed()}' ${what}.`);
}
