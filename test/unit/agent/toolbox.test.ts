import Type from "typebox";
import { describe, expect, it } from "vitest";
import { createToolboxes } from "#main/agent/toolbox.ts";
import { defineTool } from "#main/tools/contract.ts";

const write = defineTool({
  name: "write",
  group: "fs",
  description: "Writes.",
  params: Type.Object({ path: Type.String(), force: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
  level: ({ force }) => (force === true ? 7 : 4),
  run: async ({ path }) => ({ text: path }),
});

describe("a toolbox", () => {
  const { specs, parse } = createToolboxes()([write]);

  it("tells the model name, words and schema of each tool, and nothing else", () => {
    expect(specs).toEqual([
      {
        name: "write",
        description: "Writes.",
        params: {
          type: "object",
          required: ["path"],
          properties: { path: { type: "string" }, force: { type: "boolean" } },
        },
      },
    ]);
  });

  it("[LM-07] lets a call through only as its schema says", () => {
    const call = (argumentsJson: string, name = "write") => parse({ id: "c", name, argumentsJson });
    expect(call('{"path":"a"}')).toEqual({ ok: true, call: { id: "c", name: "write", args: { path: "a" }, level: 4 } });
    for (const json of [
      "",
      "{}",
      '{"path":1}',
      '{"path":"a","force":"yes"}',
      '{"path":"a","__proto__":1}',
      "nonsense",
    ]) {
      expect(call(json)).toMatchObject({ ok: false, error: expect.stringContaining("write") });
    }
    expect(call("{}", "constructor")).toMatchObject({
      ok: false,
      error: "There is no tool constructor. Tools: write.",
    });
  });

  it("asks the tool for the level of this very call", () => {
    const parsed = parse({ id: "c", name: "write", argumentsJson: '{"path":"a","force":true}' });
    expect(parsed).toMatchObject({ ok: true, call: { level: 7 } });
  });
});
