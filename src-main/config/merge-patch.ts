/** JSON merge patch (RFC 7396), on plain trees. Never touches its arguments nor any prototype. */
import { isTree, type Tree } from "./tree.ts";

/**
 * @param target what is there; anything
 * @param patch objects merge key by key, `null` removes a key, everything else replaces
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const result: Tree = isTree(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key === "__proto__") continue;
    if (value === null) delete result[key];
    else result[key] = mergePatch(Object.hasOwn(result, key) ? result[key] : undefined, value);
  }
  return result;
}
