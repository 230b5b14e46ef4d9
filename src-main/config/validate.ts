/**
 * Does a tree fit the schema, and what in it is unknown: in words for a person, with the path. Never repeats the value
 * of a secret. The validator is loaded when there is something to validate, not at start.
 */
import { isSecretName, looksSecret } from "#main/base/log-redactor.ts";
import type { ConfigIssue } from "./contract.ts";
import { ConfigSchema } from "./schema.ts";
import {
  childNode,
  isReserved,
  isSecretNode,
  propertiesOf,
  recordValueOf,
  rootNode,
  schemaAt,
  type SchemaNode,
} from "./schema-walk.ts";
import { getAt, isTree, toDotted, type Segments } from "./tree.ts";

/** What a node accepts, to be read after "must be". */
export function describeNode(node: SchemaNode): string {
  const { minimum, maximum, enum: choices } = node;
  if (Array.isArray(choices)) return `one of ${choices.join(", ")}`;
  const range =
    typeof minimum === "number" && typeof maximum === "number"
      ? ` between ${minimum} and ${maximum}`
      : typeof minimum === "number"
        ? ` of at least ${minimum}`
        : "";
  switch (node["type"]) {
    case "integer":
      return `a whole number${range}`;
    case "number":
      return `a number${range}`;
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
      return "a section of keys and values";
    default:
      return "something else";
  }
}

function showValue(value: unknown, segments: Segments): string {
  const name = segments.findLast((part) => typeof part === "string") ?? "";
  if (isSecretNode(schemaAt(segments)) || isSecretName(String(name))) return "it holds something else";
  const text = JSON.stringify(value) ?? "nothing";
  if (looksSecret(text)) return "it holds something else";
  return `it is ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

/** The place that a JSON pointer (RFC 6901) names in `tree`; indexes become numbers. */
function fromPointer(pointer: string, tree: unknown): Segments {
  const segments: (string | number)[] = [];
  for (const raw of pointer.split("/").slice(1)) {
    const part = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    segments.push(Array.isArray(getAt(tree, segments)) ? Number(part) : part);
  }
  return segments;
}

/**
 * @param tree with defaults filled in
 * @returns one issue per place that does not fit, the first few; empty when the tree fits
 */
export async function findIssues(tree: unknown): Promise<ConfigIssue[]> {
  const { Errors } = await import("typebox/value");
  const issues = new Map<string, ConfigIssue>();
  const add = (segments: Segments, rest: string) => {
    const path = toDotted(segments);
    if (!issues.has(path)) issues.set(path, { path, message: `${path === "" ? "the file" : path} ${rest}` });
  };
  for (const error of Errors(ConfigSchema, tree)) {
    const segments = fromPointer(error.instancePath, tree);
    const node = schemaAt(segments) ?? {};
    if (error.keyword === "required") {
      for (const key of error.params.requiredProperties) {
        add([...segments, key], `is missing; it must be ${describeNode(childNode(node, key) ?? {})}`);
      }
    } else add(segments, `must be ${describeNode(node)}; ${showValue(getAt(tree, segments), segments)}`);
  }
  return [...issues.values()];
}

/** Levenshtein distance, given up above `most`. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let row = Array.from({ length: b.length + 1 }, (_item, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? most + 1;
}

/** The known name closest to `word`, when it is close. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const most = word.length <= 3 ? 1 : 2;
  const ranked = known
    .map((name) => ({ name, off: distance(word.toLowerCase(), name.toLowerCase(), most) }))
    .filter(({ off }) => off <= most)
    .sort((a, b) => a.off - b.off);
  return ranked[0]?.name;
}

/** Keys that the schema does not know, each once, with a guess at what was meant. */
export function findUnknownKeys(tree: unknown, node: SchemaNode = rootNode(), at: Segments = []): ConfigIssue[] {
  if (Array.isArray(tree)) {
    const items = childNode(node, 0);
    return items === undefined ? [] : tree.flatMap((item, index) => findUnknownKeys(item, items, [...at, index]));
  }
  if (!isTree(tree) || node["type"] !== "object") return [];
  const known = Object.keys(propertiesOf(node));
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = [...at, key];
    if (known.includes(key) || recordValueOf(node) !== undefined) {
      const child = childNode(node, key);
      return child === undefined ? [] : findUnknownKeys(value, child, here);
    }
    if ((at.length === 0 && isReserved(key)) || node["x-open"] === true) return [];
    const guess = closest(key, known);
    const path = toDotted(here);
    return [
      {
        path,
        message: `${path} is not a known setting; it is kept and does nothing${guess === undefined ? "" : `. Did you mean "${guess}"?`}`,
      },
    ];
  });
}
