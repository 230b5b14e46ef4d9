/** What is said of Docker's walls: pure, from what the Engine is asked for. Must never promise more. */
import type { SandboxBadge, SandboxSettings } from "../contract.ts";

const WORKSPACE = {
  none: "nothing of the workspace",
  ro: "the workspace, which it cannot change",
  rw: "the workspace, which it may change",
} as const;

export function dockerBadge(settings: SandboxSettings, image: string): SandboxBadge {
  const { limits, network, workspace } = settings;
  return {
    adapter: "docker",
    label: "Confined by Docker",
    confined: [
      `Files: a command sees the image ${image}, read-only, a home of its own, and ${WORKSPACE[workspace]}.`,
      ...(network === "none" ? ["Network: none."] : []),
      `Memory: at most ${limits.memoryMb} MB for all commands of one container.`,
      `Processes: at most ${limits.processes} at a time in one container.`,
      `Files it writes: at most ${limits.fileMb} MB each.`,
      ...(limits.cpus === undefined ? [] : [`Cores: at most ${limits.cpus}.`]),
      "Rights: none over the system, and none can be gained.",
      "Environment: none of the gateway's variables.",
    ],
    notConfined: [
      ...(network === "bridge"
        ? ["Network: it reaches the internet, your network, and services of this computer that listen beyond it."]
        : []),
      ...(limits.cpus === undefined ? ["Cores are not limited."] : []),
      "Disk: the number of files and their size together are not limited.",
      "Commands of one place share a container: they see each other.",
      "Whoever may use Docker on this computer can look into the container.",
    ],
  };
}
