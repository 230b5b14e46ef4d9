/**
 * Reads one word of a shell text: quoting resolved, globs, tildes and expansions told apart. Must never take for plain
 * text what a shell would replace.
 */
import { MAX_DEPTH, unreadable, type Cursor, type Expansion, type Part, type Script, type Word } from "./ast.ts";
import { readDollarQuote } from "./dollar-quote.ts";

/** Reads a list of commands up to `)`; handed in, because commands hold words and words hold commands. */
export type ScriptReader = (cursor: Cursor) => Script;

/** Characters that mean nothing to a shell anywhere in a word. */
const PLAIN = /[^\s"'\\$`*?[\]{},.~|&;()<>#=!]+/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]/y;
const TILDE = /~[A-Za-z0-9_.+-]*(?=[/\s|&;()<>]|$)/y;

/** True for a character that ends an unquoted word. */
export function endsWord(char: string | undefined): boolean {
  return char === undefined || " \t\n|&;()<>".includes(char);
}

interface Building {
  parts: Part[];
  /** Per open unquoted `{`: whether a comma or `..` came. */
  braces: boolean[];
  isBrace: boolean;
}

/** Reads a word; the cursor stands on its first character. Throws `unreadable`. */
export function readWord(cursor: Cursor, readScript: ScriptReader): Word {
  const start = cursor.at;
  const building: Building = { parts: [], braces: [], isBrace: false };
  const { parts } = building;
  while (!isAtEnd(cursor)) {
    const char = cursor.text[cursor.at] ?? "";
    if (readPlain(cursor, building, char, start)) continue;
    cursor.at++;
    if (char === "'") readSingle(cursor, parts);
    else if (char === '"') readDouble(cursor, parts, readScript);
    else if (char === "\\") readBackslash(cursor, parts);
    else if (char === "`") parts.push(readBackquote(cursor, readScript));
    else if (char === "$") readDollar(cursor, parts, readScript, false);
    else if ((char === "<" || char === ">") && cursor.text[cursor.at] === "(") {
      cursor.at++;
      parts.push({ type: "expansion", kind: "process", script: readScript(cursor) });
    } else addText(parts, char);
  }
  if (building.isBrace) parts.push({ type: "expansion", kind: "brace" });
  return { parts, raw: cursor.text.slice(start, cursor.at) };
}

/** True where a word ends: before `<(` and `>(` it does not. */
export function isAtEnd({ text, at }: Cursor): boolean {
  const char = text[at];
  return endsWord(char) && !((char === "<" || char === ">") && text[at + 1] === "(");
}

/** What needs no look ahead: runs of plain characters, globs, tildes, braces. False when it is none of them. */
function readPlain(cursor: Cursor, building: Building, char: string, start: number): boolean {
  const plain = match(PLAIN, cursor);
  if (plain !== undefined) {
    addText(building.parts, plain);
    return true;
  }
  if (char === "~" && cursor.at === start) {
    const tilde = match(TILDE, cursor);
    if (tilde === undefined) return false;
    building.parts.push({ type: "tilde", text: tilde });
    return true;
  }
  if ("*?[".includes(char)) {
    cursor.at++;
    building.parts.push({ type: "glob", text: char });
    return true;
  }
  if (!"{},.".includes(char)) return false;
  cursor.at++;
  noteBrace(building, char, cursor.text[cursor.at]);
  addText(building.parts, char);
  return true;
}

/** Braces make several words of one when a comma or `..` stands between them: bash manual, "Brace Expansion". */
function noteBrace(building: Building, char: string, next: string | undefined): void {
  const { braces } = building;
  if (char === "{") braces.push(false);
  else if (char === "}") building.isBrace = braces.pop() === true || building.isBrace;
  else if (braces.length > 0 && (char === "," || next === ".")) braces[braces.length - 1] = true;
}

/** The match of a sticky pattern at the cursor, which moves behind it. */
export function match(pattern: RegExp, cursor: Cursor): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found === undefined || found === "") return undefined;
  cursor.at += found.length;
  return found;
}

function addText(parts: Part[], text: string): void {
  const last = parts.at(-1);
  if (last?.type === "text") last.text += text;
  else parts.push({ type: "text", text });
}

function readSingle(cursor: Cursor, parts: Part[]): void {
  const end = cursor.text.indexOf("'", cursor.at);
  if (end < 0) throw unreadable("a quote is not closed");
  addText(parts, cursor.text.slice(cursor.at, end));
  cursor.at = end + 1;
}

function readBackslash(cursor: Cursor, parts: Part[]): void {
  const char = cursor.text[cursor.at++];
  if (char === undefined) throw unreadable("it ends in a backslash");
  if (char !== "\n") addText(parts, char);
}

const DOUBLE_PLAIN = /[^"\\$`]+/y;

function readDouble(cursor: Cursor, parts: Part[], readScript: ScriptReader): void {
  addText(parts, "");
  for (;;) {
    const plain = match(DOUBLE_PLAIN, cursor);
    if (plain !== undefined) addText(parts, plain);
    const char = cursor.text[cursor.at++];
    if (char === '"') return;
    if (char === undefined) throw unreadable("a quote is not closed");
    if (char === "`") parts.push(readBackquote(cursor, readScript));
    else if (char === "$") readDollar(cursor, parts, readScript, true);
    else if (char === "\\") {
      const next = cursor.text[cursor.at];
      if (next === undefined || !'$`"\\\n'.includes(next)) addText(parts, "\\");
      else readBackslash(cursor, parts);
    }
  }
}

/** What follows a `$`, the cursor behind it. */
function readDollar(cursor: Cursor, parts: Part[], readScript: ScriptReader, isQuoted: boolean): void {
  const { text } = cursor;
  const char = text[cursor.at];
  if (char === "(") return void parts.push(readParenthesis(cursor, readScript));
  if (char === "{") {
    cursor.at++;
    return void parts.push({ type: "expansion", kind: "parameter", ...scriptsIn(skipTo(cursor, "}", readScript)) });
  }
  if (char === "[") {
    cursor.at++;
    return void parts.push({ type: "expansion", kind: "arithmetic", ...scriptsIn(skipTo(cursor, "]", readScript)) });
  }
  if (char === "'" && !isQuoted) {
    cursor.at++;
    return addText(parts, readDollarQuote(cursor));
  }
  if (char === '"' && !isQuoted) {
    cursor.at++;
    readDouble(cursor, parts, readScript);
    return void parts.push({ type: "expansion", kind: "translation" });
  }
  if (match(NAME, cursor) !== undefined) return void parts.push({ type: "expansion", kind: "parameter" });
  return addText(parts, "$");
}

/** `$((…))` or `$(…)`. What is no arithmetic is a command that begins with a subshell. */
function readParenthesis(cursor: Cursor, readScript: ScriptReader): Expansion {
  const start = cursor.at;
  if (cursor.text.startsWith("((", start)) {
    const scripts = tryArithmetic(cursor, readScript);
    if (scripts !== undefined) return { type: "expansion", kind: "arithmetic", ...scriptsIn(scripts) };
  }
  cursor.at = start + 1;
  return { type: "expansion", kind: "command", script: readScript(cursor) };
}

/** The cursor on `((`; behind `))` afterwards, or undefined where it is none. */
export function tryArithmetic(cursor: Cursor, readScript: ScriptReader): Script[] | undefined {
  const { at: start, depth } = cursor;
  const hereDocs = cursor.hereDocs.length;
  if (cursor.guesses.left <= 0) throw unreadable("it is too entangled");
  cursor.at += 2;
  try {
    const scripts = skipTo(cursor, ")", readScript);
    if (cursor.text[cursor.at] === ")") {
      cursor.at++;
      return scripts;
    }
  } catch {
    // Read again as commands; those say what is wrong.
  }
  cursor.guesses.left--;
  cursor.at = start;
  cursor.depth = depth;
  cursor.hereDocs.length = hereDocs;
  return undefined;
}

function scriptsIn(scripts: readonly Script[]): { script?: Script } {
  return scripts.length === 0 ? {} : { script: { items: scripts.flatMap(({ items }) => items) } };
}

const OPENING: Readonly<Record<string, string>> = { "}": "{", "]": "[", ")": "(" };

/** Moves behind the closing character that fits, over quotes and what is nested. Gives the commands met on the way. */
function skipTo(cursor: Cursor, close: string, readScript: ScriptReader): Script[] {
  const scripts: Script[] = [];
  const opening = OPENING[close];
  if (++cursor.depth > MAX_DEPTH) throw unreadable("it is nested too deep");
  for (let open = 1; open > 0;) {
    const char = cursor.text[cursor.at++];
    if (char === undefined) throw unreadable(`a ${opening} is not closed`);
    if (char === close) open--;
    else if (char === opening) open++;
    else if (`'"\\$\``.includes(char)) {
      const parts: Part[] = [];
      if (char === "'") readSingle(cursor, parts);
      else if (char === '"') readDouble(cursor, parts, readScript);
      else if (char === "\\") cursor.at++;
      else if (char === "`") parts.push(readBackquote(cursor, readScript));
      else readDollar(cursor, parts, readScript, true);
      for (const part of parts) if (part.type === "expansion" && part.script) scripts.push(part.script);
    }
  }
  cursor.depth--;
  return scripts;
}

/** Old-style substitution: up to the next backquote without a backslash, one level of backslashes taken off. */
function readBackquote(cursor: Cursor, readScript: ScriptReader): Expansion {
  let inner = "";
  for (;;) {
    const char = cursor.text[cursor.at++];
    if (char === undefined) throw unreadable("a backquote is not closed");
    if (char === "`") break;
    const next = cursor.text[cursor.at];
    if (char === "\\" && next !== undefined && "`\\$".includes(next)) {
      inner += next;
      cursor.at++;
    } else inner += char;
  }
  const sub: Cursor = { text: `${inner}\n)`, at: 0, depth: cursor.depth + 1, hereDocs: [], guesses: cursor.guesses };
  const script = readScript(sub);
  if (sub.at !== sub.text.length || sub.hereDocs.length > 0) throw unreadable("a backquote holds a stray parenthesis");
  return { type: "expansion", kind: "command", script };
}
