import fc from "fast-check";
import { expect, it } from "vitest";
import { foldName, isInside, toParts } from "#main/base/confined/names.ts";

const parts = (path: string) => toParts(["/w", "/alias/w"], path);

it("gives the names from the root, of relative and absolute paths", () => {
  expect(parts("a/b")).toEqual(["a", "b"]);
  expect(parts("./a//b/../c/")).toEqual(["a", "c"]);
  expect(parts("/w/a")).toEqual(["a"]);
  expect(parts("/alias/w/a")).toEqual(["a"]);
  expect([parts("."), parts("/w"), parts("a/..")]).toEqual([[], [], []]);
  expect(parts(".hidden/..x/a b.ü")).toEqual([".hidden", "..x", "a b.ü"]);
});

it("[FS-01] refuses what leads out", () => {
  for (const path of ["..", "../w2", "/etc", "/", "/w2", "a/../../b", "/w/../x", "/alias/w/../x"]) {
    expect(() => parts(path)).toThrow("leads out");
  }
});

it("[FS-09] refuses names of streams, devices and other spellings, on every system", () => {
  const names = [
    "a:b",
    "a.txt::$DATA",
    "CON",
    "con.txt",
    "Aux",
    "nul.",
    "LPT1",
    "com9.log",
    "com¹",
    "a.",
    "a ",
    "x/...",
  ];
  const paths = [
    ...names,
    "..\\x",
    "\\\\host\\share",
    "\\\\?\\C:\\x",
    "\\\\.\\pipe\\x",
    "//./x",
    "\\??\\x",
    "C:\\x",
    "a\nb",
  ];
  for (const path of paths) expect(() => parts(path), path).toThrow(/'/);
  for (const path of ["console", "auxiliary", "com10", "nullable.ts", "a.b", "…"]) expect(parts(path)).toEqual([path]);
});

it("refuses zero bytes, half characters and what is too long", () => {
  expect(() => parts("a\0b")).toThrow("zero byte");
  expect(() => parts("\ud800")).toThrow("not valid Unicode");
  expect(() => parts("x".repeat(5000))).toThrow("too long");
  expect(() => parts("é".repeat(128))).toThrow("too long");
  expect(parts("é".repeat(127))).toHaveLength(1);
});

it("never gives a way out, whatever the path", () => {
  const piece = fc.constantFrom("..", ".", "a", "b c", "", "~", "...", "..a", "w", "/", "\\", ":");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom("", "/", "/w/", "//"), (pieces, start) => {
      let found: string[];
      try {
        found = parts(start + pieces.join("/"));
      } catch {
        return;
      }
      expect(found.every((name) => !["", ".", ".."].includes(name) && !/[/\\:\0]/.test(name))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

it("knows what lies inside, and one spelling of a name", () => {
  expect([isInside("/w", "/w/a"), isInside("/w", "/w"), isInside("/w", "/w2"), isInside("/w", "/w/..a")]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect(foldName("CAFE\u0301")).toBe(foldName("café"));
  expect(foldName("ＡＢ")).toBe("ab");
});
