import { expect, it } from "vitest";
import { applyPatchTool } from "#main/tools/apply_patch/index.ts";
import { createWorkspace, refusalOf } from "#test/fakes/workspace.ts";

const patchOf = (...lines: string[]) => ({ patch: ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n") });

it("[H08] adds, updates, moves and deletes in one patch", async () => {
  const workspace = createWorkspace();
  workspace.put("up.txt", "a\nb\nc\n");
  workspace.put("old.txt", "x\ny\n");
  workspace.put("gone.txt", "bye\n");
  const args = patchOf(
    "*** Add File: new/n.txt",
    "+first",
    "+",
    "*** Update File: up.txt",
    "@@",
    " a",
    "-b",
    "+B",
    "*** Update File: old.txt",
    "*** Move to: moved/new.txt",
    "@@",
    "-x",
    "+X",
    " y",
    "*** Delete File: gone.txt",
  );
  const plan = await workspace.plan(applyPatchTool, args);
  expect(plan.summary).toBe(
    "Apply a patch: add new/n.txt, update up.txt, rename old.txt to moved/new.txt, delete gone.txt",
  );
  expect(plan.diff).toContain("--- a/old.txt\n+++ b/moved/new.txt\n@@ -1,2 +1,2 @@\n-x\n+X\n y");
  await workspace.run(applyPatchTool, args, plan);
  expect(workspace.tree()).toEqual({
    "moved/": "folder",
    "moved/new.txt": "X\ny\n",
    "new/": "folder",
    "new/n.txt": "first\n\n",
    "up.txt": "a\nB\nc\n",
  });
  expect(workspace.changes.map(({ path, after }) => [path, after === null])).toEqual([
    ["new/n.txt", false],
    ["up.txt", false],
    ["moved/new.txt", false],
    ["old.txt", true],
    ["gone.txt", true],
  ]);
});

it("[H08] changes nothing when one file of several does not fit, and says where it is near", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "one\n");
  workspace.put("b.txt", "head\none\ntwo\nthree\ntail\n");
  const args = patchOf(
    "*** Update File: a.txt",
    "@@",
    "-one",
    "+1",
    "*** Update File: b.txt",
    "@@",
    " one",
    "-2",
    " three",
  );
  expect(await refusalOf(workspace.act(applyPatchTool, args))).toBe(
    `Hunk 1 of 'b.txt' does not fit. Nearest is line 2; there line 3 is "two", not "2".`,
  );
  expect(workspace.tree()["a.txt"]).toBe("one\n");
  expect(workspace.changes).toEqual([]);
});

it("finds a hunk by its headings, and asks for more where several places fit", async () => {
  const workspace = createWorkspace();
  workspace.put("a.py", "class A:\n  def f():\n    pass\nclass B:\n  def f():\n    pass\n");
  const hunk = ["   def f():", "-    pass", "+    return 1"];
  expect(await refusalOf(workspace.act(applyPatchTool, patchOf("*** Update File: a.py", "@@", ...hunk)))).toContain(
    "fits in several places (lines 2, 5)",
  );
  await workspace.act(applyPatchTool, patchOf("*** Update File: a.py", "@@ class B:", ...hunk));
  expect(workspace.get("a.py")).toBe("class A:\n  def f():\n    pass\nclass B:\n  def f():\n    return 1\n");
});

it("puts lines at the end of the file, and keeps that it has no last newline", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "x\nx");
  await workspace.act(applyPatchTool, patchOf("*** Update File: a.txt", "@@", " x", "+y", "*** End of File"));
  expect(workspace.get("a.txt")).toBe("x\nx\ny");
  await workspace.act(applyPatchTool, patchOf("*** Update File: a.txt", "@@", "+z"));
  expect(workspace.get("a.txt")).toBe("x\nx\ny\nz");
});

it("[FS-08] keeps CR LF, and takes a patch that was saved with it", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "one\r\ntwo\r\nthree");
  const args = patchOf("*** Update File: a.txt", "@@", " two", "-three", "+3", "+4");
  await workspace.act(applyPatchTool, args);
  expect(workspace.get("a.txt")).toBe("one\r\ntwo\r\n3\r\n4");
  workspace.put("b.txt", "one\ntwo\n");
  const saved = patchOf("*** Update File: b.txt", "@@", "-two", "+2").patch.replaceAll("\n", "\r\n");
  await workspace.act(applyPatchTool, { patch: saved });
  expect(workspace.get("b.txt")).toBe("one\n2\n");
});

it("[FS-17] refuses paths that leave, in every heading", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "x\n");
  const bodies = [
    ["*** Add File: ../outside/n.txt", "+x"],
    [`*** Add File: ${workspace.outside}/n.txt`, "+x"],
    ["*** Delete File: ../outside/secret.txt"],
    ["*** Update File: ../outside/secret.txt", "@@", "-secret", "+x"],
    ["*** Update File: a.txt", "*** Move to: ../outside/n.txt", "@@", "-x", "+y"],
  ];
  for (const body of bodies) {
    expect(await refusalOf(workspace.act(applyPatchTool, patchOf(...body)))).toContain("leads out");
  }
  expect(workspace.tree(workspace.outside)).toEqual({ "secret.txt": "secret" });
  expect(workspace.tree()).toEqual({ "a.txt": "x\n" });
});

it("refuses what is in the way, missing, named twice, or without effect", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "x\n");
  workspace.put("b.txt", "y\n");
  const refuse = (...lines: string[]) => refusalOf(workspace.act(applyPatchTool, patchOf(...lines)));
  const change = ["@@", "-x", "+z"];
  expect(await refuse("*** Add File: a.txt", "+n")).toContain("exists already");
  expect(await refuse("*** Update File: a.txt", "*** Move to: b.txt", ...change)).toContain("exists already");
  expect(await refuse("*** Update File: a.txt", "*** Move to: ./a.txt", ...change)).toContain("same file");
  expect(await refuse("*** Delete File: c.txt")).toContain("does not exist");
  expect(await refuse("*** Update File: a.txt", ...change, "*** Delete File: ./a.txt")).toContain("named twice");
  expect(await refuse("*** Add File: n", "+x", "*** Add File: ./n", "+y")).toContain("written twice");
  expect(await refuse("*** Update File: a.txt", "@@", " x")).toContain("changes nothing");
  expect(await refuse("*** Update File: a.txt")).toContain("changes nothing");
  expect(workspace.tree()).toEqual({ "a.txt": "x\n", "b.txt": "y\n" });
});

it("names the line that it cannot read", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "x\n");
  const refuse = (patch: string) => refusalOf(workspace.act(applyPatchTool, { patch }));
  expect(await refuse("hello")).toContain("neither a unified diff nor");
  expect(await refuse("*** Begin Patch\n*** Add File: a")).toContain("cut off");
  expect(await refuse("*** Begin Patch\n*** End Patch\nrm -rf")).toContain("Line 3");
  expect(await refuse("*** Begin Patch\nwhat\n*** End Patch")).toContain("Line 2");
  expect(await refuse("*** Begin Patch\n*** Add File: n\nx\n*** End Patch")).toContain("Line 3");
  expect(await refuse("*** Begin Patch\n*** Update File: a.txt\n@@\n*x\n*** End Patch")).toContain("Line 4");
  expect(await refuse("*** Begin Patch\n*** Delete File: a.txt\nx\n*** End Patch")).toContain("Line 3");
  expect(await refuse("*** Begin Patch\n*** End Patch")).toContain("names no file");
});
