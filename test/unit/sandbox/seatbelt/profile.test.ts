import { describe, expect, it } from "vitest";
import { toProfile } from "#main/sandbox/seatbelt/profile.ts";

const paths = {
  workspace: "/Users/u/work",
  home: "/s/home",
  tmp: "/s/tmp",
  scratch: "/s/scratch",
  protectedPaths: ["/Users/u/work/state"],
};
const line = (text: string, start: string) => text.split("\n").find((each) => each.startsWith(start)) ?? "";

describe("the profile of sandbox-exec", () => {
  it("[I07] denies what it does not name", () => {
    expect(toProfile({ workspace: "rw", network: "none" }, paths)).toMatch(/^\(version 1\)\n\(deny default\)\n/);
  });
  it("[I07] shows and opens the workspace as far as the settings say", () => {
    const of = (workspace: "none" | "ro" | "rw") => toProfile({ workspace, network: "none" }, paths);
    const has = (text: string, start: string) => line(text, start).includes('"/Users/u/work"');
    expect((["none", "ro", "rw"] as const).map((mode) => has(of(mode), "(allow file-read*"))).toEqual([
      false,
      true,
      true,
    ]);
    expect((["none", "ro", "rw"] as const).map((mode) => has(of(mode), "(allow file-write*"))).toEqual([
      false,
      false,
      true,
    ]);
  });
  it("[I07] opens the network only for bridge", () => {
    expect(toProfile({ workspace: "rw", network: "none" }, paths)).toContain("(deny network*)");
    expect(toProfile({ workspace: "rw", network: "bridge" }, paths)).toContain("(allow network*)");
  });
  it("denies what is protected last, and not the workspace that lies in it", () => {
    const text = toProfile(
      { workspace: "rw", network: "none" },
      { ...paths, protectedPaths: [...paths.protectedPaths, "/Users/u"] },
    );
    expect(text.trim().split("\n").at(-1)).toBe('(deny file-read* file-write* (subpath "/Users/u/work/state"))');
    expect(text).not.toContain('(subpath "/Users/u")');
  });
  it("cannot be broken out of by a name", () => {
    const text = toProfile({ workspace: "rw", network: "none" }, { ...paths, workspace: '/a") (allow default) ("\\' });
    expect(text).toContain('(subpath "/a\\") (allow default) (\\"\\\\")');
  });
});
