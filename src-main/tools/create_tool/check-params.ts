/**
 * Checks the JSON Schema of a tool that the model wrote: a small, bounded part of the language. Must never pass what
 * makes checking an argument slow or reach elsewhere: patterns and references stay out.
 */
import { refuse, type Refused } from "#main/base/errors.ts";

const MAX_BYTES = 8192;
const MAX_DEPTH = 8;
const TYPES: ReadonlySet<unknown> = new Set(["object", "array", "string", "number", "integer", "boolean", "null"]);
/** Keywords whose value is data. */
const PLAIN: ReadonlySet<string> = new Set([
  ...["title", "description", "default", "examples", "const", "minimum", "maximum", "exclusiveMinimum"],
  ...["exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"],
]);

type Schema = Readonly<Record<string, unknown>>;

/** Throws Refused, in words for the model, when this is no schema of an object that we take. */
export function checkParams(params: Schema): void {
  if (JSON.stringify(params).length > MAX_BYTES) throw fail(`it is longer than ${MAX_BYTES} bytes`);
  if (params["type"] !== "object") throw fail('its type is not "object"');
  checkSchema(params, "params", 0);
}

function checkSchema(schema: unknown, where: string, depth: number): void {
  if (depth > MAX_DEPTH) throw fail(`${where} is nested too deep`);
  if (!isObject(schema)) throw fail(`${where} is not an object`);
  for (const [keyword, value] of Object.entries(schema)) checkKeyword(keyword, value, where, depth);
}

function checkKeyword(keyword: string, value: unknown, where: string, depth: number): void {
  const place = `${where}.${keyword}`;
  if (keyword === "type") {
    if (!TYPES.has(value)) throw fail(`${place} is not a type`);
  } else if (keyword === "properties") {
    if (!isObject(value)) throw fail(`${place} is not an object`);
    for (const [name, schema] of Object.entries(value)) checkSchema(schema, `${place}.${name}`, depth + 1);
  } else if (keyword === "items") checkSchema(value, place, depth + 1);
  else if (keyword === "anyOf" || keyword === "oneOf" || keyword === "allOf") {
    if (!Array.isArray(value) || value.length === 0) throw fail(`${place} is not a list`);
    value.forEach((schema, index) => checkSchema(schema, `${place}[${index}]`, depth + 1));
  } else if (keyword === "required") {
    if (!Array.isArray(value) || !value.every((name) => typeof name === "string"))
      throw fail(`${place} is no list of names`);
  } else if (keyword === "enum") {
    if (!Array.isArray(value) || value.length === 0) throw fail(`${place} is not a list`);
  } else if (keyword === "additionalProperties") {
    if (typeof value !== "boolean") throw fail(`${place} is neither true nor false`);
  } else if (!PLAIN.has(keyword)) throw fail(`${place} is a keyword that is not taken`);
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fail(what: string): Refused {
  return refuse(`The schema of the parameters cannot be used: ${what}.`);
}
