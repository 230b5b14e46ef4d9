/** Goes through the lines of an open file, a piece at a time. Must never hold a whole file, and passes over binary ones. */
import type { FileHandle } from "node:fs/promises";

const CHUNK = 64 * 1024;
/** Bytes of one file that are searched. */
export const MAX_FILE = 32 * 1024 * 1024;
/** Characters of a line that are searched. */
const MAX_LINE = 20_000;

export type LinesEnd = "whole" | "binary" | "cut" | "stopped";

/**
 * Calls `visit` with each line and its number, from 1, until it returns false.
 * @returns how it ended; `cut`: the file goes on past MAX_FILE
 */
export async function visitLines(
  handle: FileHandle,
  signal: AbortSignal,
  visit: (line: string, number: number) => boolean,
): Promise<LinesEnd> {
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(CHUNK);
  let position = 0;
  let number = 1;
  let rest = "";
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, position);
    const bytes = buffer.subarray(0, bytesRead);
    if (bytes.includes(0)) return "binary";
    position += bytesRead;
    const text = decoder.decode(bytes, { stream: bytesRead > 0 });
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      const line = rest.length >= MAX_LINE ? rest : rest + text.slice(start, end);
      rest = "";
      start = end + 1;
      if (!visit(trim(line), number++)) return "stopped";
    }
    if (rest.length < MAX_LINE) rest += text.slice(start, start + MAX_LINE);
    if (bytesRead === 0) break;
    if (position >= MAX_FILE) return "cut";
  }
  if (rest !== "" && !visit(trim(rest), number)) return "stopped";
  return "whole";
}

function trim(line: string): string {
  const whole = line.endsWith("\r") ? line.slice(0, -1) : line;
  return whole.length > MAX_LINE ? whole.slice(0, MAX_LINE) : whole;
}
