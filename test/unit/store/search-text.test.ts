import { describe, expect, it } from "vitest";
import { toSearchQuery, toSearchText, toSnippet } from "#main/store/search-text.ts";

describe("words for the index", () => {
  it("stand alone for each Chinese, Japanese and Korean character, and as they are otherwise", () => {
    expect(toSearchText("in 北京").trim().split(/\s+/)).toEqual(["in", "北", "京"]);
    expect(toSearchText("カフェ").trim().split(/\s+/)).toEqual(["カ", "フ", "ェ"]);
    expect(toSearchText("plain text")).toBe("plain text");
  });
});

describe("a query", () => {
  it("quotes every word and lets the last be a beginning", () => {
    expect(toSearchQuery("red hou")).toBe('"red" AND "hou"*');
  });

  it("keeps quotes of its writer out of its own", () => {
    expect(toSearchQuery('a"b')).toBe('"a b"*');
  });

  it("is nothing when there is no letter or digit in it", () => {
    for (const input of ["", "  ", '"', "-- ()"]) expect(toSearchQuery(input)).toBeUndefined();
  });
});

describe("a snippet", () => {
  it("stands around the first word that occurs, with marks where it is cut", () => {
    const text = `${"x".repeat(300)} needle ${"y".repeat(300)}`;
    const snippet = toSnippet(text, "absent needle");
    expect(snippet).toContain("needle");
    expect([snippet.startsWith("…"), snippet.endsWith("…")]).toEqual([true, true]);
  });

  it("never cuts an emoji in half", () => {
    const snippet = toSnippet(`${"😀".repeat(200)} needle`, "needle", 40);
    expect(snippet.isWellFormed()).toBe(true);
    expect(toSnippet("short", "absent")).toBe("short");
  });
});
