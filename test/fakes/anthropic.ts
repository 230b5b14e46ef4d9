/**
 * Anthropic's Messages API on loopback, in the service's own stream format. Answers at once with a short text unless a
 * script says otherwise.
 */
import {
  startScriptedServer,
  type RecordedRequest,
  type Script,
  type ScriptedServer,
  type Step,
} from "./scripted-http.ts";

export const FAKE_ANTHROPIC_ANSWER = "Hello from the fake Claude.";

/** Starts the fake. Its base URL for a provider is `url` itself. */
export function startFakeAnthropic(port = 0): Promise<ScriptedServer> {
  return startScriptedServer((request) => answer(request), port);
}

function answer(request: RecordedRequest): Script {
  if (request.path.includes("/models")) return modelList(["claude-sonnet-4-5", "claude-haiku-4-5"]);
  return textAnswer(FAKE_ANTHROPIC_ANSWER);
}

/** `GET /v1/models`, one page. */
export function modelList(ids: readonly string[]): Script {
  const data = ids.map((id) => ({
    type: "model",
    id,
    display_name: id,
    created_at: "2025-09-29T00:00:00Z",
    max_input_tokens: 200_000,
    max_tokens: 64_000,
    capabilities: null,
  }));
  return { status: 200, body: JSON.stringify({ data, has_more: false, first_id: ids[0], last_id: ids.at(-1) }) };
}

/** One event as the service sends it: its type both as `event` and inside. */
export function event(type: string, fields: Record<string, unknown> = {}): Step {
  return { raw: `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n` };
}

export function messageStart(inputTokens = 12, cacheRead = 0, cacheWrite = 0): Step {
  return event("message_start", {
    message: {
      id: "msg_fake",
      type: "message",
      role: "assistant",
      model: "claude-fake",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: inputTokens,
        cache_read_input_tokens: cacheRead,
        cache_creation_input_tokens: cacheWrite,
        output_tokens: 1,
      },
    },
  });
}

export function messageEnd(stopReason: string, outputTokens = 9): Step[] {
  return [
    event("message_delta", {
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: outputTokens },
    }),
    event("message_stop"),
  ];
}

/** A text block, a piece per word. */
export function textBlock(index: number, text: string): Step[] {
  const words = text.match(/\S+\s*|\s+/g) ?? [];
  return [
    event("content_block_start", { index, content_block: { type: "text", text: "" } }),
    ...words.map((word) => event("content_block_delta", { index, delta: { type: "text_delta", text: word } })),
    event("content_block_stop", { index }),
  ];
}

/** A thinking block with its signature. */
export function thinkingBlock(index: number, thinking: string, signature: string): Step[] {
  return [
    event("content_block_start", { index, content_block: { type: "thinking", thinking: "", signature: "" } }),
    event("content_block_delta", { index, delta: { type: "thinking_delta", thinking } }),
    event("content_block_delta", { index, delta: { type: "signature_delta", signature } }),
    event("content_block_stop", { index }),
  ];
}

export interface FakeCall {
  id: string;
  name: string;
  args: string;
}

/** A tool call, its arguments in pieces. */
export function toolBlock(index: number, { id, name, args }: FakeCall, pieceLength = 5): Step[] {
  const steps = [event("content_block_start", { index, content_block: { type: "tool_use", id, name, input: {} } })];
  for (let at = 0; at < args.length; at += pieceLength) {
    const partial = args.slice(at, at + pieceLength);
    steps.push(event("content_block_delta", { index, delta: { type: "input_json_delta", partial_json: partial } }));
  }
  return [...steps, event("content_block_stop", { index })];
}

/** A whole answer of text. */
export function textAnswer(text: string): Script {
  return { steps: [messageStart(), event("ping"), ...textBlock(0, text), ...messageEnd("end_turn")] };
}

/** A whole answer of tool calls. */
export function toolAnswer(calls: readonly FakeCall[]): Script {
  return {
    steps: [messageStart(), ...calls.flatMap((call, index) => toolBlock(index, call)), ...messageEnd("tool_use")],
  };
}

/** A refusal in the service's error format. */
export function errorAnswer(
  status: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
): Script {
  return { status, headers, body: JSON.stringify({ type: "error", error: { type, message }, request_id: "req_fake" }) };
}
