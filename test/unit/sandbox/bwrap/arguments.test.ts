import { describe, expect, it } from "vitest";
import { ownSettings, toArguments, type WallPlan } from "#main/sandbox/bwrap/arguments.ts";

const plan = (given: Partial<WallPlan> = {}): WallPlan => ({
  ...{ system: [{ path: "/usr" }, { path: "/bin", link: "usr/bin" }], home: { source: "/p/home", path: "/home/u" } },
  ...{ tmp: "/p/tmp", etc: "/p/etc", work: { source: "/w", path: "/w", mode: "rw" }, covered: [], network: "none" },
  ...{ cwd: "/w", sharedMb: 64 },
  ...given,
});
const text = (given: Partial<WallPlan> = {}) => ` ${toArguments(plan(given)).join(" ")} `;

describe("the arguments of bubblewrap", () => {
  it("[I06] always close every namespace, drop every right and die with the gateway", () => {
    for (const network of ["none", "bridge"] as const) {
      expect(text({ network })).toMatch(/^ --unshare-all --unshare-user --disable-userns /);
      for (const each of ["--die-with-parent", "--new-session", "--cap-drop ALL", "--uid 1000 --gid 1000"]) {
        expect(text({ network })).toContain(` ${each} `);
      }
    }
  });
  it("[I06] share the network and its settings only when that is set", () => {
    expect(text()).not.toMatch(/share-net|resolv\.conf/);
    expect(text({ network: "bridge" })).toMatch(/--share-net.*\/etc\/resolv\.conf/);
  });
  it("[I06] bind writable only the place and a workspace that may be written", () => {
    const writable = (given: Partial<WallPlan>) =>
      [...text(given).matchAll(/ --bind (\S+) (\S+)/g)].map(([, , path]) => path);
    expect(writable({})).toEqual(["/tmp", "/home/u", "/w"]);
    expect(writable({ work: { source: "/w", path: "/w", mode: "ro" } })).toEqual(["/tmp", "/home/u"]);
  });
  it("cover what is protected after the workspace is there, and close what bubblewrap made last", () => {
    const covered = [
      { path: "/w/state", isFolder: true },
      { path: "/w/c.yaml", isFolder: false },
    ];
    const said = text({ covered });
    expect(said).toContain(
      " --tmpfs /w/state --remount-ro /w/state --ro-bind /dev/null /w/c.yaml --remount-ro /dev --remount-ro / --chdir ",
    );
    expect(said.indexOf("--bind /w /w")).toBeLessThan(said.indexOf("--tmpfs /w/state"));
  });
  it("name nothing private of the system", () => {
    const bound = [...text({ network: "bridge" }).matchAll(/ --(?:ro-)?bind(?:-try)? (\S+)/g)].map(([, path]) => path);
    for (const path of bound) {
      expect(path).toMatch(/^\/(usr|p|w|etc\/)/);
      expect(path).not.toMatch(/shadow|private|sudoers|^\/etc\/?$|^\/etc\/ssl\/?$/);
    }
  });
  it("show three users and no password", () => {
    const { passwd } = ownSettings("/home/u");
    expect(
      passwd
        ?.trim()
        .split("\n")
        .map((line) => line.split(":")[1]),
    ).toEqual(["x", "x", "x"]);
    expect(passwd).toContain("user:x:1000:1000::/home/u:/bin/sh");
  });
});
