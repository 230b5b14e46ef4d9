/** Diffs as lines: nothing that changes may be left out or folded. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countChanges, toCallDiff, toDiffLines, toDiffParts } from "#renderer/features/approvals/diff.ts";
import { DIFF } from "#test/fakes/renderer-acting-scenes.ts";

describe("a diff", () => {
  it("is numbered on both sides", () => {
    const lines = toDiffLines(DIFF);
    expect(countChanges(lines)).toEqual({ added: 2, removed: 1 });
    expect(lines.find((line) => line.kind === "removed")).toEqual({
      kind: "removed",
      text: "- dentist at 9",
      before: 10,
    });
    expect(lines.findLast((line) => line.kind === "added")).toEqual({
      kind: "added",
      text: "- pick up the parcel",
      after: 11,
    });
  });

  it("[AP-18] does not take changed lines for the names of files", () => {
    const lines = toDiffLines("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- secret\n+++ public\n same\n");
    expect(lines.slice(3)).toEqual([
      { kind: "removed", text: "-- secret", before: 1 },
      { kind: "added", text: "++ public", after: 1 },
      { kind: "same", text: "same", before: 2, after: 2 },
    ]);
  });

  it("shows what it does not understand as it is", () => {
    expect(toDiffLines("Binary files differ")).toEqual([{ kind: "note", text: "Binary files differ" }]);
  });

  it("folds only unchanged lines, away from every change, and loses none", () => {
    const kind = fc.constantFrom("+", "-", " ");
    fc.assert(
      fc.property(fc.array(kind, { minLength: 1, maxLength: 80 }), (signs) => {
        const olds = signs.filter((sign) => sign !== "+").length;
        const news = signs.filter((sign) => sign !== "-").length;
        const text = `@@ -1,${olds} +1,${news} @@\n${signs.map((sign, at) => `${sign}line ${at}`).join("\n")}`;
        const lines = toDiffLines(text);
        const parts = toDiffParts(lines);
        expect(parts.flatMap((part) => part.lines)).toEqual(lines);
        for (const part of parts) {
          if (part.kind === "folded") expect(part.lines.every((line) => line.kind === "same")).toBe(true);
        }
        expect(countChanges(lines).added).toBe(signs.filter((sign) => sign === "+").length);
      }),
    );
  });
});

describe("the diff of a call", () => {
  it("is told by the arguments of tools that change files", () => {
    const edit = toCallDiff("edit", { path: "a.md", old_string: "one\ntwo", new_string: "three" });
    expect(edit?.map((line) => [line.kind, line.text])).toEqual([
      ["file", "a.md"],
      ["removed", "one"],
      ["removed", "two"],
      ["added", "three"],
    ]);
    expect(toCallDiff("write", { path: "b.md", content: "x\n" })?.map((line) => line.kind)).toEqual(["file", "added"]);
    expect(
      toCallDiff("apply_patch", { patch: "*** Update File: c\n@@\n-a\n+b\n c" })?.map((line) => line.kind),
    ).toEqual(["file", "hunk", "removed", "added", "same"]);
  });

  it("is nothing for other tools", () => {
    expect(toCallDiff("read", { path: "a.md" })).toBeUndefined();
    expect(toCallDiff("edit", "broken")).toBeUndefined();
  });
});
