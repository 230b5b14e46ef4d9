/** Collects found lines up to a cap, and says what is missing. */

const MAX_LINES = 500;
const MAX_CHARS = 100_000;
/** Characters of one line that are shown. */
const MAX_SHOWN = 500;

export interface Report {
  readonly isFull: boolean;
  add(path: string, number: number, line: string): void;
  /** Something that a reader must know: a limit that was met. */
  mark(what: string): void;
  text(): string;
}

export function createReport(): Report {
  const lines: string[] = [];
  const marks = new Set<string>();
  let room = MAX_CHARS;
  return {
    get isFull() {
      return lines.length >= MAX_LINES || room <= 0;
    },
    add(path, number, line) {
      const shown = line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN).toWellFormed()}…` : line;
      const text = `${path.replace(/[\u0000-\u001f\u007f]/g, "�")}:${number}:${shown}`;
      room -= text.length + 1;
      lines.push(text);
    },
    mark(what) {
      marks.add(what);
    },
    text() {
      if (this.isFull) marks.add(`cut here after ${lines.length} lines; narrow the pattern, the path or the glob`);
      const found = lines.length === 0 ? ["No matches found"] : lines;
      return [...found, ...[...marks].slice(0, 5).map((mark) => `[${mark}]`)].join("\n");
    },
  };
}
