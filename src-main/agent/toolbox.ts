/** The tools of a run behind their validators. No validator, no tool: a schema that does not compile keeps it out. */
import { Compile, type Validator } from "typebox/compile";
import { explainErrors } from "#main/protocol/validate.ts";
import type { ToolSpec } from "#main/providers/contract.ts";
import { toToolName, type AnyTool } from "#main/tools/contract.ts";
import { toOwnArguments } from "./other-names.ts";
import { toArguments, type Toolbox } from "./loop.ts";

/** Marks a property that is for other callers than a model: no request carries it. */
const UNTOLD = "x-untold";
/** What a model needs of a schema to write a call. Limits are checked here and told only when they are missed. */
const TOLD = new Set(["type", "properties", "required", "items", "enum", "const", "anyOf", "description"]);

/** The schema without what only the validator needs: every request carries it. */
export function toLeanSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toLeanSchema);
  if (typeof schema !== "object" || schema === null) return schema;
  const told = Object.entries(schema).filter(([key]) => TOLD.has(key));
  return Object.fromEntries(
    told.map(([key, value]) => {
      if (key !== "properties") return [key, key === "items" || key === "anyOf" ? toLeanSchema(value) : value];
      const properties = Object.entries(value as Record<string, object>).filter(([, one]) => !(UNTOLD in one));
      return [key, Object.fromEntries(properties.map(([name, property]) => [name, toLeanSchema(property)]))];
    }),
  );
}

/** Makes toolboxes of the tools there are at the moment; validators are compiled when first used and kept. */
export function createToolboxes(): (tools: readonly AnyTool[]) => Toolbox {
  const validators = new WeakMap<AnyTool, Validator>();
  const specs = new WeakMap<AnyTool, ToolSpec>();
  const validatorOf = (tool: AnyTool): Validator => {
    const known = validators.get(tool) ?? Compile(tool.params);
    validators.set(tool, known);
    return known;
  };
  const leanOf = (tool: AnyTool): ToolSpec => {
    const known = specs.get(tool) ?? {
      name: tool.name,
      description: tool.description,
      params: toLeanSchema(tool.params) as ToolSpec["params"],
    };
    specs.set(tool, known);
    return known;
  };
  return (tools) => {
    const byName = new Map(tools.map((tool) => [tool.name, tool]));
    return {
      specs: tools.map(leanOf),
      parse(raw) {
        const tool = byName.get(toToolName(raw.name));
        if (!tool) {
          const error = `There is no tool ${raw.name}. Tools: ${[...byName.keys()].join(", ")}.`;
          return { ok: false, error, isUnknown: true };
        }
        const given = toArguments(raw.argumentsJson);
        if (!given) {
          return { ok: false, error: `The arguments of ${raw.name} are not a JSON object. Send the call again.` };
        }
        const args = toOwnArguments(raw.name, given, process.platform);
        if (typeof args === "string") return { ok: false, error: `The arguments of ${raw.name} do not fit: ${args}` };
        const validator = validatorOf(tool);
        if (!validator.Check(args)) {
          const reason = explainErrors(validator.Errors(args));
          return { ok: false, error: `The arguments of ${raw.name} do not fit: ${reason}` };
        }
        return { ok: true, call: { id: raw.id, name: tool.name, args, level: tool.level(args as never) } };
      },
    };
  };
}
