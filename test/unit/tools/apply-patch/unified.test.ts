import { expect, it } from "vitest";
import { applyHunks } from "#main/tools/apply_patch/fit.ts";
import { applyPatchTool, parsePatch } from "#main/tools/apply_patch/index.ts";
import { createWorkspace, refusalOf } from "#test/fakes/workspace.ts";

const diffOf = (path: string, ...lines: string[]) => ({
  patch: [`--- a/${path}`, `+++ b/${path}`, ...lines, ""].join("\n"),
});
const apply = (text: string, ...lines: string[]) =>
  applyHunks(text, parsePatch(diffOf("a.txt", ...lines))[0]?.hunks ?? [], "a.txt");

it("[H08] applies a plain unified diff with times behind the names", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "a\nb\n");
  const patch = "--- a.txt\t2026-01-01 00:00:00\n+++ a.txt\t2026-01-02 00:00:00\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n";
  await workspace.act(applyPatchTool, { patch });
  expect(workspace.get("a.txt")).toBe("a\nc\n");
});

it("[H08] finds hunks that moved, the nearest to where they say", () => {
  const block = "x\ny\n";
  const text = `${block}1\n2\n3\n${block}4\n`;
  expect(apply(text, "@@ -5,2 +5,2 @@", " x", "-y", "+Y")).toBe("x\ny\n1\n2\n3\nx\nY\n4\n");
  expect(apply(text, "@@ -2,2 +2,2 @@", " x", "-y", "+Y")).toBe("x\nY\n1\n2\n3\nx\ny\n4\n");
  expect(apply(text, "@@ -900,2 +900,2 @@", " x", "-y", "+Y")).toBe("x\ny\n1\n2\n3\nx\nY\n4\n");
});

it("[H08] bends no content: other spaces do not fit", () => {
  expect(() => apply("  x\n", "@@ -1 +1 @@", "- x", "+y")).toThrow("does not fit");
  expect(() => apply("x\n", "@@ -1,2 +1,1 @@", " x", "-gone")).toThrow("the end of the file");
});

it("puts in lines at the place it names, without context", () => {
  expect(apply("a\nb\n", "@@ -1,0 +2 @@", "+n")).toBe("a\nn\nb\n");
  expect(apply("a\nb\n", "@@ -0,0 +1 @@", "+n")).toBe("n\na\nb\n");
  expect(() => apply("a\n", "@@ -7,0 +8 @@", "+n")).toThrow("no line 7");
});

it("knows about the last newline", () => {
  const note = "\\ No newline at end of file";
  expect(apply("a\n", "@@ -1 +1 @@", "-a", "+a", note)).toBe("a");
  expect(apply("a", "@@ -1 +1 @@", "-a", note, "+a")).toBe("a\n");
  expect(apply("a", "@@ -1 +1 @@", "-a", "+b")).toBe("b");
  expect(() => apply("a\n", "@@ -1 +1 @@", "-a", note, "+b")).toThrow("does not fit");
});

it("does not take removed dashes for a heading", () => {
  expect(apply("-- x\n++ y\nz\n", "@@ -1,3 +1,1 @@", "--- x", "-++ y", " z")).toBe("z\n");
});

it("[FS-17] refuses paths that leave, quoted ones too, and writes nothing", async () => {
  const workspace = createWorkspace();
  const add = (path: string) => ({ patch: `--- /dev/null\n+++ ${path}\n@@ -0,0 +1 @@\n+x\n` });
  for (const path of ["b/../outside/n", "../outside/n", '"b/..\\057outside/n"', "/etc/n", `${workspace.outside}/n`]) {
    expect(await refusalOf(workspace.act(applyPatchTool, add(path)))).toMatch(/leads out/);
  }
  const rename = "diff --git a/a.txt b/a.txt\nrename from a.txt\nrename to ../outside/n\n";
  workspace.put("a.txt", "x\n");
  expect(await refusalOf(workspace.act(applyPatchTool, { patch: rename }))).toContain("leads out");
  expect(workspace.tree(workspace.outside)).toEqual({ "secret.txt": "secret" });
});

it("refuses links, submodules, copies, binaries and modes by name", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "x\n");
  const refuse = (...lines: string[]) => refusalOf(workspace.act(applyPatchTool, { patch: `${lines.join("\n")}\n` }));
  const head = "diff --git a/a.txt b/a.txt";
  expect(await refuse(head, "new file mode 120000", "--- /dev/null", "+++ b/l", "@@ -0,0 +1 @@", "+/etc")).toContain(
    "link",
  );
  expect(await refuse(head, "new file mode 160000")).toContain("submodule");
  expect(await refuse(head, "copy from a.txt", "copy to b.txt")).toContain("copies");
  expect(await refuse(head, "Binary files a/a.txt and b/a.txt differ")).toContain("binary");
  expect(await refuse(head, "old mode 100644", "new mode 100755")).toContain("mode");
  expect(await refuse("@@ -1 +1 @@", "-x", "+y")).toContain("without a file");
  expect(await refuse("--- a/a.txt", "+++ b/a.txt", "@@ -1 +1,2 @@", "-x", "+y")).toContain("cut off");
  expect(await refuse("--- a/a.txt", "+++ b/a.txt", "@@ -1 +1 @@", "-x", "+y", "+z")).toContain("more lines");
});

it("moves a binary file that it does not change", async () => {
  const workspace = createWorkspace();
  workspace.put("a.bin", Buffer.from([0, 255, 1]));
  const patch = "diff --git a/a.bin b/b.bin\nsimilarity index 100%\nrename from a.bin\nrename to b.bin\n";
  await workspace.act(applyPatchTool, { patch });
  expect(workspace.tree()).toEqual({ "b.bin": "\u0000\u00ff\u0001" });
});
