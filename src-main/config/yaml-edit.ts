/** Changes a YAML file only where its values change, so that comments, order and style of the rest stay. */
import { Document, isMap, parseDocument } from "yaml";
import { equalTrees, isTree, toPlainTree, type Tree } from "./tree.ts";

function applyTo(document: Document, before: Tree, next: Tree, at: readonly string[]): void {
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(next, key)) document.deleteIn([...at, key]);
  }
  for (const [key, value] of Object.entries(next)) {
    const path = [...at, key];
    const held = Object.hasOwn(before, key) ? before[key] : undefined;
    if (equalTrees(held, value)) continue;
    if (isTree(held) && isTree(value) && isMap(document.getIn(path))) applyTo(document, held, value, path);
    else document.setIn(path, isTree(value) || Array.isArray(value) ? document.createNode(value) : value);
  }
}

function edited(previous: string, next: Tree): string | undefined {
  try {
    const document = parseDocument(previous);
    const before = toPlainTree(document.toJS());
    if (document.errors.length > 0 || !isTree(before)) return undefined;
    applyTo(document, before, next, []);
    // Anchors and merge keys can make one edit show in two places: then the whole is written anew.
    return equalTrees(toPlainTree(document.toJS()), next) ? document.toString({ lineWidth: 0 }) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param previous the text of the file as it is, undefined when there is none
 * @param next the tree to be written
 */
export function editYaml(previous: string | undefined, next: unknown): string {
  const kept = previous !== undefined && isTree(next) ? edited(previous, next) : undefined;
  return kept ?? new Document(next, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 });
}
