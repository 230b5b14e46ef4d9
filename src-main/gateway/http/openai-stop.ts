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

export function createStopCutter(stops: readonly string[]): StopCutter {
  let held = "";
  return {
    push(delta) {
      if (stops.length === 0) return { text: delta, isEnd: false };
      const all = held + delta;
      const hits = stops.map((stop) => all.indexOf(stop)).filter((index) => index >= 0);
      if (hits.length > 0) {
        held = "";
        return { text: all.slice(0, Math.min(...hits)), isEnd: true };
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
