/**
 * A guard that can ask nobody: it runs the levels that never ask and refuses the rest, in words that the model can pass
 * on. It must never let a call through that the policy did not allow.
 */
import type { AnyTool, Level, ToolContext } from "#main/tools/contract.ts";
import type { Guard, GuardedCall } from "./contract.ts";

/** Levels that run without asking (`tools.approvals.autoApproveLevels`). */
export const AUTO_LEVELS: readonly Level[] = [1, 2, 3];

export function createLevelGuard(deps: {
  findTool(name: string): AnyTool | undefined;
  createContext(call: GuardedCall, signal: AbortSignal): ToolContext;
  autoLevels?: readonly Level[];
}): Guard {
  const levels = deps.autoLevels ?? AUTO_LEVELS;
  return {
    async execute(call, progress, signal) {
      const tool = deps.findTool(call.tool);
      if (!tool || !levels.includes(call.level)) {
        const text = `${call.tool} needs the owner's approval (level ${call.level}), and nobody can be asked. It was not run.`;
        return { text, isError: true };
      }
      signal.throwIfAborted();
      progress.onStart();
      return tool.run(call.args as never, deps.createContext(call, signal), { summary: call.tool });
    },
    async explain(call) {
      const isAllowed = levels.includes(call.level);
      return { level: call.level, decision: isAllowed ? "allow" : "deny", reason: `level ${call.level}` };
    },
  };
}
