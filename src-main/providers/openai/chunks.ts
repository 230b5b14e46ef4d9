/**
 * From `chat.completion.chunk` objects to provider events. Pure but for what it collects of the calls under way. Takes
 * every shape that compatible servers are known to send; must never repair, cut or repeat a call's arguments.
 */
import { createId } from "#main/base/ids.ts";
import type { Usage } from "#main/protocol/messages.ts";
import { isWholeJson, ProviderError, stringOf, toCount, type ProviderEvent } from "../contract.ts";

/** What the arguments of all calls of one answer may hold, in characters. */
const MAX_ARGUMENTS = 8 * 1024 * 1024;

interface Call {
  id: string;
  name: string;
  index: number | undefined;
  pieces: string[];
  announced: boolean;
}

export interface ChunkReader {
  /** True once the model gave its reason to finish: only usage and `[DONE]` may follow. */
  readonly isFinished: boolean;
  /** The events of one parsed chunk, in order. `chunk` is whatever the server sent. */
  read(chunk: unknown): ProviderEvent[];
  /**
   * The closing events: whole calls, then `end`. Nothing when the answer is not over.
   * @param done whether the server said `[DONE]`, which ends an answer that named no finish reason
   */
  finish(done: boolean): ProviderEvent[];
}

/** A reader for one answer. */
export function createChunkReader(): ChunkReader {
  const calls: Call[] = [];
  let held = 0;
  let thinking = false;
  let refused = false;
  let finishReason: string | undefined;

  const takeCall = (piece: Record<string, unknown>): ProviderEvent[] => {
    const call = findCall(calls, piece) ?? addCall(calls, piece);
    const named = recordOf(piece["function"]);
    const name = named?.["name"];
    if (call.name === "" && typeof name === "string") call.name = name;
    const written = argumentsOf(named?.["arguments"]);
    held += written.length;
    if (held > MAX_ARGUMENTS)
      throw new ProviderError("format", "The arguments of the model's tool calls are too long.");
    if (written !== "") call.pieces.push(written);
    if (call.announced || call.name === "") return [];
    call.announced = true;
    return [{ type: "tool-call-start", id: call.id, name: call.name }];
  };

  const takeDelta = (delta: Record<string, unknown>): ProviderEvent[] => {
    const events: ProviderEvent[] = [];
    const thought = stringOf(delta["reasoning_content"]) || stringOf(delta["reasoning"]);
    if (thought !== "") {
      thinking = true;
      events.push({ type: "thinking", delta: thought });
    }
    const refusal = stringOf(delta["refusal"]);
    if (refusal !== "") refused = true;
    const text = textOf(delta["content"]) + refusal;
    const pieces = Array.isArray(delta["tool_calls"]) ? delta["tool_calls"] : [];
    if (thinking && (text !== "" || pieces.length > 0)) {
      thinking = false;
      events.push({ type: "thinking-end" });
    }
    if (text !== "") events.push({ type: "text", delta: text });
    for (const piece of pieces) {
      const record = recordOf(piece);
      if (record) events.push(...takeCall(record));
    }
    return events;
  };

  return {
    get isFinished() {
      return finishReason !== undefined;
    },
    read(chunk) {
      const record = recordOf(chunk);
      if (!record) return [];
      const events: ProviderEvent[] = [];
      const choice: unknown = Array.isArray(record["choices"]) ? record["choices"][0] : undefined;
      const chosen = recordOf(choice);
      // A server that does not stream sends `message` where others send `delta`.
      const delta = recordOf(chosen?.["delta"]) ?? recordOf(chosen?.["message"]);
      if (delta) events.push(...takeDelta(delta));
      if (typeof chosen?.["finish_reason"] === "string") finishReason = chosen["finish_reason"];
      const usage = toUsage(record["usage"]);
      if (usage) events.push({ type: "usage", usage });
      return events;
    },
    finish(done) {
      if (finishReason === undefined && !done) return [];
      const events: ProviderEvent[] = thinking ? [{ type: "thinking-end" }] : [];
      const cut = finishReason === "length";
      for (const call of calls) {
        // At the token limit a call may be cut in the middle: it is not passed on.
        const argumentsJson = call.pieces.join("") || "{}";
        if (cut && !isWholeJson(argumentsJson)) continue;
        if (!call.announced) events.push({ type: "tool-call-start", id: call.id, name: call.name });
        events.push({ type: "tool-call", id: call.id, name: call.name, argumentsJson });
      }
      events.push({ type: "end", stopReason: refused ? "refusal" : toStopReason(finishReason, calls.length > 0) });
      return events;
    },
  };
}

/** `prompt_tokens` counts cached tokens too; our `input` does not. Nonsense counts as 0. */
export function toUsage(value: unknown): Usage | undefined {
  const usage = recordOf(value);
  if (!usage) return undefined;
  const details = recordOf(usage["prompt_tokens_details"]);
  const prompt = toCount(usage["prompt_tokens"]);
  const cacheRead = Math.min(prompt, toCount(details?.["cached_tokens"]));
  const cacheWrite = Math.min(prompt - cacheRead, toCount(details?.["cache_write_tokens"]));
  return {
    input: prompt - cacheRead - cacheWrite,
    output: toCount(usage["completion_tokens"]),
    ...(cacheRead > 0 ? { cacheRead } : {}),
    ...(cacheWrite > 0 ? { cacheWrite } : {}),
  };
}

/**
 * The call that a piece belongs to. OpenAI numbers calls with `index`; others leave it out, or send several whole calls
 * under index 0, each with an id of its own or with none.
 */
function findCall(calls: readonly Call[], piece: Record<string, unknown>): Call | undefined {
  const id = stringOf(piece["id"]);
  const index = typeof piece["index"] === "number" ? piece["index"] : undefined;
  const startsNamed = stringOf(recordOf(piece["function"])?.["name"]) !== "";
  const byId = id === "" ? undefined : calls.find((call) => call.id === id);
  if (byId) return byId;
  const candidate = index === undefined ? calls.at(-1) : calls.findLast((call) => call.index === index);
  if (!candidate) return undefined;
  if (id !== "") return undefined;
  if (startsNamed && (index === undefined || isWholeJson(candidate.pieces.join("")))) return undefined;
  return candidate;
}

function addCall(calls: Call[], piece: Record<string, unknown>): Call {
  const call: Call = {
    id: stringOf(piece["id"]) || createId("call"),
    name: "",
    index: typeof piece["index"] === "number" ? piece["index"] : undefined,
    pieces: [],
    announced: false,
  };
  calls.push(call);
  return call;
}

function toStopReason(reason: string | undefined, hasCalls: boolean): "stop" | "length" | "toolUse" | "refusal" {
  if (reason === "length") return "length";
  if (reason === "content_filter") return "refusal";
  return hasCalls ? "toolUse" : "stop";
}

/** Arguments as written. Some servers send the object itself. */
function argumentsOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

/** Text, or the text parts of a list. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return stringOf(value);
  return value.map((part) => stringOf(recordOf(part)?.["text"])).join("");
}

/** The value as an object with unknown fields, or undefined. */
export function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
