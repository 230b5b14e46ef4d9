/**
 * What is written beside the code: each room's README, true to its files; and no word in the repository about the place
 * or the tools with which it was made.
 */
import { posix } from "node:path";
import { toRoom } from "./floors.ts";
import { codeUnder, type Rule, type Tree } from "./tree.ts";

const README_LINES = 60;
const FRONT_LINES = 200;

/** Folders that must explain themselves. */
function roomsOf(tree: Tree): string[] {
  const rooms = new Set<string>();
  for (const { path } of codeUnder(tree, "src-main")) {
    const room = toRoom(path);
    if (room !== undefined && !room.includes(".")) rooms.add(`src-main/${room}`);
  }
  for (const folder of ["src-preload", "src-renderer"]) if (codeUnder(tree, folder).length > 0) rooms.add(folder);
  return [...rooms];
}

export const roomsExplainThemselves: Rule = (tree) =>
  roomsOf(tree).flatMap((room) => {
    const text = tree.texts.get(`${room}/README.md`);
    if (text === undefined) return [`${room} has no README.md: what it does, what it must never do, its files`];
    const lines = text.trimEnd().split("\n").length;
    const faults = lines > README_LINES ? [`${room}/README.md has ${lines} lines; at most ${README_LINES}`] : [];
    for (const name of namesIn(tree, room)) {
      if (!mentions(text, name)) faults.push(`${room}/README.md does not name ${name}`);
    }
    return faults;
  });

/** What lies directly in a room: its files by name, its folders by name. */
function namesIn(tree: Tree, room: string): string[] {
  const names = codeUnder(tree, room).map(({ path }) => path.slice(room.length + 1).split("/")[0] ?? "");
  return [...new Set(names)].sort();
}

function mentions(text: string, name: string): boolean {
  const stem = name.replace(/\.tsx?$/, "").replaceAll(".", "\\.");
  return new RegExp(`(^|[^\\w-])${stem}($|[^\\w-])`, "m").test(text);
}

/** A README that names a file which is gone sends its reader astray. */
export const readmesNameWhatExists: Rule = (tree) => {
  const paths = [...tree.texts.keys()];
  const faults: string[] = [];
  for (const [path, text] of tree.texts) {
    if (!/^(src-.*\/)?README\.md$/.test(path)) continue;
    for (const [, name] of text.matchAll(/`([\w./-]+\.tsx?)`/g)) {
      const isThere = paths.some((other) => other === name || other.endsWith(`/${name}`));
      if (!isThere) faults.push(`${path} names ${name}, which is not there`);
    }
  }
  return faults;
};

/** Each dependency has its line, with a reason, on the front page. */
export const dependenciesHaveAReason: Rule = (tree) => {
  const manifest = JSON.parse(tree.texts.get("package.json") ?? "{}") as Record<string, Record<string, string>>;
  const rows = (tree.texts.get("README.md") ?? "").split("\n").filter((line) => /^\|.*\|.*\w.*\|$/.test(line));
  return Object.keys({ ...manifest["dependencies"], ...manifest["devDependencies"] })
    .map((name) => (name.startsWith("@types/") ? "@types/*" : name))
    .filter((name) => !rows.some((row) => row.includes(`\`${name}\``)))
    .map((name) => `README.md does not say what ${name} is for`);
};

export const theFrontPageIsShort: Rule = (tree) => {
  const text = tree.texts.get("README.md");
  if (text === undefined) return ["there is no README.md"];
  const lines = text.trimEnd().split("\n").length;
  return lines < FRONT_LINES ? [] : [`README.md has ${lines} lines; under ${FRONT_LINES}`];
};

/** Written in pieces, so that this file does not hold what it forbids. */
const FORBIDDEN: readonly RegExp[] = [
  new RegExp(`(^|[^\\w.@~-])/(${["wo", "rk"].join("")}|${["ro", "ot"].join("")})(/|\\b)(?!-)`),
  new RegExp(["\\.lib", "rary/"].join("")),
  new RegExp(["\\bas an ", "AI\\b"].join("")),
  new RegExp(["\\b(AI|LLM)[ -]", "(coding |generated|written|assistant wrote)"].join(""), "i"),
  new RegExp(["co-", "authored-by:|generated ", "with \\["].join(""), "i"),
  new RegExp(["registry\\.npm", "js\\.org|artif", "actory|verda", "ccio"].join(""), "i"),
];

export const nothingTellsOfTheWorkshop: Rule = (tree) => {
  const faults: string[] = [];
  for (const [path, text] of tree.texts) {
    if (!FORBIDDEN.some((pattern) => pattern.test(text))) continue;
    text.split("\n").forEach((line, index) => {
      const hit = FORBIDDEN.map((pattern) => pattern.exec(line)?.[0]).find((found) => found !== undefined);
      if (hit !== undefined) faults.push(`${path}:${index + 1} holds "${hit.trim()}", which is not about the product`);
    });
  }
  return faults;
};

/** Every file opens by saying what it is for. */
export const filesIntroduceThemselves: Rule = (tree) =>
  codeUnder(tree, "src-main", "src-preload", "src-renderer")
    .filter((file) => !file.comments.some((comment) => file.lineAt(comment.start) <= 12 && comment.value.length > 20))
    .map((file) => `${posix.normalize(file.path)} does not say at its top what it is for`);
