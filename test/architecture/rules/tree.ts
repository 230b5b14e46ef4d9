/**
 * A source tree as the rules see it: path → text, parsed once with oxc. The same shape holds the real tree and the tiny
 * virtual ones by which each rule is proved to fail. It must never judge; that is the rules' work.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { parseSync, Visitor, type Comment, type Program } from "oxc-parser";

export const ROOT = resolve(import.meta.dirname, "../../..");

/** One reference to another module, however it is written. */
export interface ImportRef {
  /** As written. */
  specifier: string;
  /** The file it means, from the root; undefined for a package. */
  target: string | undefined;
  /** True if nothing of it is there at run time. */
  isType: boolean;
  kind: "import" | "export" | "dynamic" | "type";
  line: number;
}

export interface SourceFile {
  path: string;
  text: string;
  lineCount: number;
  program: Program;
  comments: readonly Comment[];
  imports: readonly ImportRef[];
  /** `import()` of something other than a literal: nobody can say what it loads. */
  opaqueImports: readonly number[];
  /** Syntax errors, if any. */
  errors: readonly string[];
  lineAt(offset: number): number;
}

/** Parsed code by path, and everything else by path. Paths are from the root, with forward slashes. */
export interface Tree {
  code: ReadonlyMap<string, SourceFile>;
  texts: ReadonlyMap<string, string>;
}

/** What a rule is: faults in words, one per line, empty when the tree is right. Each says where, what and what to do. */
export type Rule = (tree: Tree) => string[];

const CODE = /\.(ts|tsx)$/;
const ALIASES: readonly (readonly [string, string])[] = [
  ["#main/", "src-main/"],
  ["#renderer/", "src-renderer/"],
  ["#test/", "test/"],
];

/** Makes a tree of texts by path. */
export function toTree(files: Readonly<Record<string, string>>): Tree {
  const code = new Map<string, SourceFile>();
  for (const [path, text] of Object.entries(files)) {
    if (CODE.test(path) && !path.endsWith(".d.ts")) code.set(path, parse(path, text));
  }
  return { code, texts: new Map(Object.entries(files)) };
}

const SKIPPED = new Set(["node_modules", ".git", "out", "dist", "coverage"]);
/** Binary by nature, or not ours to word. */
const UNREAD = /\.(png|jpg|ico|icns|gif|webp|woff2?|wav|ogg|gguf|db)$|package-lock\.json$/;

/** The repository as it lies on disk, without what is built or installed. */
export function readRealTree(): Tree {
  const files: Record<string, string> = {};
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (SKIPPED.has(entry.name) || path === "test/results") continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) files[path] = UNREAD.test(path) ? "" : readFileSync(join(ROOT, path), "utf8");
    }
  };
  walk("");
  return toTree(files);
}

function parse(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text, { range: false });
  const starts = [0];
  for (let i = text.indexOf("\n"); i !== -1; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  const lineAt = (offset: number) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
  const lineCount = text.endsWith("\n") ? starts.length - 1 : starts.length;
  const found = findImports(path, program, lineAt);
  return { path, text, lineCount, program, comments, lineAt, errors: errors.map((e) => e.message), ...found };
}

function findImports(path: string, program: Program, lineAt: (offset: number) => number) {
  const imports: ImportRef[] = [];
  const opaqueImports: number[] = [];
  const add = (specifier: string, kind: ImportRef["kind"], isType: boolean, offset: number) =>
    imports.push({ specifier, target: toTarget(path, specifier), isType, kind, line: lineAt(offset) });
  new Visitor({
    ImportDeclaration(node) {
      const isType = node.importKind === "type" || allTypes(node.specifiers, "importKind");
      add(node.source.value, "import", isType, node.start);
    },
    ExportNamedDeclaration(node) {
      if (!node.source) return;
      add(
        node.source.value,
        "export",
        node.exportKind === "type" || allTypes(node.specifiers, "exportKind"),
        node.start,
      );
    },
    ExportAllDeclaration(node) {
      add(node.source.value, "export", node.exportKind === "type", node.start);
    },
    ImportExpression(node) {
      if (node.source.type === "Literal" && typeof node.source.value === "string") {
        add(node.source.value, "dynamic", false, node.start);
      } else opaqueImports.push(lineAt(node.start));
    },
    TSImportType(node) {
      add(node.source.value, "type", true, node.start);
    },
  }).visit(program);
  return { imports, opaqueImports };
}

/** `import { type A, type B }`: under verbatimModuleSyntax the module is still loaded, but nothing is taken from it. */
function allTypes(specifiers: readonly object[], key: "importKind" | "exportKind"): boolean {
  return specifiers.length > 0 && specifiers.every((s) => (s as Record<string, unknown>)[key] === "type");
}

/** The file that a specifier means, from the root. */
function toTarget(from: string, specifier: string): string | undefined {
  if (specifier.startsWith("."))
    return posix.normalize(posix.join(posix.dirname(from), specifier.replace(/\?.*$/, "")));
  for (const [alias, folder] of ALIASES) if (specifier.startsWith(alias)) return folder + specifier.slice(alias.length);
  return undefined;
}

/** The package of a bare specifier: `@scope/name/x` → `@scope/name`. */
export function toPackage(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** Code files below one of the folders, or the file itself. */
export function codeUnder(tree: Tree, ...folders: string[]): SourceFile[] {
  return [...tree.code.values()].filter(({ path }) => folders.some((f) => path === f || path.startsWith(`${f}/`)));
}
