/**
 * Reads a shell text into a tree, as bash would without aliases. Must never throw, hang, or read a text as less than
 * it is: what it does not understand is unreadable.
 */
import { Refused } from "#main/base/errors.ts";
import {
  MAX_DEPTH,
  MAX_GUESSES,
  unreadable,
  type Command,
  type Compound,
  type Cursor,
  type Pipeline,
  type Redirect,
  type Script,
  type Simple,
  type Word,
} from "./ast.ts";
import { endsWord, isAtEnd, match, readWord, tryArithmetic } from "./word.ts";

/** Characters of a command that is read at all. */
const MAX_LENGTH = 100_000;

/**
 * What a text must not hold anywhere: control characters, spaces that are none to a shell, marks that turn the reading
 * direction, halves of characters. Each lets a text look like another one.
 */
const DECEPTIVE =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u00a0\u00ad\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]|\u034f|\p{Surrogate}|[\u{e0000}-\u{e0fff}]/u;

export type Parsed = { ok: true; script: Script } | { ok: false; why: string };

/** True for text with characters that hide what it says. */
export function isDeceptive(text: string): boolean {
  return DECEPTIVE.test(text);
}

/** Parses a whole text. `why` completes "the command cannot be read: …". */
export function parseShell(text: string): Parsed {
  if (text.length > MAX_LENGTH) return { ok: false, why: "it is too long" };
  if (isDeceptive(text)) return { ok: false, why: "it holds control characters or unusual spaces" };
  const cursor: Cursor = { text, at: 0, depth: 0, hereDocs: [], guesses: { left: MAX_GUESSES } };
  try {
    const script = readList(cursor);
    if (cursor.at < text.length) throw unreadable(`'${text[cursor.at]}' is out of place`);
    if (cursor.hereDocs.length > 0) throw unreadable("a here-document has no end");
    if (script.items.length === 0) throw unreadable("it is empty");
    return { ok: true, script };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, why: error.message };
    throw error;
  }
}

const BLANK = /(?:[ \t]|\\\n)+/y;
const COMMENT = /#[^\n]*/y;
const OPERATOR = /&&|\|\||;;&|;;|;&|\|&|&>>|&>|<<<|<<-|<<|>>|<&|>&|<>|>\||[|&;()<>\n]/y;
const KEYWORD =
  /(?:if|then|elif|else|fi|for|select|while|until|do|done|case|esac|in|function|time|coproc|\[\[|[{}!])(?=[ \t\n|&;()<>]|$)/y;
const CLOSING: ReadonlySet<string> = new Set(["then", "elif", "else", "fi", "do", "done", "esac", "}"]);

function skipBlank(cursor: Cursor): void {
  match(BLANK, cursor);
  if (cursor.text[cursor.at] === "#") match(COMMENT, cursor);
}

/** Blanks, comments and line breaks; behind a line break the here-documents announced before it. */
function skipLines(cursor: Cursor): void {
  for (;;) {
    skipBlank(cursor);
    if (cursor.text[cursor.at] !== "\n") return;
    cursor.at++;
    readHereDocs(cursor);
  }
}

function peek(pattern: RegExp, cursor: Cursor): string | undefined {
  pattern.lastIndex = cursor.at;
  return pattern.exec(cursor.text)?.[0];
}

function readHereDocs(cursor: Cursor): void {
  for (const { delimiter, stripsTabs } of cursor.hereDocs.splice(0)) {
    for (;;) {
      if (cursor.at >= cursor.text.length) throw unreadable("a here-document has no end");
      const end = cursor.text.indexOf("\n", cursor.at);
      const line = cursor.text.slice(cursor.at, end < 0 ? undefined : end);
      cursor.at = end < 0 ? cursor.text.length : end + 1;
      if ((stripsTabs ? line.replace(/^\t+/, "") : line) === delimiter) break;
    }
  }
}

/** Commands up to what ends them here: the end of the text, `)`, `;;`, or a keyword that closes. */
function readList(cursor: Cursor): Script {
  const items: Script["items"] = [];
  if (++cursor.depth > MAX_DEPTH) throw unreadable("it is nested too deep");
  for (;;) {
    skipLines(cursor);
    const char = cursor.text[cursor.at];
    if (char === undefined || char === ")" || peek(OPERATOR, cursor)?.startsWith(";") === true) break;
    if (CLOSING.has(peek(KEYWORD, cursor) ?? "")) break;
    const pipeline = readPipeline(cursor);
    skipBlank(cursor);
    const operator = peek(OPERATOR, cursor);
    const after = operator === "&&" || operator === "||" || operator === ";" || operator === "&" ? operator : undefined;
    if (after !== undefined) cursor.at += after.length;
    items.push({ pipeline, after: after ?? (operator === "\n" ? "\n" : "") });
    if (after === undefined && operator !== "\n") break;
    if (after === "&&" || after === "||") expectCommand(cursor, after);
  }
  cursor.depth--;
  return { items };
}

/** After `&&`, `||` and `|` a command must follow, if need be on a later line. */
function expectCommand(cursor: Cursor, operator: string): void {
  skipLines(cursor);
  const next = cursor.text[cursor.at];
  if (next === undefined || ")&|;".includes(next)) throw unreadable(`nothing follows ${operator}`);
}

function readPipeline(cursor: Cursor): Pipeline {
  let isMarked = false;
  for (;;) {
    const keyword = peek(KEYWORD, cursor);
    if (keyword !== "!" && keyword !== "time") break;
    cursor.at += keyword.length;
    isMarked = true;
    skipBlank(cursor);
    if (keyword === "time") match(/-p(?=[ \t])/y, cursor);
    skipBlank(cursor);
  }
  const commands: Command[] = [];
  for (;;) {
    commands.push(readCommand(cursor));
    skipBlank(cursor);
    const operator = peek(OPERATOR, cursor);
    if (operator !== "|" && operator !== "|&") return { isMarked, commands };
    cursor.at += operator.length;
    expectCommand(cursor, operator);
  }
}

function readCommand(cursor: Cursor): Command {
  const keyword = peek(KEYWORD, cursor);
  if (cursor.text[cursor.at] === "(") return withRedirects(cursor, readParenthesized(cursor));
  if (keyword === undefined) return readSimple(cursor);
  const reader = COMPOUNDS[keyword];
  if (reader === undefined) throw unreadable(`'${keyword}' is out of place`);
  cursor.at += keyword.length;
  if (++cursor.depth > MAX_DEPTH) throw unreadable("it is nested too deep");
  const compound = withRedirects(cursor, reader(cursor));
  cursor.depth--;
  return compound;
}

type Reading = Omit<Compound, "redirects">;

const COMPOUNDS: Readonly<Record<string, (cursor: Cursor) => Reading>> = {
  "{": (cursor) => ({ type: "group", bodies: [readUntil(cursor, "}")], words: [] }),
  if: readIf,
  while: readWhile,
  until: readWhile,
  for: readFor,
  select: readFor,
  case: readCase,
  function: (cursor) => {
    skipBlank(cursor);
    readWord(cursor, readSubstitution);
    skipBlank(cursor);
    match(/\([ \t]*\)/y, cursor);
    return readFunctionBody(cursor);
  },
  "[[": readTest,
  coproc: (cursor) => {
    skipBlank(cursor);
    return { type: "coproc", bodies: [{ items: [{ pipeline: readPipeline(cursor), after: "" }] }], words: [] };
  },
};

function withRedirects(cursor: Cursor, compound: Reading): Compound {
  const redirects: Redirect[] = [];
  for (;;) {
    skipBlank(cursor);
    const redirect = readRedirect(cursor);
    if (redirect === undefined) return { ...compound, redirects };
    redirects.push(redirect);
  }
}

/** A list that a keyword closes. */
function readUntil(cursor: Cursor, ...closing: string[]): Script {
  const script = readList(cursor);
  const keyword = match(KEYWORD, cursor);
  if (keyword === undefined || !closing.includes(keyword)) throw unreadable(`'${closing[0]}' is missing`);
  if (script.items.length === 0) throw unreadable(`nothing stands before '${keyword}'`);
  return script;
}

/** The inside of `$(…)`, `<(…)` and backquotes: the cursor behind the opening, afterwards behind the closing. */
function readSubstitution(cursor: Cursor): Script {
  const script = readList(cursor);
  if (cursor.text[cursor.at] !== ")") throw unreadable("a ( is not closed");
  cursor.at++;
  return script;
}

function readParenthesized(cursor: Cursor): Reading {
  if (cursor.text.startsWith("((", cursor.at)) {
    const bodies = tryArithmetic(cursor, readSubstitution);
    if (bodies !== undefined) return { type: "arithmetic", bodies, words: [] };
  }
  cursor.at++;
  return { type: "subshell", bodies: [readSubstitution(cursor)], words: [] };
}

function readIf(cursor: Cursor): Reading {
  const bodies = [readUntil(cursor, "then")];
  for (;;) {
    const start = cursor.at;
    bodies.push(readUntil(cursor, "fi", "elif", "else"));
    const keyword = /(fi|elif|else)$/.exec(cursor.text.slice(start, cursor.at))?.[0];
    if (keyword === "fi") return { type: "if", bodies, words: [] };
    bodies.push(readUntil(cursor, keyword === "elif" ? "then" : "fi"));
    if (keyword === "else") return { type: "if", bodies, words: [] };
  }
}

function readWhile(cursor: Cursor): Reading {
  return { type: "loop", bodies: [readUntil(cursor, "do"), readUntil(cursor, "done")], words: [] };
}

function readFor(cursor: Cursor): Reading {
  skipBlank(cursor);
  const words: Word[] = [];
  const bodies: Script[] = [];
  if (cursor.text.startsWith("((", cursor.at)) {
    const arithmetic = tryArithmetic(cursor, readSubstitution);
    if (arithmetic === undefined) throw unreadable("a (( is not closed");
    bodies.push(...arithmetic);
  } else {
    if (endsWord(cursor.text[cursor.at])) throw unreadable("a loop has no variable");
    readWord(cursor, readSubstitution);
    skipLines(cursor);
    if (peek(KEYWORD, cursor) === "in") {
      cursor.at += 2;
      words.push(...readWords(cursor));
    }
  }
  skipBlank(cursor);
  if (cursor.text[cursor.at] === ";") cursor.at++;
  skipLines(cursor);
  const keyword = match(KEYWORD, cursor);
  if (keyword !== "do" && keyword !== "{") throw unreadable("'do' is missing");
  bodies.push(readUntil(cursor, keyword === "do" ? "done" : "}"));
  return { type: "loop", bodies, words };
}

function readWords(cursor: Cursor): Word[] {
  const words: Word[] = [];
  for (;;) {
    skipBlank(cursor);
    if (isAtEnd(cursor)) return words;
    words.push(readWord(cursor, readSubstitution));
  }
}

function readCase(cursor: Cursor): Reading {
  skipBlank(cursor);
  const words = [readWord(cursor, readSubstitution)];
  skipLines(cursor);
  if (match(KEYWORD, cursor) !== "in") throw unreadable("'in' is missing");
  const bodies: Script[] = [];
  for (;;) {
    skipLines(cursor);
    if (peek(KEYWORD, cursor) === "esac") {
      cursor.at += 4;
      return { type: "case", bodies, words };
    }
    if (cursor.text[cursor.at] === "(") cursor.at++;
    for (;;) {
      const patterns = readWords(cursor);
      if (patterns.length !== 1) throw unreadable("a pattern of 'case' is missing");
      words.push(...patterns);
      const next = cursor.text[cursor.at++];
      if (next === ")") break;
      if (next !== "|") throw unreadable("a pattern of 'case' is not closed");
    }
    bodies.push(readList(cursor));
    const end = match(/;;&|;;|;&/y, cursor);
    if (end === undefined && peek(KEYWORD, cursor) !== "esac") throw unreadable("'esac' is missing");
  }
}

/** `[[ … ]]`: its words; its operators decide nothing here. */
function readTest(cursor: Cursor): Reading {
  const words: Word[] = [];
  for (;;) {
    skipLines(cursor);
    const char = cursor.text[cursor.at];
    if (char === undefined || char === ";") throw unreadable("a [[ is not closed");
    if (match(/\]\](?=[ \t\n|&;()<>]|$)/y, cursor) !== undefined) return { type: "test", bodies: [], words };
    if (match(/&&|\|\||[()|&]|[<>](?!\()/y, cursor) === undefined) words.push(readWord(cursor, readSubstitution));
  }
}

function readFunctionBody(cursor: Cursor): Reading {
  skipLines(cursor);
  const body = readCommand(cursor);
  if (body.type === "simple") throw unreadable("a function has no body");
  const pipeline: Pipeline = { isMarked: false, commands: [body] };
  return { type: "function", bodies: [{ items: [{ pipeline, after: "" }] }], words: [] };
}

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=/;

function readSimple(cursor: Cursor): Command {
  const simple: Simple = { type: "simple", assignments: [], words: [], redirects: [] };
  for (;;) {
    skipBlank(cursor);
    const redirect = readRedirect(cursor);
    if (redirect !== undefined) {
      simple.redirects.push(redirect);
      continue;
    }
    if (isAtEnd(cursor)) break;
    const word = readWord(cursor, readSubstitution);
    if (simple.words.length > 0 || !ASSIGNMENT.test(word.raw)) simple.words.push(word);
    else {
      simple.assignments.push(word);
      if (cursor.text[cursor.at] === "(" && word.raw.endsWith("=")) readArray(cursor, simple);
    }
  }
  if (cursor.text[cursor.at] === "(") return readFunction(cursor, simple);
  if (simple.words.length + simple.assignments.length + simple.redirects.length > 0) return simple;
  throw unreadable("a command is missing");
}

function readArray(cursor: Cursor, simple: Simple): void {
  cursor.at++;
  for (;;) {
    simple.assignments.push(...readWords(cursor));
    skipLines(cursor);
    const char = cursor.text[cursor.at];
    if (char === ")") break;
    if (char === undefined || endsWord(char)) throw unreadable("a list of values is not closed");
  }
  cursor.at++;
}

function readFunction(cursor: Cursor, simple: Simple): Compound {
  const isName = simple.words.length === 1 && simple.assignments.length + simple.redirects.length === 0;
  if (!isName || match(/\([ \t]*\)/y, cursor) === undefined) throw unreadable("'(' is out of place");
  if (++cursor.depth > MAX_DEPTH) throw unreadable("it is nested too deep");
  const body = readFunctionBody(cursor);
  cursor.depth--;
  return { ...body, redirects: [] };
}

const REDIRECT = /(?:[0-9]+|\{[A-Za-z_][A-Za-z0-9_]*\})?(?:&>>|&>|<<<|<<-|<<|>>|<&|>&|<>|>\||[<>](?!\())/y;

function readRedirect(cursor: Cursor): Redirect | undefined {
  const found = match(REDIRECT, cursor);
  if (found === undefined) return undefined;
  const op = found.replace(/^([0-9]+|\{.*\})/, "");
  skipBlank(cursor);
  if (isAtEnd(cursor)) throw unreadable(`nothing follows ${op}`);
  const target = readWord(cursor, readSubstitution);
  if (op === "<<" || op === "<<-") {
    // The delimiter is never expanded, only freed of its quotes.
    const delimiter = target.parts.map((part) => (part.type === "expansion" ? target.raw : part.text)).join("");
    cursor.hereDocs.push({ delimiter, stripsTabs: op === "<<-" });
  }
  return { op, target };
}
