/**
 * Walls of bubblewrap, on Linux: namespaces, a read-only system, limits by prlimit and where possible a control group.
 * Must never run a command when its walls cannot be built.
 */
import type { Sandbox, SandboxAdapter, SandboxContext } from "../contract.ts";
import { createWalledRunner } from "../walled-runner.ts";
import { bwrapBadge } from "./badge.ts";
import { enclose } from "./enclose.ts";
import { findMeans, type Found } from "./probe.ts";

export const bwrapAdapter: SandboxAdapter = {
  id: "bwrap",
  async probe(context) {
    const found = await findMeans(context, process.getuid?.());
    return found.ok ? { ok: true, sandbox: toSandbox(context, found) } : found;
  },
};

function toSandbox(context: SandboxContext, { means, places }: Extract<Found, { ok: true }>): Sandbox {
  const protectedPaths = [...context.protectedPaths, context.dataDir];
  const builder = { means, places, protectedPaths };
  return {
    adapter: "bwrap",
    badge: (settings) => bwrapBadge(means, settings),
    runnerFor: (place, settings) =>
      createWalledRunner(context.runner, (spec) => enclose(builder, place, settings, spec)),
    prune: () => places.prune(),
    dispose() {},
  };
}
