/**
 * Runs Python that the model wrote. The code goes to the interpreter on standard input, cut off from the user's own
 * modules and settings; it is never run without having been shown.
 */
import { realpath } from "node:fs/promises";
import Type from "typebox";
import type { CommandResult } from "#main/base/command.ts";
import { refuse } from "#main/base/errors.ts";
import { findProgram, identifyFile } from "#main/base/process/program.ts";
import { defineParams, defineTool, type Plan, type PlanContext, type ToolResult } from "../contract.ts";

const DEFAULT_TIMEOUT = 120_000;
const MAX_TIMEOUT = 600_000;
/** Bytes of each stream that a model reads; the rest goes to a file. */
const MAX_OUTPUT = 32_768;
/** `-I`: no PYTHON* variables, no user's site-packages, no modules from the folder. `-`: the script is standard input. */
const OPTIONS: readonly string[] = ["-I", "-"];

export const pythonTool = defineTool({
  name: "python",
  group: "runtime",
  description: "Runs Python 3 code in the workspace and gives what it prints. No input, no packages of the user.",
  params: defineParams({
    code: Type.String({ minLength: 1, maxLength: 200_000 }),
    timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_TIMEOUT, default: DEFAULT_TIMEOUT })),
  }),
  level: () => 7,
  plan: ({ code }, context) => planPython(code, context),
  async run({ code, timeout_ms = DEFAULT_TIMEOUT }, { commands, overflowDir, signal }, { exec }) {
    signal.throwIfAborted();
    const [program, ...rest] = exec?.argv ?? [];
    if (exec === undefined || program === undefined) throw refuse("The plan holds no program.");
    const result = await commands.run(
      {
        argv: [program, ...rest],
        cwd: exec.cwd,
        env: exec.env,
        stdin: code,
        timeoutMs: timeout_ms,
        maxOutputBytes: MAX_OUTPUT,
        overflowDir,
      },
      signal,
    );
    return toToolResult(result);
  },
});

/** Throws Refused when there is no Python. */
async function planPython(code: string, { workspace, commandEnv }: PlanContext): Promise<Plan> {
  if (code.includes("\0")) throw refuse("Python code cannot hold a zero byte.");
  const cwd = await realpath(workspace);
  const path = commandEnv["PATH"];
  const program = (await findProgram("python3", path, cwd)) ?? (await findProgram("python", path, cwd));
  if (program === undefined) {
    throw refuse("There is no Python 3 on this computer: ask the owner to install python3.");
  }
  const lines = code.split("\n");
  return {
    summary: `Run ${lines.length} ${lines.length === 1 ? "line" : "lines"} of Python in the workspace`,
    exec: {
      command: `${program} ${OPTIONS.join(" ")} <<'${delimiterFor(lines)}'\n${code}\n${delimiterFor(lines)}`,
      argv: [program, ...OPTIONS],
      cwd,
      env: withoutLoader(commandEnv),
      resolvedPath: await realpath(program),
    },
    files: [await identifyFile(program), await identifyFile(cwd)],
    why: "Code can do anything that a program can.",
  };
}

/** A line that the code does not have, so that what is shown has one end. */
function delimiterFor(lines: readonly string[]): string {
  let delimiter = "PYTHON";
  while (lines.includes(delimiter)) delimiter += "_";
  return delimiter;
}

/** Variables by which the loader or an interpreter runs code before the code that was shown. */
function withoutLoader(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(LD_|DYLD_|PYTHON|BASH_ENV$|BASH_FUNC_|ENV$)/.test(name)),
  );
}

function toToolResult(result: CommandResult): ToolResult {
  const { exitCode, timedOut, stdout, stderr } = result;
  const facts = [`exit_code: ${exitCode ?? "none"}`, `timed_out: ${timedOut}`, `duration_ms: ${result.durationMs}`];
  if (result.droppedBytes > 0) facts.push(`left_out: ${result.droppedBytes} bytes`);
  if (result.overflowPath !== undefined) facts.push(`whole_output: ${result.overflowPath}`);
  if (stdout !== "") facts.push("--- stdout ---", stdout.trimEnd());
  if (stderr !== "") facts.push("--- stderr ---", stderr.trimEnd());
  return {
    text: facts.join("\n"),
    ...(exitCode === 0 && !timedOut ? {} : { isError: true }),
    untrusted: "output of Python",
  };
}
