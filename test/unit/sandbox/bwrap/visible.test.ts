import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findCwd, findVisible, homeOf } from "#main/sandbox/bwrap/visible.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { shell } from "#test/fakes/walls.ts";

const HOME = "/home/u";
function ground() {
  const dir = tempState();
  const program = (path: string) => {
    writeFileSync(path, "#!/bin/sh\n");
    chmodSync(path, 0o755);
    return path;
  };
  for (const name of ["work/sub", "outside"]) mkdirSync(join(dir, name), { recursive: true });
  program(join(dir, "outside", "tool"));
  program(join(dir, "work", "mine"));
  symlinkSync(join(dir, "outside", "tool"), join(dir, "work", "leads-out"));
  const path = join(dir, "work");
  return { dir, work: { path, real: path, covered: [] } };
}

describe("the home behind the walls", () => {
  it("is where the environment says, unless the system is there", () => {
    expect(homeOf({ HOME: "/home/me/" })).toBe("/home/me");
    for (const bad of ["", "/", "relative", "/usr", "/etc/x", "/tmp", "/proc/1", "/home/../usr"])
      expect(homeOf({ HOME: bad })).toBe("/home/user");
    expect(homeOf({})).toBe("/home/user");
  });
});

describe.skipIf(process.platform === "win32")("what a command names", () => {
  it("[I06] starts in the workspace, or in an empty folder when that is not shown", async () => {
    const { work } = ground();
    expect(await findCwd(join(work.path, "sub"), work, true, HOME)).toBe(join(work.path, "sub"));
    expect(await findCwd(join(work.path, "sub"), work, false, HOME)).toBe("/scratch");
    expect(await findCwd("/usr/lib", work, true, HOME)).toBe("/usr/lib");
    expect(await findCwd(HOME, work, true, HOME)).toBe(HOME);
  });
  it("[I06] does not start in a folder outside, named or linked", async () => {
    const { dir, work } = ground();
    symlinkSync(join(dir, "outside"), join(work.path, "link"));
    for (const cwd of ["/var", join(work.path, "link"), "sub"]) {
      await expect(findCwd(cwd, work, true, "/nowhere")).rejects.toThrow("does not show the folder");
    }
    expect(await findCwd(join(dir, "work", "sub", ".."), work, true, HOME)).toBe(work.path);
  });
  it("finds programs of the system by name, and of the workspace by path", async () => {
    const { work } = ground();
    const spec = (argv: [string, ...string[]], path = "/usr/bin:/bin") => ({
      ...shell(work.path, ""),
      argv,
      env: { PATH: path },
    });
    expect(await findVisible(spec(["env"]), work, true, HOME)).toBe("/usr/bin/env");
    expect(await findVisible(spec([join(work.path, "mine")]), work, true, HOME)).toBe(join(work.path, "mine"));
    expect(await findVisible(spec([join(HOME, "made/inside")]), work, true, HOME)).toBe(join(HOME, "made/inside"));
  });
  it("refuses programs that are not shown, in words", async () => {
    const { dir, work } = ground();
    const spec = (argv: [string, ...string[]], path = "/usr/bin:/bin") => ({
      ...shell(work.path, ""),
      argv,
      env: { PATH: path },
    });
    const refused = (words: string, argv: [string, ...string[]], path?: string) =>
      expect(findVisible(spec(argv, path), work, true, HOME)).rejects.toThrow(words);
    await refused("shows no program 'tool'", ["tool"], join(dir, "outside"));
    await refused("it is at", [join(work.path, "leads-out")]);
    await refused("not an absolute path", ["./mine"]);
    await refused("shows no program", ["/usr/bin/no-such-program"]);
  });
});
