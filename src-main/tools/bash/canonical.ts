/**
 * Words back as shell text: quoted where they must be, with globs and tildes left to the shell. What it writes reads as
 * exactly the same words again.
 */
import type { Word } from "./shell/ast.ts";

/** Characters that no shell takes for anything else, anywhere but at the start of a command. */
const PLAIN = /^[A-Za-z0-9_%+,./:=@^-]+$/;

/** One word of plain text, quoted if need be. */
export function quote(text: string): string {
  if (PLAIN.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A word without expansions, globs and tildes as they were. */
export function quoteWord(word: Word): string {
  const written = word.parts.map((part) => {
    if (part.type === "expansion") return "";
    return part.type === "text" && part.text !== "" ? quote(part.text) : part.text;
  });
  return written.join("") || "''";
}

/** True when the shell has something to put in: a name that fits a pattern, or a home folder. */
export function needsShell(words: readonly Word[]): boolean {
  return words.some((word) => word.parts.some((part) => part.type === "glob" || part.type === "tilde"));
}
