import { describe, expect, it } from "vitest";
import type { ModelRequest } from "#main/providers/contract.ts";
import { refusedField, toBody } from "#main/providers/openai/request.ts";
import type { ContentBlock, Message } from "#main/protocol/messages.ts";
import Type from "typebox";

const message = (role: Message["role"], content: ContentBlock[], more: Partial<Message> = {}): Message => ({
  id: "m",
  role,
  content,
  timestamp: 0,
  ...more,
});
const text = (words: string): ContentBlock => ({ type: "text", text: words });
const request = (messages: Message[], more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: "m",
  system: "S",
  messages,
  tools: [],
  thinking: "off",
  ...more,
});
const NONE: ReadonlySet<string> = new Set();

describe("chat/completions request", () => {
  it("[J02] sends tool results as tool messages with their call's id, never as text of a person", () => {
    const body = toBody(
      request([
        message("user", [text("hi")]),
        message("assistant", [
          text("I look."),
          { type: "toolCall", id: "c1", name: "read", arguments: { path: "a" } },
          { type: "toolCall", id: "c2", name: "time", arguments: {} },
        ]),
        message("toolResult", [text("1: x")], { toolCallId: "c1", toolName: "read" }),
        message("toolResult", [text("noon")], { toolCallId: "c2", toolName: "time" }),
      ]),
      false,
      NONE,
    );
    expect(body["messages"]).toEqual([
      { role: "system", content: "S" },
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: "I look.",
        tool_calls: [
          { id: "c1", type: "function", function: { name: "read", arguments: '{"path":"a"}' } },
          { id: "c2", type: "function", function: { name: "time", arguments: "{}" } },
        ],
      },
      { role: "tool", tool_call_id: "c1", content: "1: x" },
      { role: "tool", tool_call_id: "c2", content: "noon" },
    ]);
  });

  it("sends pictures as data addresses, those of tools after all results of the turn", () => {
    const image: ContentBlock = { type: "image", mimeType: "image/png", data: "AAAA" };
    const body = toBody(
      request([
        message("user", [text("see"), image]),
        message("assistant", [{ type: "toolCall", id: "c1", name: "read", arguments: {} }]),
        message("toolResult", [text("a picture"), image], { toolCallId: "c1", toolName: "read" }),
        message("toolResult", [text("noon")], { toolCallId: "c2" }),
      ]),
      false,
      NONE,
    );
    const url = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
    expect(body["messages"]).toMatchObject([
      { role: "system" },
      { role: "user", content: [{ type: "text", text: "see" }, url] },
      { role: "assistant", content: null },
      { role: "tool", content: "a picture" },
      { role: "tool", content: "noon" },
      { role: "user", content: [{ type: "text" }, url] },
    ]);
  });

  it("puts files into the text and leaves thinking and empty answers out", () => {
    const body = toBody(
      request([
        message("user", [text("sum up"), { type: "file", mimeType: "text/plain", fileName: "a.txt", text: "body" }]),
        message("assistant", [{ type: "thinking", thinking: "secret", signature: "s" }]),
        message("assistant", [{ type: "thinking", thinking: "secret" }, text("done")]),
      ]),
      false,
      NONE,
    );
    expect(body["messages"]).toEqual([
      { role: "system", content: "S" },
      { role: "user", content: 'sum up\n<file name="a.txt">\nbody\n</file>' },
      { role: "assistant", content: "done" },
    ]);
  });

  it("names the token limit as the service wants it, and the effort only when thinking is asked for", () => {
    const asked = request([], { maxTokens: 500, thinking: "minimal", temperature: 0.2 });
    expect(toBody(asked, false, NONE)).toMatchObject({ max_tokens: 500, reasoning_effort: "low", temperature: 0.2 });
    expect(toBody(asked, true, NONE)).toMatchObject({ max_completion_tokens: 500 });
    expect(toBody(asked, false, new Set(["max_tokens"]))).toMatchObject({ max_completion_tokens: 500 });
    expect(toBody(request([]), false, NONE)).not.toHaveProperty("reasoning_effort");
  });

  it("offers tools as functions with their schema", () => {
    const params = Type.Object({ path: Type.String() }, { additionalProperties: false });
    const body = toBody(request([], { tools: [{ name: "read", description: "Reads.", params }] }), false, NONE);
    expect(JSON.parse(JSON.stringify(body["tools"]))).toEqual([
      {
        type: "function",
        function: {
          name: "read",
          description: "Reads.",
          parameters: {
            type: "object",
            required: ["path"],
            properties: { path: { type: "string" } },
            additionalProperties: false,
          },
        },
      },
    ]);
  });

  it("mends halves of characters, which services refuse", () => {
    const body = toBody(request([message("user", [text("a\ud83d")])]), false, NONE);
    expect(JSON.stringify(body["messages"])).not.toContain("ud83d");
  });

  it("finds the field that a refusal complains of only among those sent", () => {
    expect(refusedField("Unknown field 'stream_options'", { stream_options: {} })).toBe("stream_options");
    expect(refusedField("Unknown field 'stream_options'", {})).toBeUndefined();
  });
});
