/**
 * What in a configuration is a secret, and how it is taken out and put back. Known settings by their mark in the
 * schema, everything else by name and by shape. A value that is taken out never leaves this room.
 */
import { isSecretName, looksSecret } from "#main/base/log-redactor.ts";
import { Refused } from "#main/base/errors.ts";
import { REDACTED } from "./contract.ts";
import { isReference } from "./expand.ts";
import { childNode, isSecretNode, rootNode, type SchemaNode } from "./schema-walk.ts";
import { equalTrees, isTree, toDotted, type Segments, type Tree } from "./tree.ts";

interface Place {
  node: SchemaNode | undefined;
  /** Under a name that speaks of secrets: every value below it is one. */
  secret: boolean;
}

function step({ node, secret }: Place, key: string | number): Place {
  const child = node === undefined ? undefined : childNode(node, key);
  // What the schema knows is a secret by its mark only; names count everywhere else.
  const named = typeof key === "string" && child === undefined && isSecretName(key);
  return { node: child, secret: secret || named || isSecretNode(child) };
}

const rootPlace = (): Place => ({ node: rootNode(), secret: false });

/** Secret, and holds one: not empty, not a bare `${VAR}`, which says where the secret is and shows none of it. */
function holdsSecret(value: unknown, place: Place): boolean {
  if (typeof value === "number") return place.secret;
  if (typeof value !== "string" || value === "" || isReference(value)) return false;
  return place.secret || looksSecret(value);
}

function redactAt(value: unknown, place: Place): unknown {
  if (holdsSecret(value, place)) return REDACTED;
  if (Array.isArray(value)) return value.map((item, index) => redactAt(item, step(place, index)));
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactAt(item, step(place, key))]));
}

/** A copy with `REDACTED` in place of every secret. Works on what is written and on what is in force. */
export function redactTree(tree: unknown): unknown {
  return redactAt(tree, rootPlace());
}

/** A secret in plain text in a tree, and where. */
export interface HeldSecret {
  path: string;
  value: string;
}

/** Every secret that a tree holds in plain text: for the log to know, for `doctor` to name the paths of. */
export function secretsIn(tree: unknown): HeldSecret[] {
  const found: HeldSecret[] = [];
  const visit = (value: unknown, place: Place, at: Segments): void => {
    if (holdsSecret(value, place)) found.push({ path: toDotted(at), value: String(value) });
    else if (Array.isArray(value)) value.forEach((item, index) => visit(item, step(place, index), [...at, index]));
    else if (isTree(value))
      for (const [key, item] of Object.entries(value)) visit(item, step(place, key), [...at, key]);
  };
  visit(tree, rootPlace(), []);
  return found.filter(({ value }) => value !== REDACTED);
}

function holdsRedacted(value: unknown): boolean {
  if (value === REDACTED) return true;
  if (Array.isArray(value)) return value.some(holdsRedacted);
  return isTree(value) && Object.values(value).some(holdsRedacted);
}

/**
 * The element of the old list that a redacted element stands for: one that looks the same once redacted, at its index
 * or elsewhere. Anything else is a guess, and a guess could hand a secret to another address.
 */
function originalOf(item: unknown, index: number, old: readonly unknown[], place: Place): unknown {
  const looksSame = (candidate: unknown, at: number) => equalTrees(redactAt(candidate, step(place, at)), item);
  if (index < old.length && looksSame(old[index], index)) return old[index];
  return old.find(looksSame);
}

function restoreAt(next: unknown, current: unknown, place: Place, at: Segments): unknown {
  if (next === REDACTED) {
    if (typeof current === "string" || typeof current === "number") return current;
    throw new Refused("INVALID_REQUEST", `${toDotted(at)} holds ${REDACTED}, but there is no secret there to keep`);
  }
  if (!holdsRedacted(next)) return next;
  if (Array.isArray(next)) {
    const old: readonly unknown[] = Array.isArray(current) ? current : [];
    return next.map((item, index) => {
      if (!holdsRedacted(item)) return item;
      const original = originalOf(item, index, old, place);
      if (original !== undefined) return original;
      const here = toDotted([...at, index]);
      throw new Refused("INVALID_REQUEST", `${here} was changed around a hidden secret: write its secret again`);
    });
  }
  const old: Tree = isTree(current) ? current : {};
  return Object.fromEntries(
    Object.entries(next as Tree).map(([key, item]) => {
      const held = Object.hasOwn(old, key) ? old[key] : undefined;
      return [key, restoreAt(item, held, step(place, key), [...at, key])];
    }),
  );
}

/**
 * A copy of a tree or a merge patch with each `REDACTED` replaced by what is written at that place.
 * Throws Refused `INVALID_REQUEST` where there is nothing to put back.
 */
export function restoreRedacted(next: unknown, current: unknown): unknown {
  return restoreAt(next, current, rootPlace(), []);
}
