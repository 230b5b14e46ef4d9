import Type from "typebox";
import { describe, expect, it } from "vitest";
import { traitsOf } from "#main/providers/anthropic/models.ts";
import { THINKING_BUDGETS, toParams } from "#main/providers/anthropic/request.ts";
import type { ModelRequest, ThinkingLevel } from "#main/providers/contract.ts";
import type { ContentBlock, Message } from "#main/protocol/messages.ts";

const message = (role: Message["role"], content: ContentBlock[], more: Partial<Message> = {}): Message => ({
  id: "m",
  role,
  content,
  timestamp: 0,
  ...more,
});
const text = (words: string): ContentBlock => ({ type: "text", text: words });
const request = (messages: Message[], more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: "claude-sonnet-4-5",
  system: "S",
  messages,
  tools: [],
  thinking: "off",
  ...more,
});
const CACHE = { cache_control: { type: "ephemeral" } };

describe("Anthropic request", () => {
  it("marks system, last tool and last user message for the cache, and nothing else", () => {
    const tool = (name: string) => ({ name, description: name, params: Type.Object({}) });
    const params = toParams(
      request(
        [message("user", [text("a")]), message("assistant", [text("b")]), message("user", [text("c"), text("d")])],
        {
          tools: [tool("one"), tool("two")],
        },
      ),
      "anthropic",
    );
    expect(params.system).toEqual([{ type: "text", text: "S", ...CACHE }]);
    expect(params.tools?.[1]).toMatchObject({ name: "two", ...CACHE });
    expect(params.messages[2]?.content).toEqual([
      { type: "text", text: "c" },
      { type: "text", text: "d", ...CACHE },
    ]);
    expect(JSON.stringify(params).match(/cache_control/g)).toHaveLength(3);
  });

  it("puts all results of a turn into one user message, with errors marked and pictures inside", () => {
    const image: ContentBlock = { type: "image", mimeType: "image/png", data: "AAAA" };
    const params = toParams(
      request([
        message("user", [text("go")]),
        message("assistant", [
          { type: "toolCall", id: "c:1", name: "read", arguments: { path: "a" } },
          { type: "toolCall", id: "c2", name: "odd name!", arguments: {} },
        ]),
        message("toolResult", [text("1: x"), image], { toolCallId: "c:1" }),
        message("toolResult", [text("denied")], { toolCallId: "c2", isError: true }),
        message("user", [text("and?")]),
      ]),
      "anthropic",
    );
    expect(params.messages).toHaveLength(3);
    expect(params.messages[1]?.content).toEqual([
      { type: "tool_use", id: "c_1", name: "read", input: { path: "a" } },
      { type: "tool_use", id: "c2", name: "odd_name_", input: {} },
    ]);
    expect(params.messages[2]?.content).toMatchObject([
      {
        type: "tool_result",
        tool_use_id: "c_1",
        content: [{ type: "text" }, { type: "image", source: { type: "base64", data: "AAAA" } }],
      },
      { type: "tool_result", tool_use_id: "c2", is_error: true },
      { type: "text", text: "and?" },
    ]);
  });

  it("sends thinking back only to the model that sealed it", () => {
    const thought: ContentBlock = { type: "thinking", thinking: "hm", signature: "sig" };
    const hidden: ContentBlock = { type: "thinking", thinking: "", signature: "redacted_thinking:DATA" };
    const answerOf = (model: string | undefined) => {
      const answer = message("assistant", [thought, hidden, text("a")], model === undefined ? {} : { model });
      return toParams(request([message("user", [text("q")]), answer, message("user", [text("r")])]), "anthropic")
        .messages[1]?.content;
    };
    expect(answerOf("anthropic/claude-sonnet-4-5")).toEqual([
      { type: "thinking", thinking: "hm", signature: "sig" },
      { type: "redacted_thinking", data: "DATA" },
      { type: "text", text: "a" },
    ]);
    for (const other of ["openai/claude-sonnet-4-5", "anthropic/claude-opus-5", undefined]) {
      expect(answerOf(other)).toEqual([{ type: "text", text: "a" }]);
    }
  });

  it("leaves out empty answers and blocks of space, and begins with a user message", () => {
    const params = toParams(
      request([message("assistant", [text("a")]), message("assistant", []), message("user", [text(" \n")])]),
      "x",
    );
    expect(params.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(params.messages[2]?.content).toMatchObject([{ type: "text", text: "(empty message)" }]);
  });

  it("sends text files as documents with their name", () => {
    const file: ContentBlock = { type: "file", mimeType: "text/csv", fileName: "a.csv", text: "1,2" };
    expect(toParams(request([message("user", [file])]), "x").messages[0]?.content).toEqual([
      { type: "document", title: "a.csv", source: { type: "text", media_type: "text/plain", data: "1,2" } },
    ]);
  });
});

describe("thinking", () => {
  it("[J06] turns levels into budgets of 1024, 8192, 32768 and 128000 tokens", () => {
    expect(THINKING_BUDGETS).toEqual({ minimal: 1024, low: 8192, medium: 32_768, high: 128_000 });
    const budgetOf = (thinking: ThinkingLevel) =>
      toParams(request([message("user", [text("q")])], { thinking }), "x").thinking;
    expect(budgetOf("off")).toBeUndefined();
    expect(budgetOf("minimal")).toEqual({ type: "enabled", budget_tokens: 1024 });
    expect(budgetOf("low")).toEqual({ type: "enabled", budget_tokens: 8192 });
    expect(budgetOf("medium")).toEqual({ type: "enabled", budget_tokens: 32_768 });
  });

  it("[J06] keeps every budget below the answer's limit, and does without where there is no room", () => {
    for (const maxTokens of [1, 1000, 1400, 2000, 8000, 64_000]) {
      const params = toParams(request([message("user", [text("q")])], { thinking: "high", maxTokens }), "x");
      expect(params.max_tokens).toBe(maxTokens);
      if (params.thinking?.type === "enabled") {
        expect(params.thinking.budget_tokens).toBeLessThan(maxTokens);
        expect(params.thinking.budget_tokens).toBeGreaterThanOrEqual(1024);
      } else expect(maxTokens).toBeLessThan(1500);
    }
    expect(toParams(request([], { thinking: "high" }), "x").max_tokens).toBe(64_000);
  });

  it("[J06] asks newer models for adaptive thinking with an effort", () => {
    const params = toParams(
      request([message("user", [text("q")])], { model: "claude-opus-5", thinking: "medium", temperature: 1 }),
      "x",
    );
    expect(params).toMatchObject({
      thinking: { type: "adaptive", display: "summarized" },
      output_config: { effort: "medium" },
    });
    expect(params).not.toHaveProperty("temperature");
  });

  it.each([
    ["claude-sonnet-4-5-20250929", "budget", "silent", true],
    ["claude-opus-4-6", "adaptive", "silent", true],
    ["claude-opus-4-7", "adaptive", "silent", false],
    ["claude-opus-5", "adaptive", "disabled", false],
    ["claude-opus-5-5", "adaptive", "never", false],
    ["claude-sonnet-5-5", "adaptive", "between_tools", false],
    ["claude-fable-5-1", "adaptive", "never", false],
    ["claude-3-7-sonnet-20250219", "budget", "silent", true],
    ["my-proxy-model", "budget", "silent", true],
  ])("knows what %s takes", (id, thinking, off, takesTemperature) => {
    expect(traitsOf(id)).toEqual({ thinking, off, takesTemperature });
  });

  it("does without a budget while a tool turn runs that another model began", () => {
    const turn = (model: string) => [
      message("user", [text("q")]),
      message(
        "assistant",
        [
          { type: "thinking", thinking: "t", signature: "s" },
          { type: "toolCall", id: "c", name: "time", arguments: {} },
        ],
        { model },
      ),
      message("toolResult", [text("noon")], { toolCallId: "c" }),
    ];
    expect(toParams(request(turn("openai/gpt"), { thinking: "low" }), "anthropic").thinking).toBeUndefined();
    expect(
      toParams(request(turn("anthropic/claude-sonnet-4-5"), { thinking: "low" }), "anthropic").thinking,
    ).toBeDefined();
  });
});
