/** What is said of these walls: pure, from the settings and from what was measured. Must never promise more. */
import type { SandboxBadge, SandboxSettings } from "../contract.ts";
import type { Means } from "./means.ts";

const WORKSPACE = {
  none: "It sees nothing of the workspace and works in an empty folder of its own.",
  ro: "It reads the workspace and cannot change it.",
  rw: "It reads and changes the workspace.",
} as const;

export function bwrapBadge(means: Means, settings: SandboxSettings): SandboxBadge {
  const { limits, network } = settings;
  const isWhole = means.groups !== undefined;
  const holdsProcesses = isWhole || means.holdsProcesses;
  const holdsCpus = limits.cpus !== undefined && means.groups?.hasCpu === true;
  const confined = [
    "Files: a command sees this computer's programs, read-only, and a home and temporary files of its own. " +
      WORKSPACE[settings.workspace],
    ...(network === "none" ? ["Network: none, not even to this computer."] : []),
    "Processes: it sees and ends only its own" + (holdsProcesses ? `, at most ${limits.processes} at a time.` : "."),
    `Memory: at most ${limits.memoryMb} MB for ${isWhole ? "a command as a whole" : "each of its processes"}.`,
    `Files it writes: at most ${limits.fileMb} MB each.`,
    ...(holdsCpus ? [`Cores: at most ${limits.cpus}.`] : []),
    "Rights: it runs without rights over the system, and cannot gain any.",
    "Environment: none of the gateway's variables.",
  ];
  const notConfined = [
    ...(network === "bridge"
      ? ["Network: it reaches what this computer reaches, and the services of this computer, the gateway included."]
      : []),
    ...(holdsProcesses ? [] : [`Processes: the limit of ${limits.processes} is not held here.`]),
    ...(isWhole ? [] : ["Memory: that of its processes together, and memory they share, is not limited."]),
    ...(holdsCpus
      ? []
      : [
          limits.cpus === undefined ? "Cores are not limited." : `Cores: the limit of ${limits.cpus} is not held here.`,
        ]),
    "Disk: the number of files and their size together are not limited.",
    "Calls to the system's core are not filtered: a flaw there may open the walls.",
  ];
  return { adapter: "bwrap", label: "Confined by bubblewrap", confined, notConfined };
}
