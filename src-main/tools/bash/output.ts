/** What a model reads of a command that bash ran. */
import type { CommandResult } from "#main/base/command.ts";
import { factsOf, section, tellResult } from "#main/base/process/planned.ts";
import type { ToolResult } from "../contract.ts";

/** Where untrusted text came from, as the guard marks it. */
export const UNTRUSTED = "command output";

/**
 * Standard output and error under a line of facts. `isError` for anything but a clean end.
 * @param report `exec`: what it wrote first, the exit code last, as callers of that name expect
 */
export function toToolResult(result: CommandResult, report?: "exec"): ToolResult {
  const isError = result.exitCode !== 0 || result.timedOut;
  const text = report === "exec" ? tellExec(result) : tellResult(result);
  return { text, ...(isError ? { isError } : {}), untrusted: UNTRUSTED };
}

function tellExec(result: CommandResult): string {
  const end = result.timedOut ? "none (timed out)" : (result.exitCode ?? `none (${result.signal ?? "ended"})`);
  const lost = factsOf(result).slice(3);
  const output = section("Output:", result.stdout) + section("Errors:", result.stderr);
  return output + [`Exit code: ${end}`, ...lost].join("\n");
}
