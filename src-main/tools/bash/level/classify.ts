/**
 * The level of a command: 5 when it is one simple command that is known only to look, 7 for everything else. Pure. Must
 * never give 5 to what it does not fully understand.
 */
import { literalOf, patternOf, type Script, type Simple, type Word } from "../shell/ast.ts";
import { isDeceptive, parseShell } from "../shell/parse.ts";
import { checkPath } from "./paths.ts";
import { checkOf } from "./programs.ts";

export type Classified =
  /** `program` is the name on the list; `words` is everything, the program's word first. */
  | { level: 5; program: string; words: readonly Word[] }
  /** `why` is the end of a sentence that begins with "Needs a full shell:". `script` is there when it could be read. */
  | { level: 7; why: string; script?: Script };

/** A listed program by its path: only in the folders that belong to the system itself. */
const SYSTEM_PROGRAM = /^\/(?:usr\/)?bin\/([^/]+)$/;

/** Classifies a command text. Never throws. */
export function classify(text: string): Classified {
  const parsed = parseShell(text);
  if (!parsed.ok) return { level: 7, why: `the command cannot be read: ${parsed.why}` };
  const { script } = parsed;
  const simple = onlySimple(script);
  if (typeof simple === "string") return { level: 7, why: simple, script };
  const [first] = simple.words;
  const name = first === undefined ? undefined : literalOf(first);
  if (name === undefined) return { level: 7, why: "what it runs is known only to the shell", script };
  const program = SYSTEM_PROGRAM.exec(name)?.[1] ?? name;
  const check = checkOf(program);
  if (check === undefined) return { level: 7, why: `'${name}' is not on the list of programs that only look`, script };
  const rest = simple.words.slice(1);
  const why = rest.map(checkWord).find((found) => found !== undefined) ?? check(rest);
  const place = why ?? rest.map((word) => checkPath(word, program)).find((found) => found !== undefined);
  // Where the operands are data there are no paths.
  if (why !== undefined) return { level: 7, why, script };
  if (place !== undefined && !TAKES_TEXT.has(program)) return { level: 7, why: place, script };
  return { level: 5, program, words: simple.words };
}

const TAKES_TEXT: ReadonlySet<string> = new Set(["echo", "printf", "basename", "dirname", "tr", "which"]);

const KINDS = {
  parameter: "a variable is put in",
  command: "a command's output is put in",
  arithmetic: "a calculation is put in",
  process: "a command's output is read as a file",
  translation: "a translation is put in",
  brace: "braces make several words",
} as const;

function checkWord(word: Word): string | undefined {
  for (const part of word.parts) {
    if (part.type === "expansion") return KINDS[part.kind];
  }
  // Quoted escapes may have made what the text itself did not hold.
  return isDeceptive(patternOf(word)) ? "it holds control characters" : undefined;
}

const COMPOUND = {
  subshell: "a subshell",
  group: "a group",
  if: "a condition",
  loop: "a loop",
  case: "a case",
  function: "a function",
  arithmetic: "a calculation",
  test: "a test",
  coproc: "a second process",
} as const;

/** The one simple command of a text, or why there is more to it. */
function onlySimple(script: Script): Simple | string {
  const [item, ...others] = script.items;
  if (item === undefined) return "the command is empty";
  if (others.length > 0) return "it is more than one command";
  if (item.after === "&") return "the command goes to the background";
  if (item.after !== "" && item.after !== "\n") return `the command has a ${item.after}`;
  const { commands, isMarked } = item.pipeline;
  if (commands.length > 1) return "the command has a pipe";
  if (isMarked) return "the command is marked with ! or time";
  const [command] = commands;
  if (command === undefined) return "the command is empty";
  if (command.type !== "simple") return `the command is ${COMPOUND[command.type]}`;
  if (command.redirects.length > 0) return "the command has a redirection";
  if (command.assignments.length > 0) return "the command sets a variable";
  return command.words.length === 0 ? "the command is empty" : command;
}
