import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGlob, folderOfGlob } from "#main/base/text/glob.ts";

const matches = (pattern: string, path: string, options = {}) => compileGlob(pattern, options).test(path);

describe("a file name pattern", () => {
  it.each([
    ["*.ts", "a.ts", true],
    ["*.ts", "d/a.ts", false],
    ["*", ".hidden", true],
    ["**/*.ts", "a.ts", true],
    ["**/*.ts", "d/e/a.ts", true],
    ["a/**/b", "a/b", true],
    ["a/**/b", "a/x/y/b", true],
    ["a/**/b", "ab", false],
    ["a/**", "a/x/y", true],
    ["a/**", "a", false],
    ["a**b", "axxb", true],
    ["a**b", "ax/xb", false],
    ["?.ts", "é.ts", true],
    ["?.ts", "💡.ts", true],
    ["?", "/", false],
    ["a?b", "a/b", false],
    ["A.ts", "a.ts", false],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["[]x]", "]", true],
    ["[a-]", "-", true],
    ["[!a]", "/", false],
    ["{a,b{c,d}}", "bd", true],
    ["{a,b{c,d}}", "b", false],
    ["x{,.bak}", "x", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["a,b", "a,b", true],
    ["日*", "日本", true],
  ])("[AP-13] %s on %s: %s", (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  it("means the name in any folder when told", () => {
    expect(matches("*.ts", "d/e/a.ts", { anyFolder: true })).toBe(true);
    expect(matches("d/*.ts", "e/d/a.ts", { anyFolder: true })).toBe(false);
  });

  it("is refused when it is not closed, leaves, or is too large", () => {
    for (const pattern of ["[a", "{a", "../x", "/x", "a".repeat(1001), `${"{".repeat(11)}a${"}".repeat(11)}`]) {
      expect(() => compileGlob(pattern)).toThrow(/pattern/);
    }
  });

  it("begins in the folder before its first special character", () => {
    expect([
      folderOfGlob("src/a/*.ts"),
      folderOfGlob("*.ts"),
      folderOfGlob("src/a.ts"),
      folderOfGlob("./a/b{c,d}/e"),
    ]).toEqual(["src/a", "", "src", "a"]);
  });

  it("agrees with Node's own matcher on plain patterns", async () => {
    const { matchesGlob } = await import("node:path/posix");
    const part = fc.constantFrom("a", "b", "*", "?", "[ab]", "{a,b}", "ab");
    const pattern = fc
      .array(
        fc.oneof(
          fc.array(part, { minLength: 1, maxLength: 3 }).map((p) => p.join("")),
          fc.constant("**"),
        ),
        {
          minLength: 1,
          maxLength: 4,
        },
      )
      .map((parts) => parts.join("/").replaceAll("***", "*"))
      .filter((made) => !/\*\*[^/]|[^/]\*\*|\*\*$|\*\*\/\*\*/.test(made));
    const path = fc
      .array(fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("/"));
    fc.assert(
      fc.property(pattern, path, (one, other) => {
        expect(matches(one, other)).toBe(matchesGlob(other, one));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes no more time for a pattern that is made to hang others", () => {
    const began = performance.now();
    expect(matches("*a".repeat(100), `${"a".repeat(5000)}b`)).toBe(false);
    expect(matches("**/".repeat(100), "a/".repeat(2000))).toBe(true);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
