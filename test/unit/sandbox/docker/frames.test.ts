import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReader } from "#main/sandbox/docker/frames.ts";

describe("the stream of an attached command", () => {
  it("is the same however it is cut", () => {
    const frames = fc.array(fc.record({ kind: fc.constantFrom(1, 2), body: fc.uint8Array({ maxLength: 40 }) }));
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (all, cuts) => {
        const bytes = Buffer.concat(
          all.map(({ kind, body }) => {
            const head = Buffer.from([kind, 0, 0, 0, 0, 0, 0, 0]);
            head.writeUInt32BE(body.length, 4);
            return Buffer.concat([head, body]);
          }),
        );
        const seen: Record<1 | 2, Buffer[]> = { 1: [], 2: [] };
        const reader = new FrameReader((kind, part) => seen[kind].push(Buffer.from(part)));
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const length = cuts[turn % cuts.length] ?? 1;
          reader.add(bytes.subarray(at, at + length));
          at += length;
        }
        for (const kind of [1, 2] as const) {
          const wanted = Buffer.concat(all.filter((each) => each.kind === kind).map(({ body }) => body));
          expect(Buffer.concat(seen[kind]).equals(wanted)).toBe(true);
        }
      }),
    );
  });
});
