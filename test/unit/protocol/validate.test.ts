import Type from "typebox";
import { Compile } from "typebox/compile";
import { expect, it } from "vitest";
import { explainErrors } from "#main/protocol/validate.ts";

const closed = { additionalProperties: false } as const;
const schema = Compile(
  Type.Object(
    {
      name: Type.String({ minLength: 2 }),
      inner: Type.Optional(Type.Object({ count: Type.Integer() }, closed)),
      kind: Type.Optional(Type.Union([Type.Literal("a"), Type.Literal("b")])),
    },
    closed,
  ),
);
const explain = (value: unknown) => explainErrors(schema.Errors(value));

it.each([
  [{}, "must have required property 'name'"],
  [{ name: "ok", extra: 1 }, "at root: unexpected property 'extra'"],
  [{ name: "ok", inner: {} }, "at /inner: must have required property 'count'"],
  [{ name: "ok", inner: { count: 1, x: 1 } }, "at /inner: unexpected property 'x'"],
  [{ name: 1 }, "at /name: must be string"],
])("[B09] says of %j: %s", (value, words) => {
  expect(explain(value)).toBe(words);
});

it("[B09] names the place of a union that does not fit", () => {
  expect(explain({ name: "ok", kind: "c" })).toMatch(/^at \/kind: /);
  expect(explain("x")).toMatch(/^at root: /);
});

it("[HS-01] [HS-13] shows names from outside escaped and cut", () => {
  expect(explain({ name: "ok", ["\u001b[31m\n"]: 1 })).toBe("at root: unexpected property '?[31m?'");
  expect(explain({ name: "ok", ["k".repeat(100_000)]: 1 }).length).toBeLessThan(120);
  expect(explainErrors([])).toBe("is not valid");
});
