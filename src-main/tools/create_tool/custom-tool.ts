/**
 * A tool that the model wrote, as a tool like any other: level 7 at every call, its whole text in the plan, its arguments
 * on standard input. Must never run a text other than the one that was planned, nor run it twice when it had started.
 */
import type { TSchema } from "typebox";
import { sleep } from "#main/base/clock.ts";
import type { CommandResult, CommandSpec } from "#main/base/command.ts";
import { Refused } from "#main/base/errors.ts";
import { planInterpreter, toSpec } from "#main/base/process/planned.ts";
import type { AnyTool, CustomTool, Plan, PlanContext, ToolContext, ToolResult } from "../contract.ts";

/** Further tries when the system cannot start a program just now, and the milliseconds between them, doubled each time. */
const RETRIES = 10;
const FIRST_DELAY = 100;
const MAX_DELAY = 5000;

/** Makes the tool. Its parameters are a closed object, whatever its schema says of others. */
export function toCustomTool(custom: CustomTool): AnyTool {
  return {
    name: custom.name,
    group: "runtime",
    description: custom.description,
    // The schema was checked when the tool was kept; its type is known only now.
    params: { ...custom.params, type: "object", additionalProperties: false } as TSchema,
    level: () => 7,
    plan: (args: Record<string, unknown>, context: PlanContext) => planCustom(custom, args, context),
    run: (args: Record<string, unknown>, context: ToolContext, plan: Plan) => runCustom(custom, args, context, plan),
  };
}

const PROGRAMS = {
  bash: { names: ["/bin/bash", "bash"], options: ["--noprofile", "--norc", "-c"] },
  python: { names: ["python3", "python"], options: ["-I", "-c"] },
} as const;

async function planCustom(custom: CustomTool, args: unknown, context: PlanContext): Promise<Plan> {
  const { names, options } = PROGRAMS[custom.runtime];
  const missing = `There is no ${custom.runtime} on this computer, which ${custom.name} needs.`;
  const { program, files, place } = await planInterpreter(names, context, missing);
  const input = JSON.stringify(args);
  return {
    summary: `Run ${custom.name} with ${input.length > 200 ? `${input.slice(0, 200)} …` : input}`,
    exec: {
      command: `# standard input: ${input}\n# ${program} ${options.join(" ")}\n${custom.source}`,
      // A text that begins with a dash would be an option of bash.
      argv: [program, ...options, custom.runtime === "bash" ? `\n${custom.source}` : custom.source],
      ...place,
    },
    files,
    why: "It is a tool that the assistant wrote.",
  };
}

async function runCustom(custom: CustomTool, args: unknown, context: ToolContext, plan: Plan): Promise<ToolResult> {
  const bounds = { timeoutMs: custom.timeoutSeconds * 1000, overflowDir: context.overflowDir };
  const spec = toSpec(plan, { stdin: JSON.stringify(args), ...bounds });
  return toToolResult(await runWithRetries(spec, context), custom.name);
}

/** Tries again only where nothing was started: the runner says so with a Refused that may pass (`UNAVAILABLE`). */
async function runWithRetries(
  spec: CommandSpec,
  { commands, clock, log, signal }: ToolContext,
): Promise<CommandResult> {
  for (let retry = 0; ; retry++) {
    try {
      return await commands.run(spec, signal);
    } catch (error) {
      const mayPass = error instanceof Refused && error.code === "UNAVAILABLE" && error.retryAfterMs !== undefined;
      if (!mayPass || retry >= RETRIES) throw error;
      log.debug("a tool of the assistant could not be started yet", { retry });
      await sleep(clock, Math.min(FIRST_DELAY * 2 ** retry, MAX_DELAY), signal);
    }
  }
}

function toToolResult(result: CommandResult, name: string): ToolResult {
  const { exitCode, timedOut, stdout, stderr } = result;
  const isGood = exitCode === 0 && !timedOut;
  const facts = isGood ? [] : [`exit_code: ${exitCode ?? "none"}`, `timed_out: ${timedOut}`];
  if (result.overflowPath !== undefined) facts.push(`whole_output: ${result.overflowPath}`);
  if (stdout !== "") facts.push(stdout.trimEnd());
  if (stderr !== "") facts.push("--- stderr ---", stderr.trimEnd());
  return {
    text: facts.join("\n") || "(no output)",
    ...(isGood ? {} : { isError: true }),
    untrusted: `output of ${name}`,
  };
}
