/**
 * A runner whose commands are rewritten before they start: an adapter says how, the plain runner does the rest. Must
 * never run a command as it was given when rewriting fails.
 */
import type { CommandResult, CommandRunner, CommandSpec } from "#main/base/command.ts";
import { toDisposable } from "#main/base/disposable.ts";

/** A command behind its walls. */
export interface Walled {
  spec: CommandSpec;
  /** Called once when nothing of the command is left. Never throws. */
  release(): void;
  /** Looks at the end of a command. Throws Refused when the walls could not be built, so that it never ran. */
  check?(result: CommandResult): void;
}

/** @param enclose throws Refused when the command cannot be run behind these walls, and says why */
export function createWalledRunner(
  runner: CommandRunner,
  enclose: (spec: CommandSpec) => Promise<Walled>,
): CommandRunner {
  return {
    async run(spec, signal) {
      signal.throwIfAborted();
      const walled = await enclose(spec);
      try {
        const result = await runner.run(walled.spec, signal);
        walled.check?.(result);
        return result;
      } finally {
        walled.release();
      }
    },
    async start(spec) {
      const walled = await enclose(spec);
      const { dispose: release } = toDisposable(() => walled.release());
      try {
        const started = await runner.start(walled.spec);
        return {
          pid: started.pid,
          poll() {
            const looked = started.poll();
            if (!looked.running) void release();
            return looked;
          },
          async kill() {
            await started.kill();
            await release();
          },
        };
      } catch (error) {
        await release();
        throw error;
      }
    },
  };
}
