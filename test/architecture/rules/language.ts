/** Rule 7: the parts of the language and the names that this house does without. */
import { dottedName, nameOf, walk, type AstNode } from "./ast.ts";
import type { Rule, SourceFile } from "./tree.ts";

/** Tools that insist on a default export. */
const DEFAULT_EXPORTS = /^([\w.-]+\.config\.ts)$/;
const BAD_NAME = /(^|[-_.])(utils?|helpers?|misc|managers?)([-_.]|$)/i;
const MOCKS = /^(vi|jest)\.(mock|doMock|unmock|doUnmock|hoisted)$/;
const SWITCHES = /@ts-(ignore|nocheck|expect-error)/;

export const languageIsPlain: Rule = (tree) =>
  [...tree.code.values()].flatMap((file) => [
    ...file.errors.map((error) => `${file.path} does not parse: ${error}`),
    ...findForbidden(file),
    ...file.comments
      .filter((comment) => SWITCHES.test(comment.value))
      .map((comment) => `${file.path}:${file.lineAt(comment.start)} switches the type checker off: fix the type`),
  ]);

function findForbidden(file: SourceFile): string[] {
  const faults: string[] = [];
  walk(file.program, (node) => {
    const what = judge(node, file);
    if (what !== undefined) faults.push(`${file.path}:${file.lineAt(node.start)} ${what}`);
  });
  return faults;
}

function judge(node: AstNode, file: SourceFile): string | undefined {
  switch (node.type) {
    case "TSAnyKeyword":
      return "says any: say unknown and look, or name the type";
    case "ExportDefaultDeclaration":
      return DEFAULT_EXPORTS.test(file.path) ? undefined : "has a default export: name it";
    case "TSEnumDeclaration":
      return "has an enum: use a union of literals";
    case "TSModuleDeclaration":
      return node["kind"] === "global" || node["declare"] === true ? undefined : "has a namespace: use a file";
    case "TSParameterProperty":
      return "has a parameter property: declare the field";
    case "TSInterfaceDeclaration":
      return /^I[A-Z][a-z]/.test(nameOf(node["id"]))
        ? `names an interface ${nameOf(node["id"])}: no I in front`
        : undefined;
    case "CallExpression":
      return MOCKS.test(dottedName(node["callee"])) ? "mocks a module: hand the thing in as an argument" : undefined;
    default:
      return undefined;
  }
}

export const namesSayWhatTheyAre: Rule = (tree) =>
  [...tree.texts.keys()]
    .filter((path) => path.split("/").some((part) => BAD_NAME.test(part)))
    .map((path) => `${path}: a name that says nothing; name the file after what it does`);

/** File names: kebab-case; React components `PascalCase.tsx`. */
export const namesHaveOneForm: Rule = (tree) =>
  [...tree.code.keys()]
    .filter((path) => /^(src-|test\/|build\/)/.test(path))
    .filter(
      (path) =>
        !/^[a-z0-9]+([-.][a-z0-9]+)*\.tsx?$|^[A-Z][A-Za-z0-9]*(\.test)?\.tsx$/.test(path.split("/").at(-1) ?? ""),
    )
    .map((path) => `${path}: write kebab-case.ts, or PascalCase.tsx for a component`);

export const testNamesStateBehaviour: Rule = (tree) => {
  const faults: string[] = [];
  for (const file of tree.code.values()) {
    if (!file.path.startsWith("test/")) continue;
    walk(file.program, (node) => {
      if (node.type !== "CallExpression" || !/^(it|test)(\.\w+)?$/.test(dottedName(node["callee"]))) return;
      const [name] = node["arguments"] as { value?: unknown; quasis?: { value: { raw: string } }[] }[];
      const text =
        typeof name?.value === "string" ? name.value : (name?.quasis?.map((q) => q.value.raw).join("") ?? "");
      if (/\bshould\b/i.test(text)) {
        faults.push(`${file.path}:${file.lineAt(node.start)} "${text}": say what happens, without "should"`);
      }
    });
  }
  return faults;
};
