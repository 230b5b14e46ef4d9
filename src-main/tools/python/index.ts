/**
 * Runs Python that the model wrote. The code goes to the interpreter on standard input, cut off from the user's own
 * modules and settings; it is never run without having been shown.
 */
import Type from "typebox";
import { refuse } from "#main/base/errors.ts";
import { planInterpreter, tellResult, toSpec } from "#main/base/process/planned.ts";
import { defineParams, defineTool, type Plan, type PlanContext } from "../contract.ts";

const DEFAULT_TIMEOUT = 120_000;
const MAX_TIMEOUT = 600_000;
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
  async run({ code, timeout_ms: timeoutMs = DEFAULT_TIMEOUT }, { commands, overflowDir, signal }, plan) {
    signal.throwIfAborted();
    const result = await commands.run(toSpec(plan, { stdin: code, timeoutMs, overflowDir }), signal);
    const isGood = result.exitCode === 0 && !result.timedOut;
    return { text: tellResult(result), ...(isGood ? {} : { isError: true }), untrusted: "output of Python" };
  },
});

/** Throws Refused when there is no Python. */
async function planPython(code: string, context: PlanContext): Promise<Plan> {
  if (code.includes("\0")) throw refuse("Python code cannot hold a zero byte.");
  const missing = "There is no Python 3 on this computer: ask the owner to install python3.";
  const { program, files, place } = await planInterpreter(["python3", "python"], context, missing);
  const lines = code.split("\n");
  return {
    summary: `Run ${lines.length} ${lines.length === 1 ? "line" : "lines"} of Python in the workspace`,
    exec: {
      command: `${program} ${OPTIONS.join(" ")} <<'${delimiterFor(lines)}'\n${code}\n${delimiterFor(lines)}`,
      argv: [program, ...OPTIONS],
      ...place,
    },
    files,
    why: "Code can do anything that a program can.",
  };
}

/** A line that the code does not have, so that what is shown has one end. */
function delimiterFor(lines: readonly string[]): string {
  let delimiter = "PYTHON";
  while (lines.includes(delimiter)) delimiter += "_";
  return delimiter;
}
