/**
 * The profile of sandbox-exec for one command: pure text. Must never allow what its settings do not; everything that is
 * not named is denied. Written against sandbox-exec(1), sandbox(7) and the profiles in /System/Library/Sandbox/Profiles;
 * untested on a Mac.
 */
import type { SandboxSettings } from "../contract.ts";

export interface ProfilePaths {
  /** Absolute, links resolved: the system compares real paths. */
  workspace: string;
  home: string;
  tmp: string;
  scratch: string;
  /** Never shown, though they may lie in what is. */
  protectedPaths: readonly string[];
}

const SYSTEM: readonly string[] = `
  /System /usr /bin /sbin /Library/Developer /Library/Frameworks /opt/homebrew /private/etc/ssl
`
  .trim()
  .split(/\s+/);

export function toProfile(settings: Pick<SandboxSettings, "workspace" | "network">, paths: ProfilePaths): string {
  const own = [paths.home, paths.tmp, paths.scratch];
  const readable = [...SYSTEM, ...own, ...(settings.workspace === "none" ? [] : [paths.workspace])];
  const writable = [...own, ...(settings.workspace === "rw" ? [paths.workspace] : [])];
  return [
    "(version 1)",
    "(deny default)",
    '(import "bsd.sb")',
    "(allow process-fork)",
    `(allow process-exec ${readable.map(subpath).join(" ")})`,
    "(allow signal (target same-sandbox))",
    "(allow sysctl-read)",
    `(allow file-read* ${readable.map(subpath).join(" ")} (literal "/") (literal "/dev/null") (literal "/dev/urandom"))`,
    `(allow file-write* ${writable.map(subpath).join(" ")} (literal "/dev/null"))`,
    ...(settings.network === "bridge" ? ["(allow network*)", "(allow system-socket)"] : ["(deny network*)"]),
    // The last rule that matches decides.
    ...paths.protectedPaths
      .filter((path) => !isAround(path, paths))
      .map((path) => `(deny file-read* file-write* ${subpath(path)})`),
    "",
  ].join("\n");
}

/** A protected folder that holds the workspace or the place itself: what is not named of it stays denied by default. */
function isAround(path: string, { workspace, home }: ProfilePaths): boolean {
  return [workspace, home].some((each) => `${each}/`.startsWith(`${path}/`));
}

function subpath(path: string): string {
  return `(subpath "${path.replace(/["\\]/g, "\\$&")}")`;
}
