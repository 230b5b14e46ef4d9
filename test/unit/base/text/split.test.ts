import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitMarkdown } from "#main/base/text/split.ts";

describe("a long text", () => {
  it("[G20] is cut at paragraphs, else at lines, sentences, words", () => {
    expect(splitMarkdown("one two three\n\nfour five", 20)).toEqual(["one two three", "four five"]);
    expect(splitMarkdown("one two three\nfour five", 20)).toEqual(["one two three", "four five"]);
    expect(splitMarkdown("One two three. Four five", 20)).toEqual(["One two three.", "Four five"]);
    expect(splitMarkdown("one two three four five", 20)).toEqual(["one two three four", "five"]);
  });

  it("[G20] opens a code block again that it had to cut", () => {
    const parts = splitMarkdown(`\`\`\`js\n${"line();\n".repeat(8)}\`\`\``, 40);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(part).toMatch(/^```js\n[\s\S]*\n```$/);
    expect(parts.join("\n").match(/line\(\);/g)).toHaveLength(8);
  });

  it("[CH-26] is never cut inside what a reader sees as one character", () => {
    const family = "\u{1F468}‍\u{1F469}‍\u{1F467}";
    for (const part of splitMarkdown(family.repeat(40), 50)) expect(part.length % family.length).toBe(0);
  });

  it("[CH-26] keeps its words in order and its parts within the room, whatever it holds", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), { maxLength: 60 }),
        (words) => {
          const text = words.map((word) => word.replaceAll(/[\s`~]/gu, "x")).join(" ");
          const parts = splitMarkdown(text, 64);
          for (const part of parts) expect([part.length <= 64, part.isWellFormed()]).toEqual([true, true]);
          expect(parts.join("").replaceAll(/\s/gu, "")).toBe(text.toWellFormed().replaceAll(/\s/gu, ""));
        },
      ),
    );
  });

  it("[CH-26] of a megabyte is cut in a moment", () => {
    const from = performance.now();
    const parts = splitMarkdown("many words ".repeat(100_000), 4096, (part) => part.length);
    expect(parts.length).toBeGreaterThan(250);
    expect(performance.now() - from).toBeLessThan(2000);
  });
});
