/**
 * The newest log lines, in memory, for `logs.tail` and the Logs page. Bounded in lines and in bytes of an answer; never
 * touches the disk.
 */

export interface TailRequest {
  /** Lines ever written when the caller last looked; absent: the newest `limit` lines. */
  cursor?: number;
  /** Lines at most, 500 unless told, 5000 at most. */
  limit?: number;
  /** UTF-8 bytes of the lines together at most, 250,000 unless told. */
  maxBytes?: number;
}

export interface TailResult {
  /** Pass it as `cursor` next time: number of lines ever written, up to and including the last one returned. */
  cursor: number;
  /** Lines held now. */
  size: number;
  /** Oldest first. */
  lines: string[];
  /** More lines than fit: the rest follows with the returned cursor, or older ones were left out without one. */
  truncated?: boolean;
  /** Lines after the caller's cursor are gone (or the cursor is from another run): starts over at the oldest held. */
  reset?: boolean;
}

export interface LogRing {
  push(line: string): void;
  tail(request?: TailRequest): TailResult;
}

const MAX_LINES = 10_000;

/** The part of `lines` that fits, from the front or from the back; always at least one line when there is one. */
function fitting(lines: readonly string[], maxBytes: number, from: "front" | "back"): string[] {
  let bytes = 0;
  let count = 0;
  while (count < lines.length) {
    const line = lines[from === "front" ? count : lines.length - 1 - count] ?? "";
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > maxBytes && count > 0) break;
    count += 1;
  }
  return from === "front" ? lines.slice(0, count) : lines.slice(lines.length - count);
}

/** @param capacity lines kept: 1000 unless told, 10,000 at most */
export function createLogRing(capacity = 1000): LogRing {
  const size = Math.max(1, Math.min(MAX_LINES, Math.trunc(capacity)));
  const held: string[] = [];
  /** Lines ever written. */
  let written = 0;
  return {
    push(line) {
      written += 1;
      if (held.push(line) > size) held.shift();
    },
    tail({ cursor, limit = 500, maxBytes = 250_000 } = {}) {
      const most = Math.max(1, Math.min(5000, limit));
      const oldest = written - held.length;
      const isNewest = cursor === undefined;
      const reset = !isNewest && (cursor < oldest || cursor > written);
      const from = isNewest ? Math.max(oldest, written - most) : reset ? oldest : cursor;
      const wanted = held.slice(from - oldest, from - oldest + most);
      const lines = fitting(wanted, maxBytes, isNewest ? "back" : "front");
      const end = isNewest ? written : from + lines.length;
      const truncated = isNewest ? lines.length < wanted.length : end < written;
      return {
        ...{ cursor: end, size: held.length, lines },
        ...(truncated ? { truncated } : {}),
        ...(reset ? { reset } : {}),
      };
    },
  };
}
