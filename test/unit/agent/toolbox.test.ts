import Type from "typebox";
import { describe, expect, it } from "vitest";
import { createToolboxes, type ToolWorld } from "#main/agent/toolbox.ts";
import { silentLogger } from "#main/base/logger.ts";
import { defineTool, type ToolContext } from "#main/tools/contract.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

const seen: ToolContext[] = [];
const write = defineTool({
  name: "write",
  description: "Writes.",
  params: Type.Object({ path: Type.String(), force: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
  level: ({ force }) => (force === true ? 7 : 4),
  async run({ path }, context) {
    seen.push(context);
    return { text: path };
  },
});

function toWorld(): ToolWorld {
  return { workspace: "/w", sessionKey: "s", runId: "r", clock: createManualClock(), log: silentLogger };
}

describe("a toolbox", () => {
  const open = createToolboxes([write]);

  it("tells the model name, words and schema of each tool, and nothing else", () => {
    expect(open(toWorld()).specs).toEqual([{ name: "write", description: "Writes.", params: write.params }]);
  });

  it("[LM-07] lets a call through only as its schema says", () => {
    const { parse } = open(toWorld());
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
    const parsed = open(toWorld()).parse({ id: "c", name: "write", argumentsJson: '{"path":"a","force":true}' });
    expect(parsed).toMatchObject({ ok: true, call: { level: 7 } });
  });

  it("hands the tool its world and the signal", async () => {
    const { signal } = new AbortController();
    const world = toWorld();
    const result = await open(world).run({ id: "c", name: "write", args: { path: "a" }, level: 4 }, signal);
    expect(result).toEqual({ text: "a" });
    expect(seen.at(-1)).toMatchObject({ workspace: "/w", runId: "r", signal });
    await expect(open(world).run({ id: "c", name: "gone", args: {}, level: 1 }, signal)).rejects.toThrow(
      "no tool gone",
    );
  });
});
