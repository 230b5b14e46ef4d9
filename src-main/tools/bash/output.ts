/** What a model reads of a command: facts first, then what it wrote. The facts are ours, the rest is not to be trusted. */
import type { CommandResult } from "#main/base/command.ts";
import type { ToolResult } from "../contract.ts";

/** Where untrusted text came from, as the guard marks it. */
export const UNTRUSTED = "command output";

/** Standard output and error under a line of facts. `isError` for anything but a clean end. */
export function toToolResult(result: CommandResult): ToolResult {
  const { exitCode, timedOut } = result;
  const facts = [`exit_code: ${exitCode ?? "none"}`, `timed_out: ${timedOut}`, `duration_ms: ${result.durationMs}`];
  if (result.signal !== null) facts.push(`signal: ${result.signal}`);
  if (result.droppedBytes > 0) facts.push(`left_out: ${result.droppedBytes} bytes`);
  if (result.overflowPath !== undefined) facts.push(`whole_output: ${result.overflowPath}`);
  return {
    text: `${facts.join("\n")}\n${section("stdout", result.stdout)}${section("stderr", result.stderr)}`.trimEnd(),
    ...(exitCode === 0 && !timedOut ? {} : { isError: true }),
    untrusted: UNTRUSTED,
  };
}

/** Empty when there is nothing to show. */
export function section(name: string, text: string): string {
  return text === "" ? "" : `--- ${name} ---\n${text}${text.endsWith("\n") ? "" : "\n"}`;
}
