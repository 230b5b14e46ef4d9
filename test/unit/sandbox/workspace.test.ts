import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isInside } from "#main/base/confined/names.ts";
import { readWorkspace } from "#main/sandbox/workspace.ts";
import { tempState } from "#test/fakes/temp-state.ts";

describe("a workspace as it is shown", () => {
  it("is known by its given path and its real one", async () => {
    const dir = tempState();
    mkdirSync(join(dir, "real"));
    symlinkSync(join(dir, "real"), join(dir, "link"));
    expect(await readWorkspace(`${join(dir, "link")}/`, [])).toEqual({
      path: join(dir, "link"),
      real: join(dir, "real"),
      covered: [],
    });
  });
  it("covers what is protected in it, outermost only, and nothing around it", async () => {
    const dir = tempState();
    mkdirSync(join(dir, "work", "state", "sandbox"), { recursive: true });
    writeFileSync(join(dir, "work", "config.yaml"), "");
    const hidden = ["work/state", "work/state/sandbox", "work/config.yaml", "", "work/missing", "elsewhere"];
    const { covered } = await readWorkspace(
      join(dir, "work"),
      hidden.map((name) => join(dir, name)),
    );
    expect(covered).toEqual([
      { path: join(dir, "work", "state"), isFolder: true },
      { path: join(dir, "work", "config.yaml"), isFolder: false },
    ]);
  });
  it.each(["/", "/usr", "/etc/x", "/proc/self", "/tmp", "relative", "/no/such/folder"])("refuses %s", async (path) => {
    await expect(readWorkspace(path, [])).rejects.toThrow(/workspace/);
  });
  it("refuses the gateway's own folder, and a link to the system", async () => {
    const dir = tempState();
    await expect(readWorkspace(dir, [dir])).rejects.toThrow("gateway's own folder");
    symlinkSync("/usr", join(dir, "link"));
    await expect(readWorkspace(join(dir, "link"), [])).rejects.toThrow("folder of the system");
  });
  it("is inside itself and not inside a longer name", () => {
    expect([isInside("/a", "/a"), isInside("/a", "/a/b"), isInside("/a", "/a/..b")]).toEqual([true, true, true]);
    expect([isInside("/a", "/ab"), isInside("/a", "/"), isInside("/a", "/a/../b")]).toEqual([false, false, false]);
  });
});
