import { Compile } from "typebox/compile";
import { expect, it } from "vitest";
import { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";

const message = Compile(Message);
const base = { id: "msg_1", role: "assistant", content: [], timestamp: 1 };

it("[B01] the text of a message is that of its text blocks, in order", () => {
  expect(
    textOf({
      content: [
        { type: "text", text: "a" },
        { type: "thinking", thinking: "hidden" },
        { type: "toolCall", id: "1", name: "x", arguments: {} },
        { type: "text", text: "b" },
      ],
    }),
  ).toBe("ab");
  expect(textOf({ content: [] })).toBe("");
});

it.each([
  { content: [{ type: "text", text: "x" }] },
  { content: [{ type: "image", mimeType: "image/png", data: "AA==" }], role: "user" },
  { role: "toolResult", toolCallId: "1", toolName: "x", isError: true },
  { usage: { input: 0, output: 1, costUsd: 0.5 }, stopReason: "length", incomplete: true },
])("[B01] %j is a message", (change) => {
  expect(message.Check({ ...base, ...change })).toBe(true);
});

it.each([
  { content: [{ type: "html", text: "x" }] },
  { content: "text" },
  { role: "system" },
  { timestamp: 1.5 },
  { usage: { input: -1, output: 0 } },
  { stopReason: "because" },
  { extra: 1 },
])("[B01] %j is none", (change) => {
  expect(message.Check({ ...base, ...change })).toBe(false);
});
