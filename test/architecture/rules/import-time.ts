/**
 * Rule 4: importing a file does nothing but define things, and no file keeps state of its own. What a file calls while
 * it is loaded must be on a short list of functions that only make values.
 */
import { childrenOf, dottedName, isFunction, isNode, nameOf, topLevel, walk, type AstNode } from "./ast.ts";
import { codeUnder, type Rule, type SourceFile } from "./tree.ts";

/** Programs: files that are run, not imported. */
const ENTRIES =
  /^(src-main\/(main|cli|inference)\.ts|src-main\/[\w/-]+\/[\w-]+-worker\.ts|src-preload\/preload\.ts|src-renderer\/(main|index)\.tsx)$/;

/** Calls that only make a value. */
const MAKERS = [
  /^Object\.(freeze|entries|keys|values|fromEntries|assign)$/,
  /^(Array\.(from|of|isArray)|Number|String|Boolean|BigInt|Symbol|Symbol\.for|String\.raw|Math\.\w+|Buffer\.from)$/,
  /^JSON\.(parse|stringify)$/,
  /^Type\.\w+$/,
  /^define[A-Z]\w*$/,
  /^(createContext|lazy|memo|forwardRef|React\.\w+)$/,
];
/** Methods of strings, arrays and sets that give a new value. */
const PURE_METHODS =
  /^(map|filter|flatMap|flat|join|split|slice|concat|trim|toLowerCase|toUpperCase|replaceAll?|at|union|sort|entries|keys|values|reduce|repeat|padStart|padEnd|fill|toSorted|find|includes)$/;
const MADE_BY_NEW = /^(Map|Set|RegExp|URL|Date|TextEncoder|TextDecoder|Intl\.\w+|Uint8Array|Array|Error)$/;
const MUTATORS = /^(set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin)$/;

export const nothingHappensOnImport: Rule = (tree) => {
  const faults: string[] = [];
  for (const file of codeUnder(tree, "src-main", "src-preload", "src-renderer")) {
    if (ENTRIES.test(file.path)) continue;
    for (const { node, what } of findWork(file)) {
      faults.push(`${file.path}:${file.lineAt(node.start)} ${what} while it is imported: do it in a function`);
    }
  }
  return faults;
};

/** Statements that only define; any other at the top of a file is work. */
const DEFINING = /^(Import|Export|TS|Class|Function|VariableDeclaration$|EmptyStatement$)/;

function findWork(file: SourceFile): { node: AstNode; what: string }[] {
  const found: { node: AstNode; what: string }[] = [];
  const locals = localFunctions(file);
  for (const statement of topLevel(file)) {
    if (!DEFINING.test(statement.type) && !isDirective(statement)) {
      found.push({ node: statement, what: "runs a statement" });
    } else if (!statement.type.startsWith("TS") && !isFunction(statement))
      found.push(...findCalls(statement, locals, new Set()));
  }
  return found;
}

function isDirective(node: AstNode): boolean {
  return node.type === "ExpressionStatement" && typeof node["directive"] === "string";
}

function localFunctions(file: SourceFile): Map<string, AstNode> {
  const functions = new Map<string, AstNode>();
  for (const statement of topLevel(file)) {
    if (statement.type === "FunctionDeclaration") functions.set(nameOf(statement["id"]), statement);
    const declarations = Array.isArray(statement["declarations"]) ? statement["declarations"].filter(isNode) : [];
    for (const { id, init } of declarations) if (isNode(init) && isFunction(init)) functions.set(nameOf(id), init);
  }
  return functions;
}

/** Calls that happen when a piece of code is evaluated; functions are entered only where they are called. */
function findCalls(root: AstNode, locals: Map<string, AstNode>, seen: Set<string>): { node: AstNode; what: string }[] {
  const found: { node: AstNode; what: string }[] = [];
  const visit = (node: AstNode): void => {
    if (isFunction(node) || (node.type.startsWith("TS") === true && !isExpression(node))) return;
    // Of a class only the static parts, computed keys and the heritage are evaluated on import.
    if (node.type === "PropertyDefinition" && node["static"] !== true) return;
    if (node.type === "StaticBlock") found.push({ node, what: "runs a static block" });
    if (node.type === "AwaitExpression") found.push({ node, what: "awaits" });
    if (node.type === "CallExpression") found.push(...judgeCall(node, locals, seen));
    if (node.type === "NewExpression" && !MADE_BY_NEW.test(dottedName(node["callee"]))) {
      found.push({ node, what: `makes a ${dottedName(node["callee"]) || "thing"}` });
    }
    childrenOf(node).forEach(visit);
  };
  if (isFunction(root)) childrenOf(root).forEach(visit);
  else visit(root);
  return found;
}

function isExpression(node: AstNode): boolean {
  return ["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"].includes(node.type);
}

function judgeCall(node: AstNode, locals: Map<string, AstNode>, seen: Set<string>): { node: AstNode; what: string }[] {
  const callee = isNode(node["callee"]) ? node["callee"] : undefined;
  if (callee === undefined || isFunction(callee)) return [{ node, what: "runs a function" }];
  const name = dottedName(callee);
  if (MAKERS.some((maker) => maker.test(name))) return [];
  if (callee.type === "MemberExpression" && PURE_METHODS.test(nameOf(callee["property"]))) return [];
  const local = locals.get(name);
  if (local === undefined) return [{ node, what: `calls ${name || "something"}` }];
  if (seen.has(name)) return [];
  seen.add(name);
  const inside = findCalls(local, locals, seen).map(({ what }) => what);
  return inside.length === 0 ? [] : [{ node, what: `calls ${name}, which ${inside[0]}` }];
}

export const noModuleState: Rule = (tree) => {
  const faults: string[] = [];
  for (const file of codeUnder(tree, "src-main", "src-preload", "src-renderer")) {
    if (ENTRIES.test(file.path)) continue;
    const say = (node: AstNode, what: string) =>
      faults.push(`${file.path}:${file.lineAt(node.start)} ${what}: state belongs to something with a lifetime`);
    const constants = new Set<string>();
    for (const statement of topLevel(file)) {
      if (statement.type !== "VariableDeclaration" || statement["declare"] === true) continue;
      if (statement["kind"] !== "const") say(statement, `has a ${String(statement["kind"])} at its top`);
      for (const declarator of childrenOf(statement)) {
        constants.add(nameOf(declarator["id"]));
        if (isOpenCollection(declarator, file)) say(declarator, `offers a Map or Set that anyone may change`);
      }
    }
    for (const { node, name } of findMutations(file, constants))
      say(node, `changes ${name}, which the whole file shares`);
  }
  return faults;
};

/** An exported `new Map` or `new Set` whose type does not say that it is read only. */
function isOpenCollection(declarator: AstNode, file: SourceFile): boolean {
  const init = declarator["init"];
  if (!isNode(init) || init.type !== "NewExpression" || !/^(Map|Set)$/.test(nameOf(init["callee"]))) return false;
  const isExported = new RegExp(`export\\s+const\\s+${nameOf(declarator["id"])}\\b`).test(file.text);
  return isExported && !/Readonly(Map|Set)/.test(file.text.slice(declarator.start, init.start));
}

/** Where a constant of the file's top is changed: `.set(…)`, `.push(…)`, `X[…] = …`, `X.y = …`. */
function findMutations(file: SourceFile, constants: ReadonlySet<string>): { node: AstNode; name: string }[] {
  const found: { node: AstNode; name: string }[] = [];
  const shadowed = shadowedNames(file, constants);
  walk(file.program, (node) => {
    const member =
      node.type === "CallExpression" ? node["callee"] : node.type === "AssignmentExpression" ? node["left"] : 0;
    if (!isNode(member) || member.type !== "MemberExpression") return;
    const name = nameOf(member["object"]);
    if (!constants.has(name) || shadowed.has(name)) return;
    if (node.type === "AssignmentExpression" || MUTATORS.test(nameOf(member["property"]))) found.push({ node, name });
  });
  return found;
}

/** Constants whose name some function binds again: there the mutation may be of the other one. */
function shadowedNames(file: SourceFile, constants: ReadonlySet<string>): Set<string> {
  const shadowed = new Set<string>();
  walk(file.program, (node) => {
    if (!isFunction(node)) return;
    const bind = (pattern: unknown) =>
      walk(pattern, (inner) => {
        if (inner.type === "Identifier" && constants.has(nameOf(inner))) shadowed.add(nameOf(inner));
      });
    if (Array.isArray(node["params"])) node["params"].forEach(bind);
    walk(node["body"], (inner) => {
      if (inner.type === "VariableDeclarator") bind(inner["id"]);
    });
  });
  return shadowed;
}
