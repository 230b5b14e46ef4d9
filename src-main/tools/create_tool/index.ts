/**
 * Keeps a tool that the model wrote, once the owner has seen all of it. It never runs one: that is `custom-tool.ts`,
 * call by call, each with its own consent.
 */
import Type, { type Static } from "typebox";
import { refuse } from "#main/base/errors.ts";
import { defineParams, defineTool, type CustomTool, type Plan } from "../contract.ts";
import { checkParams } from "./check-params.ts";

/** `custom_` begins the name of every such tool, so that none can take the place of one of ours. */
const NAME = "^custom_[a-z_]{1,57}$";

const Params = defineParams({
  name: Type.String({ pattern: NAME, description: "Begins with custom_" }),
  description: Type.String({ minLength: 11, maxLength: 280 }),
  runtime: Type.Enum(["bash", "python"]),
  params: Type.Record(Type.String(), Type.Unknown(), {
    description: "JSON Schema, type object; the text reads the arguments as JSON on standard input",
  }),
  source: Type.String({ minLength: 1, maxLength: 60_000 }),
  timeout_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600, default: 60 })),
});

export const createToolTool = defineTool({
  name: "create_tool",
  group: "config",
  description: "Makes a tool of a bash or Python text, or replaces one. The owner sees the whole text and decides.",
  params: Params,
  level: () => 9,
  async plan(args, { services }): Promise<Plan> {
    const tool = toCustom(args);
    const before = services.customTools.list().find(({ name }) => name === tool.name);
    const what = before === undefined ? "Make" : "Replace";
    const lines = `${tool.source.split("\n").length} lines of ${tool.runtime}`;
    return {
      summary: `${what} the tool ${tool.name}: ${lines}, at most ${tool.timeoutSeconds} s per call`,
      diff: toDiff(tool.name, before, tool),
      why: "A new tool changes what the assistant can do.",
    };
  },
  async run(args, { services, signal }) {
    signal.throwIfAborted();
    const tool = toCustom(args);
    await services.customTools.save(tool);
    return { text: `The tool ${tool.name} is kept. It can be called from the next turn on; each call asks the owner.` };
  },
});

/** Throws Refused, in words for the model, for what cannot be a tool. */
function toCustom(args: Static<typeof Params>): CustomTool {
  const { name, description, runtime, source, params, timeout_seconds: timeoutSeconds = 60 } = args;
  if (!new RegExp(NAME).test(name)) {
    throw refuse(`'${name}' is no name for a tool: custom_ and then a-z and _, 64 in all.`);
  }
  if (source.includes("\0")) throw refuse("The source holds a zero byte.");
  checkParams(params);
  return { name, description, runtime, params, source, timeoutSeconds };
}

/** Everything about the tool, before and after: nothing of it is left out of what the owner sees. */
function toDiff(name: string, before: CustomTool | undefined, after: CustomTool): string {
  const old = before === undefined ? [] : toLines(before);
  const now = toLines(after);
  const from = before === undefined ? "/dev/null" : `a/${name}`;
  const head = `@@ -${old.length === 0 ? 0 : 1},${old.length} +1,${now.length} @@`;
  const body = [...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)];
  return [`--- ${from}`, `+++ b/${name}`, head, ...body].join("\n");
}

function toLines(tool: CustomTool): string[] {
  const head = [
    `description: ${JSON.stringify(tool.description)}`,
    `runtime: ${tool.runtime}, timeout: ${tool.timeoutSeconds} s`,
    `parameters: ${JSON.stringify(tool.params)}`,
    "source:",
  ];
  return [...head, ...tool.source.split("\n")];
}
