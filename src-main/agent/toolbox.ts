/** The tools of a run behind their validators. No validator, no tool: a schema that does not compile keeps it out. */
import { Compile, type Validator } from "typebox/compile";
import type { Clock } from "#main/base/clock.ts";
import type { Logger } from "#main/base/logger.ts";
import { explainErrors } from "#main/protocol/validate.ts";
import type { AnyTool, ToolContext } from "#main/tools/contract.ts";
import { toArguments, type Toolbox } from "./loop.ts";

/** What the tools of one run are given. */
export interface ToolWorld {
  workspace: string;
  sessionKey: string;
  runId: string;
  clock: Clock;
  log: Logger;
}

/** Makes toolboxes for runs out of one list; validators are compiled when first used and kept. */
export function createToolboxes(tools: readonly AnyTool[]): (world: ToolWorld) => Toolbox {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const validators = new Map<string, Validator>();
  const validatorOf = (tool: AnyTool): Validator => {
    const known = validators.get(tool.name) ?? Compile(tool.params);
    validators.set(tool.name, known);
    return known;
  };
  const specs = tools.map(({ name, description, params }) => ({ name, description, params }));
  return (world) => ({
    specs,
    parse(raw) {
      const tool = byName.get(raw.name);
      if (!tool) return { ok: false, error: `There is no tool ${raw.name}. Tools: ${[...byName.keys()].join(", ")}.` };
      const args = toArguments(raw.argumentsJson);
      if (!args)
        return { ok: false, error: `The arguments of ${raw.name} are not a JSON object. Send the call again.` };
      const validator = validatorOf(tool);
      if (!validator.Check(args)) {
        return {
          ok: false,
          error: `The arguments of ${raw.name} do not fit: ${explainErrors(validator.Errors(args))}`,
        };
      }
      return { ok: true, call: { id: raw.id, name: raw.name, args, level: tool.level(args as never) } };
    },
    async run(call, signal) {
      const tool = byName.get(call.name);
      if (!tool) throw new Error(`there is no tool ${call.name}`);
      return tool.run(call.args as never, { ...world, signal } as ToolContext, { summary: call.name });
    },
  });
}
