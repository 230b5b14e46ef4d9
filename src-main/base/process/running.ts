/**
 * A runner over commands under way, wherever they run: it bounds them in time, ends them on abort, and looks at those in
 * the background. Must never settle while a command lives.
 */
import type { Clock } from "../clock.ts";
import type { CommandResult, CommandRunner, CommandSpec } from "../command.ts";
import type { CommandOutput } from "./output.ts";

export type EndReason = "timeout" | "abort";

export interface Running {
  /** Number of the process on this computer; 0 when nobody says. */
  pid: number;
  output: CommandOutput;
  /** When nothing of the command is left. Never rejects. */
  ended: Promise<CommandResult>;
  isOver(): boolean;
  exitCode(): number | null;
  /** Begins to end everything of the command; a second call does nothing. */
  end(reason: EndReason): void;
}

/** @param launch throws Refused when the command cannot be started */
export function createRunner(clock: Clock, launch: (spec: CommandSpec) => Promise<Running>): CommandRunner {
  return {
    async run(spec, signal) {
      signal.throwIfAborted();
      const started = await launch(spec);
      const timer = clock.after(spec.timeoutMs, () => started.end("timeout"));
      const onAbort = () => started.end("abort");
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      try {
        const result = await started.ended;
        signal.throwIfAborted();
        return result;
      } finally {
        signal.removeEventListener("abort", onAbort);
        await timer.dispose();
      }
    },
    async start({ overflowDir: _unused, ...spec }) {
      // What is left out of a look at a background command is gone: nobody is told where a file of it would be.
      const started = await launch(spec);
      const timer = clock.after(spec.timeoutMs, () => started.end("timeout"));
      void started.ended.finally(() => void timer.dispose());
      const { out, err } = started.output;
      return {
        pid: started.pid,
        poll() {
          const isOver = started.isOver();
          const exitCode = started.exitCode();
          return { stdout: out.take(isOver), stderr: err.take(isOver), running: !isOver, exitCode };
        },
        async kill() {
          started.end("timeout");
          await started.ended;
        },
      };
    },
  };
}
