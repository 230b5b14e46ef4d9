/**
 * What a shell text says, as a tree: the grammar of POSIX shells and of bash, as far as it decides what runs. Types and
 * the questions asked of a word; nothing here is ever expanded or run.
 */
import { Refused } from "#main/base/errors.ts";

/** A piece of a word. */
export type Part =
  /** What stands there in the end, quotes and backslashes resolved. */
  | { type: "text"; text: string }
  /** `*`, `?` or `[`, unquoted. */
  | { type: "glob"; text: string }
  /** `~` or `~name` at the start of a word. */
  | { type: "tilde"; text: string }
  | Expansion;

/** A piece whose value is known only when the shell runs. */
export interface Expansion {
  type: "expansion";
  kind: "parameter" | "command" | "arithmetic" | "process" | "translation" | "brace";
  /** What is run for it, where the shell runs something and it could be read. */
  script?: Script;
}

export interface Word {
  parts: Part[];
  /** As written. */
  raw: string;
}

export interface Redirect {
  /** `>`, `<<`, `&>` … */
  op: string;
  target: Word;
}

export interface Simple {
  type: "simple";
  assignments: Word[];
  words: Word[];
  redirects: Redirect[];
}

export interface Compound {
  type: "subshell" | "group" | "if" | "loop" | "case" | "function" | "arithmetic" | "test" | "coproc";
  /** What it may run, in the order of the text. */
  bodies: Script[];
  /** Words of its head: of a loop, a case, a test. */
  words: Word[];
  redirects: Redirect[];
}

export type Command = Simple | Compound;

export interface Pipeline {
  /** Begins with `!` or `time`. */
  isMarked: boolean;
  commands: Command[];
}

/** Pipelines in order, each with what stands after it: `&&`, `||`, `;`, `&`, a line break, or nothing. */
export interface Script {
  items: { pipeline: Pipeline; after: "&&" | "||" | ";" | "&" | "\n" | "" }[];
}

/** How deep constructs may stand in one another. */
export const MAX_DEPTH = 40;
/** How often `((` may turn out to be no arithmetic: each time the text is read again. */
export const MAX_GUESSES = 20;

/** A place in the text, moved on by whoever reads. */
export interface Cursor {
  readonly text: string;
  at: number;
  depth: number;
  /** Here-documents announced on this line; their bodies begin after it. */
  readonly hereDocs: { delimiter: string; stripsTabs: boolean }[];
  /** Shared by all cursors of one text. */
  readonly guesses: { left: number };
}

/** Thrown where the text is no shell text, and caught where parsing began. */
export function unreadable(what: string): Refused {
  return new Refused("UNREADABLE", what);
}

/** The value of a word that holds nothing the shell would replace, undefined otherwise. */
export function literalOf(word: Word): string | undefined {
  let text = "";
  for (const part of word.parts) {
    if (part.type !== "text") return undefined;
    text += part.text;
  }
  return text;
}

/** The word with globs and tildes as written and all quoting gone: for looking at, not for running. */
export function patternOf(word: Word): string {
  return word.parts.map((part) => (part.type === "expansion" ? "" : part.text)).join("");
}

/** Every simple command of a text, those inside compounds, functions and substitutions too. */
export function simpleCommandsOf(script: Script): Simple[] {
  return script.items.flatMap(({ pipeline }) => pipeline.commands.flatMap(insideCommand));
}

function insideCommand(command: Command): Simple[] {
  const words = [...command.words, ...command.redirects.map(({ target }) => target)];
  if (command.type === "simple") return [command, ...[...command.assignments, ...words].flatMap(insideWord)];
  return [...command.bodies.flatMap(simpleCommandsOf), ...words.flatMap(insideWord)];
}

function insideWord(word: Word): Simple[] {
  return word.parts.flatMap((part) =>
    part.type === "expansion" && part.script !== undefined ? simpleCommandsOf(part.script) : [],
  );
}
