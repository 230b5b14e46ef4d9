/**
 * Reads unified diffs, those of git included: new, deleted and renamed files, quoted names, missing last newlines. Pure.
 * Source of the form: git-diff(1), "Generating patch text with -p", and POSIX diff -u. Must never drop what it cannot do:
 * binary pieces, links, submodules and copies are refused by name.
 */
import { refuse } from "#main/base/errors.ts";
import { NO_NEWLINE, type FilePatch, type Hunk } from "./patch.ts";

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** What the lines before the hunks of one file say. */
interface Header {
  old?: string;
  fresh?: string;
  isNew: boolean;
  isDeleted: boolean;
  renameFrom?: string;
  renameTo?: string;
}

/** Throws Refused with the line that cannot be read. */
export function parseUnified(text: string): FilePatch[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const patches: FilePatch[] = [];
  let at = 0;
  while (at < lines.length) {
    const start = findFile(lines, at);
    if (start === undefined) break;
    const { header, next } = readHeader(lines, start);
    const { hunks, end } = readHunks(lines, next);
    patches.push(toPatch(header, hunks, start + 1));
    at = end;
  }
  if (patches.length === 0) {
    throw refuse("The patch is neither a unified diff nor between '*** Begin Patch' and '*** End Patch'.");
  }
  return patches;
}

/** Where the next file begins; words before it (a commit message) are passed over, a hunk without a file is not. */
function findFile(lines: readonly string[], from: number): number | undefined {
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith("diff --git ")) return at;
    if (line.startsWith("--- ") && (lines[at + 1] ?? "").startsWith("+++ ")) return at;
    if (HUNK.test(line)) throw refuse(`Line ${at + 1} of the patch: a hunk without a file above it.`);
  }
  return undefined;
}

function readHeader(lines: readonly string[], start: number): { header: Header; next: number } {
  const header: Header = { isNew: false, isDeleted: false };
  let at = start;
  for (; at < lines.length; at++) {
    const line = (lines[at] ?? "").replace(/\r$/, "");
    if (HUNK.test(line) || (at > start && line.startsWith("diff --git "))) break;
    if (line.startsWith("diff --git ")) readBoth(line.slice(11), header);
    else if (line.startsWith("--- ") && (lines[at + 1] ?? "").startsWith("+++ ")) {
      readSides(line, (lines[at + 1] ?? "").replace(/\r$/, ""), header);
      at++;
      if (!HUNK.test(lines[at + 1] ?? "")) throw refuse(`Line ${at + 2} of the patch is not '@@ -1,2 +1,2 @@'.`);
    } else if (!readExtended(line, header, at + 1)) break;
  }
  return { header, next: at };
}

/** @returns false for a line that belongs to no header */
function readExtended(line: string, header: Header, number: number): boolean {
  const [, mode] = /^(?:new file mode|new mode) (\d+)$/.exec(line) ?? [];
  if (mode?.startsWith("12") === true || mode?.startsWith("16") === true) {
    throw refuse(`Line ${number} of the patch makes a link or a submodule; only plain files can be patched.`);
  }
  if (/^(copy (from|to) )/.test(line)) throw refuse(`Line ${number} of the patch copies a file; add it instead.`);
  if (/^(GIT binary patch|Binary files )/.test(line)) throw refuse(`Line ${number} of the patch is binary; only text.`);
  if (line.startsWith("new file mode ")) header.isNew = true;
  else if (line.startsWith("deleted file mode ")) header.isDeleted = true;
  else if (line.startsWith("rename from ")) header.renameFrom = unquote(line.slice(12));
  else if (line.startsWith("rename to ")) header.renameTo = unquote(line.slice(10));
  else return /^(index |similarity index |dissimilarity index |old mode |new mode )/.test(line);
  return true;
}

/** `a/x b/x`: the only names of a file that is empty or only changes its mode. Ambiguous with spaces, so halves must agree. */
function readBoth(names: string, header: Header): void {
  const quoted =
    /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*")$/.exec(names) ?? /^("(?:[^"\\]|\\.)*") (.+)$/.exec(names);
  const half = names.slice(0, (names.length - 1) / 2);
  const pair = quoted === null ? [half, names.slice(half.length + 1)] : [quoted[1] ?? "", quoted[2] ?? ""];
  const [old, fresh] = pair.map((name) => stripSide(unquote(name)));
  if (old !== undefined && fresh !== undefined && old === fresh) Object.assign(header, { old, fresh });
}

function readSides(oldLine: string, newLine: string, header: Header): void {
  const [old, fresh] = [oldLine, newLine].map((line) => unquote(dropTime(line.slice(4))));
  delete header.old;
  delete header.fresh;
  if (old === "/dev/null") header.isNew = true;
  else if (old !== undefined) header.old = stripSide(old);
  if (fresh === "/dev/null") header.isDeleted = true;
  else if (fresh !== undefined) header.fresh = stripSide(fresh);
}

/** diff -u writes a time after a tab; git writes a bare tab after a name with spaces. */
function dropTime(name: string): string {
  return name.startsWith('"') ? name : (name.split("\t")[0] ?? name);
}

function stripSide(name: string): string {
  return /^[ab]\//.test(name) ? name.slice(2) : name;
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };

/** A name in quotes holds C escapes of its bytes (git-config(1), core.quotePath). */
function unquote(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"') || name.length < 2) return name;
  const bytes: number[] = [];
  for (const [piece, octal, letter] of name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gu)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 255);
    else if (letter !== undefined) bytes.push(ESCAPES[letter] ?? letter.charCodeAt(0));
    else bytes.push(...Buffer.from(piece));
  }
  return Buffer.from(bytes).toString();
}

function readHunks(lines: readonly string[], from: number): { hunks: Hunk[]; end: number } {
  const hunks: Hunk[] = [];
  let at = from;
  for (let match = HUNK.exec(lines[at] ?? ""); match !== null; match = HUNK.exec(lines[at] ?? "")) {
    const [, oldStart = "0", oldCount = "1", , newCount = "1"] = match;
    const hunk: Hunk = { steps: [], headers: [], oldStart: Number(oldStart) };
    at = readSteps(lines, at + 1, { hunk, olds: Number(oldCount), news: Number(newCount) });
    hunks.push(hunk);
  }
  return { hunks, end: at };
}

/** Reads as many lines as the hunk announces; no more, so that a removed line `-- x` is not taken for a header. */
function readSteps(
  lines: readonly string[],
  from: number,
  { hunk, olds, news }: { hunk: Hunk; olds: number; news: number },
): number {
  let at = from;
  const isNote = () => NO_NEWLINE.test(lines[at] ?? "");
  while (olds > 0 || news > 0 || isNote()) {
    const line = lines[at];
    if (line === undefined) throw refuse("The patch ends in the middle of a hunk; it may have been cut off.");
    at++;
    if (NO_NEWLINE.test(line)) {
      const mark = hunk.steps.at(-1)?.mark;
      if (mark !== "+") hunk.oldUnended = true;
      if (mark !== "-") hunk.newUnended = true;
      continue;
    }
    const mark = line === "" || line === "\r" ? " " : line.charAt(0);
    if (mark !== " " && mark !== "-" && mark !== "+") throw refuse(`Line ${at} of the patch is not part of its hunk.`);
    hunk.steps.push({ mark, line: line === "" || line === "\r" ? line : line.slice(1) });
    if (mark !== "+") olds--;
    if (mark !== "-") news--;
    if (olds < 0 || news < 0) throw refuse(`Line ${at} of the patch: the hunk has more lines than its heading says.`);
  }
  const next = lines[at] ?? "";
  if (/^[ +-]/.test(next) && !/^(--- |\+\+\+ )/.test(next) && next.trim() !== "--") {
    throw refuse(`Line ${at + 1} of the patch: the hunk has more lines than its heading says.`);
  }
  return at;
}

function toPatch(header: Header, hunks: Hunk[], number: number): FilePatch {
  const { old, fresh, isNew, isDeleted, renameFrom, renameTo } = header;
  if (isNew && fresh !== undefined) return { kind: "add", path: fresh, hunks };
  if (isDeleted && old !== undefined) return { kind: "delete", path: old, hunks };
  const path = renameFrom ?? old;
  const target = renameTo ?? fresh;
  if (path === undefined || target === undefined) throw refuse(`Line ${number} of the patch names no file.`);
  if (hunks.length === 0 && path === target) {
    throw refuse(`Line ${number} of the patch only changes the mode of '${path}'; modes cannot be patched.`);
  }
  return { kind: "update", path, ...(path === target ? {} : { moveTo: target }), hunks };
}
