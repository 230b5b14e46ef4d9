/**
 * The protocol as Swift models, for clients on Apple's systems: structs and enums with Codable, from the JSON Schema
 * document alone. Pure: the same document gives the same text. Never edited by hand, and never holds what the schemas
 * do not say. A shape that the document names in `$defs` is one type wherever it occurs; others are declared inside the
 * type that uses them.
 */
import { escape, quote, toMemberName, toNestedName, toTypeName } from "./swift-names.ts";
import { SWIFT_PRELUDE } from "./swift-prelude.ts";

/** What of JSON Schema the wire's schemas use. */
interface Shape {
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly Shape[];
  items?: Shape;
  properties?: Readonly<Record<string, Shape>>;
  required?: readonly string[];
  patternProperties?: Readonly<Record<string, Shape>>;
  additionalProperties?: unknown;
}

/** The document as JSON.parse gives it: `protocol.schema.json`. */
export interface SchemaDocument {
  "x-protocol": { min: number; max: number };
  $defs: Readonly<Record<string, Shape>>;
  "x-methods": Readonly<Record<string, { scope: string; params: Shape; result: Shape }>>;
  "x-events": Readonly<Record<string, { scope: string; payload: Shape }>>;
}

/** A type, how it is written where it is used, and the declaration that must stand beside it. */
interface Used {
  type: string;
  declaration?: readonly string[];
  /** The only value there is: it need not be given. */
  only?: string;
}

/** Where a type is being declared: names that mean something there, and shapes that have a name of their own. */
interface Place {
  named: ReadonlyMap<string, string>;
  taken: ReadonlySet<string>;
}

const CONFORMS = "Codable, Sendable, Equatable";

const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === "" ? "" : `  ${line}`));

/** The strings of an enumeration, when the shape is one. */
function stringsOf(shape: Shape): readonly string[] | undefined {
  const values =
    shape.enum ??
    (shape.anyOf !== undefined && shape.anyOf.every((one) => "const" in one)
      ? shape.anyOf.map((one) => one.const)
      : "const" in shape
        ? [shape.const]
        : undefined);
  return values?.every((value) => typeof value === "string") ? values : undefined;
}

function enumeration(name: string, values: readonly string[]): string[] {
  const cases = values.map((value) => {
    const member = toMemberName(value);
    return `  case ${escape(member)}${member === value ? "" : ` = ${quote(value)}`}`;
  });
  unique(name, values.map(toMemberName));
  return [`public enum ${name}: String, ${CONFORMS}, CaseIterable {`, ...cases, "}"];
}

function unique(owner: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${owner} would declare ${twice} twice`);
}

/** How a shape is written where it is used; a declaration comes with it when it has no name of its own. */
function refer(shape: Shape, hint: string, place: Place): Used {
  const known = place.named.get(JSON.stringify(shape));
  if (known !== undefined) return { type: known };
  const name = toNestedName(hint, (other) => place.taken.has(other));
  const strings = stringsOf(shape);
  if (strings !== undefined) {
    const only = strings.length === 1 ? `.${escape(toMemberName(strings[0] ?? ""))}` : undefined;
    return { type: name, declaration: enumeration(name, strings), ...(only === undefined ? {} : { only }) };
  }
  if (shape.anyOf !== undefined) return union(shape.anyOf, hint, name, place);
  switch (shape.type ?? typeof shape.const) {
    case "string":
      return { type: "String" };
    case "integer":
      return { type: "Int" };
    case "number":
      return { type: "Double" };
    case "boolean":
      return { type: "Bool", ...(shape.const === undefined ? {} : { only: String(shape.const) }) };
    case "array": {
      const item = refer(shape.items ?? {}, hint, place);
      return wrap(item, `[${item.type}]`);
    }
    case "object":
      return object(shape, hint, name, place);
    default:
      return { type: "JSONValue" };
  }
}

/** The same declaration, used inside another type: there is more than one value of that. */
function wrap({ declaration }: Used, type: string): Used {
  return { type, ...(declaration === undefined ? {} : { declaration }) };
}

function object(shape: Shape, hint: string, name: string, place: Place): Used {
  const [values] = Object.values(shape.patternProperties ?? {});
  if (values !== undefined) {
    const value = refer(values, hint, place);
    return wrap(value, `[String: ${value.type}]`);
  }
  if (shape.properties === undefined && shape.additionalProperties !== false) return { type: "[String: JSONValue]" };
  return { type: name, declaration: struct(name, shape, place) };
}

function union(members: readonly Shape[], hint: string, name: string, place: Place): Used {
  const rest = members.filter((member) => member.type !== "null");
  if (rest.length < members.length) {
    const [first] = rest;
    const inner = refer(rest.length === 1 && first !== undefined ? first : { anyOf: rest }, hint, place);
    return wrap(inner, `Nullable<${inner.type}>`);
  }
  return { type: name, declaration: choice(name, rest, place) };
}

/** The property that tells the members of a union apart: required, and another constant in each. */
function tagOf(members: readonly Shape[]): string | undefined {
  return Object.keys(members[0]?.properties ?? {}).find((key) => {
    const values = members.map((member) => (member.required?.includes(key) ? member.properties?.[key]?.const : null));
    return values.every((value) => typeof value === "string") && new Set(values).size === values.length;
  });
}

function choice(name: string, members: readonly Shape[], outer: Place): string[] {
  const place = { ...outer, taken: new Set([...outer.taken, name]) };
  const tag = tagOf(members);
  const parts = members.map((member, index) => {
    const value = tag === undefined ? undefined : String(member.properties?.[tag]?.const);
    const word = value ?? member.type ?? `option${index + 1}`;
    return { value, label: toMemberName(word), used: refer(member, word, place) };
  });
  unique(
    name,
    parts.map(({ label }) => label),
  );
  const declarations = parts.flatMap(({ used }) => (used.declaration ? ["", ...used.declaration] : []));
  return [
    `public enum ${name}: ${CONFORMS} {`,
    ...parts.map(({ label, used }) => `  case ${escape(label)}(${used.type})`),
    ...indent(declarations),
    "",
    ...indent(tag === undefined ? decodeInTurn(parts, name) : decodeByTag(parts, tag)),
    "",
    "  public func encode(to encoder: any Encoder) throws {",
    "    switch self {",
    ...parts.map(({ label }) => `    case .${escape(label)}(let value): try value.encode(to: encoder)`),
    "    }",
    "  }",
    "}",
  ];
}

type Part = { value: string | undefined; label: string; used: Used };

function decodeByTag(parts: readonly Part[], tag: string): string[] {
  return [
    `private enum Tag: String, CodingKey { case tag = ${quote(tag)} }`,
    "",
    "public init(from decoder: any Decoder) throws {",
    "  let container = try decoder.container(keyedBy: Tag.self)",
    "  switch try container.decode(String.self, forKey: .tag) {",
    ...parts.map(
      ({ value, label, used }) =>
        `  case ${quote(value ?? "")}: self = .${escape(label)}(try ${used.type}(from: decoder))`,
    ),
    "  default:",
    `    throw DecodingError.dataCorruptedError(forKey: .tag, in: container, debugDescription: "unknown ${tag}")`,
    "  }",
    "}",
  ];
}

function decodeInTurn(parts: readonly Part[], name: string): string[] {
  return [
    "public init(from decoder: any Decoder) throws {",
    "  let container = try decoder.singleValueContainer()",
    ...parts.map(
      ({ label, used }) =>
        `  if let value = try? container.decode(${used.type}.self) { self = .${escape(label)}(value); return }`,
    ),
    `  throw DecodingError.dataCorruptedError(in: container, debugDescription: "fits no case of ${name}")`,
    "}",
  ];
}

function struct(name: string, shape: Shape, outer: Place): string[] {
  const place = { ...outer, taken: new Set([...outer.taken, name]) };
  const fields = Object.entries(shape.properties ?? {}).map(([key, value]) => {
    const isOptional = shape.required?.includes(key) !== true;
    const used = refer(value, key, place);
    return { key, member: toMemberName(key), used, type: used.type + (isOptional ? "?" : ""), isOptional };
  });
  unique(
    name,
    fields.map(({ member }) => member),
  );
  const declared = fields.flatMap(({ used }) => (used.declaration ? [used.declaration] : []));
  unique(
    name,
    declared.map((lines) => lines[0] ?? ""),
  );
  const isRenamed = fields.some(({ key, member }) => key !== member);
  const keys = fields.map(({ key, member }) => `  case ${escape(member)}${key === member ? "" : ` = ${quote(key)}`}`);
  const given = fields.map(({ member, type, used, isOptional }) => {
    const preset = isOptional ? " = nil" : used.only === undefined ? "" : ` = ${used.only}`;
    return `${escape(member)}: ${type}${preset}`;
  });
  return [
    `public struct ${name}: ${CONFORMS} {`,
    ...indent([
      ...fields.map(({ member, type }) => `public var ${escape(member)}: ${type}`),
      ...declared.flatMap((lines) => ["", ...lines]),
      ...(isRenamed ? ["", "private enum CodingKeys: String, CodingKey {", ...keys, "}"] : []),
      ...(fields.length === 0 ? [] : [""]),
      ...initializer(given, fields),
    ]),
    "}",
  ];
}

function initializer(given: readonly string[], fields: readonly { member: string }[]): string[] {
  if (given.length === 0) return ["public init() {}"];
  const sets = fields.map(({ member }) => `  self.${escape(member)} = ${escape(member)}`);
  return [
    "public init(",
    ...indent(given.map((one, i) => one + (i < given.length - 1 ? "," : ""))),
    ") {",
    ...sets,
    "}",
  ];
}

/** A declaration at the top; a shape that needs none of its own becomes another name for its type. */
function declare(name: string, shape: Shape, place: Place): string[] {
  const { type, declaration } = refer(shape, name, place);
  if (declaration === undefined) return [`public typealias ${name} = ${type}`];
  return type === name ? [...declaration] : [...declaration, `public typealias ${name} = ${type}`];
}

function names(type: string, values: readonly string[]): string[] {
  return ["", ...enumeration(type, values)];
}

/**
 * The Swift file.
 * @param document as it lies in `protocol.schema.json`: methods and events come in its order
 * @throws Error when two names of the wire would become one of Swift's
 */
export function toSwift(document: SchemaDocument): string {
  const methods = Object.entries(document["x-methods"]);
  const events = Object.entries(document["x-events"]);
  const defs = Object.entries(document.$defs);
  const tops = [
    ...defs.map(([name, shape]) => ({ name, shape, mark: "" })),
    ...methods.flatMap(([method, { scope, params, result }]) => [
      { name: `${toTypeName(method)}Params`, shape: params, mark: `${method} (${scope})` },
      { name: `${toTypeName(method)}Result`, shape: result, mark: "" },
    ]),
    ...events
      .map(([event, { scope, payload }]) => ({
        name: `${toTypeName(event)}Event`,
        shape: payload,
        mark: `event ${event} (${scope})`,
      }))
      .filter(({ name }) => !(name in document.$defs)),
  ];
  const taken = new Set(["GatehouseMethod", "GatehouseEvent", ...tops.map(({ name }) => name)]);
  unique(
    "the file",
    tops.map(({ name }) => name),
  );
  const named = new Map<string, string>();
  for (const [name, shape] of defs) {
    const text = JSON.stringify(shape);
    if (!named.has(text)) named.set(text, name);
  }
  const { min, max } = document["x-protocol"];
  const lines = [
    ...SWIFT_PRELUDE,
    "",
    `public let gatehouseProtocolVersions = ${min}...${max}`,
    ...names("GatehouseMethod", Object.keys(document["x-methods"])),
    ...names("GatehouseEvent", Object.keys(document["x-events"])),
  ];
  for (const { name, shape, mark } of tops) {
    const own = named.get(JSON.stringify(shape)) === name;
    // A shape may not be found under its own name while it is declared.
    const others = own ? new Map([...named].filter(([, other]) => other !== name)) : named;
    const free = new Set([...taken].filter((other) => other !== name));
    lines.push(
      "",
      ...(mark === "" ? [] : [`// MARK: ${mark}`, ""]),
      ...declare(name, shape, { named: others, taken: free }),
    );
  }
  return `${lines.join("\n")}\n`;
}
