/** Rule 1, second half: no cycles between files, type imports included. */
import type { Rule, Tree } from "./tree.ts";

export const noCycles: Rule = (tree) =>
  findKnots(tree).map((knot) => `a cycle of imports: ${knot.join(" → ")}: move what they share into a file below both`);

/** Strongly connected groups of more than one file (Tarjan), and files that import themselves. */
function findKnots(tree: Tree): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const knots: string[][] = [];
  const visit = (path: string): void => {
    order.set(path, order.size);
    lowest.set(path, order.get(path) ?? 0);
    stack.push(path);
    for (const next of targetsOf(tree, path)) {
      if (!order.has(next)) {
        visit(next);
        lowest.set(path, Math.min(lowest.get(path) ?? 0, lowest.get(next) ?? 0));
      } else if (stack.includes(next)) lowest.set(path, Math.min(lowest.get(path) ?? 0, order.get(next) ?? 0));
    }
    if (lowest.get(path) !== order.get(path)) return;
    const knot = stack.splice(stack.indexOf(path));
    if (knot.length > 1 || targetsOf(tree, path).includes(path)) knots.push(knot);
  };
  for (const path of tree.code.keys()) if (!order.has(path)) visit(path);
  return knots;
}

function targetsOf(tree: Tree, path: string): string[] {
  const refs = tree.code.get(path)?.imports ?? [];
  return [...new Set(refs.map((ref) => ref.target ?? "").filter((target) => tree.code.has(target)))];
}
