/** The tools of a run behind their validators. No validator, no tool: a schema that does not compile keeps it out. */
import { Compile, type Validator } from "typebox/compile";
import { explainErrors } from "#main/protocol/validate.ts";
import type { AnyTool } from "#main/tools/contract.ts";
import { toArguments, type Toolbox } from "./loop.ts";

/** Makes toolboxes of the tools there are at the moment; validators are compiled when first used and kept. */
export function createToolboxes(): (tools: readonly AnyTool[]) => Toolbox {
  const validators = new WeakMap<AnyTool, Validator>();
  const validatorOf = (tool: AnyTool): Validator => {
    const known = validators.get(tool) ?? Compile(tool.params);
    validators.set(tool, known);
    return known;
  };
  return (tools) => {
    const byName = new Map(tools.map((tool) => [tool.name, tool]));
    return {
      specs: tools.map(({ name, description, params }) => ({ name, description, params })),
      parse(raw) {
        const tool = byName.get(raw.name);
        if (!tool)
          return { ok: false, error: `There is no tool ${raw.name}. Tools: ${[...byName.keys()].join(", ")}.` };
        const args = toArguments(raw.argumentsJson);
        if (!args) {
          return { ok: false, error: `The arguments of ${raw.name} are not a JSON object. Send the call again.` };
        }
        const validator = validatorOf(tool);
        if (!validator.Check(args)) {
          const reason = explainErrors(validator.Errors(args));
          return { ok: false, error: `The arguments of ${raw.name} do not fit: ${reason}` };
        }
        return { ok: true, call: { id: raw.id, name: raw.name, args, level: tool.level(args as never) } };
      },
    };
  };
}
