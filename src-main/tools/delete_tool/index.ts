/** Removes a tool that the model wrote. It can touch no other: those are no entries of the list it works on. */
import Type from "typebox";
import { refuse, type Refused } from "#main/base/errors.ts";
import { defineParams, defineTool } from "../contract.ts";

export const deleteToolTool = defineTool({
  name: "delete_tool",
  group: "config",
  description: "Removes a tool that was made with create_tool.",
  params: defineParams({ name: Type.String({ pattern: "^custom_[a-z_]{1,57}$" }) }),
  level: () => 9,
  async plan({ name }, { services }) {
    const tool = services.customTools.list().find((each) => each.name === name);
    if (tool === undefined) throw missing(name, services.customTools.list());
    const lines = tool.source.split("\n");
    const head = [`--- a/${name}`, "+++ /dev/null", `@@ -1,${lines.length} +0,0 @@`];
    return {
      summary: `Remove the tool ${name} with its ${lines.length} lines of ${tool.runtime}`,
      diff: [...head, ...lines.map((line) => `-${line}`)].join("\n"),
      why: "It changes what the assistant can do.",
    };
  },
  async run({ name }, { services, signal }) {
    signal.throwIfAborted();
    if (!(await services.customTools.remove(name))) throw missing(name, services.customTools.list());
    return { text: `The tool ${name} is gone.` };
  },
});

function missing(name: string, tools: readonly { name: string }[]): Refused {
  const names = tools.map((tool) => tool.name).join(", ");
  return refuse(`There is no tool '${name}' made with create_tool. There are: ${names || "none"}.`);
}
