/**
 * The arguments of bubblewrap for one command: a pure function from what is allowed to what is said. Must never bind
 * anything that its plan does not name. Source: bwrap(1) of bubblewrap 0.8.
 */
import { NETWORK_SETTINGS, SETTINGS, type SystemFolder } from "./system.ts";

/** Everything about the walls of one command. Paths are absolute; sources are as bubblewrap sees them. */
export interface WallPlan {
  system: readonly SystemFolder[];
  /** Folders of the place. */
  home: { source: string; path: string };
  tmp: string;
  /** Folder with `passwd`, `group`, `hosts` and `nsswitch.conf`. */
  etc: string;
  /** The workspace, or the scratch folder in its stead. */
  work: { source: string; path: string; mode: "ro" | "rw" };
  /** Paths inside the work folder that are covered with nothing. */
  covered: readonly { path: string; isFolder: boolean }[];
  network: "none" | "bridge";
  cwd: string;
  /** Megabytes of `/dev/shm`. */
  sharedMb: number;
}

/** The unprivileged user that a confined program is. */
export const INNER_ID = 1000;

/** @returns the arguments before `--` and the command */
export function toArguments(plan: WallPlan): string[] {
  return [
    ...["--unshare-all", "--unshare-user", "--disable-userns", ...(plan.network === "bridge" ? ["--share-net"] : [])],
    ...["--uid", String(INNER_ID), "--gid", String(INNER_ID), "--hostname", "sandbox"],
    ...["--die-with-parent", "--new-session", "--cap-drop", "ALL"],
    ...plan.system.flatMap(({ path, link }) =>
      link === undefined ? ["--ro-bind", path, path] : ["--symlink", link, path],
    ),
    ...settings(plan),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...["--size", String(plan.sharedMb * 1024 * 1024), "--perms", "1777", "--tmpfs", "/dev/shm"],
    ...["--bind", plan.tmp, "/tmp", "--dir", "/var", "--symlink", "/tmp", "/var/tmp"],
    ...["--bind", plan.home.source, plan.home.path],
    ...[plan.work.mode === "rw" ? "--bind" : "--ro-bind", plan.work.source, plan.work.path],
    ...plan.covered.flatMap(({ path, isFolder }) =>
      isFolder ? ["--tmpfs", path, "--remount-ro", path] : ["--ro-bind", "/dev/null", path],
    ),
    // What bubblewrap made itself lives in memory that no limit counts.
    ...["--remount-ro", "/dev", "--remount-ro", "/"],
    ...["--chdir", plan.cwd],
  ];
}

function settings(plan: WallPlan): string[] {
  const shared = plan.network === "bridge" ? [...SETTINGS, ...NETWORK_SETTINGS] : SETTINGS;
  const own = ["passwd", "group", "nsswitch.conf", "hosts"];
  return [
    ...shared.flatMap((path) => ["--ro-bind-try", path, path]),
    ...own.flatMap((name) => ["--ro-bind", `${plan.etc}/${name}`, `/etc/${name}`]),
  ];
}

/** The files of `etc`: who there is in the sandbox. */
export function ownSettings(home: string): Record<string, string> {
  const id = INNER_ID;
  return {
    passwd: `root:x:0:0::/nonexistent:/bin/false\nuser:x:${id}:${id}::${home}:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n`,
    group: `root:x:0:\nuser:x:${id}:\nnogroup:x:65534:\n`,
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nprotocols: files\nservices: files\n",
    hosts: "127.0.0.1 localhost sandbox\n::1 localhost\n",
  };
}
