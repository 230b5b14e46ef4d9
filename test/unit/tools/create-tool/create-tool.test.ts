import { describe, expect, it } from "vitest";
import { Compile } from "typebox/compile";
import { checkParams } from "#main/tools/create_tool/check-params.ts";
import { createToolTool } from "#main/tools/create_tool/index.ts";
import type { CustomTool, ToolServices } from "#main/tools/contract.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

const given = {
  name: "custom_greet",
  description: "Greets somebody by name.",
  runtime: "bash" as const,
  params: { type: "object", properties: { who: { type: "string", maxLength: 20 } }, required: ["who"] },
  source: "read -r args\necho hello $args",
};

function world(tools: CustomTool[] = []) {
  const customTools: ToolServices["customTools"] = {
    list: () => tools,
    save: async (tool) => void tools.push(tool),
    remove: async () => false,
  };
  const context = createToolContext();
  return { tools, context: { ...context, services: { ...context.services, customTools } } };
}

describe("create_tool", () => {
  it("[H20] is level 9 and shows the whole text before it is kept", async () => {
    const { context } = world();
    expect(createToolTool.level(given)).toBe(9);
    const plan = await createToolTool.plan?.(given, context);
    expect(plan?.summary).toBe("Make the tool custom_greet: 2 lines of bash, at most 60 s per call");
    expect(plan?.diff).toContain("+read -r args\n+echo hello $args");
    expect(plan?.diff).toContain('+parameters: {"type":"object"');
    expect(plan?.diff).toMatch(/^--- \/dev\/null\n\+\+\+ b\/custom_greet\n@@ -0,0 \+1,6 @@\n/);
  });
  it("[H20] keeps the tool", async () => {
    const { tools, context } = world();
    const result = await createToolTool.run({ ...given, timeout_seconds: 5 }, context, { summary: "" });
    expect(result.text).toContain("custom_greet is kept");
    expect(tools).toEqual([{ ...given, timeoutSeconds: 5 }]);
  });
  it("shows both texts when it replaces one", async () => {
    const { context } = world([{ ...given, source: "echo old", timeoutSeconds: 60 }]);
    const plan = await createToolTool.plan?.(given, context);
    expect(plan?.summary).toContain("Replace the tool");
    expect(plan?.diff).toContain("-echo old");
    expect(plan?.diff).toContain("+echo hello $args");
  });
  it("[H20] takes times from 1 to 3600 seconds and names that cannot be ours", () => {
    const validator = Compile(createToolTool.params);
    expect(validator.Check(given)).toBe(true);
    expect([0, 1, 3600, 3601].map((timeout_seconds) => validator.Check({ ...given, timeout_seconds }))).toEqual([
      ...[false, true, true, false],
    ]);
    for (const name of ["bash", "greet", "custom_", "custom_A", "custom_a1", `custom_${"a".repeat(58)}`]) {
      expect(validator.Check({ ...given, name }), name).toBe(false);
    }
  });
  it("keeps nothing that it would not have planned", async () => {
    const { tools, context } = world();
    const bad = { ...given, params: { type: "object", properties: { a: { pattern: "(a+)+$" } } } };
    await expect(createToolTool.plan?.(bad, context)).rejects.toThrow("params.properties.a.pattern");
    await expect(createToolTool.run(bad, context, { summary: "" })).rejects.toThrow("not taken");
    await expect(createToolTool.run({ ...given, name: "bash" }, context, { summary: "" })).rejects.toThrow("no name");
    await expect(createToolTool.run({ ...given, source: "a\0" }, context, { summary: "" })).rejects.toThrow(
      "zero byte",
    );
    expect(tools).toEqual([]);
  });
});

describe("the schema of a custom tool", () => {
  it.each([
    [{}, 'type is not "object"'],
    [{ type: "string" }, 'type is not "object"'],
    [{ type: "object", $ref: "#" }, "$ref is a keyword"],
    [{ type: "object", patternProperties: {} }, "patternProperties is a keyword"],
    [{ type: "object", properties: [] }, "params.properties is not an object"],
    [{ type: "object", properties: { a: 1 } }, "params.properties.a is not an object"],
    [{ type: "object", properties: { a: { type: "thing" } } }, "is not a type"],
    [{ type: "object", required: [1] }, "no list of names"],
    [{ type: "object", properties: { a: { anyOf: [] } } }, "is not a list"],
    [{ type: "object", additionalProperties: {} }, "neither true nor false"],
    [{ type: "object", description: "x".repeat(9000) }, "longer than 8192"],
  ])("refuses %j", (schema, why) => {
    expect(() => checkParams(schema)).toThrow(why);
  });
  it("refuses what is nested too deep", () => {
    let schema: Record<string, unknown> = { type: "string" };
    for (let i = 0; i < 10; i++) schema = { type: "array", items: schema };
    expect(() => checkParams({ type: "object", properties: { a: schema } })).toThrow("nested too deep");
  });
  it("takes lists, choices, bounds and constants", () => {
    const a = { anyOf: [{ type: "integer", minimum: 0 }, { enum: ["x"] }, { type: "array", items: { const: 1 } }] };
    expect(() => checkParams({ type: "object", properties: { a }, required: ["a"] })).not.toThrow();
  });
});
