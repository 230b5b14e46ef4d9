import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { identityOfFolder, withConfined, type ConfinedFiles, type ConfinedOptions } from "#main/base/confined-files.ts";
import { HeldFolder } from "#main/base/confined/folder.ts";
import { walkTree } from "#main/base/confined/tree.ts";
import { createWorkspace, refusalOf, type TestWorkspace } from "#test/fakes/workspace.ts";

/**
 * A file outside is given a name inside just before one is opened, and that name is gone again just after: by then nothing
 * shows that it had two.
 */
function lendNameWhileOpening(workspace: TestWorkspace, name: string): void {
  const secret = join(workspace.outside, "secret.txt");
  writeFileSync(secret, "secret");
  const at = (path: string) => join(workspace.dir, path);
  const open = HeldFolder.prototype.openFile;
  const spy = vi.spyOn(HeldFolder.prototype, "openFile").mockImplementation(async function (this: HeldFolder, ...of) {
    if (of[0] !== name) return open.apply(this, of);
    linkSync(secret, at("swap"));
    renameSync(at("swap"), at(name));
    try {
      return await open.apply(this, of);
    } finally {
      writeFileSync(at("swap"), "inside");
      renameSync(at("swap"), at(name));
    }
  });
  onTestFinished(() => spy.mockRestore());
}

const anchorings = process.platform === "linux" ? (["handle", "path"] as const) : (["path"] as const);

describe.each(anchorings)("confined files, names looked up by %s", (anchoring) => {
  const within = <T>(workspace: TestWorkspace, act: (files: ConfinedFiles) => Promise<T>, more: ConfinedOptions = {}) =>
    withConfined(workspace.dir, { anchoring, ...more }, act);
  const bytes = (text: string) => Buffer.from(text);

  it("says what a path is, also of what does not exist yet", async () => {
    const workspace = createWorkspace();
    workspace.put("d/a.txt", "four");
    await within(workspace, async (files) => {
      expect(await files.look(".")).toMatchObject({ kind: "folder", relative: "", real: workspace.dir });
      expect(await files.look("d/a.txt")).toMatchObject({ kind: "file", relative: "d/a.txt", state: { size: 4 } });
      const missing = { kind: "missing", relative: "n/o/x.txt", real: join(workspace.dir, "n/o/x.txt") };
      expect(await files.look("n/o/x.txt")).toEqual(missing);
    });
  });

  it("[FS-04] reads nothing of a file outside that had a name inside while it was opened", async () => {
    const workspace = createWorkspace();
    workspace.put("leaf", "inside");
    lendNameWhileOpening(workspace, "leaf");
    await within(workspace, async (files) => {
      expect(await refusalOf(files.read("leaf", 10))).toContain("try again");
      const found: string[] = [];
      for await (const entry of walkTree(files, ".", { skip: new Set(), signal: new AbortController().signal })) {
        const handle = await entry.open();
        if (handle) found.push(await handle.readFile("utf8"));
        await handle?.close();
      }
      expect(found).toEqual([]);
    });
    vi.restoreAllMocks();
    await within(workspace, async (files) => {
      expect((await files.read("leaf", 10)).bytes.toString()).toBe("inside");
    });
  });

  it("writes, reads, replaces and removes", async () => {
    const workspace = createWorkspace();
    await within(workspace, async (files) => {
      const { made, state } = await files.write("n/o/x.txt", bytes("one"), null);
      expect(made).toEqual(["n", "n/o"]);
      expect((await files.read("n/o/x.txt", 10)).bytes.toString()).toBe("one");
      const next = await files.write("n/o/x.txt", bytes("two"), state);
      expect(await refusalOf(files.write("n/o/x.txt", bytes("3"), state))).toContain("changed by someone else");
      expect(await refusalOf(files.write("n/o/x.txt", bytes("3"), null))).toContain("changed by someone else");
      await files.remove("n/o/x.txt", next.state);
      await files.removeEmpty(made);
    });
    expect(workspace.tree()).toEqual({});
  });

  it("[FS-02] follows links that stay and refuses those that leave, whatever they hang on", async () => {
    const workspace = createWorkspace();
    workspace.put("real/deep/a.txt", "inside");
    const links = {
      up: "real/deep/../deep",
      absolute: join(workspace.dir, "real"),
      chain: "absolute/deep",
      out: "real/../../outside",
      far: workspace.outside,
      self: "self",
      gone: "no/such",
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(workspace.dir, name));
    await within(workspace, async (files) => {
      for (const path of ["up/a.txt", "absolute/deep/a.txt", "chain/a.txt"]) {
        expect((await files.read(path, 10)).bytes.toString()).toBe("inside");
      }
      for (const path of ["out/secret.txt", "far/secret.txt", "out", "chain/../../outside"]) {
        expect(await refusalOf(files.read(path, 10))).toMatch(/leads out|does not exist/);
      }
      expect(await refusalOf(files.read("self/x", 10))).toContain("without an end");
      expect(await refusalOf(files.read("gone", 10))).toContain("does not exist");
    });
  });

  it("[FS-07] refuses pipes, sockets and devices without waiting", async () => {
    const workspace = createWorkspace();
    execFileSync("mkfifo", [join(workspace.dir, "pipe")]);
    await within(workspace, async (files) => {
      expect((await files.look("pipe")).kind).toBe("special");
      expect(await refusalOf(files.openFile("pipe"))).toContain("not a plain file");
      const { state } = await files.look("pipe");
      expect(await refusalOf(files.write("pipe", bytes("x"), state ?? null))).toContain("not a plain file");
    });
  });

  it("[FS-06] refuses to take in more than it is asked for, at once", async () => {
    const workspace = createWorkspace();
    workspace.put("huge", "x");
    truncateSync(join(workspace.dir, "huge"), 50 * 1024 ** 3);
    const began = performance.now();
    await within(workspace, async (files) => {
      expect(await refusalOf(files.read("huge", 1000))).toContain("at most 1000");
    });
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it("refuses a root that is another one than it was", async () => {
    const workspace = createWorkspace();
    const identity = await identityOfFolder(workspace.dir);
    await within(workspace, (files) => files.look("."), { identity });
    renameSync(workspace.dir, `${workspace.dir}.real`);
    symlinkSync(workspace.outside, workspace.dir);
    expect(await refusalOf(within(workspace, (files) => files.look("."), { identity }))).toContain(
      "not the folder any more",
    );
    // Without that knowledge the link is taken for the workspace.
    expect((await within(workspace, (files) => files.look("secret.txt"))).kind).toBe("file");
  });

  it("goes on in the folder it holds when the root's name leads elsewhere, or refuses", async () => {
    const workspace = createWorkspace();
    workspace.put("secret.txt", "inside");
    await within(workspace, async (files) => {
      renameSync(workspace.dir, `${workspace.dir}.real`);
      symlinkSync(workspace.outside, workspace.dir);
      const read = files.read("secret.txt", 10).then(({ bytes: got }) => got.toString());
      const outcome = await read.catch((error: Error) => error.message);
      expect(outcome).not.toContain("secret!");
      expect(outcome === "inside" || /moved|try again/.test(outcome)).toBe(true);
      expect(await refusalOf(files.write("new.txt", bytes("x"), null))).toMatch(/moved|try again/);
    });
    expect(workspace.tree(workspace.outside)).toEqual({ "secret.txt": "secret" });
  });

  it("[FS-16] leaves no temporary file when a write fails", async () => {
    const workspace = createWorkspace();
    await within(workspace, async (files) => {
      const { state } = await files.write("a.txt", bytes("x"), null);
      workspace.put("a.txt", "other");
      await refusalOf(files.write("a.txt", bytes("y"), state));
    });
    expect(workspace.tree()).toEqual({ "a.txt": "other" });
  });

  it("lists up to a number of names", async () => {
    const workspace = createWorkspace();
    for (const name of ["a", "b", "c"]) workspace.put(name, name);
    await within(workspace, async (files) => {
      expect((await files.list(".", 3)).hasMore).toBe(false);
      const { entries, hasMore } = await files.list(".", 2);
      expect([entries.length, hasMore]).toEqual([2, true]);
    });
  });
});

it("[AP-38] says what the system denies to a user who is not root", async () => {
  if (process.getuid?.() !== 0) return;
  const workspace = createWorkspace();
  workspace.put("closed.txt", "x");
  chmodSync(join(workspace.dir, "closed.txt"), 0o600);
  mkdirSync(join(workspace.dir, "folder"), { mode: 0o755 });
  const module = new URL("../../../src-main/base/confined-files.ts", import.meta.url).href;
  const program = `
    process.setgid(65534); process.setuid(65534);
    const { withConfined } = await import(${JSON.stringify(module)});
    await withConfined(process.argv[1], {}, async (files) => {
      const say = (step) => step.then(() => console.log("done"), (error) => console.log(error.message));
      await say(files.openFile("closed.txt"));
      await say(files.look("closed.txt").then(({ state }) => files.write("closed.txt", Buffer.from("y"), state)));
      await say(files.write("folder/n.txt", Buffer.from("y"), null));
    });`;
  chmodSync(join(workspace.dir, ".."), 0o755);
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program, workspace.dir], {
    encoding: "utf8",
  });
  expect(said.trim().split("\n")).toEqual([
    "'closed.txt' may not be read: the system denies it.",
    "'closed.txt' may not be changed: the system denies it.",
    "'folder/n.txt' may not be changed: the system denies it.",
  ]);
  expect(statSync(join(workspace.dir, "closed.txt")).size).toBe(1);
});

it("holds no handle when it is done", async () => {
  if (process.platform !== "linux") return;
  const workspace = createWorkspace();
  workspace.put("a/b/c.txt", "x");
  symlinkSync(workspace.outside, join(workspace.dir, "out"));
  const count = () => execFileSync("ls", [`/proc/${process.pid}/fd`], { encoding: "utf8" }).split("\n").length;
  const work = () =>
    withConfined(workspace.dir, {}, async (files) => {
      await files.read("a/b/c.txt", 10);
      await refusalOf(files.look("out/x"));
      await refusalOf(files.read("a/b/no", 10));
      await refusalOf(files.list("a/b/c.txt", 10));
      await refusalOf(files.write("a", Buffer.from("x"), null));
      await files.list("a", 10);
    });
  await work();
  const before = count();
  for (let i = 0; i < 20; i++) await work();
  expect(count()).toBeLessThanOrEqual(before + 1);
});
