import { describe, expect, it } from "vitest";
import { toMessages } from "#main/gateway/http/openai/messages.ts";

const user = { role: "user", content: "hello" };
const call = { id: "call_1", type: "function", function: { name: "add", arguments: '{"a":1}' } };

/** The parts of the messages that do not change from run to run. */
function shapes(raw: unknown) {
  return toMessages(raw, 5).messages.map(({ role, content, toolCallId, toolName }) => ({
    role,
    content,
    toolCallId,
    toolName,
  }));
}

describe("the messages of a completion", () => {
  it("[C10] joins system and developer messages and keeps the others in order", () => {
    const parsed = toMessages(
      [{ role: "system", content: "one" }, user, { role: "developer", content: [{ type: "text", text: "two" }] }],
      5,
    );
    expect(parsed.system).toBe("one\n\ntwo");
    expect(parsed.messages).toMatchObject([{ role: "user", timestamp: 5, content: [{ type: "text", text: "hello" }] }]);
  });

  it("[C10] takes text and pictures as content parts", () => {
    const url = "data:image/png;base64,iVBORw0KGgo=";
    const content = [
      { type: "text", text: "what is this?" },
      { type: "image_url", image_url: { url, detail: "low" } },
    ];
    expect(shapes([{ role: "user", content }])[0]?.content).toEqual([
      { type: "text", text: "what is this?" },
      { type: "image", mimeType: "image/png", data: "iVBORw0KGgo=" },
    ]);
  });

  it("fetches no picture: an address is refused with its place", () => {
    const content = [{ type: "image_url", image_url: { url: "http://127.0.0.1/x.png" } }];
    expect(() => toMessages([{ role: "user", content }], 0)).toThrow(
      expect.objectContaining({ details: { param: "messages[0].content[0].image_url.url" } }),
    );
  });

  it("[C10] carries tool calls and their results", () => {
    const messages = [
      user,
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: "3" },
    ];
    expect(shapes(messages).slice(1)).toEqual([
      { role: "assistant", content: [{ type: "toolCall", id: "call_1", name: "add", arguments: { a: 1 } }] },
      { role: "toolResult", content: [{ type: "text", text: "3" }], toolCallId: "call_1", toolName: "add" },
    ]);
  });

  it("refuses calls without results and results without calls", () => {
    const assistant = { role: "assistant", tool_calls: [call] };
    expect(() => toMessages([user, assistant], 0)).toThrow("tool_calls without tool messages");
    expect(() => toMessages([user, assistant, user], 0)).toThrow("followed by a tool message");
    expect(() => toMessages([user, { role: "tool", tool_call_id: "x", content: "" }], 0)).toThrow(
      "answers a tool call",
    );
  });

  it("[C10] asks for a user message in the words that clients know", () => {
    for (const messages of [[], [{ role: "system", content: "x" }], [{ role: "user", content: "" }]]) {
      expect(() => toMessages(messages, 0)).toThrow("Missing user message in `messages`.");
    }
  });

  it("refuses what is no list of messages", () => {
    for (const messages of [
      undefined,
      "x",
      [null],
      [{ role: "robot", content: "x" }],
      [{ role: "user", content: 5 }],
    ]) {
      expect(() => toMessages(messages, 0)).toThrow(expect.objectContaining({ code: "INVALID_REQUEST" }));
    }
  });
});
