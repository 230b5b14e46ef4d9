/** Replaces text in text, exactly once or everywhere. Pure; must never change anything beside what was named. */
import { refuse } from "#main/base/errors.ts";

/** Characters of the whole text afterwards. */
const MAX_RESULT = 10 * 1024 * 1024;

export interface Replacement {
  /** For messages. */
  path: string;
  old: string;
  fresh: string;
  all: boolean;
}

/**
 * In a file whose lines all end with CR LF, text given with plain newlines means those lines.
 * Throws Refused, in words for the model, when the text is not there, there several times, or would not change.
 * @returns the new text and how many places were replaced
 */
export function replaceText(text: string, given: Replacement): { text: string; count: number } {
  const { path, all } = given;
  if (given.old === given.fresh) throw refuse("old_string and new_string are identical; nothing to replace.");
  if (!given.old.isWellFormed() || !given.fresh.isWellFormed()) {
    throw refuse("old_string or new_string holds half a character (a lone surrogate); nothing was replaced.");
  }
  const { old, fresh } = isWindows(text) ? toWindows(given) : given;
  const count = countOf(text, old);
  if (count === 0) {
    throw refuse(`old_string not found in '${path}'. It must match exactly, spaces and line ends included.`);
  }
  if (count > 1 && !all) {
    throw refuse(
      `old_string found ${count} times in '${path}'. Give more of the text around it, or set replace_all to true.`,
    );
  }
  if (text.length + count * (fresh.length - old.length) > MAX_RESULT) {
    throw refuse(`The result would be larger than ${MAX_RESULT} characters; nothing was replaced.`);
  }
  return { text: text.split(old).join(fresh), count };
}

/** True when the text has lines and every one of them ends with CR LF. */
function isWindows(text: string): boolean {
  return text.includes("\r\n") && !/(^|[^\r])\n/.test(text);
}

/** Plain newlines become CR LF, unless the text says its own. */
function toWindows({ old, fresh }: Replacement): { old: string; fresh: string } {
  const convert = (piece: string) => (piece.includes("\r") ? piece : piece.replaceAll("\n", "\r\n"));
  return { old: convert(old), fresh: convert(fresh) };
}

function countOf(text: string, piece: string): number {
  let count = 0;
  for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + piece.length)) count++;
  return count;
}
