/**
 * Rules 1 and 5 of the house: imports go down the floors only, never to a neighbour unless the table says so; Electron
 * only in the shell; the window sees of the core nothing but the wire language.
 */
import { codeUnder, toPackage, type ImportRef, type Rule, type SourceFile } from "./tree.ts";

/** The rooms by floor. A room that is not here has no floor yet: add it where it belongs. */
export const FLOORS: readonly (readonly string[])[] = [
  ["protocol", "base"],
  ["config", "secrets", "store"],
  ["providers", "tools", "channels", "voice", "models", "plugins", "sandbox"],
  ["agent", "approvals", "sessions", "identity", "memory", "skills", "audit"],
  ["routing", "automation", "tasks"],
  ["gateway", "shell", "cli"],
  ["compose.ts", "compose"],
  ["main.ts", "cli.ts", "inference.ts"],
];

/** Neighbours that may be imported, with the reason. Each line is a debt to a reader: keep it short. */
export const SIDEWAYS: readonly { from: string; to: string; why: string }[] = [
  { from: "sessions", to: "agent", why: "a turn drives the loop and stores its events (journey 1)" },
  { from: "sessions", to: "approvals", why: "a turn hands the loop its guard (journey 1)" },
  { from: "approvals", to: "agent", why: "the guard has the shape that the loop asks for (journey 2)" },
  { from: "approvals", to: "audit", why: "what is decided is recorded before it happens" },
  { from: "compose.ts", to: "compose", why: "the assembly, when it is too long for one file" },
  { from: "compose", to: "compose.ts", why: "the assembly's own types" },
];

/** The room of a file in src-main: its folder, or for the entries its own name. */
export function toRoom(path: string): string | undefined {
  return /^src-main\/([^/]+)/.exec(path)?.[1];
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

export const importsGoDown: Rule = (tree) => {
  const faults: string[] = [];
  for (const file of codeUnder(tree, "src-main")) {
    const from = toRoom(file.path) ?? "";
    if (floorOf(from) < 0) faults.push(`${file.path}: the room "${from}" has no floor; give it one in floors.ts`);
    for (const ref of file.imports) {
      const fault = ref.target === undefined ? undefined : downFault(from, ref);
      if (fault) faults.push(`${file.path}:${ref.line} ${fault}`);
    }
  }
  return faults;
};

function downFault(from: string, ref: ImportRef): string | undefined {
  // The product's name and version, which the entries hand on.
  if (ref.target === "package.json" && floorOf(from) === FLOORS.length - 1) return undefined;
  const to = toRoom(ref.target ?? "");
  if (to === undefined) return `imports ${ref.specifier}, which is outside the gateway`;
  if (to === from) return undefined;
  const [here, there] = [floorOf(from), floorOf(to)];
  if (there < 0) return `imports ${ref.specifier}, which has no floor`;
  if (there > here) return `imports ${ref.specifier}, a floor above: take it as an argument, or announce an event`;
  const isAllowed = SIDEWAYS.some((line) => line.from === from && line.to === to);
  if (there === here && !isAllowed) return `imports ${ref.specifier}, a neighbour: move the shared part a floor down`;
  return undefined;
}

/** A file imports across rooms with `#main/…`, inside its room with a relative path, and always with the extension. */
export const importsAreWellWritten: Rule = (tree) => {
  const faults: string[] = [];
  for (const file of codeUnder(tree, "src-main")) {
    for (const ref of file.imports) {
      if (ref.target === undefined) continue;
      const isSameRoom = toRoom(ref.target) === toRoom(file.path);
      if (ref.specifier.startsWith(".") && !isSameRoom && file.path.split("/").length > 2) {
        faults.push(`${file.path}:${ref.line} imports ${ref.specifier} across rooms: write #main/…`);
      }
    }
    for (const line of file.opaqueImports) {
      faults.push(`${file.path}:${line} imports something computed: write a literal, or hand the module in`);
    }
  }
  for (const file of tree.code.values()) {
    for (const ref of file.imports) {
      if (ref.target !== undefined && !tree.texts.has(ref.target) && !ref.target.startsWith("out/")) {
        faults.push(`${file.path}:${ref.line} imports ${ref.specifier}, but there is no file ${ref.target}`);
      }
    }
  }
  return faults;
};

const ELECTRON_HOMES = /^(src-main\/shell\/|src-main\/main\.ts$|src-preload\/)/;

export const electronStaysInTheShell: Rule = (tree) =>
  refsOf(codeUnder(tree, "src-main", "src-preload", "src-renderer"))
    .filter(({ file, ref }) => toPackage(ref.specifier) === "electron" && !ELECTRON_HOMES.test(file.path))
    .map(({ file, ref }) => `${file.path}:${ref.line} imports electron: only shell/, main.ts and src-preload may`);

/** Files of protocol/ that hold no schemas, so that the window does not carry TypeBox. Types are free. */
const LIGHT_PROTOCOL = /^src-main\/protocol\/(device-auth|client|messages|scopes|desktop|errors)\.ts$/;

export const windowSeesOnlyTheProtocol: Rule = (tree) => {
  const faults: string[] = [];
  for (const { file, ref } of refsOf(codeUnder(tree, "src-renderer", "src-preload"))) {
    const target = ref.target ?? "";
    const where = `${file.path}:${ref.line} imports ${ref.specifier}`;
    const home = file.path.split("/")[0] ?? "";
    if (target.startsWith("src-main/")) {
      if (!target.startsWith("src-main/protocol/"))
        faults.push(`${where}: of the core only protocol/ may be seen here`);
      else if (!ref.isType && !LIGHT_PROTOCOL.test(target)) {
        faults.push(`${where} at run time: it carries the schemas into the window; import its types only`);
      }
    } else if (target !== "" && !target.startsWith(`${home}/`)) faults.push(`${where}, which is outside ${home}`);
    else if (ref.specifier.startsWith("node:")) faults.push(`${where}: the window and the preload have no Node`);
  }
  return faults;
};

function refsOf(files: readonly SourceFile[]): { file: SourceFile; ref: ImportRef }[] {
  return files.flatMap((file) => file.imports.map((ref) => ({ file, ref })));
}
