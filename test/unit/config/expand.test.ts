import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { expandText, expandTree, isReference } from "#main/config/expand.ts";

const ENV = { A: "a", B: "b", EMPTY: "", _u1: "under", LOOP: "${A}", lower: "low" };

describe("expandText", () => {
  it.each([
    ["${A}", "a"],
    ["x${A}y${B}z", "xaybz"],
    ["${lower} ${_u1}", "low under"],
    ["${A:-d}", "a"],
    ["${NONE:-d}", "d"],
    ["${NONE:-}", ""],
    ["${EMPTY}", ""],
    ["${EMPTY:-d}", "d"],
    ["${NONE:-${A}}", "a"],
    ["${NONE:-${OTHER:-c}}", "c"],
    ["${NONE:-${OTHER:-${A}${B}}}!", "ab!"],
    ["${NONE:-http://h:1/${A}?q={x}", "http://h:1/a?q={x"],
    ["${A:-${NONE}}", "a"],
    ["$${A}", "${A}"],
    ["$${A:-d}", "${A:-d}"],
    ["$${NONE:-${A}}", "${NONE:-a}"],
    ["$$${A}", "$${A}"],
    ["${NONE:-$${A}}", "${A}"],
    ["${LOOP}", "${A}"],
    ["$A", "$A"],
    ["$", "$"],
    ["${", "${"],
    ["${}", "${}"],
    ["${1A}", "${1A}"],
    ["${A-b}", "${A-b}"],
    ["${A", "${A"],
    ["${NONE:-open ${A}", "${NONE:-open a"],
    ["{A} }", "{A} }"],
    ["${NONE:-a:-b}", "a:-b"],
  ])("[Q03] %s becomes %s", (text, expected) => {
    expect(expandText(text, ENV)).toMatchObject({ text: expected, missing: [] });
  });

  it.each([
    ["${NONE}", ["NONE"]],
    ["${A}${NONE}${OTHER}", ["NONE", "OTHER"]],
    ["${NONE:-${OTHER}}", ["OTHER"]],
    ["${toString}", ["toString"]],
    ["${__proto__}", ["__proto__"]],
  ])("[Q03] %s misses %j", (text, missing) => {
    expect(expandText(text, ENV).missing).toEqual(missing);
  });

  it("[Q03] leaves text without references alone", () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes("${")),
        (text) => {
          expect(expandText(text, ENV)).toEqual({ text, missing: [], changed: false });
        },
      ),
    );
  });

  it("[Q03] expands each reference of any text once, whatever the values hold", () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
    const plain = fc.string({ maxLength: 8 }).map((text) => text.replace(/[${}]/g, "-"));
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, name, fc.string(), fc.boolean()), { maxLength: 8 }), (pieces) => {
        const env: Record<string, string> = {};
        for (const [, variable, value, isSet] of pieces) if (isSet) env[variable] = value;
        const text = pieces.map(([before, variable]) => `${before}\${${variable}:-dflt}`).join("");
        const expected = pieces.map(([before, variable]) => before + (env[variable] || "dflt")).join("");
        expect(expandText(text, env).text).toBe(expected);
      }),
    );
  });

  it("[Q03] gives the literal back for everything escaped", () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
    fc.assert(
      fc.property(name, (variable) => {
        expect(expandText(`$\${${variable}}`, { [variable]: "never" }).text).toBe(`\${${variable}}`);
      }),
    );
  });

  it.each([
    "${A:-".repeat(200_000),
    "${NONE:-".repeat(50_000) + "}".repeat(50_000),
    "$".repeat(500_000) + "{",
    "}".repeat(500_000) + "${A}",
  ])("[Q03] takes hostile text %# in a time that grows with its length only", (text) => {
    const started = performance.now();
    expandText(text, ENV);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

it("[Q03] expands every string of a tree, at any depth, and says where", () => {
  const outcome = expandTree(
    { a: "${A}", list: [{ deep: "x${B}" }, 3, null, true], "${A}": "key stays", gone: ["ok", "${NONE}"] },
    ENV,
  );
  expect(outcome.tree).toEqual({
    a: "a",
    list: [{ deep: "xb" }, 3, null, true],
    "${A}": "key stays",
    gone: ["ok", ""],
  });
  expect(outcome.missing).toEqual([{ segments: ["gone", 1], variable: "NONE" }]);
  expect(outcome.expanded).toEqual([["a"], ["list", 0, "deep"], ["gone", 1]]);
});

it.each([
  ["${A}", true],
  ["${A:-}", true],
  ["${A:-secret}", false],
  ["x${A}", false],
  ["$${A}", false],
])("tells whether %s only points to a value", (text, expected) => expect(isReference(text)).toBe(expected));
