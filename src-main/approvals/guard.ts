/**
 * What stands before every tool call. Until approvals exist there is nobody to ask: what would need asking is refused,
 * in words that the model can pass on. It must never let a call through that the policy did not allow.
 */
import type { Guard } from "#main/agent/loop.ts";
import type { Level } from "#main/tools/contract.ts";

/** Levels that run without asking (`tools.approvals.autoApproveLevels`). */
export const AUTO_LEVELS: readonly Level[] = [1, 2, 3];

/** A guard that allows the given levels and refuses the rest. */
export function createLevelGuard(autoLevels: readonly Level[] = AUTO_LEVELS): Guard {
  return async (call) =>
    autoLevels.includes(call.level)
      ? { allow: true }
      : {
          allow: false,
          reason: `${call.name} needs the owner's approval (level ${call.level}), and nobody can be asked in this version. It was not run.`,
        };
}
