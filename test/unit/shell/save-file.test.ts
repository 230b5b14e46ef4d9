/** Saving a text where a person says. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { saveFile, toSafeFileName } from "#main/shell/save-file.ts";

describe("toSafeFileName", () => {
  it.each([
    ["chat.md", "chat.md"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Windows\\win.ini", "win.ini"],
    [".bashrc", "bashrc"],
    ["a:b*c?.txt", "a_b_c_.txt"],
    ["nul.txt", "_nul.txt"],
    ["line\nbreak", "line_break"],
    ["..", "gatehouse.txt"],
    ["/", "gatehouse.txt"],
    ["Grüße 你好.md", "Grüße 你好.md"],
  ])("makes %j into %j", (name, safe) => {
    expect(toSafeFileName(name)).toBe(safe);
  });
});

describe("saveFile", () => {
  it("writes where the person says", async () => {
    const dir = mkdtempSync(join(tmpdir(), "gatehouse-save-"));
    try {
      const suggested: string[] = [];
      const path = join(dir, "chosen.md");
      const isSaved = await saveFile(
        { fileName: "../chat.md", content: "Hello, 世界" },
        { folder: "/downloads", ask: (name) => (suggested.push(name), Promise.resolve(path)) },
      );
      expect(isSaved).toBe(true);
      expect(suggested).toEqual([join("/downloads", "chat.md")]);
      expect(readFileSync(path, "utf8")).toBe("Hello, 世界");
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it("writes nothing when the person cancels", async () => {
    expect(
      await saveFile({ fileName: "a", content: "b" }, { folder: "/", ask: () => Promise.resolve(undefined) }),
    ).toBe(false);
  });
});
