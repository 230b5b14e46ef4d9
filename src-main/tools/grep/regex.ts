/**
 * Reads regular expressions in the syntax of ripgrep's default engine (docs.rs/regex, "Syntax"), as far as a search for
 * lines needs it. What needs backtracking (references, looking around) is refused by name, as ripgrep does. Pure.
 */
import { Refused } from "#main/base/errors.ts";
import {
  compilePattern,
  ignoringCase,
  isWord,
  PatternTooLarge,
  type Matcher,
  type Pattern,
} from "#main/base/text/automaton.ts";

const MAX_DEPTH = 50;
const MAX_COUNT = 1000;

type Has = (codePoint: number) => boolean;

const isDigit: Has = (codePoint) => /\p{Nd}/u.test(String.fromCodePoint(codePoint));
const isSpace: Has = (codePoint) => /\s/.test(String.fromCodePoint(codePoint));
const CLASSES: Readonly<Record<string, Has>> = { d: isDigit, w: isWord, s: isSpace };
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7 };
const POSIX: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  punct: "!-/:-@[-`{-~",
  xdigit: "0-9A-Fa-f",
  word: "A-Za-z0-9_",
  blank: " \\t",
};

/** Tells lines that hold a match. Throws Refused, in words for the model, for what cannot be read or is too large. */
export function compileRegex(source: string, ignoreCase: boolean): Matcher {
  const flags = /^\(\?i\)/.exec(source);
  const reader = new RegexReader(source, ignoreCase || flags !== null, flags?.[0].length ?? 0);
  try {
    return compilePattern(reader.readWhole(), "part");
  } catch (error) {
    if (error instanceof PatternTooLarge) throw refuse(source, "is too large");
    throw error;
  }
}

class RegexReader {
  readonly #chars: readonly string[];
  readonly #source: string;
  readonly #ignoreCase: boolean;
  #at: number;
  #depth = 0;

  constructor(source: string, ignoreCase: boolean, from: number) {
    this.#chars = [...source];
    this.#source = source;
    this.#ignoreCase = ignoreCase;
    this.#at = from;
  }

  readWhole(): Pattern {
    const pattern = this.#readChoice();
    if (this.#at < this.#chars.length) throw refuse(this.#source, "has a ) without a (");
    return pattern;
  }

  #readChoice(): Pattern {
    const items = [this.#readSequence()];
    while (this.#take("|")) items.push(this.#readSequence());
    return items.length === 1 ? (items[0] ?? { kind: "sequence", items: [] }) : { kind: "choice", items };
  }

  #readSequence(): Pattern {
    const items: Pattern[] = [];
    while (this.#at < this.#chars.length && this.#peek() !== "|" && this.#peek() !== ")") {
      items.push(this.#readRepeats(this.#readAtom()));
    }
    return { kind: "sequence", items };
  }

  #readRepeats(atom: Pattern): Pattern {
    let item = atom;
    for (;;) {
      const range = this.#readRange();
      if (range === undefined) return item;
      // Whether a match is long or short makes no difference to whether there is one.
      this.#take("?");
      item = { kind: "repeat", item, ...range };
    }
  }

  #readRange(): { min: number; max: number } | undefined {
    if (this.#take("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take("?")) return { min: 0, max: 1 };
    const [whole, low, comma, high] = this.#match(/^\{(\d+)(,?)(\d*)\}/);
    if (whole === undefined) return undefined;
    const min = Number(low);
    const max = comma === "" ? min : high === "" ? Number.POSITIVE_INFINITY : Number(high);
    if (min > max) throw refuse(this.#source, `has ${whole}, whose end is before its beginning`);
    if (min > MAX_COUNT || (max > MAX_COUNT && high !== ""))
      throw refuse(this.#source, `repeats over ${MAX_COUNT} times`);
    return { min, max };
  }

  #readAtom(): Pattern {
    const char = this.#next();
    switch (char) {
      case "(":
        return this.#readGroup();
      case "[":
        return this.#set(this.#readClass());
      case ".":
        return { kind: "set", has: (codePoint) => codePoint !== 10 };
      case "^":
        return { kind: "assert", what: "start" };
      case "$":
        return { kind: "assert", what: "end" };
      case "\\":
        return this.#readEscape();
      case "*":
      case "+":
      case "?":
        throw refuse(this.#source, `has a ${char} with nothing before it to repeat`);
      default:
        return this.#set(is(char.codePointAt(0) ?? 0));
    }
  }

  #readGroup(): Pattern {
    if (++this.#depth > MAX_DEPTH) throw refuse(this.#source, "has too many groups inside each other");
    if (this.#match(/^\?<?[=!]/).length > 0) {
      throw refuse(this.#source, "looks around with (?=…) or the like, which is not supported");
    }
    const isOpened = this.#match(/^\?(:|P?<\w+>)/).length > 0;
    if (!isOpened && this.#peek() === "?") throw refuse(this.#source, "has flags; only (?i) at its start is known");
    const inside = this.#readChoice();
    if (!this.#take(")")) throw refuse(this.#source, "has a ( that is not closed");
    this.#depth--;
    return inside;
  }

  #readEscape(): Pattern {
    const letter = this.#next();
    if (letter === "b") return { kind: "assert", what: "word" };
    if (letter === "B") return { kind: "assert", what: "notWord" };
    if (letter === "A") return { kind: "assert", what: "start" };
    if (letter === "z") return { kind: "assert", what: "end" };
    if (/[1-9]/.test(letter)) throw refuse(this.#source, `refers back with \\${letter}, which is not supported`);
    return this.#set(this.#readSetEscape(letter));
  }

  /** After a backslash, outside or inside brackets. */
  #readSetEscape(letter: string): Has {
    const known = CLASSES[letter.toLowerCase()];
    if (known !== undefined) return letter === letter.toLowerCase() ? known : (codePoint) => !known(codePoint);
    if (letter === "p" || letter === "P") return this.#readProperty(letter === "P");
    if (letter === "x" || letter === "u") return is(this.#readCodePoint(letter === "x" ? 2 : 4));
    const control = CONTROLS[letter];
    if (control !== undefined) return is(control);
    if (/[A-Za-z0-9]/.test(letter)) throw refuse(this.#source, `has \\${letter}, which means nothing`);
    return is(letter.codePointAt(0) ?? 0);
  }

  #readProperty(isNot: boolean): Has {
    const [, braced, single] = this.#match(/^(?:\{(\w+(?:=\w+)?)\}|([A-Z]))/);
    const name = braced ?? single;
    if (name === undefined) throw refuse(this.#source, "has a \\p without a name");
    for (const tried of [name, `Script=${name}`]) {
      try {
        const property = new RegExp(`\\p{${tried}}`, "u");
        return (codePoint) => property.test(String.fromCodePoint(codePoint)) !== isNot;
      } catch {
        // Not a name of this kind.
      }
    }
    throw refuse(this.#source, `has \\p{${name}}, which is no property of Unicode`);
  }

  #readCodePoint(digits: number): number {
    const digitsOf = new RegExp(`^(?:\\{([0-9A-Fa-f]{1,6})\\}|([0-9A-Fa-f]{${digits}}))`);
    const [whole, hex] = this.#match(digitsOf);
    if (whole === undefined) throw refuse(this.#source, "has \\x or \\u without its digits");
    return Number.parseInt(hex ?? whole, 16);
  }

  #readClass(): Has {
    const isNot = this.#take("^");
    const parts: Has[] = [];
    for (let isFirst = true; ; isFirst = false) {
      if (this.#at >= this.#chars.length) throw refuse(this.#source, "has a [ that is not closed");
      if (!isFirst && this.#take("]")) break;
      parts.push(this.#readClassPart());
    }
    return (codePoint) => parts.some((has) => has(codePoint)) !== isNot;
  }

  #readClassPart(): Has {
    const [posix, name] = this.#match(/^\[:(\w{1,8}):\]/);
    if (posix !== undefined) {
      const set = POSIX[name ?? ""];
      if (set === undefined) throw refuse(this.#source, `has ${posix}, which is no class`);
      const regex = new RegExp(`[${set}]`);
      return (codePoint) => regex.test(String.fromCodePoint(codePoint));
    }
    const from = this.#readClassChar();
    if (typeof from === "function") return from;
    const isRange = this.#peek() === "-" && (this.#chars[this.#at + 1] ?? "]") !== "]";
    if (!isRange) return is(from);
    this.#at++;
    const to = this.#readClassChar();
    if (typeof to === "function" || to < from)
      throw refuse(this.#source, "has a range in [ ] that ends before it begins");
    return (codePoint) => codePoint >= from && codePoint <= to;
  }

  #readClassChar(): number | Has {
    const char = this.#next();
    if (char !== "\\") return char.codePointAt(0) ?? 0;
    const letter = this.#next();
    if (letter === "b") return 8;
    if (letter === "x" || letter === "u") return this.#readCodePoint(letter === "x" ? 2 : 4);
    const control = CONTROLS[letter];
    if (control !== undefined) return control;
    return /[A-Za-z0-9]/.test(letter) ? this.#readSetEscape(letter) : (letter.codePointAt(0) ?? 0);
  }

  #set(has: Has): Pattern {
    return { kind: "set", has: this.#ignoreCase ? ignoringCase(has) : has };
  }

  /** What comes next, when it is that: then it is read. Looks a hundred characters ahead; what it finds is in ASCII. */
  #match(pattern: RegExp): readonly (string | undefined)[] {
    const found = pattern.exec(this.#chars.slice(this.#at, this.#at + 100).join("")) ?? [];
    this.#at += found[0]?.length ?? 0;
    return found;
  }

  #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #next(): string {
    const char = this.#chars[this.#at++];
    if (char === undefined) throw refuse(this.#source, "ends in the middle of an escape");
    return char;
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }
}

function is(wanted: number): Has {
  return (codePoint) => codePoint === wanted;
}

function refuse(source: string, what: string): Refused {
  const shown = source.length > 100 ? `${source.slice(0, 100)}…` : source;
  return new Refused("INVALID_REQUEST", `The pattern '${shown.toWellFormed()}' ${what}.`);
}
