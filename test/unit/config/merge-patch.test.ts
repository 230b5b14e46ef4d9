import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { mergePatch } from "#main/config/merge-patch.ts";
import { equalTrees, isTree, type Tree } from "#main/config/tree.ts";

describe("mergePatch", () => {
  // The table of RFC 7396, appendix A.
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("[Q09] %j patched with %j is %j", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  it("[Q09] never reaches a prototype", () => {
    const patch: unknown = JSON.parse(
      '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "a": {"__proto__": {"polluted": 1}}}',
    );
    const result = mergePatch({ a: {} }, patch) as Tree;
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(Object.hasOwn(result, "__proto__")).toBe(false);
    expect(Reflect.get(result["a"] as object, "polluted")).toBeUndefined();
  });

  it("[Q09] is what the patch says at each of its places, and nothing else changed", () => {
    const trees = fc.object({ maxDepth: 3, maxKeys: 4, values: [fc.string(), fc.integer(), fc.boolean()] });
    const patches = fc.object({ maxDepth: 3, maxKeys: 4, values: [fc.string(), fc.integer(), fc.constant(null)] });
    const holds = (target: unknown, patch: unknown, result: unknown): boolean => {
      if (!isTree(patch)) return equalTrees(result, patch);
      if (!isTree(result)) return false;
      const before = isTree(target) ? target : {};
      const own = (tree: Tree, key: string) => (Object.hasOwn(tree, key) ? tree[key] : undefined);
      const keys = new Set([...Object.keys(before), ...Object.keys(patch), ...Object.keys(result)]);
      return [...keys].every((key) => {
        if (key === "__proto__") return true;
        if (!Object.hasOwn(patch, key)) return equalTrees(own(result, key), own(before, key));
        if (patch[key] === null) return !Object.hasOwn(result, key);
        return holds(own(before, key), patch[key], own(result, key));
      });
    };
    fc.assert(
      fc.property(trees, patches, (target, patch) => {
        const copy = structuredClone(target);
        const result = mergePatch(target, patch);
        expect(holds(target, patch, result)).toBe(true);
        expect(mergePatch(result, patch)).toEqual(result);
        expect(target).toEqual(copy);
      }),
    );
  });
});
