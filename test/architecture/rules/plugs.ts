/**
 * Rules 2, 3 and 6: a plug sees its own folder, its room's contract, base and protocol, and gets the world as an
 * argument; the core sees plugs only through the contract; SQL lives in the store.
 */
import { boundNames, nameOf, walk } from "./ast.ts";
import { toRoom } from "./floors.ts";
import { codeUnder, toPackage, type ImportRef, type Rule, type SourceFile, type Tree } from "./tree.ts";

/** Rooms whose folders are plugs. */
const PLUG_ROOMS = ["providers", "tools", "channels", "voice"] as const;
const CLOSURE_LIMIT = 30;

/** `src-main/channels/telegram/poll.ts` → `src-main/channels/telegram`; undefined outside a plug. */
export function toPlug(path: string): string | undefined {
  const plug = /^(src-main\/([^/]+)\/[^/]+)\//.exec(path);
  return plug?.[2] !== undefined && (PLUG_ROOMS as readonly string[]).includes(plug[2]) ? plug[1] : undefined;
}

export const plugsSeeOnlyTheirOwn: Rule = (tree) => {
  const faults: string[] = [];
  for (const file of codeUnder(tree, "src-main")) {
    const plug = toPlug(file.path);
    if (plug === undefined) continue;
    const room = toRoom(file.path) ?? "";
    for (const ref of file.imports) {
      if (ref.target === undefined || mayPlugSee(plug, room, ref.target)) continue;
      faults.push(
        `${file.path}:${ref.line} imports ${ref.specifier}: a plug sees its own folder, ${room}/contract.ts, base and ` +
          "protocol; take the rest as an argument",
      );
    }
    for (const line of findReaches(file)) faults.push(`${file.path}:${line}: a plug is handed its world`);
  }
  return faults;
};

function mayPlugSee(plug: string, room: string, target: string): boolean {
  if (target.startsWith(`${plug}/`) || target === `src-main/${room}/contract.ts`) return true;
  return target.startsWith("src-main/base/") || target.startsWith("src-main/protocol/");
}

/** Where a file reads the environment or calls the global fetch, with the line and what it does. */
function findReaches(file: SourceFile): string[] {
  const found: string[] = [];
  const bound = boundNames(file);
  walk(file.program, (node) => {
    const line = file.lineAt(node.start);
    if (node.type === "MemberExpression") {
      const name = `${nameOf(node["object"])}.${nameOf(node["property"])}`;
      if (name === "process.env" || name === "globalThis.fetch") found.push(`${line} uses ${name}`);
    }
    const isFetch = node.type === "CallExpression" && nameOf(node["callee"]) === "fetch";
    if (isFetch && !bound.has("fetch")) found.push(`${line} calls the global fetch`);
  });
  return found;
}

/** A room's list is read by the assembly alone. */
export const onlyTheAssemblyReadsLists: Rule = (tree) => {
  const lists = PLUG_ROOMS.map((room) => `src-main/${room}/index.ts`);
  const isAssembly = (path: string) => path === "src-main/compose.ts" || path.startsWith("src-main/compose/");
  return codeUnder(tree, "src-main")
    .filter((file) => !isAssembly(file.path))
    .flatMap((file) =>
      file.imports
        .filter((ref) => lists.includes(ref.target ?? ""))
        .map((ref) => `${file.path}:${ref.line} imports ${ref.specifier}: only compose.ts reads a room's list`),
    );
};

/** The core knows no plug by name: only the room's list does, and the assembly. */
export const coreKnowsNoPlug: Rule = (tree) => {
  const faults: string[] = [];
  for (const file of codeUnder(tree, "src-main")) {
    for (const ref of file.imports) {
      const plug = toPlug(ref.target ?? "");
      if (plug === undefined || toPlug(file.path) === plug) continue;
      if (file.path === `src-main/${toRoom(plug)}/index.ts` || toRoom(file.path)?.startsWith("compose")) continue;
      faults.push(`${file.path}:${ref.line} imports ${ref.specifier}: a plug is known by its room's index.ts alone`);
    }
  }
  return faults;
};

/** The static closure of each plug, counted in files of ours. */
export const plugClosuresAreSmall: Rule = (tree) => {
  const plugs = new Map<string, Set<string>>();
  for (const file of codeUnder(tree, "src-main")) {
    const plug = toPlug(file.path);
    if (plug === undefined) continue;
    const reached = plugs.get(plug) ?? new Set();
    reach(tree, file.path, reached);
    plugs.set(plug, reached);
  }
  return [...plugs]
    .filter(([, files]) => files.size > CLOSURE_LIMIT)
    .map(([plug, files]) => `${plug}: its imports reach ${files.size} files; at most ${CLOSURE_LIMIT}`);
};

function reach(tree: Tree, path: string, reached: Set<string>): void {
  if (reached.has(path)) return;
  reached.add(path);
  for (const ref of tree.code.get(path)?.imports ?? []) {
    if (isRunTime(ref) && ref.target !== undefined && tree.code.has(ref.target)) reach(tree, ref.target, reached);
  }
}

function isRunTime(ref: ImportRef): boolean {
  return !ref.isType && ref.kind !== "dynamic";
}

/** Reads a database that is not ours, and holds nothing but that reading. */
const FOREIGN_SQL: readonly string[] = ["src-main/channels/imessage/chat-db.ts"];
const SQL_PACKAGES = new Set(["kysely", "better-sqlite3", "pg", "node:sqlite"]);

export const sqlStaysInTheStore: Rule = (tree) =>
  codeUnder(tree, "src-main", "src-preload", "src-renderer")
    .filter((file) => !file.path.startsWith("src-main/store/") && !FOREIGN_SQL.includes(file.path))
    .flatMap((file) =>
      file.imports
        .filter((ref) => SQL_PACKAGES.has(toPackage(ref.specifier)))
        .map((ref) => `${file.path}:${ref.line} imports ${ref.specifier}: SQL lives in store/`),
    );
