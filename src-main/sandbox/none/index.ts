/** No walls: commands run as the gateway's own user. Must never sound safer than that. */
import type { Sandbox, SandboxAdapter, SandboxBadge, SandboxContext } from "../contract.ts";

export const noneAdapter: SandboxAdapter = {
  id: "none",
  probe: (context) => Promise.resolve({ ok: true, sandbox: createOpenSandbox(context, "off") }),
};

/** @param why "off": it was chosen; "nothing": no walls could be had on this computer */
export function createOpenSandbox({ runner }: SandboxContext, why: "off" | "nothing"): Sandbox {
  return {
    adapter: "none",
    badge: () => openBadge(why),
    runnerFor: () => runner,
    prune: () => Promise.resolve(),
    dispose() {},
  };
}

function openBadge(why: "off" | "nothing"): SandboxBadge {
  return {
    adapter: "none",
    label: "Not confined",
    confined: ["Each command has a time limit, a limit on its output and an environment of its own."],
    notConfined: [
      why === "off"
        ? "The sandbox is switched off: commands run with all rights of your account."
        : "No sandbox works on this computer: commands run with all rights of your account.",
      "Files: a command may read and change whatever you may, the gateway's own files included.",
      "Network: a command may reach this computer, your network and the internet.",
      "Memory, processes, cores and file sizes are not limited.",
      "What still holds: a command that needs your approval by its level waits for it.",
    ],
  };
}
