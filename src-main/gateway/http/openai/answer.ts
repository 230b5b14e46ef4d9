/**
 * From the events of a run to OpenAI's answers: one object, or a stream of chunks. The shapes are exactly those that
 * its clients parse. Never invents a finish: a run that breaks off ends in an error, not in `[DONE]`.
 * Shapes: https://platform.openai.com/docs/api-reference/chat/object and …/chat-streaming
 */
import { randomBytes } from "node:crypto";
import type { Usage } from "#main/protocol/messages.ts";
import type { CompletionEvent } from "../deps.ts";
import { failure, toOpenaiError, type HttpFailure } from "../failures.ts";
import { createStopCutter } from "./stop.ts";

/** What every object of one answer repeats. */
export interface AnswerHead {
  /** `chatcmpl-…` */
  id: string;
  /** Seconds since 1970. */
  created: number;
  model: string;
}

export interface AnswerOptions {
  head: AnswerHead;
  includeUsage: boolean;
  stop: readonly string[];
}

type FinishReason = Extract<CompletionEvent, { type: "end" }>["finishReason"];

/** @param now milliseconds since 1970 */
export function createAnswerHead(model: string, now: number): AnswerHead {
  const id = `chatcmpl-${randomBytes(18).toString("base64url").replace(/[-_]/g, "0")}`;
  return { id, created: Math.floor(now / 1000), model };
}

/** Our counts keep cached input apart; OpenAI's `prompt_tokens` holds all of it. */
export function toOpenaiUsage(usage: Usage | undefined): Record<string, unknown> {
  const cached = usage?.cacheRead ?? 0;
  const prompt = (usage?.input ?? 0) + cached + (usage?.cacheWrite ?? 0);
  const completion = usage?.output ?? 0;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
}

export function toHttpFailure(event: Extract<CompletionEvent, { type: "error" }>): HttpFailure {
  return failure(event.status, event.message, {
    openaiType: event.errorType === "model_not_found" ? "invalid_request_error" : event.errorType,
    ...(event.errorType === "model_not_found" ? { openaiCode: "model_not_found", param: "model" } : {}),
    ...(event.retryAfterMs === undefined ? {} : { retryAfterMs: event.retryAfterMs }),
  });
}

/** A run that stopped without saying how it ended. */
function brokenOff(): HttpFailure {
  return failure(502, "the answer broke off before its end");
}

/** Applies the stop texts to a run's events. After a hit the rest of the run is not read. */
export async function* cutAtStop(
  events: AsyncIterable<CompletionEvent>,
  stop: readonly string[],
): AsyncGenerator<CompletionEvent> {
  const cutter = createStopCutter(stop);
  for await (const event of events) {
    if (event.type === "text") {
      const { text, isEnd } = cutter.push(event.delta);
      if (text !== "") yield { type: "text", delta: text };
      if (isEnd) {
        yield { type: "end", finishReason: "stop" };
        return;
      }
      continue;
    }
    if (event.type === "tool-call" || event.type === "end") {
      const rest = cutter.flush();
      if (rest !== "") yield { type: "text", delta: rest };
    }
    yield event;
  }
}

function toToolCall(event: Extract<CompletionEvent, { type: "tool-call" }>): Record<string, unknown> {
  return { id: event.id, type: "function", function: { name: event.name, arguments: event.argumentsJson } };
}

/** The whole answer as one object. Reads the run to its end. */
export async function toCompletion(
  events: AsyncIterable<CompletionEvent>,
  head: AnswerHead,
): Promise<{ ok: true; body: Record<string, unknown> } | { ok: false; failure: HttpFailure }> {
  let text = "";
  const calls: Record<string, unknown>[] = [];
  let usage: Usage | undefined;
  let finish: FinishReason | undefined;
  for await (const event of events) {
    if (event.type === "text") text += event.delta;
    else if (event.type === "tool-call") calls.push(toToolCall(event));
    else if (event.type === "usage") usage = event.usage;
    else if (event.type === "error") return { ok: false, failure: toHttpFailure(event) };
    else finish = event.finishReason;
  }
  if (finish === undefined) return { ok: false, failure: brokenOff() };
  const message = {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    refusal: null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finish }];
  return { ok: true, body: { ...head, object: "chat.completion", choices, usage: toOpenaiUsage(usage) } };
}

/**
 * The answer as chunks: one with the role, then what comes, then one with the reason of the end, and the usage where
 * it was asked for. A string is the data of one SSE event.
 */
export async function* toChunks(
  events: AsyncIterable<CompletionEvent>,
  options: AnswerOptions,
): AsyncGenerator<string> {
  const base = { ...options.head, object: "chat.completion.chunk" };
  const chunk = (delta: Record<string, unknown>, finish: FinishReason | null = null) =>
    JSON.stringify({
      ...base,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(options.includeUsage ? { usage: null } : {}),
    });
  let calls = 0;
  let usage: Usage | undefined;
  let finish: FinishReason | undefined;
  yield chunk({ role: "assistant", content: "" });
  for await (const event of events) {
    if (event.type === "text") yield chunk({ content: event.delta });
    else if (event.type === "tool-call") yield chunk({ tool_calls: [{ index: calls++, ...toToolCall(event) }] });
    else if (event.type === "usage") usage = event.usage;
    else if (event.type === "end") finish = event.finishReason;
    else {
      yield JSON.stringify({ error: toOpenaiError(toHttpFailure(event)) });
      return;
    }
  }
  if (finish === undefined) {
    yield JSON.stringify({ error: toOpenaiError(brokenOff()) });
    return;
  }
  yield chunk({}, finish);
  if (options.includeUsage) yield JSON.stringify({ ...base, choices: [], usage: toOpenaiUsage(usage) });
  yield "[DONE]";
}
