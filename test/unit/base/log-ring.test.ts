import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { createLogRing } from "#main/base/log-ring.ts";

function filled(lines: number, capacity?: number) {
  const ring = createLogRing(capacity);
  for (let n = 1; n <= lines; n++) ring.push(`line ${n}`);
  return ring;
}

describe("createLogRing", () => {
  it("[Q16] keeps the last 1000 lines", () => {
    const tail = filled(1500).tail({ limit: 5000 });
    expect(tail).toMatchObject({ cursor: 1500, size: 1000 });
    expect(tail.lines[0]).toBe("line 501");
    expect(tail.lines.at(-1)).toBe("line 1500");
  });

  it("[Q16] keeps 10,000 lines at most, whatever it is asked for", () => {
    expect(filled(10_050, 1_000_000).tail().size).toBe(10_000);
  });

  it("[Q16] gives the newest lines without a cursor, and says that older ones were left out for their size", () => {
    expect(filled(10).tail({ limit: 2 }).lines).toEqual(["line 9", "line 10"]);
    expect(filled(9).tail({ maxBytes: 14 })).toMatchObject({ lines: ["line 8", "line 9"], truncated: true });
  });

  it("[Q16] goes on from a cursor without losing or repeating a line", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (bursts, limit) => {
          const ring = createLogRing(1000);
          const seen: string[] = [];
          let cursor = 0;
          let n = 0;
          const read = () => {
            const tail = ring.tail({ cursor, limit });
            seen.push(...tail.lines);
            cursor = tail.cursor;
            return tail.truncated === true;
          };
          for (const burst of bursts) {
            for (let i = 0; i < burst; i++) ring.push(String(++n));
            read();
          }
          while (read());
          expect(seen).toEqual(Array.from({ length: n }, (_item, index) => String(index + 1)));
        },
      ),
    );
  });

  it("[Q16] starts over when the cursor's lines are gone or it comes from another run", () => {
    const ring = filled(20, 10);
    expect(ring.tail({ cursor: 3 })).toMatchObject({ reset: true, cursor: 20 });
    expect(ring.tail({ cursor: 3 }).lines[0]).toBe("line 11");
    expect(ring.tail({ cursor: 99 })).toMatchObject({ reset: true, cursor: 20 });
    expect(ring.tail({ cursor: 20 })).toEqual({ cursor: 20, size: 10, lines: [] });
  });

  it("gives one line even when it alone is larger than asked for", () => {
    const ring = createLogRing();
    ring.push("x".repeat(100));
    expect(ring.tail({ cursor: 0, maxBytes: 10 }).lines).toHaveLength(1);
  });
});
