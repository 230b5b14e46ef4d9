/**
 * A unified diff for people to read: what will change, capped, with what was left out said. Pure. It is shown, never
 * applied: content that is too large or binary is described instead.
 */

/** Content up to which lines are compared, bytes of both sides together. */
const MAX_COMPARED = 1024 * 1024;
/** Edits after which a comparison is given up: the middle is then shown as replaced. Work grows with its square. */
const MAX_EDITS = 600;
const CONTEXT = 3;
const NO_NEWLINE = "\\ No newline at end of file";

export interface DiffSide {
  /** As shown: relative, with `/`. */
  path: string;
  /** Null: the file does not exist on this side. */
  content: Uint8Array | null;
}

interface Step {
  mark: " " | "-" | "+";
  line: string;
}

/** Text of bytes that are valid UTF-8 without a zero byte, a byte order mark kept; undefined for anything else. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The difference of two files, empty when there is none.
 * @param maxLines lines of the answer; the rest is counted
 */
export function unifiedDiff(before: DiffSide, after: DiffSide, maxLines = 400): string {
  const names = [
    before.content === null ? "--- /dev/null" : `--- a/${before.path}`,
    after.content === null ? "+++ /dev/null" : `+++ b/${after.path}`,
  ];
  const was = before.content ?? new Uint8Array();
  const becomes = after.content ?? new Uint8Array();
  const isRename = before.content !== null && after.content !== null && before.path !== after.path;
  if (Buffer.compare(was, becomes) === 0) {
    const isEmpty = before.content === null || after.content === null;
    return isRename || isEmpty ? [...names, isRename ? "(same content)" : "(an empty file)"].join("\n") : "";
  }
  const [old, fresh] = [textOfBytes(was), textOfBytes(becomes)];
  if (old === undefined || fresh === undefined) {
    return [...names, `(binary: ${was.length} bytes become ${becomes.length} bytes)`].join("\n");
  }
  if (was.length + becomes.length > MAX_COMPARED) {
    return [...names, `(too large to compare: ${was.length} bytes become ${becomes.length} bytes)`].join("\n");
  }
  const lines = toHunks(compareLines(splitLines(old), splitLines(fresh)));
  const shown = lines.slice(0, maxLines);
  const more = lines.length > maxLines ? [`(and ${lines.length - maxLines} more lines)`] : [];
  return [...names, ...shown, ...more].join("\n");
}

/** Lines with their newline, so that a missing last one is a difference. */
function splitLines(text: string): string[] {
  const lines = text.split("\n").map((line) => `${line}\n`);
  const last = lines.pop()?.slice(0, -1);
  return last === undefined || last === "" ? lines : [...lines, last];
}

/** The steps from old to new: what both begin and end with is set aside, the middle compared. */
function compareLines(old: readonly string[], fresh: readonly string[]): Step[] {
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  let end = 0;
  while (end < old.length - start && end < fresh.length - start && old.at(-1 - end) === fresh.at(-1 - end)) end++;
  const same = (line: string): Step => ({ mark: " ", line });
  const middle = [old.slice(start, old.length - end), fresh.slice(start, fresh.length - end)] as const;
  return [
    ...old.slice(0, start).map(same),
    ...(shortestEdit(...middle) ?? replaced(...middle)),
    ...old.slice(old.length - end).map(same),
  ];
}

function replaced(old: readonly string[], fresh: readonly string[]): Step[] {
  return [...old.map((line): Step => ({ mark: "-", line })), ...fresh.map((line): Step => ({ mark: "+", line }))];
}

/** Myers, "An O(ND) Difference Algorithm" (1986), greedy form; undefined beyond MAX_EDITS. */
function shortestEdit(old: readonly string[], fresh: readonly string[]): Step[] | undefined {
  const trace: Int32Array[] = [];
  const most = Math.min(old.length + fresh.length, MAX_EDITS);
  const reach = new Int32Array(2 * most + 3);
  const at = (k: number) => reach[k + most + 1] ?? 0;
  for (let edits = 0; edits <= most; edits++) {
    trace.push(reach.slice());
    for (let k = -edits; k <= edits; k += 2) {
      let x = k === -edits || (k !== edits && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
      while (x < old.length && x - k < fresh.length && old[x] === fresh[x - k]) x++;
      reach[k + most + 1] = x;
      if (x >= old.length && x - k >= fresh.length) return backtrack(old, fresh, trace, most);
    }
  }
  return undefined;
}

function backtrack(
  old: readonly string[],
  fresh: readonly string[],
  trace: readonly Int32Array[],
  most: number,
): Step[] {
  const steps: Step[] = [];
  let x = old.length;
  let y = fresh.length;
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const reach = trace[edits];
    const at = (k: number) => reach?.[k + most + 1] ?? 0;
    const k = x - y;
    const isInsert = k === -edits || (k !== edits && at(k - 1) < at(k + 1));
    const fromK = isInsert ? k + 1 : k - 1;
    const fromX = edits === 0 ? 0 : at(fromK);
    const fromY = edits === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) {
      steps.push({ mark: " ", line: old[--x] ?? "" });
      y--;
    }
    if (edits === 0) break;
    if (isInsert) steps.push({ mark: "+", line: fresh[--y] ?? "" });
    else steps.push({ mark: "-", line: old[--x] ?? "" });
  }
  return steps.reverse();
}

/** Steps with their surroundings, under `@@ -from,count +from,count @@`. */
function toHunks(steps: readonly Step[]): string[] {
  const out: string[] = [];
  let [oldLine, newLine, index] = [1, 1, 0];
  while (index < steps.length) {
    if (steps[index]?.mark === " ") {
      index++;
      oldLine++;
      newLine++;
      continue;
    }
    const start = Math.max(0, index - CONTEXT);
    const end = endOfHunk(steps, index);
    const piece = steps.slice(start, end);
    const olds = piece.filter(({ mark }) => mark !== "+").length;
    const news = piece.filter(({ mark }) => mark !== "-").length;
    const [fromOld, fromNew] = [oldLine - (index - start), newLine - (index - start)];
    const range = (from: number, count: number) => `${count === 0 ? from - 1 : from},${count}`;
    out.push(`@@ -${range(fromOld, olds)} +${range(fromNew, news)} @@`);
    for (const { mark, line } of piece) {
      if (line.endsWith("\n")) out.push(mark + line.slice(0, -1));
      else out.push(mark + line, NO_NEWLINE);
    }
    [oldLine, newLine, index] = [fromOld + olds, fromNew + news, end];
  }
  return out;
}

/** Where the hunk that begins with the change at `index` ends: changes near each other share one. */
function endOfHunk(steps: readonly Step[], index: number): number {
  let last = index;
  for (let i = index; i < steps.length && i - last <= 2 * CONTEXT; i++) if (steps[i]?.mark !== " ") last = i;
  return Math.min(steps.length, last + 1 + CONTEXT);
}
