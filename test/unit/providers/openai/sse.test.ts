import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSseParser, type SseEvent } from "#main/providers/openai/sse.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function parseAll(text: string, sizes: readonly number[] = []): SseEvent[] {
  const parser = createSseParser();
  const all = bytes(text);
  const events: SseEvent[] = [];
  let at = 0;
  for (const size of sizes) {
    events.push(...parser.push(all.subarray(at, at + size)));
    at += size;
  }
  events.push(...parser.push(all.subarray(at)));
  const rest = parser.end();
  return rest ? [...events, rest] : events;
}

describe("server-sent events", () => {
  it.each(["\n", "\r\n", "\r"])("splits at %j", (ending) => {
    const text = ["data: a", "", "event: x", "data: b", "", ""].join(ending);
    expect(parseAll(text)).toEqual([
      { event: "", data: "a" },
      { event: "x", data: "b" },
    ]);
  });
  it("joins several data lines by newlines", () => {
    expect(parseAll("data: {\ndata: }\n\n")).toEqual([{ event: "", data: "{\n}" }]);
  });
  it("skips comments and unknown fields, and takes data without a space or a colon", () => {
    expect(parseAll(": keep-alive\nid: 7\nretry: 3\ndata:x\ndata\n\n:\n\n")).toEqual([{ event: "", data: "x\n" }]);
  });
  it("removes one space after the colon and no more", () => {
    expect(parseAll("data:  x\n\n")).toEqual([{ event: "", data: " x" }]);
  });
  it("gives the last event at the end when its blank line is missing", () => {
    expect(parseAll("data: [DONE]")).toEqual([{ event: "", data: "[DONE]" }]);
  });
  it("gives the same events however the bytes are cut", () => {
    const text = ': hi\r\ndata: héllo 日本語 👩‍👩‍👧\r\n\r\nevent: error\ndata: {"a":1}\n\ndata: x\r\r';
    const whole = parseAll(text);
    expect(whole).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), (sizes) => {
        expect(parseAll(text, sizes)).toEqual(whole);
      }),
    );
  });
  it("[LM-05] never throws anything but its limit, on any bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }), (chunks) => {
        const parser = createSseParser(100);
        try {
          for (const chunk of chunks) parser.push(chunk);
          parser.end();
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
  it("[LM-05] refuses an event beyond the limit, as one line or as many", () => {
    expect(() => createSseParser(10).push(bytes(`data: ${"x".repeat(20)}`))).toThrow(RangeError);
    expect(() => createSseParser(30).push(bytes("data: 12345\n".repeat(5)))).toThrow(RangeError);
  });
  it("takes any number of comments and small events under the same limit", () => {
    const parser = createSseParser(30);
    const events = parser.push(bytes(": keep-alive\n".repeat(100) + "data: 12345\n\n".repeat(100)));
    expect(events).toHaveLength(100);
  });
});
