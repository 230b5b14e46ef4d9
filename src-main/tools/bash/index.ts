/**
 * Runs commands in the workspace, and follows those in the background. What only looks is level 5, everything else 7. It
 * runs the plan it was given and nothing else; supervision and walls belong to the runner.
 */
import Type, { type Static } from "typebox";
import type { CommandSpec } from "#main/base/command.ts";
import { refuse } from "#main/base/errors.ts";
import { defineParams, defineTool, type AnyTool, type Plan, type ToolContext } from "../contract.ts";
import { BackgroundTable } from "./background.ts";
import { classify } from "./level/classify.ts";
import { section, toToolResult, UNTRUSTED } from "./output.ts";
import { planCommand } from "./plan.ts";

const DEFAULT_TIMEOUT = 120_000;
const MAX_TIMEOUT = 600_000;
/** Milliseconds that a command in the background may take. */
const BACKGROUND_TIMEOUT = 24 * 60 * 60 * 1000;
/** Bytes of each stream that a model reads; the rest goes to a file. */
const MAX_OUTPUT = 32_768;

const Params = defineParams({
  command: Type.String({ minLength: 1, maxLength: 60_000 }),
  timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_TIMEOUT, default: DEFAULT_TIMEOUT })),
  cwd: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: "Folder" })),
  background: Type.Optional(Type.Boolean({ description: "Look with bash_output, end with bash_kill" })),
  /** For calls by the name `exec`, whose callers read another form. */
  report: Type.Optional(Type.Literal("exec", { "x-untold": true })),
});
const IdParams = defineParams({ id: Type.String({ minLength: 1, maxLength: 32 }) });

/**
 * `bash`, `bash_output` and `bash_kill`, which share the table of commands in the background. Make them once.
 * @param platform decides which shell there is
 */
export function createBashTools(platform: NodeJS.Platform = process.platform): readonly AnyTool[] {
  const background = new BackgroundTable();
  const bash = defineTool({
    name: "bash",
    group: "runtime",
    description: "Runs a command in the workspace with bash. Gives output and exit code. Standard input is closed.",
    params: Params,
    level: ({ command }) => (platform === "win32" ? 7 : classify(command).level),
    plan: (args, context) => planCommand(args, context, platform),
    run: async (args, context, plan) => {
      context.signal.throwIfAborted();
      const spec = toSpec(args, context, plan);
      if (args.background !== true) return toToolResult(await context.commands.run(spec, context.signal), args.report);
      background.checkRoom(context.sessionKey);
      const command = await context.commands.start(spec);
      const id = background.add(context.sessionKey, command, plan.exec?.command ?? "");
      return { text: `id: ${id}\npid: ${command.pid}\nRunning in the background. Look with bash_output.` };
    },
  });
  return [bash, createOutputTool(background), createKillTool(background)];
}

function createOutputTool(background: BackgroundTable): AnyTool {
  return defineTool({
    name: "bash_output",
    group: "runtime",
    description: "Gives what a command in the background wrote since the last look, and whether it still runs.",
    params: IdParams,
    level: () => 1,
    run: async ({ id }, { sessionKey }) => {
      const { stdout, stderr, running, exitCode } = background.find(sessionKey, id).command.poll();
      const facts = `running: ${running}\n${running ? "" : `exit_code: ${exitCode ?? "none"}\n`}`;
      if (!running) background.forget(sessionKey, id);
      const text = `${facts}${section("stdout", stdout)}${section("stderr", stderr)}`.trimEnd();
      return { text, untrusted: UNTRUSTED };
    },
  });
}

function createKillTool(background: BackgroundTable): AnyTool {
  return defineTool({
    name: "bash_kill",
    group: "runtime",
    description: "Ends a command in the background with everything it started.",
    params: IdParams,
    level: () => 4,
    run: async ({ id }, { sessionKey }) => {
      const { command } = background.find(sessionKey, id);
      await command.kill();
      const { stdout, stderr } = command.poll();
      background.forget(sessionKey, id);
      const text = `Ended ${id}.\n${section("stdout", stdout)}${section("stderr", stderr)}`.trimEnd();
      return { text, untrusted: UNTRUSTED };
    },
  });
}

/** The plan's program, with the bounds of the call. */
function toSpec(args: Static<typeof Params>, { overflowDir }: ToolContext, { exec }: Plan): CommandSpec {
  const [program, ...rest] = exec?.argv ?? [];
  if (exec === undefined || program === undefined) throw refuse("The plan holds no command.");
  return {
    argv: [program, ...rest],
    cwd: exec.cwd,
    env: exec.env,
    timeoutMs: args.background === true ? BACKGROUND_TIMEOUT : (args.timeout_ms ?? DEFAULT_TIMEOUT),
    maxOutputBytes: MAX_OUTPUT,
    overflowDir,
  };
}
