/** The programs that only look: what checks the words of each. Must never let through what a table does not name. */
import { patternOf, type Word } from "../shell/ast.ts";
import { checkFind } from "./find.ts";
import { checkGit } from "./git.ts";
import { checkOptions, mayBecomeOption } from "./options.ts";
import { PROGRAM_OPTIONS } from "./program-options.ts";
import { checkPs } from "./ps.ts";

/** Why the words after a program's name are not known to be harmless, or undefined when they are. */
export type Check = (words: readonly Word[]) => string | undefined;

/** A shell's own printf writes a variable with -v; a format that a glob finds could be that. */
function checkPrintf(words: readonly Word[]): string | undefined {
  const [format] = words;
  if (format === undefined) return "it has no format";
  if (mayBecomeOption(format)) return "its format may become an option";
  const text = patternOf(format);
  if (text === "--" || text.startsWith("-")) return "its format looks like an option";
  return undefined;
}

const OWN: Readonly<Record<string, Check>> = {
  // Prints whatever it is given.
  echo: () => undefined,
  printf: checkPrintf,
  find: checkFind,
  ps: checkPs,
  git: checkGit,
};

/** How the words of a program are checked; undefined: the program is not on the list. */
export function checkOf(program: string): Check | undefined {
  if (Object.hasOwn(OWN, program)) return OWN[program];
  const table = Object.hasOwn(PROGRAM_OPTIONS, program) ? PROGRAM_OPTIONS[program] : undefined;
  return table === undefined ? undefined : (words) => checkOptions(words, table);
}

/** Names on the list, for tests and for words to the model. */
export const LISTED: readonly string[] = [...Object.keys(PROGRAM_OPTIONS), ...Object.keys(OWN)];
