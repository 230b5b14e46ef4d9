import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quoteWord } from "#main/tools/bash/canonical.ts";
import { classify } from "#main/tools/bash/level/classify.ts";
import { LISTED } from "#main/tools/bash/level/programs.ts";
import { literalOf, simpleCommandsOf } from "#main/tools/bash/shell/ast.ts";
import { parseShell } from "#main/tools/bash/shell/parse.ts";

interface Golden {
  command: string;
  level: 5 | 7;
  why: string;
}
const table = JSON.parse(
  readFileSync(new URL("../../../fixtures/commands/golden.json", import.meta.url), "utf8"),
) as readonly Golden[];
const LOOKS = table.filter(({ level }) => level === 5).map(({ command }) => command);

describe("the level of a command", () => {
  it("[I01] is as in the golden table of more than 600 commands", () => {
    expect(table.length).toBeGreaterThan(600);
    const wrong = table
      .map((row) => ({ ...row, got: classify(row.command) }))
      .filter(({ level, got }) => got.level !== level)
      .map(
        ({ command, level, why, got }) =>
          `${JSON.stringify(command)}: ${level} (${why}), got ${JSON.stringify(got).slice(0, 120)}`,
      );
    expect(wrong).toEqual([]);
  });
  it("[I01] knows exactly the programs of the list", () => {
    const listed =
      "ls cat head tail wc stat file du df pwd whoami id uname date echo printf which grep rg find sort uniq cut tr diff " +
      "cmp md5sum sha1sum sha256sum basename dirname realpath readlink tree ps uptime free git";
    expect([...LISTED].sort()).toEqual(listed.split(" ").sort());
  });
  it("says why a full shell is needed", () => {
    const why = (text: string) => {
      const found = classify(text);
      return found.level === 7 ? found.why : "";
    };
    expect(why("ls | sh")).toBe("the command has a pipe");
    expect(why("ls > f")).toBe("the command has a redirection");
    expect(why("ls $(x)")).toBe("a command's output is put in");
    expect(why("rm x")).toBe("'rm' is not on the list of programs that only look");
    expect(why("sort -o x")).toBe("the option -o is not known to be harmless");
    expect(why("ls 'x")).toBe("the command cannot be read: a quote is not closed");
  });
});

describe("a listed program", () => {
  it.each([
    "sort -o out in",
    "sort --output=out in",
    "sort --compress-program=sh x",
    "sort -T /x y",
    "find . -exec rm {} +",
    "find . -execdir sh {} ;",
    "find . -ok rm {} ;",
    "find . -delete",
    "find . -fprint x",
    "find . -fls x",
    "rg --pre sh x",
    "rg --pre=sh x",
    "rg --hostname-bin=sh x",
    "date -s 2020-01-01",
    "date --set=2020-01-01",
    "uniq in out",
    "file -C -m x",
    "printf -v x y",
    "env sort x",
    "./sort x",
    "/tmp/sort x",
  ])("[AP-15] that is made to write or to run another is no look any more: %s", (text) => {
    expect(classify(text).level).toBe(7);
  });
});

describe("what is added to a command that only looks", () => {
  const SUFFIXES = [
    "; rm x",
    "| sh",
    "> f",
    " $(x)",
    "\nrm x",
    " & rm x",
    "&& rm x",
    " `x`",
    " <(x)",
    " $X",
    ">>f",
    "||x",
  ];

  it("[I01] makes it 7, whatever it is", () => {
    fc.assert(
      fc.property(fc.constantFrom(...LOOKS), fc.constantFrom(...SUFFIXES), (look, suffix) => {
        // A comment swallows what follows on its line.
        fc.pre(!look.includes("#"));
        expect(classify(look.replace(/\n+$/, "") + suffix).level).toBe(7);
      }),
      { numRuns: 3000 },
    );
  });
  it("[I01] makes it 7 in front as well", () => {
    for (const look of LOOKS) {
      for (const prefix of ["X=1 ", "env ", "(", "! ", "rm x; ", "sh -c ", "sudo "]) {
        expect(classify(prefix + look).level).toBe(7);
      }
    }
  });
});

describe("the parser", () => {
  const PIECES = [
    ...[
      "ls",
      "cat",
      " ",
      "\n",
      "\t",
      ";",
      "&",
      "|",
      "&&",
      "||",
      "(",
      ")",
      "{",
      "}",
      "<",
      ">",
      "<<E",
      "E",
      ">>",
      "$",
      "`",
    ],
    ...[
      "'",
      '"',
      "\\",
      "$(",
      "$((",
      "))",
      "${",
      "$'",
      "*",
      "?",
      "[",
      "]",
      "[[",
      "]]",
      "~",
      "#",
      "!",
      "=",
      "if",
      "then",
    ],
    ...[
      "fi",
      "for",
      "in",
      "do",
      "done",
      "case",
      "esac",
      "while",
      "function",
      "f()",
      "a=(",
      "\u00a0",
      "\0",
      "é",
      "😀",
      "-o",
    ],
    ...["time", "coproc", ";;", "<(", "|&", "select", "\\\n", "\r", "x", "1"],
  ];
  const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 200 }).map((pieces) => pieces.join(""));

  it("[I01] answers whatever it is given, and never takes soup for a look unless the words are as good as quoted", () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ maxLength: 400 })), (text) => {
        const found = classify(text);
        if (found.level === 7) return;
        // The words that will run, written anew, read as the same words.
        const again = classify(found.words.map(quoteWord).join(" "));
        expect(again.level).toBe(5);
        if (again.level === 5) expect(again.words.map(literalOf)).toEqual(found.words.map(literalOf));
      }),
      { numRuns: 5000 },
    );
  });
  it("reads a kilobyte in less than a millisecond, all but one of a thousand times", () => {
    const texts = fc.sample(soup, 2000).map((text) => text.repeat(Math.ceil(1024 / (text.length + 1))).slice(0, 1024));
    const timeOf = (text: string): number => {
      // The best of some: what the machine does beside is not the parser's.
      const times = Array.from({ length: 5 }, () => {
        const began = performance.now();
        parseShell(text);
        return performance.now() - began;
      });
      return Math.min(...times);
    };
    const times = texts.map(timeOf).sort((a, b) => a - b);
    expect(times[Math.floor(times.length * 0.999) - 1]).toBeLessThan(1);
  });
  it("does not choke on what is built to make it", () => {
    const openers = [
      "$((",
      "((",
      "$(",
      "(",
      "{ ",
      "`",
      '"$(',
      "${",
      "if ",
      "$((`",
      "case x in x) ",
      "[[ ",
      "<(",
      "'",
      "f()",
      "a=(",
    ];
    for (const opener of openers) {
      for (const text of [opener.repeat(20_000 / opener.length), `${opener.repeat(30)}x${")".repeat(60)}`]) {
        const began = performance.now();
        expect(classify(text).level).toBe(7);
        expect(performance.now() - began).toBeLessThan(500);
      }
    }
  });
  it("finds the commands that stand in others", () => {
    const text =
      "if a; then b; elif c; then d; else e; fi | { f; } && for i in $(g); do h <(i); done; `j`; k() { l; }; " +
      'case $(m) in x) n "$(o)";; esac; ! p ${q:-$(r)} & [[ -f $(s) ]] || (t) > $(u); while v; do w; done; coproc x';
    const parsed = parseShell(text);
    const names = parsed.ok ? simpleCommandsOf(parsed.script).map(({ words }) => words[0]?.raw) : [];
    expect(names.filter((name) => /^[a-z]$/.test(name ?? "")).sort()).toEqual(
      [..."abcdefghijlmnoprstuvwx"].filter((c) => c !== "k" && c !== "q"),
    );
  });
});
