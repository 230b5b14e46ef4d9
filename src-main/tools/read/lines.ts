/**
 * Numbered lines of an open file, reading no more of it than is needed. Must never hold a whole file in memory.
 */
import type { FileHandle } from "node:fs/promises";

/** UTF-8 bytes of output, about; then the answer is cut with a mark. */
export const MAX_OUTPUT = 256 * 1024;
/** A file is searched for its line so far, then given up. */
const MAX_SCAN = 256 * 1024 * 1024;
const CHUNK = 64 * 1024;

/** What an answer says of a file without lines from `offset` on. */
export const NOTHING = "(empty or beyond file end)";

/**
 * Lines as `N: line`, joined by newlines.
 * @param offset first line, from 1
 * @param limit how many lines; absent: all up to the cap
 */
export async function readLines(
  handle: FileHandle,
  { offset, limit, signal }: { offset: number; limit: number | undefined; signal: AbortSignal },
): Promise<string> {
  const page = createPage(offset, limit);
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(CHUNK);
  let position = 0;
  while (!page.isFull) {
    signal.throwIfAborted();
    if (position >= MAX_SCAN) return page.text(`[cut here: the file goes on past ${MAX_SCAN / 1024 / 1024} MiB]`);
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, position);
    if (bytesRead === 0) {
      page.add(decoder.decode());
      page.finish();
      break;
    }
    position += bytesRead;
    page.add(decoder.decode(buffer.subarray(0, bytesRead), { stream: true }));
  }
  return page.text();
}

/** Collects the wanted lines from pieces of text. */
function createPage(offset: number, limit: number | undefined) {
  const last = limit === undefined ? Number.POSITIVE_INFINITY : offset + limit - 1;
  const lines: string[] = [];
  let number = 1;
  /** The line under way, kept only where it is wanted, and only as far as there is room. */
  let line = "";
  let started = false;
  let room = MAX_OUTPUT;
  let cut: string | undefined;

  const take = (piece: string) => {
    if (piece !== "") started = true;
    if (number < offset || number > last || cut !== undefined) return;
    const fits = fitting(piece, room);
    line += fits;
    room -= Buffer.byteLength(fits);
    if (fits.length < piece.length) {
      lines.push(`${number}: ${line}`);
      cut = `[cut here, in line ${number}: ${MAX_OUTPUT / 1024} KiB of output reached; go on with offset=${number + 1}]`;
    }
  };
  const endLine = () => {
    if (number >= offset && number <= last && cut === undefined) {
      if (line.endsWith("\r")) line = line.slice(0, -1);
      lines.push(`${number}: ${line}`);
      room -= String(number).length + 3;
      if (room <= 0) cut = `[cut here: ${MAX_OUTPUT / 1024} KiB of output reached; go on with offset=${number + 1}]`;
    }
    number++;
    line = "";
    started = false;
  };

  return {
    get isFull() {
      return number > last || cut !== undefined;
    },
    add(text: string) {
      let start = 0;
      for (let end = text.indexOf("\n"); end !== -1 && !this.isFull; end = text.indexOf("\n", start)) {
        take(text.slice(start, end));
        if (cut === undefined) endLine();
        start = end + 1;
      }
      if (!this.isFull) take(text.slice(start));
    },
    /** The last line may lack its newline. */
    finish() {
      if (started && cut === undefined) endLine();
    },
    text(mark?: string): string {
      const end = mark ?? cut;
      if (lines.length === 0 && end === undefined) return NOTHING;
      return [...lines, ...(end === undefined ? [] : [end])].join("\n");
    },
  };
}

/** The longest beginning of a piece that takes at most `room` bytes, without half a character. */
function fitting(piece: string, room: number): string {
  if (piece.length * 3 <= room || Buffer.byteLength(piece) <= room) return piece;
  const bytes = Buffer.from(piece).subarray(0, Math.max(0, room));
  return new TextDecoder().decode(bytes, { stream: true });
}
