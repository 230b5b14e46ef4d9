import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStopCutter } from "#main/gateway/http/openai/stop.ts";

/** All that comes out for deltas that go in, and whether it was cut. */
function run(deltas: readonly string[], stops: readonly string[]): { text: string; isEnd: boolean } {
  const cutter = createStopCutter(stops);
  let text = "";
  for (const delta of deltas) {
    const step = cutter.push(delta);
    text += step.text;
    if (step.isEnd) return { text, isEnd: true };
  }
  return { text: text + cutter.flush(), isEnd: false };
}

describe("the stop texts", () => {
  it("end an answer at the first of them, even across deltas", () => {
    expect(run(["one EN", "D two"], ["END"])).toEqual({ text: "one ", isEnd: true });
    expect(run(["a b c"], ["c", "b"])).toEqual({ text: "a ", isEnd: true });
  });

  it("hold nothing back in the end when none came", () => {
    expect(run(["one E", "N"], ["END"])).toEqual({ text: "one EN", isEnd: false });
    expect(run(["x"], [])).toEqual({ text: "x", isEnd: false });
  });

  it("give the same text however it is cut into deltas", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 });
    const stop = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 5 }), fc.array(stop, { maxLength: 3 }), (deltas, stops) => {
        const whole = deltas.join("");
        // Letter by letter: the first stop that is complete ends it.
        let expected = whole;
        for (let end = 1; end <= whole.length && expected === whole; end++) {
          const done = stops.filter((text) => whole.slice(0, end).endsWith(text));
          if (done.length > 0) expected = whole.slice(0, end - Math.max(...done.map((text) => text.length)));
        }
        expect(run(deltas, stops).text).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });
});
