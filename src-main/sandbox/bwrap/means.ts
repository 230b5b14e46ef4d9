/** With what the walls are built on this computer: found and measured once, when the adapter is probed. */
import type { ControlGroups } from "./cgroup.ts";
import type { SystemFolder } from "./system.ts";

export interface Means {
  bwrap: string;
  prlimit: string;
  sh: string;
  system: readonly SystemFolder[];
  /**
   * Whom a confined program is to the system: the gateway's own user with an unprivileged number inside; another user,
   * when the gateway is root; root without rights, when there is no way to be another user.
   */
  user: "own" | "other" | "root";
  /** How to be another user. */
  other?: { perl: string; at: string };
  /** Limits on processes hold, as was measured. */
  holdsProcesses: boolean;
  /** All limits hold for a command as a whole. */
  groups?: ControlGroups;
  /** Hard limits of the gateway itself: nothing above them can be asked for. */
  hard: HardLimits;
}

export interface HardLimits {
  processes: number;
  fileBytes: number;
  dataBytes: number;
}

/** @param text of `/proc/self/limits`, proc_pid_limits(5) */
export function parseHardLimits(text: string): HardLimits {
  const hard = (name: string) => {
    const found = new RegExp(`^${name} +(\\S+) +(\\S+)`, "m").exec(text)?.[2];
    return found === undefined || found === "unlimited" ? Infinity : Number(found);
  };
  return { processes: hard("Max processes"), fileBytes: hard("Max file size"), dataBytes: hard("Max data size") };
}
