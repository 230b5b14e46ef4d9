/**
 * From Anthropic's stream events to provider events. Pure but for what it collects of the block under way. Must never
 * parse a part of a call's JSON, and never pass on a call that the token limit cut.
 */
import type { RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages/messages.js";
import type { Usage } from "#main/protocol/messages.ts";
import { isWholeJson, ProviderError, stringOf, toCount, type ProviderEvent } from "../contract.ts";
import { REDACTED_MARK } from "./request.ts";

/** What the arguments of one call may hold, in characters. */
const MAX_ARGUMENTS = 8 * 1024 * 1024;

interface Block {
  type: string;
  id: string;
  name: string;
  /** Arguments as sent whole at the start; used when no piece follows. */
  input: unknown;
  pieces: string[];
  length: number;
  signature: string;
}

/** Token counts of a `usage` object, any of which may be missing. */
interface Counts {
  input_tokens?: unknown;
  output_tokens?: unknown;
  cache_read_input_tokens?: unknown;
  cache_creation_input_tokens?: unknown;
}

/** A reader for one answer: the events that each stream event turns into, in order. */
export function createEventReader(): (event: RawMessageStreamEvent) => ProviderEvent[] {
  const blocks = new Map<number, Block>();
  /** Calls whose JSON is not whole: broken by the model, or cut; the stop reason tells which. */
  const unsure: ProviderEvent[] = [];
  let counts: Counts = {};
  let stopReason: string | null = null;

  return (event) => {
    switch (event.type) {
      case "message_start":
        counts = { ...event.message.usage };
        return [{ type: "usage", usage: toUsage(counts) }];
      case "content_block_start":
        return startBlock(blocks, event.index, event.content_block);
      case "content_block_delta":
        return addDelta(blocks.get(event.index), event.delta);
      case "content_block_stop": {
        const block = blocks.get(event.index);
        blocks.delete(event.index);
        return block ? stopBlock(block, unsure) : [];
      }
      case "message_delta":
        stopReason = event.delta.stop_reason ?? stopReason;
        counts = { ...counts, ...withoutNulls(event.usage) };
        return [{ type: "usage", usage: toUsage(counts) }];
      case "message_stop":
        return finish(stopReason, unsure);
      default:
        // Events of later versions are to be skipped, says the service's versioning policy.
        return [];
    }
  };
}

function startBlock(blocks: Map<number, Block>, index: number, content: { type: string }): ProviderEvent[] {
  const raw: Record<string, unknown> = { ...content };
  const block: Block = {
    type: content.type,
    id: stringOf(raw["id"]),
    name: stringOf(raw["name"]),
    input: raw["input"],
    pieces: [],
    length: 0,
    signature:
      content.type === "redacted_thinking" ? REDACTED_MARK + stringOf(raw["data"]) : stringOf(raw["signature"]),
  };
  blocks.set(index, block);
  if (block.type === "tool_use") return [{ type: "tool-call-start", id: block.id, name: block.name }];
  return block.type === "text" || block.type === "thinking" ? written(block.type, raw[block.type]) : [];
}

function addDelta(block: Block | undefined, delta: { type: string }): ProviderEvent[] {
  const raw: Record<string, unknown> = { ...delta };
  switch (delta.type) {
    case "text_delta":
      return written("text", raw["text"]);
    case "thinking_delta":
      return written("thinking", raw["thinking"]);
    case "signature_delta":
      if (block) block.signature += stringOf(raw["signature"]);
      return [];
    case "input_json_delta": {
      const piece = stringOf(raw["partial_json"]);
      if (!block || block.type !== "tool_use" || piece === "") return [];
      block.length += piece.length;
      if (block.length > MAX_ARGUMENTS) throw new ProviderError("format", "The arguments of a tool call are too long.");
      block.pieces.push(piece);
      return [];
    }
    default:
      return [];
  }
}

function stopBlock(block: Block, unsure: ProviderEvent[]): ProviderEvent[] {
  if (block.type === "thinking" || block.type === "redacted_thinking") {
    return [{ type: "thinking-end", ...(block.signature === "" ? {} : { signature: block.signature }) }];
  }
  if (block.type !== "tool_use") return [];
  const argumentsJson = block.pieces.length > 0 ? block.pieces.join("") : JSON.stringify(block.input ?? {});
  const call: ProviderEvent = { type: "tool-call", id: block.id, name: block.name, argumentsJson };
  if (isWholeJson(argumentsJson) && unsure.length === 0) return [call];
  unsure.push(call);
  return [];
}

function finish(stopReason: string | null, unsure: readonly ProviderEvent[]): ProviderEvent[] {
  const cut = stopReason === "max_tokens" || stopReason === "model_context_window_exceeded";
  return [...(cut ? [] : unsure), { type: "end", stopReason: toStopReason(stopReason) }];
}

function toStopReason(reason: string | null): "stop" | "length" | "toolUse" | "refusal" {
  if (reason === "max_tokens" || reason === "model_context_window_exceeded") return "length";
  if (reason === "tool_use") return "toolUse";
  return reason === "refusal" ? "refusal" : "stop";
}

/** Nonsense (negative, not a number) counts as 0. */
function toUsage(counts: Counts): Usage {
  const cacheRead = toCount(counts.cache_read_input_tokens);
  const cacheWrite = toCount(counts.cache_creation_input_tokens);
  return {
    input: toCount(counts.input_tokens),
    output: toCount(counts.output_tokens),
    ...(cacheRead > 0 ? { cacheRead } : {}),
    ...(cacheWrite > 0 ? { cacheWrite } : {}),
  };
}

function withoutNulls(counts: Counts | undefined): Counts {
  return Object.fromEntries(Object.entries(counts ?? {}).filter(([, value]) => value !== null && value !== undefined));
}

function written(type: "text" | "thinking", delta: unknown): ProviderEvent[] {
  return stringOf(delta) === "" ? [] : [{ type, delta: stringOf(delta) }];
}
