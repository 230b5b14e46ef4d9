import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { toProtocolSchema } from "../../../build/schema/json-schema.ts";
import { toSwift, type SchemaDocument } from "../../../build/schema/swift.ts";
import { RESERVED } from "../../../build/schema/swift-names.ts";

const file = join(import.meta.dirname, "../../../src-main/protocol/GatehouseProtocol.swift");
const document = JSON.parse(JSON.stringify(toProtocolSchema())) as SchemaDocument;

function withShape(name: string, shape: object): string {
  const text = toSwift({ "x-protocol": { min: 1, max: 1 }, $defs: { [name]: shape }, "x-methods": {}, "x-events": {} });
  return text.slice(text.search(new RegExp(`public (?:struct|enum|typealias) ${name}\\b`)));
}

/**
 * The tokens of Swift as far as this file uses them. No Swift compiler runs in these tests: what they hold is that
 * every bracket has its other half, that strings end, and that every name used is declared.
 */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const pattern = /\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|`\w+`|[A-Za-z_]\w*|\d+|\.\.\.|->|[{}()[\]<>:;,.?=&]|(\S)/g;
  for (const match of text.matchAll(pattern)) {
    if (match[1] !== undefined) throw new Error(`${JSON.stringify(match[1])} is no token of these files`);
    if (!match[0].startsWith("//")) tokens.push(match[0]);
  }
  return tokens;
}

function unbalanced(tokens: readonly string[]): string | undefined {
  const halves = new Map([
    ["}", "{"],
    [")", "("],
    ["]", "["],
  ]);
  const open: string[] = [];
  for (const token of tokens) {
    if ([...halves.values()].includes(token)) open.push(token);
    const half = halves.get(token);
    if (half !== undefined && open.pop() !== half) return token;
  }
  return open.at(-1);
}

/** Types that the language or its library brings. */
const BUILT_IN = new Set(
  "Bool Int Double String Decoder Encoder Codable Sendable Equatable CaseIterable CodingKey".split(" "),
);

/** Capitalised names that nothing declares and nothing brings. */
function unknownTypes(text: string): string[] {
  const declared = new Set([...text.matchAll(/\b(?:struct|enum|typealias) (\w+)/g)].map(([, name]) => name));
  const used = tokensOf(text).filter((token) => /^[A-Z]\w*$/.test(token));
  const brought = new Set([...BUILT_IN, "Foundation", "DecodingError", "Wrapped"]);
  return [...new Set(used.filter((name) => !declared.has(name) && !brought.has(name)))];
}

it("[B10] is the text that lies in the repository as Swift models (npm run build writes it)", () => {
  expect(readFileSync(file, "utf8")).toBe(toSwift(document));
});

it("[B10] writes the same Swift text for the same schemas, every method and event in it", () => {
  const text = toSwift(document);
  expect(toSwift(JSON.parse(JSON.stringify(document)) as SchemaDocument)).toBe(text);
  for (const method of Object.keys(document["x-methods"])) expect(text).toContain(`// MARK: ${method} (`);
  for (const event of Object.keys(document["x-events"])) expect(text).toMatch(new RegExp(`case [^\\n]*${event}`));
});

it("[B10] writes Swift whose brackets are balanced and whose types are all declared", () => {
  const text = toSwift(document);
  expect(unbalanced(tokensOf(text))).toBeUndefined();
  expect(unknownTypes(text)).toEqual([]);
});

it("notices a bracket too many and a type that is not there, so that the test above means something", () => {
  const text = toSwift(document);
  expect(unbalanced(tokensOf(text.replace("public init(", "public init((")))).toBe("}");
  expect(unknownTypes(text.replace("public struct Usage:", "public struct Usages:"))).toEqual(["Usage"]);
});

it("[B10] uses no reserved word of Swift as a bare name", () => {
  const names = [...toSwift(document).matchAll(/\b(?:var|case) (\w+)/g)].map(([, name]) => name ?? "");
  expect(names.length).toBeGreaterThan(1000);
  expect(names.filter((name) => RESERVED.has(name) && name !== "let")).toEqual([]);
});

it("[B10] makes an optional field an optional one, and escapes a reserved word", () => {
  const properties = { default: { type: "string" }, limit: { type: "integer" }, "x-extra": { type: "boolean" } };
  const text = withShape("Thing", { type: "object", required: ["default"], properties, additionalProperties: false });
  expect(text).toContain("public var `default`: String\n");
  expect(text).toContain("public var limit: Int?\n");
  expect(text).toContain('case xExtra = "x-extra"');
  expect(text).toContain("`default`: String,\n    limit: Int? = nil,");
});

it("[B10] makes a tagged union an enum with associated values, decoded by its tag", () => {
  const member = (value: string, more: object) => ({
    type: "object",
    required: ["kind"],
    properties: { kind: { type: "string", const: value }, ...more },
  });
  const text = withShape("Rule", { anyOf: [member("exact", {}), member("in-folder", { path: { type: "string" } })] });
  expect(text).toContain("case exact(Exact)\n  case inFolder(InFolder)");
  expect(text).toContain('private enum Tag: String, CodingKey { case tag = "kind" }');
  expect(text).toContain('case "in-folder": self = .inFolder(try InFolder(from: decoder))');
  expect(text).toContain("kind: Kind = .exact");
});

it("[B10] tries the members of a union without a tag in turn, and tells null from absent", () => {
  expect(withShape("Either", { anyOf: [{ type: "string" }, { type: "integer" }] })).toContain(
    "if let value = try? container.decode(Int.self) { self = .integer(value); return }",
  );
  const properties = { label: { anyOf: [{ type: "string" }, { type: "null" }] } };
  expect(withShape("Patch", { type: "object", properties })).toContain("public var label: Nullable<String>?");
});

it("[B10] uses a named shape by its name wherever it occurs, and never hides one", () => {
  const inner = { type: "object", required: ["n"], properties: { n: { type: "integer" } } };
  const outer = {
    type: "object",
    required: ["a", "usage"],
    properties: { a: { type: "array", items: inner }, usage: {} },
  };
  const text = toSwift({
    "x-protocol": { min: 1, max: 1 },
    $defs: {
      Usage: inner,
      Outer: { ...outer, properties: { ...outer.properties, usage: { ...inner, required: [] } } },
    },
    "x-methods": {},
    "x-events": {},
  });
  expect(text).toContain("public var a: [Usage]");
  expect(text).toContain("public var usage: UsageValue");
});

it("[B10] refuses to write two names of the wire as one", () => {
  const properties = { "a-b": { type: "string" }, aB: { type: "string" } };
  expect(() => withShape("Twice", { type: "object", properties })).toThrow("Twice would declare aB twice");
});
