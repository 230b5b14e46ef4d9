import { describe, expect, it } from "vitest";
import { parseCompletion, toTarget } from "#main/gateway/http/openai/request.ts";

const messages = [{ role: "user", content: "hello" }];
const none = { agentId: undefined, sessionKey: undefined };
const parse = (body: Record<string, unknown>, headers: Partial<Record<"agentId" | "sessionKey", string>> = {}) =>
  parseCompletion({ model: "demo/echo", messages, ...body }, { ...none, ...headers }, 0);

describe("the target of a completion", () => {
  it("[C10] is a model for provider/model", () => {
    expect(toTarget("openrouter/meta-llama/llama-3:free", none, "u")).toEqual({
      kind: "model",
      ref: "openrouter/meta-llama/llama-3:free",
    });
  });

  it("[C10] is an agent for gatehouse:<agent> and its aliases", () => {
    for (const model of ["gatehouse:writer", "agent:writer", "carapace:writer"]) {
      expect(toTarget(model, none, undefined)).toEqual({ kind: "agent", agentId: "writer" });
    }
    expect(toTarget("gatehouse", none, undefined)).toEqual({ kind: "agent", agentId: "main" });
  });

  it("[C10] has a lasting session from `user` or the header, the header first", () => {
    expect(toTarget("gatehouse:main", none, "ann")).toMatchObject({ sessionKey: "agent:main:openai-user:ann" });
    const headers = { agentId: undefined, sessionKey: "notes" };
    expect(toTarget("gatehouse:main", headers, "ann")).toMatchObject({ sessionKey: "agent:main:notes" });
  });

  it("[C10] takes agent and session from the headers for a plain model too", () => {
    expect(toTarget("demo/echo", { agentId: "writer", sessionKey: "agent:writer:x" }, undefined)).toEqual({
      kind: "agent",
      agentId: "writer",
      sessionKey: "agent:writer:x",
      modelRef: "demo/echo",
    });
    expect(toTarget("demo/echo", { agentId: undefined, sessionKey: "agent:cook:x" }, undefined)).toMatchObject({
      agentId: "cook",
    });
  });

  it("refuses the session of another agent, odd keys and odd agents", () => {
    const headers = (sessionKey: string, agentId?: string) => ({ agentId, sessionKey });
    expect(() => toTarget("gatehouse:main", headers("agent:other:main"), undefined)).toThrow("another agent");
    expect(() => toTarget("gatehouse:main", headers("a\u0007b"), undefined)).toThrow("printable");
    expect(() => toTarget("gatehouse:main", headers("x".repeat(513)), undefined)).toThrow("512");
    expect(() => toTarget("gatehouse:../x", none, undefined)).toThrow("agent's id");
    expect(() => toTarget("demo/echo", headers("x", "a b"), undefined)).toThrow("agent's id");
  });

  it("[C10] is refused as model_not_found for a bare name", () => {
    expect(() => toTarget("gpt-4", none, undefined)).toThrow(
      expect.objectContaining({ code: "NOT_FOUND", details: { param: "model", openaiCode: "model_not_found" } }),
    );
  });
});

describe("the body of a completion", () => {
  it("[C10] carries limits, temperature, tools and the wish to stream", () => {
    const tool = { type: "function", function: { name: "add", description: "adds", parameters: { type: "object" } } };
    const parsed = parse({
      max_tokens: 5,
      max_completion_tokens: 7,
      temperature: 0.5,
      tools: [tool],
      stream: true,
      stream_options: { include_usage: true },
      stop: "END",
      top_p: 0.1,
    });
    expect(parsed).toMatchObject({ model: "demo/echo", stream: true, includeUsage: true, stop: ["END"] });
    expect(parsed.request).toMatchObject({
      maxTokens: 7,
      temperature: 0.5,
      tools: [{ name: "add", description: "adds", params: { type: "object" } }],
    });
  });

  it("leaves tools out for tool_choice none", () => {
    const tools = [{ type: "function", function: { name: "add" } }];
    expect(parse({ tools, tool_choice: "none" }).request.tools).toEqual([]);
  });

  it("asks the main agent when no model is named", () => {
    expect(parse({ model: undefined }).request.target).toEqual({ kind: "agent", agentId: "main" });
  });

  it("refuses by name what it cannot do", () => {
    const tools = [{ type: "function", function: { name: "add" } }];
    const cases: [string, Record<string, unknown>][] = [
      ["n", { n: 2 }],
      ["logprobs", { logprobs: true }],
      ["response_format", { response_format: { type: "json_object" } }],
      ["modalities", { modalities: ["text", "audio"] }],
      ["tool_choice", { tools, tool_choice: "required" }],
      ["functions", { functions: [] }],
      ["tools", { tools, model: "gatehouse:main" }],
      ["temperature", { temperature: 3 }],
      ["max_tokens", { max_tokens: 0.5 }],
      ["stop", { stop: ["a", "b", "c", "d", "e"] }],
      ["stream", { stream: "yes" }],
      ["user", { user: 5 }],
      ["model", { model: 5 }],
      ["tools[0].function.name", { tools: [{ type: "function", function: { name: "a b" } }] }],
    ];
    for (const [param, body] of cases) {
      expect(() => parse(body), param).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ param }) as unknown }),
      );
    }
    expect(() => parseCompletion([], none, 0)).toThrow("JSON object");
  });

  it("wants the user's message last for an agent, and takes a tool's for a model", () => {
    const call = { id: "c", type: "function", function: { name: "add", arguments: "{}" } };
    const withTool = [
      ...messages,
      { role: "assistant", tool_calls: [call] },
      { role: "tool", tool_call_id: "c", content: "" },
    ];
    expect(() => parse({ messages: withTool, model: "gatehouse:main" })).toThrow("last message is the user's");
    expect(parse({ messages: withTool }).request.messages).toHaveLength(3);
  });
});
