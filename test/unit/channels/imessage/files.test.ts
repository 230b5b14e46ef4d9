/** Names of files on their way out. */
import { expect, it } from "vitest";
import { toSafeName } from "#main/channels/imessage/files.ts";

it.each([
  ["photo.png", "photo.png"],
  ["../../etc/passwd", "passwd"],
  ["..\\x.exe", "x.exe"],
  ["-rf.txt", "rf.txt"],
  ["...", "file"],
  ["", "file"],
  ['a"; id.png', "a__ id.png"],
  ["Grüße 1.pdf", "Grüße 1.pdf"],
  ["a\nb\0.txt", "a_b_.txt"],
])("makes of %j the name %j", (name, safe) => {
  expect(toSafeName(name)).toBe(safe);
});

it("keeps the ending of a long name", () => {
  const safe = toSafeName(`${"x".repeat(300)}.jpeg`);
  expect(safe).toHaveLength(100);
  expect(safe.endsWith(".jpeg")).toBe(true);
});
