import Type from "typebox";
import { describe, expect, it } from "vitest";
import type { ModelRequest } from "#main/providers/contract.ts";
import { toWords } from "#main/providers/demo/index.ts";
import { LABEL, planStep } from "#main/providers/demo/tour.ts";
import type { Message } from "#main/protocol/messages.ts";

const TOOLS = ["read", "time", "write"].map((name) => ({ name, description: name, params: Type.Object({}) }));

function ask(text: string, tools = TOOLS): ReturnType<typeof planStep> {
  const message: Message = { id: "m", role: "user", content: [{ type: "text", text }], timestamp: 0 };
  return planStep({ model: "tour", system: "", messages: [message], tools, thinking: "off" } satisfies ModelRequest);
}

function told(text: string): string {
  const step = ask(text);
  return step.type === "say" ? step.text : `call ${step.name}`;
}

/** What it says to the end of a call of `write`. */
function tell(text: string, isError: boolean): string {
  const content = [{ type: "text" as const, text }];
  const result: Message = { id: "m", role: "toolResult", content, timestamp: 0, toolName: "write", isError };
  const step = planStep({ model: "tour", system: "", messages: [result], tools: TOOLS, thinking: "off" });
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
  it.each([
    "Write a note",
    "please write me a short note",
    "Show me an approval",
    "Schreib eine Notiz",
    "Schreibe mir bitte eine Notiz!",
    "Zeig mir eine Freigabe",
    "写一条笔记",
    "给我看一个审批",
    "メモを書いて",
    "承認を見せて",
  ])("[I02] asks for an approval at %j, with a note made up beforehand", (text) => {
    expect(ask(text)).toMatchObject({ type: "call", name: "write", args: { path: "notes/hello.md" } });
  });
  it.each(["read notes.txt", "write a long note", "What is a note?", "Hallo, wer bist du?"])(
    "writes nothing at %j",
    (text) => {
      expect(ask(text)).not.toMatchObject({ name: "write" });
    },
  );
  it("says that the tool is off where it is", () => {
    expect(
      ask(
        "Write a note",
        TOOLS.filter((tool) => tool.name !== "write"),
      ).type,
    ).toBe("say");
  });
  it.each([
    ["The owner said no to write. Do not try the same again; ask what to do instead. Nothing was done.", "You said no"],
    ["Nobody answered whether write may run (nobody answered in time). Nothing was done.", "no answer means no"],
    ["The question whether write may run could not be shown to the owner. Nothing was done.", "could not be shown"],
    ["write is not allowed: tools.deny lists write. Nothing was done.", "tools.deny lists write"],
    ["write cannot be done: the disk is full Nothing was done.", "the disk is full"],
  ])("tells a newcomer what became of it: %j", (text, words) => {
    expect(tell(text, true)).toContain(words);
    expect(tell(text, true)).not.toContain("You allowed it");
  });
  it("[I02] tells that it was done because it was allowed", () => {
    const told = tell("Successfully wrote 80 bytes to 'notes/hello.md'", false);
    expect(told).toContain("You allowed it");
    expect(told).toContain("Successfully wrote 80 bytes");
    expect(told).toContain(LABEL);
  });
  it.each(["one two  three\n\nfour", "你好，世界！ hello", "  ", "日本語とEnglish混じり"])(
    "streams %j in pieces that make up the text",
    (text) => {
      expect(toWords(text).join("")).toBe(text);
    },
  );
});
