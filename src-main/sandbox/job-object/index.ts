/**
 * Walls of a Job Object, on Windows. Node cannot make one: that takes a native helper which this build does not have, so
 * the adapter says that it cannot be used. Must never pretend otherwise.
 */
import type { SandboxAdapter } from "../contract.ts";

export const jobObjectAdapter: SandboxAdapter = {
  id: "job-object",
  probe: () =>
    Promise.resolve({
      ok: false,
      reason:
        "a Job Object takes a native helper for Windows, which this build does not have; Docker can be used instead",
    }),
};
