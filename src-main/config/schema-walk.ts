/** Looks at the configuration's JSON Schema as data: what belongs where, its defaults. Never validates. */
import { ConfigSchema, RESERVED_SECTIONS } from "./schema.ts";
import { isTree, type Segments, type Tree } from "./tree.ts";

/** A node of the schema, as JSON. */
export type SchemaNode = Tree;

export function rootNode(): SchemaNode {
  return ConfigSchema as unknown as SchemaNode;
}

/** The declared properties of an object node. */
export function propertiesOf(node: SchemaNode): Readonly<Record<string, SchemaNode>> {
  const properties = node["properties"];
  return isTree(properties) ? (properties as Record<string, SchemaNode>) : {};
}

/** The node of a record's values, undefined when the node is no record. */
export function recordValueOf(node: SchemaNode): SchemaNode | undefined {
  const patterns = node["patternProperties"];
  if (!isTree(patterns)) return undefined;
  const value = Object.values(patterns)[0];
  return isTree(value) ? value : undefined;
}

/** The node one step down, undefined for what the schema does not know. */
export function childNode(node: SchemaNode, part: string | number): SchemaNode | undefined {
  if (typeof part === "number") return isTree(node["items"]) ? node["items"] : undefined;
  const properties = propertiesOf(node);
  return (Object.hasOwn(properties, part) ? properties[part] : undefined) ?? recordValueOf(node);
}

/** The node at a place, undefined for unknown keys and for sections of later rooms. */
export function schemaAt(segments: Segments): SchemaNode | undefined {
  let node: SchemaNode | undefined = rootNode();
  for (const part of segments) {
    if (node === undefined) return undefined;
    node = childNode(node, part);
  }
  return node;
}

export function isReserved(section: string): boolean {
  return (RESERVED_SECTIONS as readonly string[]).includes(section);
}

/** Marked as a secret in the schema. */
export function isSecretNode(node: SchemaNode | undefined): boolean {
  return node?.["x-secret"] === true;
}

/** The required keys of an object node: those that are made when missing. */
function requiredOf(node: SchemaNode): readonly string[] {
  const required = node["required"];
  return Array.isArray(required) ? required.filter((key) => typeof key === "string") : [];
}

/**
 * A copy of `value` with the schema's defaults where something required is missing. What is there stays, right or
 * wrong.
 */
export function withDefaults(value: unknown, node: SchemaNode = rootNode()): unknown {
  if (value === undefined && "default" in node) return structuredClone(node["default"]);
  if (Array.isArray(value)) {
    const items = node["items"];
    return isTree(items) ? value.map((item) => withDefaults(item, items)) : value;
  }
  if (value !== undefined && !isTree(value)) return value;
  if (node["type"] !== "object") return value;
  const copy: Tree = { ...value };
  const properties = propertiesOf(node);
  const required = new Set(requiredOf(node));
  for (const [key, child] of Object.entries(properties)) {
    if (!Object.hasOwn(copy, key) && !required.has(key)) continue;
    const filled = withDefaults(Object.hasOwn(copy, key) ? copy[key] : undefined, child);
    if (filled !== undefined) copy[key] = filled;
  }
  const recordValue = recordValueOf(node);
  if (recordValue !== undefined) {
    for (const key of Object.keys(copy))
      if (!Object.hasOwn(properties, key)) copy[key] = withDefaults(copy[key], recordValue);
  }
  return copy;
}
