/**
 * A unified diff as lines to draw, and the diff that a finished call tells by its arguments. Pure. It must never leave
 * out a changed line: what is not understood is shown as it is.
 */

export interface DiffLine {
  kind: "added" | "removed" | "same" | "hunk" | "file" | "note";
  text: string;
  /** Line numbers in the old and the new file, when the diff says them. */
  before?: number;
  after?: number;
}

/** Lines to draw, or a run of unchanged lines that can be opened. */
export interface DiffPart {
  kind: "lines" | "folded";
  lines: readonly DiffLine[];
}

/** Unchanged lines that stay in sight around a change. */
const CONTEXT = 3;
/** Fewer hidden lines than this are not worth a press. */
const MIN_FOLD = 3;

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** The lines of a unified diff, numbered. */
export function toDiffLines(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let before = 0;
  let after = 0;
  // Lines that this hunk still owes: a removed line that reads "-- x" is not the name of a file.
  let oldLeft = 0;
  let newLeft = 0;
  for (const text of diff.replace(/\n$/, "").split("\n")) {
    const hunk = HUNK.exec(text);
    const isInside = oldLeft > 0 || newLeft > 0;
    if (hunk && !isInside) {
      before = Number(hunk[1]);
      after = Number(hunk[3]);
      oldLeft = Number(hunk[2] ?? 1);
      newLeft = Number(hunk[4] ?? 1);
      lines.push({ kind: "hunk", text });
    } else if (isInside && text.startsWith("+")) {
      lines.push({ kind: "added", text: text.slice(1), after: after++ });
      newLeft -= 1;
    } else if (isInside && text.startsWith("-")) {
      lines.push({ kind: "removed", text: text.slice(1), before: before++ });
      oldLeft -= 1;
    } else if (isInside && (text.startsWith(" ") || text === "")) {
      lines.push({ kind: "same", text: text.slice(1), before: before++, after: after++ });
      oldLeft -= 1;
      newLeft -= 1;
    } else if (/^(?:---|\+\+\+) /.test(text)) lines.push({ kind: "file", text });
    else lines.push({ kind: "note", text });
  }
  return lines;
}

/** Folds long runs of unchanged lines. */
export function toDiffParts(lines: readonly DiffLine[]): DiffPart[] {
  const parts: (DiffPart & { lines: DiffLine[] })[] = [];
  lines.forEach((line, at) => {
    const around = lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1);
    const kind = around.some((near) => near.kind !== "same") ? "lines" : "folded";
    const last = parts.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else parts.push({ kind, lines: [line] });
  });
  return parts.map((part) =>
    part.kind === "folded" && part.lines.length < MIN_FOLD ? { ...part, kind: "lines" } : part,
  );
}

/** How many lines come and go. */
export function countChanges(lines: readonly DiffLine[]): { added: number; removed: number } {
  const count = (kind: DiffLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  return { added: count("added"), removed: count("removed") };
}

function signed(text: string, kind: "added" | "removed"): DiffLine[] {
  if (text === "") return [];
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => ({ kind, text: line }));
}

/** What a call of a tool that changes files says it changes, or nothing. Without numbers: the arguments have none. */
export function toCallDiff(tool: string, args: unknown): DiffLine[] | undefined {
  if (typeof args !== "object" || args === null) return undefined;
  const { path, content, old_string: old, new_string: fresh, patch } = args as Record<string, unknown>;
  if (tool === "apply_patch" && typeof patch === "string") {
    return patch.split("\n").map((text) => {
      if (/^(?:---|\+\+\+) |^\*\*\*/.test(text)) return { kind: "file", text };
      if (text.startsWith("+")) return { kind: "added", text: text.slice(1) };
      if (text.startsWith("-")) return { kind: "removed", text: text.slice(1) };
      if (text.startsWith("@@")) return { kind: "hunk", text };
      return { kind: "same", text: text.replace(/^ /, "") };
    });
  }
  if (typeof path !== "string") return undefined;
  const file: DiffLine = { kind: "file", text: path };
  if (tool === "edit" && typeof old === "string" && typeof fresh === "string") {
    return [file, ...signed(old, "removed"), ...signed(fresh, "added")];
  }
  return tool === "write" && typeof content === "string" ? [file, ...signed(content, "added")] : undefined;
}
