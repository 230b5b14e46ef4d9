/** What a model reads of a command: facts first, then what it wrote. The facts are ours, the rest is not to be trusted. */
import type { CommandResult } from "#main/base/command.ts";
import type { ToolResult } from "../contract.ts";

/** Where untrusted text came from, as the guard marks it. */
export const UNTRUSTED = "command output";

/**
 * Standard output and error under a line of facts. `isError` for anything but a clean end.
 * @param report `exec`: what it wrote first, the exit code last, as callers of that name expect
 */
export function toToolResult(result: CommandResult, report?: "exec"): ToolResult {
  const { exitCode, timedOut } = result;
  const isError = exitCode !== 0 || timedOut;
  const facts = [`exit_code: ${exitCode ?? "none"}`, `timed_out: ${timedOut}`, `duration_ms: ${result.durationMs}`];
  if (result.signal !== null) facts.push(`signal: ${result.signal}`);
  if (result.droppedBytes > 0) facts.push(`left_out: ${result.droppedBytes} bytes`);
  if (result.overflowPath !== undefined) facts.push(`whole_output: ${result.overflowPath}`);
  if (report === "exec") {
    const end = timedOut ? "none (timed out)" : (exitCode ?? `none (${result.signal ?? "ended"})`);
    const lost = facts.slice(3).map((fact) => `\n${fact}`);
    const text = `${part("Output", result.stdout)}${part("Errors", result.stderr)}Exit code: ${end}${lost.join("")}`;
    return { text, ...(isError ? { isError } : {}), untrusted: UNTRUSTED };
  }
  return {
    text: `${facts.join("\n")}\n${section("stdout", result.stdout)}${section("stderr", result.stderr)}`.trimEnd(),
    ...(isError ? { isError } : {}),
    untrusted: UNTRUSTED,
  };
}

/** Empty when there is nothing to show. */
function part(name: string, text: string): string {
  return text === "" ? "" : `${name}:\n${text}${text.endsWith("\n") ? "" : "\n"}`;
}

/** Empty when there is nothing to show. */
export function section(name: string, text: string): string {
  return text === "" ? "" : `--- ${name} ---\n${text}${text.endsWith("\n") ? "" : "\n"}`;
}
