/**
 * Plain trees of configuration: objects, arrays, strings, numbers, booleans, null. All functions are pure, never follow
 * inherited properties and never write through a prototype.
 */
export type Tree = { [key: string]: unknown };
/** A place in a tree: keys and indexes from the root. */
export type Segments = readonly (string | number)[];

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Dotted, with indexes in brackets: `llm.routing[0].model`. */
export function toDotted(segments: Segments): string {
  let path = "";
  for (const part of segments) {
    if (typeof part === "number") path += `[${part}]`;
    else path += path === "" ? part : `.${part}`;
  }
  return path;
}

/** The value at a place, undefined where there is none. */
export function getAt(tree: unknown, segments: Segments): unknown {
  let here = tree;
  for (const part of segments) {
    if (Array.isArray(here) && typeof part === "number") here = here[part];
    else if (isTree(here) && Object.hasOwn(here, part)) here = here[part];
    else return undefined;
  }
  return here;
}

/** A copy of `tree` with the value at a place of objects replaced; what is in the way and no object is replaced too. */
export function withValueAt(tree: unknown, segments: Segments, value: unknown): unknown {
  const [head, ...rest] = segments;
  if (head === undefined) return value;
  const copy: Tree = isTree(tree) ? { ...tree } : {};
  const key = String(head);
  if (key === "__proto__") return copy;
  copy[key] = withValueAt(Object.hasOwn(copy, key) ? copy[key] : undefined, rest, value);
  return copy;
}

/** A copy of `tree` without the value at a place; arrays close the gap. */
export function withoutValueAt(tree: unknown, segments: Segments): unknown {
  const [head, ...rest] = segments;
  if (head === undefined) return undefined;
  if (Array.isArray(tree) && typeof head === "number") {
    if (rest.length === 0) return tree.filter((_item, index) => index !== head);
    return tree.map((item: unknown, index) => (index === head ? withoutValueAt(item, rest) : item));
  }
  if (!isTree(tree) || !Object.hasOwn(tree, head)) return tree;
  const copy: Tree = { ...tree };
  if (rest.length === 0) delete copy[String(head)];
  else copy[String(head)] = withoutValueAt(copy[String(head)], rest);
  return copy;
}

/** Calls `visit` for each string in a tree and replaces it with what comes back. */
export function mapStrings(
  tree: unknown,
  visit: (text: string, segments: Segments) => unknown,
  at: Segments = [],
): unknown {
  if (typeof tree === "string") return visit(tree, at);
  if (Array.isArray(tree)) return tree.map((item, index) => mapStrings(item, visit, [...at, index]));
  if (!isTree(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, mapStrings(item, visit, [...at, key])]));
}

/** Deep equality; the order of keys does not count, `undefined` counts as absent. */
export function equalTrees(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equalTrees(item, b[index]));
  }
  if (!isTree(a) || !isTree(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => equalTrees(ownValue(a, key), ownValue(b, key)));
}

function ownValue(tree: Tree, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

/** Dotted paths of what differs: the deepest ones between objects, arrays as a whole. In the order of the keys. */
export function changedPathsOf(before: unknown, after: unknown, at: Segments = []): string[] {
  if (equalTrees(before, after)) return [];
  if (!isTree(before) || !isTree(after)) return [toDotted(at)];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changedPathsOf(ownValue(before, key), ownValue(after, key), [...at, key]));
}

/** Freezes a tree and everything in it; returns it. */
export function freezeTree<T>(tree: T): T {
  if (typeof tree === "object" && tree !== null && !Object.isFrozen(tree)) {
    Object.freeze(tree);
    for (const value of Object.values(tree)) freezeTree(value);
  }
  return tree;
}

const MAX_DEPTH = 64;

/**
 * A copy made of plain objects and JSON values only, whatever a parser returned: dates become ISO strings, `undefined`
 * and `__proto__` keys go.
 * Throws RangeError above 64 levels, TypeError for what JSON does not have.
 */
export function toPlainTree(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new RangeError(`it is nested more than ${MAX_DEPTH} levels deep`);
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number")
    return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => toPlainTree(item, depth + 1));
  if (typeof value !== "object") throw new TypeError(`it holds a ${typeof value}`);
  const copy: Tree = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined || key === "__proto__") continue;
    copy[key] = toPlainTree(item, depth + 1);
  }
  return copy;
}
