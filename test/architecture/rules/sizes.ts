/** Rule 8: sizes. A budget per file alone is not enough: the whole has one too. */
import { posix } from "node:path";
import { isFunction, walk } from "./ast.ts";
import { codeUnder, type Rule, type Tree } from "./tree.ts";

const FILE_LINES = 400;
const FUNCTION_LINES = 80;
const IMPORTS = 15;
const FOLDER_FILES = 20;
const ALL_LINES = 60_000;
const ENTRY_LINES = 60;

/** Files excused from one bound, by name and with the reason. */
export const EXEMPT: readonly { path: string; from: "lines" | "function" | "imports" | "files"; why: string }[] = [
  { path: "src-main/compose/acting.ts", from: "imports", why: "part of the only assembly" },
  { path: "src-main/compose/channels.ts", from: "imports", why: "part of the only assembly" },
  { path: "src-main/compose/ground.ts", from: "imports", why: "part of the only assembly" },
  { path: "src-main/compose/tool-world.ts", from: "imports", why: "part of the only assembly" },
  { path: "src-main/compose/rooms.ts", from: "imports", why: "part of the only assembly" },
  { path: "src-main/tools/index.ts", from: "imports", why: "the list of tools: a line each" },
  { path: "src-main/compose.ts", from: "imports", why: "the only assembly: it names every part once" },
  {
    path: "src-renderer/features/chat/markdown/highlight.ts",
    from: "imports",
    why: "a table of languages, each loaded when it is first shown",
  },
];

function isExempt(path: string, from: string): boolean {
  return EXEMPT.some((entry) => entry.path === path && entry.from === from);
}

const sources = (tree: Tree) => codeUnder(tree, "src-main", "src-preload", "src-renderer");

export const filesAreShort: Rule = (tree) =>
  sources(tree)
    .filter((file) => file.lineCount > FILE_LINES && !isExempt(file.path, "lines"))
    .map((file) => `${file.path} has ${file.lineCount} lines; at most ${FILE_LINES}: divide it by what it knows`);

export const functionsAreShort: Rule = (tree) => {
  const faults: string[] = [];
  for (const file of sources(tree)) {
    if (isExempt(file.path, "function")) continue;
    walk(file.program, (node) => {
      if (!isFunction(node)) return;
      const first = file.lineAt(node.start);
      const lines = file.lineAt(node.end) - first + 1;
      if (lines > FUNCTION_LINES) {
        faults.push(`${file.path}:${first} a function of ${lines} lines; at most ${FUNCTION_LINES}: name its steps`);
      }
    });
  }
  return faults;
};

export const importsAreFew: Rule = (tree) =>
  sources(tree)
    .filter((file) => !isExempt(file.path, "imports"))
    .map((file) => ({ file, count: new Set(file.imports.map((ref) => ref.specifier)).size }))
    .filter(({ count }) => count > IMPORTS)
    .map(({ file, count }) => `${file.path} imports ${count} modules; at most ${IMPORTS}: it does more than one thing`);

export const foldersAreSmall: Rule = (tree) => {
  const counts = new Map<string, number>();
  for (const { path } of sources(tree)) counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1);
  return [...counts]
    .filter(([folder, count]) => count > FOLDER_FILES && !isExempt(folder, "files"))
    .map(([folder, count]) => `${folder} holds ${count} files directly; at most ${FOLDER_FILES}: it has rooms inside`);
};

/** Tables of data, words and schemas alike, which the whole does not count: nothing in them does anything. */
export const TABLES: readonly { path: string; why: string }[] = [
  { path: "src-renderer/i18n/locales/", why: "the same words in four languages" },
  { path: "src-main/protocol/methods/", why: "names, parameters and results of the wire's methods, as schemas" },
  { path: "src-main/protocol/events.ts", why: "the wire's events, as schemas" },
  { path: "src-main/protocol/frames.ts", why: "the wire's frames, as schemas" },
  { path: "src-main/protocol/messages.ts", why: "the wire's messages, as schemas" },
  { path: "src-main/protocol/shapes.ts", why: "the names of the wire's shared schemas" },
  { path: "src-main/store/schema.ts", why: "the rows of the database, as types" },
  { path: "src-main/config/schema.ts", why: "the configuration, as a schema" },
  { path: "src-main/cli/commands.ts", why: "the commands and their options" },
  { path: "src-main/providers/openai/models.ts", why: "windows and prices of models" },
  { path: "src-main/channels/slack/emoji.ts", why: "names of emoji" },
  { path: "src-main/tools/bash/level/program-options.ts", why: "options of programs, from their manuals" },
];

export const theWholeIsSmall: Rule = (tree) => {
  const isTable = (path: string) => TABLES.some((table) => path.startsWith(table.path));
  const code = sources(tree).filter(({ path }) => !isTable(path));
  const lines = code.reduce((sum, file) => sum + file.lineCount, 0);
  return lines > ALL_LINES ? [`the source has ${lines} lines; at most ${ALL_LINES}`] : [];
};

export const entriesAreThin: Rule = (tree) =>
  ["src-main/main.ts", "src-main/cli.ts"]
    .map((path) => tree.code.get(path))
    .filter((file) => file !== undefined && file.lineCount > ENTRY_LINES)
    .map((file) => `${file?.path} has ${file?.lineCount} lines; an entry has at most ${ENTRY_LINES}`);
