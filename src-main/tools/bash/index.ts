/**
 * Runs commands in the workspace, and follows those in the background. What only looks is level 5, everything else 7. It
 * runs the plan it was given and nothing else; supervision and walls belong to the runner.
 */
import Type from "typebox";
import { tellOutput, toSpec } from "#main/base/process/planned.ts";
import { defineParams, defineTool, type AnyTool } from "../contract.ts";
import { BackgroundTable } from "./background.ts";
import { classify } from "./level/classify.ts";
import { toToolResult, UNTRUSTED } from "./output.ts";
import { planCommand } from "./plan.ts";

const DEFAULT_TIMEOUT = 120_000;
const MAX_TIMEOUT = 600_000;
/** Milliseconds that a command in the background may take. */
const BACKGROUND_TIMEOUT = 24 * 60 * 60 * 1000;

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
      const { background: isBackground = false, timeout_ms = DEFAULT_TIMEOUT } = args;
      const timeoutMs = isBackground ? BACKGROUND_TIMEOUT : timeout_ms;
      const spec = toSpec(plan, { timeoutMs, overflowDir: context.overflowDir });
      if (!isBackground) return toToolResult(await context.commands.run(spec, context.signal), args.report);
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
      const looked = background.find(sessionKey, id).command.poll();
      const { running, exitCode } = looked;
      const facts = `running: ${running}\n${running ? "" : `exit_code: ${exitCode ?? "none"}\n`}`;
      if (!running) background.forget(sessionKey, id);
      return { text: `${facts}${tellOutput(looked)}`.trimEnd(), untrusted: UNTRUSTED };
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
      const text = `Ended ${id}.\n${tellOutput(command.poll())}`.trimEnd();
      background.forget(sessionKey, id);
      return { text, untrusted: UNTRUSTED };
    },
  });
}
