import fc from "fast-check";
import { expect, it } from "vitest";
import { editTool } from "#main/tools/edit/index.ts";
import { replaceText } from "#main/tools/edit/replace.ts";
import { createWorkspace, refusalOf } from "#test/fakes/workspace.ts";

const edit = (old_string: string, new_string: string, more: object = {}) => ({
  path: "a.txt",
  old_string,
  new_string,
  ...more,
});

it("[H04] replaces one piece of text", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "one two three");
  expect(await workspace.act(editTool, edit("two", "2"))).toEqual({
    text: "Successfully replaced 1 occurrence in 'a.txt'",
  });
  expect(workspace.get("a.txt")).toBe("one 2 three");
});

it("[H04] says exactly why not", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "x x");
  expect(await refusalOf(workspace.act(editTool, edit("y", "z")))).toMatch(/^old_string not found in 'a.txt'\./);
  expect(await refusalOf(workspace.act(editTool, edit("x", "z")))).toMatch(/^old_string found 2 times in 'a.txt'\./);
  expect(await refusalOf(workspace.act(editTool, edit("x", "x")))).toMatch(/^old_string and new_string are identical/);
  expect(await refusalOf(workspace.act(editTool, { ...edit("x", "y"), path: "b" }))).toContain("does not exist");
  expect(workspace.get("a.txt")).toBe("x x");
  expect(workspace.changes).toEqual([]);
});

it("[H04] replaces every occurrence when told", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "x x $& x");
  const { text } = await workspace.act(editTool, edit("x", "$&", { replace_all: true }));
  expect(text).toBe("Successfully replaced 3 occurrences in 'a.txt'");
  expect(workspace.get("a.txt")).toBe("$& $& $& $&");
});

it("[FS-08] keeps the byte order mark, CR LF and the missing last newline", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "\ufeffone\r\ntwo\r\nthree");
  await workspace.act(editTool, edit("one\ntwo", "1\n2\n2b"));
  expect(workspace.get("a.txt")).toBe("\ufeff1\r\n2\r\n2b\r\nthree");
});

it("[FS-08] leaves mixed line ends as they are", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", "one\r\ntwo\nthree\n");
  await workspace.act(editTool, edit("two\nthree", "2\n3"));
  expect(workspace.get("a.txt")).toBe("one\r\n2\n3\n");
});

it("[FS-08] refuses binary files and other encodings", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", Buffer.from([120, 0, 1]));
  expect(await refusalOf(workspace.act(editTool, edit("x", "y")))).toContain("is a binary file");
  workspace.put("a.txt", Buffer.from("größer", "latin1"));
  expect(await refusalOf(workspace.act(editTool, edit("g", "y")))).toContain("not valid UTF-8");
});

it("[FS-06] refuses a file that could not be put back", async () => {
  const workspace = createWorkspace();
  workspace.put("a.txt", Buffer.alloc(10 * 1024 * 1024 + 1, "x"));
  expect(await refusalOf(workspace.act(editTool, edit("xy", "y")))).toContain("at most 10485760");
});

it("touches nothing but the named text, whatever text it is", () => {
  const piece = fc.string({ unit: fc.constantFrom("a", "b", "\n", "\r\n", "é", "💡", "\ufeff", "$", "\\") });
  fc.assert(
    fc.property(piece, piece, piece, piece, (head, old, tail, fresh) => {
      fc.pre(old !== "" && old !== fresh);
      const text = head + old + tail;
      fc.pre(text.split(old).length === 2 && text.indexOf(old) === head.length);
      fc.pre(!/\r\n/.test(text) && !old.includes("\r") && !fresh.includes("\r"));
      expect(replaceText(text, { path: "p", old, fresh, all: false })).toEqual({ text: head + fresh + tail, count: 1 });
    }),
    { numRuns: 2000 },
  );
});

it("replaces all as often as it says, and undoes itself with a fresh word", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", " "), maxLength: 60 });
  fc.assert(
    fc.property(text, fc.constantFrom("a", "ab", "b\n", "aa"), (content, old) => {
      fc.pre(content.includes(old));
      const done = replaceText(content, { path: "p", old, fresh: "<new>", all: true });
      expect(done.text.split("<new>").length - 1).toBe(done.count);
      expect(replaceText(done.text, { path: "p", old: "<new>", fresh: old, all: true }).text).toBe(content);
    }),
  );
});

it("is a level 3 call", () => {
  expect(editTool.level(edit("a", "b"))).toBe(3);
});
