/** Answers `/v1/chat/completions`: a model alone, or an agent with its own tools through the inbox like everyone else. */
import type { Clock } from "#main/base/clock.ts";
import type { Emitter } from "#main/base/emitter.ts";
import { Refused, isAbort, messageOf } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import type { Usage } from "#main/protocol/messages.ts";
import { ProviderError, type ProviderFailure } from "#main/providers/contract.ts";
import type { ProviderRegistry } from "#main/providers/registry.ts";
import { parseModelRef } from "#main/providers/routing.ts";
import type { Receive } from "#main/routing/inbox.ts";
import { parseSessionKey } from "#main/sessions/key.ts";
import type { RunResult } from "#main/sessions/run-result.ts";
import type { TurnEvent, Turns } from "#main/sessions/turn.ts";
import type { Database } from "#main/store/database.ts";
import { insertUsage } from "#main/store/usage.ts";
import type { CompletionEvent, CompletionRequest } from "./http/deps.ts";

export interface CompletionDeps {
  db: Database;
  clock: Clock;
  providers: ProviderRegistry;
  turns: Turns;
  receive: Receive;
  /** Everything that happens in runs. */
  events: Emitter<TurnEvent>;
  knowsAgent(agentId: string): boolean;
}

const STATUS: Partial<Record<ProviderFailure, { status: number; errorType: string }>> = {
  rate_limit: { status: 429, errorType: "rate_limit_error" },
  overloaded: { status: 503, errorType: "server_error" },
  timeout: { status: 504, errorType: "server_error" },
  context_length: { status: 400, errorType: "context_length_exceeded" },
  bad_request: { status: 400, errorType: "invalid_request_error" },
  no_model: { status: 404, errorType: "model_not_found" },
};

function problem(status: number, errorType: string, message: string): CompletionEvent {
  return { type: "error", status, errorType, message };
}

function toError(error: unknown): CompletionEvent {
  if (!(error instanceof ProviderError)) {
    return problem(error instanceof Refused ? 503 : 500, "server_error", messageOf(error));
  }
  const { failure, message, retryAfterMs } = error;
  const { status, errorType } = STATUS[failure] ?? { status: 502, errorType: "server_error" };
  return { type: "error", status, errorType, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Makes the function behind `HttpDeps.complete`. */
export function createCompletions(deps: CompletionDeps) {
  return (request: CompletionRequest, signal: AbortSignal): AsyncIterable<CompletionEvent> =>
    request.target.kind === "model"
      ? completeWithModel(deps, request, request.target.ref, signal)
      : completeWithAgent(deps, request, request.target, signal);
}

async function* completeWithModel(
  deps: CompletionDeps,
  request: CompletionRequest,
  ref: string,
  signal: AbortSignal,
): AsyncGenerator<CompletionEvent> {
  const provider = parseModelRef(ref)?.provider;
  if (provider === undefined || !deps.providers.find(provider)) {
    yield problem(404, "model_not_found", `The model "${ref}" does not exist here. See /v1/models.`);
    return;
  }
  let usage: Usage | undefined;
  try {
    const model = deps.providers.choose({ requested: ref, text: "" });
    const { target: _, ...asked } = request;
    for await (const event of model.stream({ ...asked, thinking: "off" }, signal, () => {})) {
      if (event.type === "text") yield { type: "text", delta: event.delta };
      else if (event.type === "tool-call") yield event;
      else if (event.type === "usage") {
        usage = event.usage;
        yield event;
      } else if (event.type === "end") {
        const finish = { stop: "stop", length: "length", toolUse: "tool_calls", refusal: "content_filter" } as const;
        yield { type: "end", finishReason: finish[event.stopReason] };
      }
    }
    if (usage) {
      const cost = model.costOf(usage);
      const priced = cost === undefined ? usage : { ...usage, costUsd: cost };
      const entry = { at: deps.clock.now(), sessionKey: "http:v1", runId: createId("http"), model: model.answeredBy() };
      await insertUsage(deps.db, { ...entry, usage: priced });
    }
  } catch (error) {
    if (!(signal.aborted && isAbort(error))) yield toError(error);
  }
}

async function* completeWithAgent(
  deps: CompletionDeps,
  request: CompletionRequest,
  target: Extract<CompletionRequest["target"], { kind: "agent" }>,
  signal: AbortSignal,
): AsyncGenerator<CompletionEvent> {
  if (!deps.knowsAgent(target.agentId)) {
    yield problem(404, "model_not_found", `There is no agent "${target.agentId}".`);
    return;
  }
  const question = request.messages.findLast((message) => message.role === "user");
  if (!question) {
    yield problem(400, "invalid_request_error", "Missing user message in `messages`.");
    return;
  }
  const runId = createId("http");
  const queue = new EventQueue();
  const listening = deps.events.on((event) => {
    if (event.run.runId !== runId) return;
    if (event.type === "ended") queue.push(toEnd(event.result));
    if (event.type !== "loop") return;
    const step = event.event;
    if (step.type === "text") queue.push({ type: "text", delta: step.delta });
    else if (step.type === "usage") queue.push({ type: "usage", usage: step.usage });
  });
  let sessionKey: string | undefined;
  const stop = () => {
    if (sessionKey !== undefined) deps.turns.abort(sessionKey, runId);
  };
  try {
    const session = parseSessionKey(target.sessionKey ?? `agent:${target.agentId}:http:${runId}`, target.agentId);
    sessionKey = session.key;
    signal.addEventListener("abort", stop, { once: true });
    const options = {
      // Whoever holds the Bearer credential is the owner; see `authorizeBearer`.
      requester: { channel: "http", sender: "v1", isOwner: true },
      ...(target.modelRef === undefined ? {} : { model: target.modelRef }),
      ...(request.system === "" ? {} : { extraSystem: request.system }),
    };
    const content = [...question.content];
    await deps.receive({ channel: "http", account: "v1", messageId: runId, session, content, options });
    for (;;) {
      const event = await queue.next();
      yield event;
      if (event.type === "end" || event.type === "error") return;
    }
  } catch (error) {
    yield toError(error);
  } finally {
    signal.removeEventListener("abort", stop);
    await listening.dispose();
  }
}

function toEnd(result: RunResult): CompletionEvent {
  if (result.status === "error") {
    const status = { rate_limit: 429, timeout: 504, context_length: 400, refusal: 400, unknown: 502 }[
      result.errorKind ?? "unknown"
    ];
    const errorType = result.errorKind === "rate_limit" ? "rate_limit_error" : "server_error";
    return problem(status, errorType, result.error ?? "the answer failed");
  }
  const length = result.message?.stopReason === "length";
  return { type: "end", finishReason: length ? "length" : "stop" };
}

/** Hands pushed events to one reader, in order. */
class EventQueue {
  readonly #events: CompletionEvent[] = [];
  #wake: (() => void) | undefined;

  push(event: CompletionEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  async next(): Promise<CompletionEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event) return event;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
