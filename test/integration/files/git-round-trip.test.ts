/** Patches as git itself writes them: what turns one generated tree into another does the same here. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { unifiedDiff } from "#main/base/text/diff.ts";
import { applyPatchTool } from "#main/tools/apply_patch/index.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { createWorkspace } from "#test/fakes/workspace.ts";

const NAMES = ["a.txt", "b c.txt", "d/e.txt", "d/f/ü.txt", 'q"q.txt', "g.md", "-dash", "日本/x"];
const line = fc.constantFrom(
  "",
  "a",
  "b",
  "  c",
  "-- d",
  "++ e",
  "@@ -1 +1 @@",
  "é💡",
  "\\ f",
  "tail ",
  "x\r",
  "diff --git",
);
const text = fc
  .tuple(fc.array(line, { maxLength: 25 }), fc.constantFrom("\n", "\n", "\n", ""))
  .map(([lines, end]) => (lines.length === 0 ? "" : lines.join("\n") + end));
const tree = fc.dictionary(fc.constantFrom(...NAMES), text, { maxKeys: 5, noNullPrototype: true });

/** Edits of a tree, so that the second is like the first: renames and small changes, not only replacements. */
const pair = fc
  .tuple(tree, tree, fc.array(fc.nat(30), { maxLength: 4 }), fc.boolean())
  .map(([old, other, cuts, swap]) => {
    const fresh: Record<string, string> = swap ? { ...other } : {};
    for (const [name, content] of Object.entries(old)) {
      const lines = content.split("\n");
      for (const cut of cuts) lines.splice(cut % (lines.length + 1), cut % 2, `edit ${cut}`);
      const target = cuts.length % 3 === 1 ? (NAMES[(NAMES.indexOf(name) + 1) % NAMES.length] ?? name) : name;
      fresh[target] = cuts.length === 2 ? content : lines.join("\n");
    }
    return { old, fresh };
  });

/** What `git diff` says between two trees, in an empty repository. */
function gitDiff(repository: string, trees: readonly Record<string, string>[], options: readonly string[]): string {
  const config = ["-c", "core.autocrlf=false", "-c", "core.safecrlf=false"];
  const git = (...args: string[]) => execFileSync("git", [...config, ...args], { cwd: repository, encoding: "utf8" });
  const hashes = trees.map((files) => {
    for (const name of readdirSync(repository)) {
      if (name !== ".git") rmSync(join(repository, name), { recursive: true });
    }
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(repository, name)), { recursive: true });
      writeFileSync(join(repository, name), content);
    }
    git("add", "-A");
    return git("write-tree").trim();
  });
  return git("diff", "--no-color", "--text", "--no-ext-diff", ...options, ...hashes);
}

const filesOf = (files: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(files)
      .filter(([, content]) => content !== "folder")
      .sort(),
  );
const bytesOf = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [name, Buffer.from(content).toString("latin1")]));

it("[H08] does with git's patches what git does, over generated trees", { timeout: 120_000 }, async () => {
  const base = tempState();
  execFileSync("git", ["init", "-q", base]);
  let patched = 0;
  await fc.assert(
    fc.asyncProperty(
      pair,
      fc.constantFrom("-U3", "-U1", "-U8"),
      fc.boolean(),
      async ({ old, fresh }, context, renames) => {
        const patch = gitDiff(base, [old, fresh], [context, renames ? "--find-renames=40%" : "--no-renames"]);
        fc.pre(patch !== "");
        patched++;
        const workspace = createWorkspace();
        for (const [name, content] of Object.entries(old)) workspace.put(name, content);
        await workspace.act(applyPatchTool, { patch });
        expect(filesOf(workspace.tree())).toEqual(filesOf(bytesOf(fresh)));
      },
    ),
    { numRuns: 250 },
  );
  expect(patched).toBeGreaterThan(100);
});

it("shows differences that git applies back to the same content", { timeout: 60_000 }, async () => {
  const base = tempState();
  execFileSync("git", ["init", "-q", base]);
  const write = (content: string) => writeFileSync(join(base, "a.txt"), content);
  await fc.assert(
    fc.asyncProperty(text, text, async (old, fresh) => {
      fc.pre(old !== fresh && old !== "" && fresh !== "");
      const side = (content: string) => ({ path: "a.txt", content: Buffer.from(content) });
      write(old);
      execFileSync("git", ["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"], {
        cwd: base,
        input: `${unifiedDiff(side(old), side(fresh))}\n`,
      });
      const workspace = createWorkspace();
      workspace.put("a.txt", old);
      await workspace.act(applyPatchTool, { patch: `${unifiedDiff(side(old), side(fresh))}\n` });
      expect(workspace.get("a.txt")).toBe(fresh);
      expect(execFileSync("cat", ["a.txt"], { cwd: base, encoding: "utf8" })).toBe(fresh);
    }),
    { numRuns: 100 },
  );
});
