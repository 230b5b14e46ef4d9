/**
 * Ends an answer at the first of some texts, without it. The providers' contract has no such option, and a client that
 * sets one depends on it. Pure but for what it holds back.
 */

export interface StopCutter {
  /** The part of what came that may be sent now, and whether the answer ends here. */
  push(delta: string): { text: string; isEnd: boolean };
  /** What was held back in case it was the beginning of a stop text. */
  flush(): string;
}

/** Length of the longest end of `text` that begins one of the stops. */
function heldLength(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const tail = text.slice(-length);
    if (stops.some((stop) => stop.startsWith(tail))) return length;
  }
  return 0;
}

/** Where the stop that is complete first begins, so that the cut does not depend on how the text was cut up. */
function firstStop(text: string, stops: readonly string[]): number | undefined {
  const hits = stops
    .map((stop) => ({ start: text.indexOf(stop), length: stop.length }))
    .filter(({ start }) => start >= 0)
    .sort((a, b) => a.start + a.length - (b.start + b.length) || a.start - b.start);
  return hits[0]?.start;
}

export function createStopCutter(stops: readonly string[]): StopCutter {
  let held = "";
  return {
    push(delta) {
      if (stops.length === 0) return { text: delta, isEnd: false };
      const all = held + delta;
      const start = firstStop(all, stops);
      if (start !== undefined) {
        held = "";
        return { text: all.slice(0, start), isEnd: true };
      }
      const keep = heldLength(all, stops);
      held = keep === 0 ? "" : all.slice(-keep);
      return { text: all.slice(0, all.length - keep), isEnd: false };
    },
    flush() {
      const rest = held;
      held = "";
      return rest;
    },
  };
}
