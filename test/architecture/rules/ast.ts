/** Walking a syntax tree without knowing its grammar: nodes are objects with a `type`. Nothing here judges. */
import type { SourceFile } from "./tree.ts";

/** Any node of the ESTree that oxc gives. */
export interface AstNode {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && typeof (value as AstNode).type === "string";
}

/** The nodes directly below one, in source order of their keys. */
export function childrenOf(node: AstNode): AstNode[] {
  return Object.entries(node).flatMap(([key, value]) =>
    key === "parent" ? [] : Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** Calls `visit` for a node and all below it; returning false leaves out what is below. */
export function walk(node: unknown, visit: (node: AstNode) => boolean | void): void {
  if (!isNode(node) || visit(node) === false) return;
  for (const child of childrenOf(node)) walk(child, visit);
}

/** The name of an identifier (private ones too), else "". */
export function nameOf(node: unknown): string {
  return isNode(node) && typeof node["name"] === "string" ? node["name"] : "";
}

/** `a.b.c` of a chain of plain names, else "" in the place of what is not a name. */
export function dottedName(node: unknown): string {
  if (!isNode(node)) return "";
  if (node.type !== "MemberExpression") return nameOf(node);
  return `${dottedName(node["object"])}.${nameOf(node["property"])}`;
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

export function isFunction(node: AstNode): boolean {
  return FUNCTIONS.has(node.type);
}

/** The statements of a file, each `export const …` given as its declaration. */
export function topLevel(file: SourceFile): AstNode[] {
  return (file.program.body as unknown as AstNode[]).map((node) =>
    isNode(node["declaration"]) && node.type.startsWith("Export") ? node["declaration"] : node,
  );
}

/** Names that some parameter, pattern or variable of the file binds. */
export function boundNames(file: SourceFile): Set<string> {
  const names = new Set<string>();
  const bind = (pattern: unknown) =>
    walk(pattern, (node) => {
      if (node.type === "Identifier") names.add(nameOf(node));
    });
  walk(file.program, (node) => {
    if (node.type === "VariableDeclarator") bind(node["id"]);
    if (isFunction(node) && Array.isArray(node["params"])) node["params"].forEach(bind);
  });
  return names;
}
