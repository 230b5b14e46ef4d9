/**
 * What tools that run programs have in common: an interpreter into a plan, a plan's program out of it again, and what a
 * model reads of its end. Must never start anything.
 */
import { realpath } from "node:fs/promises";
import type { CommandResult, CommandSpec } from "../command.ts";
import { refuse } from "../errors.ts";
import { findProgram, identifyFile } from "./program.ts";

/** Bytes of each stream that a model reads; the rest goes to a file. */
const MAX_OUTPUT = 32_768;
/** Variables by which the loader or an interpreter runs code before the code that was shown. */
const RUNS_CODE = /^(LD_|DYLD_|PYTHON|BASH_ENV$|BASH_FUNC_|ENV$|SHELLOPTS$)/;

/** A program as a plan shows it. */
export interface PlannedProgram {
  /** As the owner reads it; the canonical text of what runs. */
  command: string;
  argv: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** Real path of the program, when it is one. */
  resolvedPath?: string;
}

/**
 * The first of these programs that there is, to be run in the workspace.
 * @param missing the refusal when there is none
 */
export async function planInterpreter(
  names: readonly string[],
  { workspace, commandEnv }: { workspace: string; commandEnv: Readonly<Record<string, string>> },
  missing: string,
) {
  const cwd = await realpath(workspace);
  let program: string | undefined;
  for (const name of names) program ??= await findProgram(name, commandEnv["PATH"], cwd);
  if (program === undefined) throw refuse(missing);
  const env = Object.fromEntries(Object.entries(commandEnv).filter(([name]) => !RUNS_CODE.test(name)));
  const files = [await identifyFile(program), await identifyFile(cwd)];
  return { program, files, place: { cwd, env, resolvedPath: await realpath(program) } };
}

/** The plan's program, with the bounds of the call. Throws Refused when the plan holds none. */
export function toSpec(
  { exec }: { exec?: PlannedProgram },
  bounds: Pick<CommandSpec, "stdin" | "timeoutMs" | "overflowDir">,
): CommandSpec {
  const [program, ...rest] = exec?.argv ?? [];
  if (exec === undefined || program === undefined) throw refuse("The plan holds no program.");
  return { argv: [program, ...rest], cwd: exec.cwd, env: exec.env, maxOutputBytes: MAX_OUTPUT, ...bounds };
}

/** What a model reads of a command: facts first, which are ours, then what it wrote, which is not to be trusted. */
export function tellResult(result: CommandResult): string {
  return `${factsOf(result).join("\n")}\n${tellOutput(result)}`.trimEnd();
}

/** Three that are always there, then what was lost. */
export function factsOf({
  exitCode,
  timedOut,
  durationMs,
  signal,
  droppedBytes,
  overflowPath,
}: CommandResult): string[] {
  return [
    ...[`exit_code: ${exitCode ?? "none"}`, `timed_out: ${timedOut}`, `duration_ms: ${durationMs}`],
    ...(signal === null ? [] : [`signal: ${signal}`]),
    ...(droppedBytes > 0 ? [`left_out: ${droppedBytes} bytes`] : []),
    ...(overflowPath === undefined ? [] : [`whole_output: ${overflowPath}`]),
  ];
}

export function tellOutput({ stdout, stderr }: { stdout: string; stderr: string }): string {
  return section("--- stdout ---", stdout) + section("--- stderr ---", stderr);
}

/** Text under its heading, with a line end; empty when there is nothing to show. */
export function section(heading: string, text: string): string {
  return text === "" ? "" : `${heading}\n${text}${text.endsWith("\n") ? "" : "\n"}`;
}
