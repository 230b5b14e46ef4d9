/**
 * A service with `/v1/chat/completions` and `/v1/models` on loopback, in OpenAI's own stream format. Answers at once
 * with a short text unless a script says otherwise.
 */
import {
  startScriptedServer,
  type RecordedRequest,
  type Script,
  type ScriptedServer,
  type Step,
} from "./scripted-http.ts";

export const FAKE_OPENAI_ANSWER = "Hello from the fake model.";

/** Starts the fake. Its base URL for a provider is `${url}/v1`. */
export function startFakeOpenAI(port = 0): Promise<ScriptedServer> {
  return startScriptedServer((request) => answer(request), port);
}

function answer(request: RecordedRequest): Script {
  if (request.path.endsWith("/models")) return modelList(["fake-model", "fake-large"]);
  return textAnswer(FAKE_OPENAI_ANSWER);
}

/** `GET /v1/models`. */
export function modelList(ids: readonly string[]): Script {
  const data = ids.map((id) => ({ id, object: "model", created: 1_760_000_000, owned_by: "fake" }));
  return { status: 200, body: JSON.stringify({ object: "list", data }) };
}

/** One `chat.completion.chunk` as a server-sent event. */
export function chunk(delta: Record<string, unknown>, finishReason: string | null = null): Step {
  return {
    raw: `data: ${JSON.stringify(envelope([{ index: 0, delta, logprobs: null, finish_reason: finishReason }]))}\n\n`,
  };
}

/** The chunk that carries usage, after the last choice. */
export function usageChunk(prompt: number, completion: number, cached = 0): Step {
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
  return { raw: `data: ${JSON.stringify({ ...envelope([]), usage })}\n\n` };
}

export const DONE: Step = { raw: "data: [DONE]\n\n" };

/** A whole answer of text, in one piece per word. */
export function textAnswer(text: string): Script {
  const words = text.match(/\S+\s*|\s+/g) ?? [];
  return {
    steps: [
      chunk({ role: "assistant", content: "" }),
      ...words.map((word) => chunk({ content: word })),
      chunk({}, "stop"),
      usageChunk(12, words.length),
      DONE,
    ],
  };
}

export interface FakeCall {
  id: string;
  name: string;
  args: string;
}

/** Tool calls as OpenAI streams them: a head per call, then its arguments in pieces. */
export function toolAnswer(calls: readonly FakeCall[], pieceLength = 5): Script {
  const steps: Step[] = [chunk({ role: "assistant", content: null })];
  calls.forEach(({ id, name, args }, index) => {
    steps.push(chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }));
    for (let at = 0; at < args.length; at += pieceLength) {
      const piece = args.slice(at, at + pieceLength);
      steps.push(chunk({ tool_calls: [{ index, function: { arguments: piece } }] }));
    }
  });
  return { steps: [...steps, chunk({}, "tool_calls"), usageChunk(20, 9), DONE] };
}

/** A refusal in OpenAI's error format. */
export function errorAnswer(
  status: number,
  message: string,
  { type = "invalid_request_error", code = null as string | null, headers = {} as Record<string, string> } = {},
): Script {
  return { status, headers, body: JSON.stringify({ error: { message, type, param: null, code } }) };
}

function envelope(choices: unknown[]): Record<string, unknown> {
  return { id: "chatcmpl-fake", object: "chat.completion.chunk", created: 1_760_000_000, model: "fake-model", choices };
}
