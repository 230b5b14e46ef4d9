import { expect, it } from "vitest";
import { textOfBytes, unifiedDiff } from "#main/base/text/diff.ts";

const diff = (before: string | Uint8Array | null, after: string | Uint8Array | null, maxLines?: number) => {
  const side = (content: string | Uint8Array | null) => ({
    path: "f",
    content: typeof content === "string" ? Buffer.from(content) : content,
  });
  return unifiedDiff(side(before), side(after), maxLines).split("\n").slice(2).join("\n");
};

it("shows changes with three lines around, near ones in one piece", () => {
  const lines = (changed: Record<number, string>) =>
    Array.from({ length: 30 }, (_, i) => `${changed[i + 1] ?? i + 1}\n`).join("");
  expect(diff(lines({}), lines({ 5: "five", 9: "nine" }))).toBe(
    "@@ -2,11 +2,11 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n-9\n+nine\n 10\n 11\n 12",
  );
  expect(diff(lines({}), lines({ 2: "two", 29: "x" })).match(/^@@.*/gm)).toEqual([
    "@@ -1,5 +1,5 @@",
    "@@ -26,5 +26,5 @@",
  ]);
});

it("shows files that come and go, and missing last newlines", () => {
  expect(diff(null, "a\nb")).toBe("@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file");
  expect(diff("a\n", null)).toBe("@@ -1,1 +0,0 @@\n-a");
  expect(diff("a", "a\n")).toBe("@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a");
  expect(unifiedDiff({ path: "f", content: null }, { path: "f", content: Buffer.from("") })).toContain(
    "(an empty file)",
  );
  expect(diff("same", "same")).toBe("");
});

it("describes what is binary or too large, and cuts what is long", () => {
  expect(diff(Buffer.from([0, 1]), "text")).toBe("(binary: 2 bytes become 4 bytes)");
  expect(diff("x\n".repeat(400_000), "y\n".repeat(400_000))).toContain("(too large to compare: 800000 bytes");
  expect(diff(null, "x\n".repeat(1000), 10).split("\n").at(-1)).toBe("(and 991 more lines)");
});

it("gives up on likeness where there is none, in little time", () => {
  const many = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word}${i}\n`).join("");
  const began = performance.now();
  expect(diff(many("a"), many("b"), 5)).toContain("more lines");
  expect(performance.now() - began).toBeLessThan(1000);
});

it("takes for text what is valid UTF-8 without a zero byte", () => {
  expect(textOfBytes(Buffer.from("\ufeffé💡"))).toBe("\ufeffé💡");
  expect(textOfBytes(Buffer.from([0xff]))).toBeUndefined();
  expect(textOfBytes(Buffer.from([65, 0]))).toBeUndefined();
});
