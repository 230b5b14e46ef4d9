/**
 * The agent loop: ask the model, run the tools it asks for, ask again, until it answers. A function over data; all
 * effects come in as arguments. It knows no store, no channel, no provider, and it never runs a call that was not
 * validated and allowed. Failures of the model are an outcome, not an exception.
 */
import type { Clock } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import { isAbort, messageOf } from "#main/base/errors.ts";
import type { ProviderEvent, ToolSpec } from "#main/providers/contract.ts";
import type { ContentBlock, Message, StopReason, ToolCallBlock, Usage } from "#main/protocol/messages.ts";
import type { Level, ToolResult } from "#main/tools/contract.ts";
import type { LoopEvent, LoopOutcome } from "./events.ts";

/** A call that the model made and that fits the tool's schema. */
export interface ToolCall {
  id: string;
  name: string;
  args: Record<string, unknown>;
  level: Level;
}

/** The tools of a run, behind validation. */
export interface Toolbox {
  specs: readonly ToolSpec[];
  /** Parses and validates. Pure. An error is for the model to read; `isUnknown`: there is no such tool. */
  parse(call: {
    id: string;
    name: string;
    argumentsJson: string;
  }): { ok: true; call: ToolCall } | { ok: false; error: string; isUnknown?: boolean };
}

/** Told while a call is being decided and run. */
export interface CallProgress {
  /** The owner is asked. */
  onWaiting(approvalId: string): void;
  /** The question is over: `allowed`, `denied`, `expired`, `could-not-show`. */
  onResolved(outcome: string): void;
  /** The call was allowed and starts now. */
  onStart(): void;
}

/**
 * Decides about one validated call and runs it if it may: the only way to a tool. A refusal and a tool's own failure are
 * results that the model can read. Throws the abort.
 */
export type Execute = (call: ToolCall, progress: CallProgress, signal: AbortSignal) => Promise<ToolResult>;

export interface LoopInput {
  runId: string;
  /** The transcript up to and including the message to answer. Not changed. */
  messages: readonly Message[];
  /** Model requests at most in this run (default 25). */
  maxTurns?: number;
}

export interface LoopEffects {
  /** One model request over the transcript so far. Throws ProviderError or the abort. `ref` names who answers. */
  stream(messages: readonly Message[], signal: AbortSignal): AsyncIterable<ProviderEvent>;
  /** `provider/model` that gave the last answer. */
  answeredBy(): string;
  toolbox: Toolbox;
  execute: Execute;
  /** Messages of the person that came meanwhile, committed already: the next request holds them. */
  steer?(): Promise<readonly Message[]>;
  /** Awaited for `message` events: the loop goes on only after the commit. */
  emit(event: LoopEvent): void | Promise<void>;
  signal: AbortSignal;
  clock: Clock;
}

const MAX_TURNS = 25;
/** The same call with the same arguments this often: the model is stuck. */
const MAX_REPEATS = 3;
/** Calls that do not parse or validate are sent back this often in a row. */
const MAX_INVALID = 2;
/** What the model reads of one result, characters. The tool keeps the rest where it says. */
const MAX_RESULT_CHARS = 60_000;

/** Stops a run that goes nowhere. A value for the outcome, with words for a person. */
export class LoopStopped extends Error {
  override readonly name = "LoopStopped";
}

/** Runs until there is an answer. Never throws: see LoopOutcome. */
export async function runTurns(input: LoopInput, effects: LoopEffects): Promise<LoopOutcome> {
  const messages = [...input.messages];
  const seen = new Map<string, number>();
  let invalidInARow = 0;
  const commit = async (message: Message) => {
    messages.push(message);
    await effects.emit({ type: "message", message });
  };
  try {
    for (let turn = 1; turn <= (input.maxTurns ?? MAX_TURNS); turn++) {
      await effects.emit({ type: "request", turn });
      const answer = await readAnswer(input.runId, messages, effects);
      await commit(answer.message);
      if (answer.failure !== undefined) return toOutcome(answer.failure, effects.signal, answer.message);
      if (answer.calls.length === 0) return { status: "ok", message: answer.message };
      for (const raw of answer.calls) {
        const parsed = effects.toolbox.parse(raw);
        invalidInARow = parsed.ok ? 0 : invalidInARow + 1;
        const stuck = countRepeat(seen, raw);
        const result = parsed.ok && !stuck ? await runCall(parsed.call, effects) : toRefusedResult(parsed, stuck);
        await effects.emit({
          type: "tool-result",
          id: raw.id,
          name: raw.name,
          text: result.text,
          isError: result.isError === true,
        });
        await commit(toResultMessage(input.runId, raw, result, effects.clock.now()));
        if (stuck)
          throw new LoopStopped(`The model repeated the same call of ${raw.name} ${MAX_REPEATS} times; stopped.`);
        if (invalidInARow > MAX_INVALID) {
          throw new LoopStopped(
            `The model's calls of ${raw.name} were not valid ${invalidInARow} times in a row; stopped.`,
          );
        }
        effects.signal.throwIfAborted();
      }
      messages.push(...((await effects.steer?.()) ?? []));
    }
    throw new LoopStopped(`No answer after ${input.maxTurns ?? MAX_TURNS} model requests; stopped.`);
  } catch (error) {
    return toOutcome(error, effects.signal);
  }
}

function toOutcome(error: unknown, signal: AbortSignal, message?: Message): LoopOutcome {
  const rest = message === undefined ? {} : { message };
  return signal.aborted || isAbort(error) ? { status: "aborted", ...rest } : { status: "error", error, ...rest };
}

interface RawCall {
  id: string;
  name: string;
  argumentsJson: string;
}

interface Answer {
  message: Message;
  calls: RawCall[];
  /** Why the answer is cut. What had arrived is in the message. */
  failure?: unknown;
}

/** Reads one answer to its end, or to where it broke. */
async function readAnswer(runId: string, messages: readonly Message[], effects: LoopEffects): Promise<Answer> {
  const draft = new AnswerDraft();
  let failure: unknown;
  try {
    for await (const event of effects.stream(messages, effects.signal)) {
      const told = draft.take(event);
      if (told) await effects.emit(told);
      if (event.type === "end") break;
    }
    effects.signal.throwIfAborted();
  } catch (error) {
    failure = error;
  }
  // An answer that was cut holds no call: half-written arguments must never run.
  const calls = failure === undefined ? draft.calls : [];
  const stopReason: StopReason =
    failure === undefined
      ? calls.length > 0
        ? "toolUse"
        : draft.stopReason
      : effects.signal.aborted
        ? "aborted"
        : "error";
  const message: Message = {
    id: createId("msg"),
    role: "assistant",
    content: draft.content(calls),
    timestamp: effects.clock.now(),
    runId,
    model: effects.answeredBy(),
    stopReason,
    ...(draft.usage ? { usage: draft.usage } : {}),
    ...(failure === undefined ? {} : { incomplete: true }),
    ...(failure === undefined || effects.signal.aborted ? {} : { errorMessage: messageOf(failure) }),
  };
  if (draft.usage) await effects.emit({ type: "usage", usage: draft.usage });
  return { message, calls, ...(failure === undefined ? {} : { failure }) };
}

/** Collects the blocks of an answer in the order in which they came. */
class AnswerDraft {
  readonly calls: RawCall[] = [];
  readonly #blocks: ContentBlock[] = [];
  usage: Usage | undefined;
  stopReason: StopReason = "stop";

  /** @returns what to tell of it, if anything */
  take(event: ProviderEvent): LoopEvent | undefined {
    const last = this.#blocks.at(-1);
    switch (event.type) {
      case "text":
        if (last?.type === "text") last.text += event.delta;
        else this.#blocks.push({ type: "text", text: event.delta });
        return event;
      case "thinking":
        if (last?.type === "thinking" && last.signature === undefined) last.thinking += event.delta;
        else this.#blocks.push({ type: "thinking", thinking: event.delta });
        return event;
      case "thinking-end":
        if (last?.type === "thinking" && event.signature !== undefined) last.signature = event.signature;
        return undefined;
      case "tool-call-start":
        return { type: "tool-announced", id: event.id, name: event.name };
      case "tool-call":
        this.calls.push({ id: event.id, name: event.name, argumentsJson: event.argumentsJson });
        return undefined;
      case "usage":
        this.usage = event.usage;
        return undefined;
      case "end":
        this.stopReason = event.stopReason;
        return undefined;
    }
  }

  content(calls: readonly RawCall[]): ContentBlock[] {
    const blocks = calls.map((call): ToolCallBlock => {
      return { type: "toolCall", id: call.id, name: call.name, arguments: toArguments(call.argumentsJson) ?? {} };
    });
    return [...this.#blocks, ...blocks];
  }
}

/** The arguments as an object, or undefined when they are not one. */
export function toArguments(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = json.trim() === "" ? {} : JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function countRepeat(seen: Map<string, number>, call: RawCall): boolean {
  const key = `${call.name} ${call.argumentsJson}`;
  const times = (seen.get(key) ?? 0) + 1;
  seen.set(key, times);
  return times >= MAX_REPEATS;
}

function toRefusedResult(parsed: ReturnType<Toolbox["parse"]>, stuck: boolean): ToolResult {
  if (stuck) return { text: `Not run: the same call was made ${MAX_REPEATS} times.`, isError: true };
  return { text: parsed.ok ? "" : parsed.error, isError: true };
}

async function runCall(call: ToolCall, effects: LoopEffects): Promise<ToolResult> {
  const { id, name, args } = call;
  const progress: CallProgress = {
    onWaiting: (approvalId) => void effects.emit({ type: "waiting", id, name, args, approvalId }),
    onResolved: (outcome) => void effects.emit({ type: "answered", id, name, outcome }),
    onStart: () => void effects.emit({ type: "tool-start", id, name, args }),
  };
  try {
    const result = await effects.execute(call, progress, effects.signal);
    if (result.text.length <= MAX_RESULT_CHARS) return result;
    return {
      ...result,
      text: `${result.text.slice(0, MAX_RESULT_CHARS)}\n[cut: ${result.text.length} characters in all]`,
    };
  } catch (error) {
    if (effects.signal.aborted) throw error;
    return { text: `${name} failed: ${messageOf(error)}`, isError: true };
  }
}

function toResultMessage(runId: string, call: RawCall, result: ToolResult, now: number): Message {
  const images = (result.images ?? []).map((image): ContentBlock => {
    return { type: "image", mimeType: image.mimeType, data: image.data };
  });
  return {
    id: createId("msg"),
    role: "toolResult",
    content: [{ type: "text", text: result.text }, ...images],
    timestamp: now,
    runId,
    toolCallId: call.id,
    toolName: call.name,
    isError: result.isError === true,
    ...(result.untrusted === undefined ? {} : { untrusted: result.untrusted }),
    ...(result.verbatim === true ? { verbatim: true } : {}),
  };
}
