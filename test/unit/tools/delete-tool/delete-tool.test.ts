import { describe, expect, it } from "vitest";
import { Compile } from "typebox/compile";
import { deleteToolTool } from "#main/tools/delete_tool/index.ts";
import type { CustomTool } from "#main/tools/contract.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

const tool: CustomTool = {
  ...{ name: "custom_greet", description: "Greets.", runtime: "bash", params: {}, source: "a\nb", timeoutSeconds: 1 },
};

function world(tools: CustomTool[]) {
  const context = createToolContext();
  const customTools = {
    list: () => tools,
    save: async () => undefined,
    remove: async (name: string) => tools.splice(0).some((each) => each.name === name),
  };
  return { ...context, services: { ...context.services, customTools } };
}

describe("delete_tool", () => {
  it("[H20] is level 9, shows what goes, and removes it", async () => {
    const tools = [tool];
    const context = world(tools);
    expect(deleteToolTool.level({ name: "custom_greet" })).toBe(9);
    const plan = (await deleteToolTool.plan?.({ name: "custom_greet" }, context)) ?? { summary: "" };
    expect(plan.diff).toBe("--- a/custom_greet\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b");
    expect((await deleteToolTool.run({ name: "custom_greet" }, context, plan)).text).toBe(
      "The tool custom_greet is gone.",
    );
    expect(tools).toEqual([]);
  });
  it("names the tools there are when there is no such one", async () => {
    await expect(deleteToolTool.plan?.({ name: "custom_other" }, world([tool]))).rejects.toThrow(
      "There are: custom_greet.",
    );
    await expect(deleteToolTool.run({ name: "custom_x" }, world([]), { summary: "" })).rejects.toThrow(
      "There are: none.",
    );
  });
  it("cannot name a tool of ours", () => {
    const validator = Compile(deleteToolTool.params);
    expect(["bash", "read", "custom_greet"].map((name) => validator.Check({ name }))).toEqual([false, false, true]);
  });
});
