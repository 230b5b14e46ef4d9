import fc from "fast-check";
import { expect, it } from "vitest";
import { compileRegex } from "#main/tools/grep/regex.ts";

const matches = (pattern: string, text: string, ignoreCase = false) => compileRegex(pattern, ignoreCase).test(text);

it.each([
  ["foo", "a foo b", true],
  ["^foo$", "foo", true],
  ["^foo$", "foo ", false],
  ["fo+|ba{2,3}r?$", "baa", true],
  ["\\bword\\b", "a word, b", true],
  ["\\bword\\b", "swords", false],
  ["[^a-c]", "abc", false],
  ["[]x]", "]", true],
  ["[[:digit:]]+x", "12x", true],
  ["\\d{3}-\\d{4}", "555-1234", true],
  ["(?:a|b)(?P<n>c)", "bc", true],
  ["a.c", "a💡c", true],
  ["\\p{Lu}", "é É", true],
  ["\\p{Greek}", "λ", true],
  ["\\x41\\u{42}", "AB", true],
  ["a{,2}", "a{,2}", true],
  ["function \\w+\\(", "function go(x)", true],
  ["", "anything", true],
  ["a*?b", "aab", true],
])("%s on %s: %s", (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

it("takes either letter case when told, by option or at its start", () => {
  expect(matches("straße", "STRAßE", true)).toBe(true);
  expect(matches("(?i)foo", "FOO")).toBe(true);
  expect(matches("[a-c]+$", "XBC", true)).toBe(true);
  expect(matches("foo", "FOO")).toBe(false);
});

it("says what it cannot read", () => {
  for (const pattern of [
    "(",
    ")",
    "[a",
    "*a",
    "a\\",
    "(?=x)",
    "(?<!x)",
    "\\1",
    "(?m)x",
    "\\y",
    "a{3,1}",
    "[z-a]",
    "\\p{No_Such}",
  ]) {
    expect(() => compileRegex(pattern, false)).toThrow(/^The pattern/);
  }
  expect(() => compileRegex("(a{1000}){1000}", false)).toThrow("too large");
  expect(() => compileRegex("((){1000}){1000}".repeat(3), false)).not.toThrow();
});

it("agrees with the language's own engine", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\w", "\\b", "^", "$", "(a|bc)", "(?:b|)", "\\d", " ");
  const repeat = fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,3}", "+?");
  const piece = fc.tuple(atom, repeat).map(([one, times]) => (/^(\^|\$|\\b)$/.test(one) ? one : one + times));
  const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", " ", "1", "_"), maxLength: 12 });
  fc.assert(
    fc.property(pattern, pattern, text, (one, other, line) => {
      const source = `${one}|${other}`;
      expect(matches(source, line)).toBe(new RegExp(source, "u").test(line));
    }),
    { numRuns: 5000 },
  );
});

it("takes no more time for patterns that make backtracking hang", () => {
  const began = performance.now();
  for (const pattern of [
    "^(a+)+$",
    "^(a|a)*$",
    "^(a|aa)+$",
    "^a*a*a*a*a*$",
    "(.*a){12}$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
  ]) {
    expect(matches(pattern, `${"a".repeat(5000)}!`)).toBe(false);
  }
  expect(performance.now() - began).toBeLessThan(3000);
});
