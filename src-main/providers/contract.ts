/**
 * The contract between the agent and one language-model service. A provider turns a request into a stream of events and
 * nothing else: no retries, no failover, no idle timers, no store, no configuration reading. Those live once, in
 * `providers/resilient.ts` and above, and hold for every provider.
 */
import type { TSchema } from "typebox";
import type { Clock } from "#main/base/clock.ts";
import { RemoteError, type AppErrorOptions } from "#main/base/errors.ts";
import type { HttpCall } from "#main/base/http/client.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ErrorKind } from "#main/protocol/events.ts";
import type { Message, StopReason, Usage } from "#main/protocol/messages.ts";

export const THINKING_LEVELS = ["off", "minimal", "low", "medium", "high"] as const;
export type ThinkingLevel = (typeof THINKING_LEVELS)[number];

/** A tool as a model is told of it. */
export interface ToolSpec {
  /** `[a-z_]{1,64}`. */
  name: string;
  description: string;
  /** JSON Schema of the arguments, an object schema. */
  params: TSchema;
}

export interface ModelRequest {
  /** The provider's own id of the model, without `provider/`. */
  model: string;
  system: string;
  /**
   * Oldest first. Every `toolCall` is followed by its `toolResult` before the next user message; the caller sees to
   * it. Thinking blocks may come from another provider: a provider drops those whose signature is not its own.
   */
  messages: readonly Message[];
  tools: readonly ToolSpec[];
  /** Upper bound of the answer in tokens; absent: the provider's own default. */
  maxTokens?: number;
  thinking: ThinkingLevel;
  temperature?: number;
}

/**
 * One step of an answer, in order. `text` and `thinking` carry what was added. A tool call is announced when it begins
 * and delivered whole: `tool-call` comes once per call, with `argumentsJson` as the model wrote it, never cut and never
 * repaired (the loop validates). `end` is the last event of a whole answer; a stream that returns without `end` is
 * broken. Usage may come more than once: the last one counts.
 */
export type ProviderEvent =
  | { type: "text"; delta: string }
  | { type: "thinking"; delta: string }
  /** Closes the current thinking block, with the provider's seal. */
  | { type: "thinking-end"; signature?: string }
  | { type: "tool-call-start"; id: string; name: string }
  | { type: "tool-call"; id: string; name: string; argumentsJson: string }
  | { type: "usage"; usage: Usage }
  | { type: "end"; stopReason: Extract<StopReason, "stop" | "length" | "toolUse" | "refusal"> };

/** Why a call to a model failed, for retry, failover and words. */
export type ProviderFailure =
  | "auth"
  | "billing"
  | "rate_limit"
  | "overloaded"
  | "server"
  | "network"
  | "timeout"
  | "context_length"
  | "bad_request"
  | "no_model"
  | "format";

/** What a provider throws, and only this (or the abort of the signal). The message never holds a key or a request. */
export class ProviderError extends RemoteError {
  readonly failure: ProviderFailure;
  /** HTTP status, if there was one. */
  readonly status: number | undefined;

  constructor(failure: ProviderFailure, message: string, options: AppErrorOptions & { status?: number } = {}) {
    super("PROVIDER", message, options);
    this.failure = failure;
    this.status = options.status;
  }
}

/** What a person can do about a failure, where the kind of provider makes no difference. */
export const ADVICE = {
  auth: "Check its key in Settings.",
  billing: "Check the account's credit.",
  rate_limit: "Wait a little and try again.",
  overloaded: "Wait a little and try again.",
  server: "Try again, or choose another model.",
  timeout: "Try again.",
  context_length: "Start a new session or shorten the message.",
  bad_request: "Check the model and its settings.",
  no_model: "Choose a model that it offers.",
} as const satisfies Partial<Record<ProviderFailure, string>>;

/** The kind that a `chat` error event carries. */
export function toErrorKind(failure: ProviderFailure): ErrorKind {
  if (failure === "rate_limit" || failure === "overloaded") return "rate_limit";
  if (failure === "timeout") return "timeout";
  if (failure === "context_length") return "context_length";
  return "unknown";
}

/** A model that a provider offers. */
export interface ModelInfo {
  id: string;
  name: string;
  contextWindow?: number;
  maxOutput?: number;
  reasoning?: boolean;
  /** "text" and maybe "image". */
  input?: readonly string[];
  /** US dollars per million tokens. */
  price?: { input: number; output: number; cacheRead?: number; cacheWrite?: number };
}

/** The world as a provider sees it: handed in at birth, nothing else is reached for. */
export interface ProviderContext {
  /** The name under `llm.providers`. */
  id: string;
  /** Without a trailing slash; absent: the service's own address. */
  baseUrl?: string;
  /** Read at each call, so that a changed key counts at once. Undefined: none is configured. */
  apiKey(): string | undefined;
  /** Extra request headers from the configuration. */
  headers: Readonly<Record<string, string>>;
  /** For client libraries. */
  fetch: typeof fetch;
  /** The same for our own clients. */
  call: HttpCall;
  clock: Clock;
  log: Logger;
}

/** One configured provider. Stateless but for connections; `stream` and `models` may run many at once. */
export interface Provider {
  /**
   * Streams one answer. Called by the loop, once per model request. Must stop within a second of the signal's abort by
   * throwing the abort, must not retry, must not buffer: an event leaves as soon as its bytes have come.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ProviderEvent>;
  /** Asks the service which models it has. Throws ProviderError; used by `models.list` (cached) and `models.probe`. */
  models(signal: AbortSignal): Promise<ModelInfo[]>;
}

/** A kind of provider: `llm.providers.<id>.kind`. */
export interface ProviderKind {
  kind: string;
  /** For people: "Anthropic". */
  label: string;
  /** Whether it can be asked without a key: `own-address`: one is needed at the service's own address, not elsewhere. */
  needsKey: "always" | "own-address" | "never";
  /** Prices and windows known without asking; a model that is not listed still works. */
  knownModels: readonly ModelInfo[];
  create(context: ProviderContext): Provider;
}

/** Declares a kind. The identity function: it exists to fix the type. */
export function defineProvider(kind: ProviderKind): ProviderKind {
  return kind;
}

/** For plugs: what a service sends is taken for nothing until it was looked at. */
export function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A count of tokens; nonsense (negative, not a number) counts as 0. */
export function toCount(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}

export function isWholeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
