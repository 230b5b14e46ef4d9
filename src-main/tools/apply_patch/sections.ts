/**
 * Reads patches between `*** Begin Patch` and `*** End Patch`, the form that models are taught. Pure. Must never guess:
 * a line that means nothing is named.
 */
import { refuse } from "#main/base/errors.ts";
import type { FilePatch, Hunk } from "./patch.ts";

const BEGIN = "*** Begin Patch";
const END = "*** End Patch";
const FILE = /^\*\*\* (Add|Update|Delete) File: (.+)$/;
const MOVE = /^\*\*\* Move to: (.+)$/;
const END_OF_FILE = "*** End of File";

/** True when a patch is in this form. */
export function isSectionPatch(text: string): boolean {
  return text.trimStart().startsWith(BEGIN);
}

/** Throws Refused with the line that cannot be read. */
export function parseSections(text: string): FilePatch[] {
  const lines = text.trim().split("\n");
  const close = lines.findIndex((line) => line.trimEnd() === END);
  if (close === -1) throw refuse(`The patch has no '${END}' at its end; it may have been cut off.`);
  if (close < lines.length - 1) throw refuse(`Line ${close + 2} of the patch stands after '${END}'.`);
  const patches: FilePatch[] = [];
  let at = 1;
  while (at < close) {
    const line = (lines[at] ?? "").trimEnd();
    if (line === "") {
      at++;
      continue;
    }
    const [, verb, path = ""] = FILE.exec(line) ?? [];
    if (verb === undefined) {
      throw refuse(
        `Line ${at + 1} of the patch is not '*** Add File: …', '*** Update File: …' or '*** Delete File: …'.`,
      );
    }
    let end = at + 1;
    while (end < close && !FILE.test(lines[end] ?? "")) end++;
    patches.push(toPatch(verb, path.trim(), { lines: lines.slice(at + 1, end), first: at + 2 }));
    at = end;
  }
  if (patches.length === 0) throw refuse("The patch names no file.");
  return patches;
}

/** The lines below a file's heading, and the number of the first in the patch. */
interface Body {
  lines: readonly string[];
  first: number;
}

function toPatch(verb: string, path: string, body: Body): FilePatch {
  if (verb === "Delete") {
    const extra = body.lines.findIndex((line) => line.trim() !== "");
    if (extra !== -1)
      throw refuse(`Line ${body.first + extra} of the patch: nothing may stand below '*** Delete File'.`);
    return { kind: "delete", path, hunks: [] };
  }
  if (verb === "Add") return { kind: "add", path, hunks: [{ steps: toAdded(body), headers: [] }] };
  const [, moveTo] = MOVE.exec((body.lines[0] ?? "").trimEnd()) ?? [];
  const rest = moveTo === undefined ? body : { lines: body.lines.slice(1), first: body.first + 1 };
  const hunks = toHunks(rest);
  if (hunks.length === 0 && moveTo === undefined) throw refuse(`The patch changes nothing in '${path}'.`);
  return { kind: "update", path, ...(moveTo === undefined ? {} : { moveTo: moveTo.trim() }), hunks };
}

function toAdded({ lines, first }: Body): Hunk["steps"] {
  const kept = lines.slice(0, lines.findLastIndex((line) => line.trim() !== "") + 1);
  return kept.map((line, index) => {
    if (line.startsWith("+")) return { mark: "+", line: line.slice(1) };
    throw refuse(`Line ${first + index} of the patch: each line of a new file begins with '+'.`);
  });
}

function toHunks({ lines, first }: Body): Hunk[] {
  const hunks: Hunk[] = [];
  const kept = lines.slice(0, lines.findLastIndex((line) => line.trim() !== "") + 1);
  for (const [index, line] of kept.entries()) {
    const last = hunks.at(-1);
    if (line.startsWith("@@")) {
      const header = line
        .slice(2)
        .replace(/@@\s*$/, "")
        .trim();
      const isChain = last !== undefined && last.steps.length === 0;
      if (isChain) last.headers.push(...toHeaders(header));
      else hunks.push({ steps: [], headers: toHeaders(header) });
    } else if (line.trimEnd() === END_OF_FILE) {
      if (last === undefined) throw refuse(`Line ${first + index} of the patch: '${END_OF_FILE}' ends no hunk.`);
      last.atEnd = true;
    } else {
      const hunk = last === undefined || last.atEnd === true ? { steps: [], headers: [] } : last;
      if (hunk !== last) hunks.push(hunk);
      hunk.steps.push(toStep(line, first + index));
    }
  }
  const empty = hunks.find((hunk) => hunk.steps.length === 0);
  if (empty !== undefined) throw refuse(`A hunk of the patch ('@@ ${empty.headers.join(" ")}') has no lines.`);
  return hunks;
}

/** Line numbers of the other form, when a model mixes them in, are no text to look for. */
function toHeaders(header: string): string[] {
  return header === "" || /^-\d+(,\d+)? \+\d+(,\d+)?$/.test(header) ? [] : [header];
}

function toStep(line: string, number: number): Hunk["steps"][number] {
  const mark = line.charAt(0);
  // An empty line of context often loses its space.
  if (line === "" || line === "\r") return { mark: " ", line };
  if (mark === " " || mark === "+" || mark === "-") return { mark, line: line.slice(1) };
  throw refuse(`Line ${number} of the patch begins with none of ' ', '+', '-', '@@'.`);
}
