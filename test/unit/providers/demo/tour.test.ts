import Type from "typebox";
import { describe, expect, it } from "vitest";
import type { ModelRequest } from "#main/providers/contract.ts";
import { toWords } from "#main/providers/demo/index.ts";
import { LABEL, planStep } from "#main/providers/demo/tour.ts";
import type { Message } from "#main/protocol/messages.ts";

const TOOLS = ["read", "time"].map((name) => ({ name, description: name, params: Type.Object({}) }));

function ask(text: string, tools = TOOLS): ReturnType<typeof planStep> {
  const message: Message = { id: "m", role: "user", content: [{ type: "text", text }], timestamp: 0 };
  return planStep({ model: "tour", system: "", messages: [message], tools, thinking: "off" } satisfies ModelRequest);
}

function told(text: string): string {
  const step = ask(text);
  return step.type === "say" ? step.text : `call ${step.name}`;
}

describe("demo tour", () => {
  it.each([
    "hello",
    "Hi!",
    "Hallo",
    "Guten Tag",
    "你好",
    "こんにちは",
    "help",
    "hilfe",
    "",
    "qwertz",
    "How do I connect a model?",
    "stream something long",
  ])("says of itself in its answer to %j that no AI model is connected", (text) => {
    expect(told(text)).toContain(LABEL);
  });
  it("greets in the language it was greeted in", () => {
    expect(told("Hallo!")).toMatch(/^Hallo!/);
    expect(told("你好")).toMatch(/^你好/);
    expect(told("こんにちは")).toMatch(/^こんにちは/);
    expect(told("which city")).not.toMatch(/^Hello/);
  });
  it("calls real tools", () => {
    expect(ask("What time is it?")).toEqual({ type: "call", name: "time", args: {} });
    expect(ask("read notes.txt")).toEqual({ type: "call", name: "read", args: { path: "notes.txt" } });
    expect(ask("please read the file `a/b.md`.")).toEqual({ type: "call", name: "read", args: { path: "a/b.md" } });
    expect(ask("Show my workspace")).toEqual({ type: "call", name: "read", args: { path: "." } });
  });
  it("does not call a tool that is switched off", () => {
    expect(ask("What time is it?", []).type).toBe("say");
  });
  it("tells where models are connected", () => {
    expect(told("How do I connect a model?")).toContain("Settings → Models");
  });
  it("tells a tool's result, and never calls again for it", () => {
    const result: Message = {
      id: "m",
      role: "toolResult",
      content: [{ type: "text", text: "Thursday, noon" }],
      timestamp: 0,
      toolName: "time",
      toolCallId: "c",
    };
    const step = planStep({ model: "tour", system: "", messages: [result], tools: TOOLS, thinking: "off" });
    expect(step).toMatchObject({ type: "say" });
    expect(step.type === "say" && step.text).toContain("Thursday, noon");
  });
  it.each(["one two  three\n\nfour", "你好，世界！ hello", "  ", "日本語とEnglish混じり"])(
    "streams %j in pieces that make up the text",
    (text) => {
      expect(toWords(text).join("")).toBe(text);
    },
  );
});
