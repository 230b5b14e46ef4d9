/**
 * Checks the words of one program against a table of what is known to be harmless. Must never pass a word that the
 * table does not name: an unknown option may write or run something.
 */
import { literalOf, patternOf, type Word } from "../shell/ast.ts";

/** What a program may be given, in the manner of getopt_long(3). Everything else is refused. */
export interface OptionTable {
  /**
   * The options, blanks between them. `-ab` are letters without a value, `-cd:` with one (attached or in the next word),
   * `-ef?` with one that is attached if there is any. `--all` has no value, `--width=` has one (after `=` or in the next
   * word), `--color[=]` may have one, after `=` only.
   */
  options?: string;
  /** A letter's value is always the next word, and what is attached are more letters: not as getopt has it. */
  valuesApart?: true;
  /** `-5` and the like mean a number. */
  takesNumber?: true;
  /** No option of the program, known or not, writes, runs or reveals anything: a name that a glob finds may begin with a dash. */
  isHarmless?: true;
  /** Looks at the value of an option: why it may not be, or undefined. */
  value?: (name: string, value: string) => string | undefined;
  /** Looks at the operands, options gone. */
  operands?: (operands: readonly Word[]) => string | undefined;
}

/** The name of a word's first part being a glob or tilde decides whether the shell may make an option of it. */
export function mayBecomeOption(word: Word): boolean {
  const first = word.parts.find((part) => part.type !== "text" || part.text !== "");
  return first?.type === "glob";
}

/** Why these words are not known to be harmless, as the end of a sentence, or undefined when they are. */
export function checkOptions(words: readonly Word[], table: OptionTable): string | undefined {
  const operands: Word[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) break;
    const text = patternOf(word);
    if (text === "--") {
      operands.push(...words.slice(at + 1));
      break;
    }
    if (!text.startsWith("-") || text === "-") {
      if (mayBecomeOption(word) && table.isHarmless !== true) return `${word.raw} may become an option`;
      operands.push(word);
      continue;
    }
    if (literalOf(word) === undefined) return `${word.raw} is an option that the shell would complete`;
    const found = text.startsWith("--") ? checkLong(text, table) : checkShort(text, table);
    if (found === undefined) return `the option ${text} is not known to be harmless`;
    if (found.value !== undefined) {
      const next = found.value.text ?? nextValue(words[++at]);
      if (next === undefined) return `the value of ${text} is not plain`;
      const why = table.value?.(found.value.name, next);
      if (why !== undefined) return why;
    }
  }
  return table.operands?.(operands);
}

/** A value in a word of its own. One that looks like an option is refused: if the table were wrong, it would be one. */
function nextValue(word: Word | undefined): string | undefined {
  const text = word === undefined ? undefined : literalOf(word);
  return text === undefined || (text.startsWith("-") && !/^-\d+$/.test(text)) ? undefined : text;
}

/** What an option is: known, and with which value; `text` absent: the next word. */
interface Found {
  value?: { name: string; text?: string };
}

function checkLong(text: string, table: OptionTable): Found | undefined {
  const [, name = "", value] = /^--([^=]*)(?:=([^]*))?$/.exec(text) ?? [];
  const known = optionsOf(table);
  const may = known.includes(`--${name}[=]`);
  const must = known.includes(`--${name}=`);
  if (value !== undefined) return may || must ? { value: { name, text: value } } : undefined;
  if (may || known.includes(`--${name}`)) return {};
  return must ? { value: { name } } : undefined;
}

function checkShort(text: string, table: OptionTable): Found | undefined {
  if (table.takesNumber === true && /^-\d+$/.test(text)) return {};
  const groups = optionsOf(table).filter((option) => /^-[^-]/.test(option));
  for (let at = 1; at < text.length; at++) {
    const letter = text[at] ?? "";
    const group = groups.find((each) => /^-([^:?]+)/.exec(each)?.[1]?.includes(letter));
    if (group === undefined) return undefined;
    const rest = text.slice(at + 1);
    if (group.endsWith("?")) return { value: { name: letter, text: rest } };
    if (!group.endsWith(":")) continue;
    if (table.valuesApart === true && rest !== "") return undefined;
    return { value: rest === "" ? { name: letter } : { name: letter, text: rest } };
  }
  return {};
}

function optionsOf({ options = "" }: OptionTable): string[] {
  return options.trim().split(/\s+/);
}
