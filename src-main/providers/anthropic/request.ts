/**
 * Our request in the words of Anthropic's Messages API. Pure. Must never send a thinking block back to another model
 * than the one that sealed it, and never place more than four cache marks (the service's limit; three are used).
 */
import type {
  CacheControlEphemeral,
  ContentBlockParam,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  ThinkingConfigParam,
  ToolResultBlockParam,
} from "@anthropic-ai/sdk/resources/messages/messages.js";
import type { ContentBlock, Message } from "#main/protocol/messages.ts";
import type { ModelRequest, ThinkingLevel } from "../contract.ts";
import { knownModel, traitsOf } from "./models.ts";

/** Tokens of thinking by level (row J06); bounded by the answer's own limit. */
export const THINKING_BUDGETS: Record<Exclude<ThinkingLevel, "off">, number> = {
  minimal: 1024,
  low: 8192,
  medium: 32_768,
  high: 128_000,
};

/** The service takes no smaller budget. */
const MIN_BUDGET = 1024;
/** The answer's limit where the caller sets none: generous, since tokens that are not used cost nothing. */
const DEFAULT_MAX_TOKENS = 16_000;
/** Before the data of a thinking block that the service keeps encrypted (`redacted_thinking`). */
export const REDACTED_MARK = "redacted_thinking:";

const CACHE: CacheControlEphemeral = { type: "ephemeral" };

/**
 * The body of `POST /v1/messages`.
 * @param providerId the name under `llm.providers`: thinking is sent back only where `message.model` is
 *   `<providerId>/<request.model>`
 */
export function toParams(request: ModelRequest, providerId: string): MessageCreateParamsStreaming {
  const traits = traitsOf(request.model);
  const messages = toMessages(request, `${providerId}/${request.model}`);
  const maxTokens = request.maxTokens ?? defaultMaxTokens(request);
  const thinking = toThinking(request, maxTokens, messages);
  const params: MessageCreateParamsStreaming = {
    model: request.model,
    max_tokens: maxTokens,
    stream: true,
    messages,
  };
  if (request.system.trim() !== "") {
    params.system = [{ type: "text", text: request.system.toWellFormed(), cache_control: CACHE }];
  }
  if (request.tools.length > 0) {
    params.tools = request.tools.map((tool, index) => ({
      name: tool.name,
      description: tool.description,
      input_schema: { ...tool.params, type: "object" as const },
      ...(index === request.tools.length - 1 ? { cache_control: CACHE } : {}),
    }));
  }
  if (thinking) params.thinking = thinking;
  if (thinking?.type === "adaptive") {
    params.output_config = { effort: effortOf(request.thinking) };
  }
  const isThinking = thinking?.type === "enabled" || thinking?.type === "adaptive";
  if (request.temperature !== undefined && traits.takesTemperature && !isThinking) {
    Object.assign(params, { temperature: request.temperature });
  }
  return params;
}

function defaultMaxTokens(request: ModelRequest): number {
  const most = knownModel(request.model)?.maxOutput;
  if (most === undefined) return DEFAULT_MAX_TOKENS;
  const thinking = request.thinking === "off" ? 0 : THINKING_BUDGETS[request.thinking];
  return Math.min(most, DEFAULT_MAX_TOKENS + thinking);
}

function toThinking(
  request: ModelRequest,
  maxTokens: number,
  messages: readonly MessageParam[],
): ThinkingConfigParam | undefined {
  const traits = traitsOf(request.model);
  if (request.thinking === "off") {
    if (traits.off === "disabled") return { type: "disabled" };
    if (traits.off === "between_tools") return { type: "between_tools" };
    // Always thinks: shown, so that the stream is not silent for minutes.
    return traits.off === "never" ? { type: "adaptive", display: "summarized" } : undefined;
  }
  if (traits.thinking === "adaptive") return { type: "adaptive", display: "summarized" };
  const room = maxTokens - Math.min(4096, Math.floor(maxTokens / 4));
  const budget = Math.min(THINKING_BUDGETS[request.thinking], room);
  if (budget < MIN_BUDGET || !mayThink(messages)) return undefined;
  return { type: "enabled", budget_tokens: budget };
}

function effortOf(level: ThinkingLevel): "low" | "medium" | "high" {
  return level === "medium" || level === "high" ? level : "low";
}

/**
 * With a budget, the service wants the running tool turn to begin with its thinking. After a failover it began with
 * another model's, which may not be sent: then this answer does without.
 */
function mayThink(messages: readonly MessageParam[]): boolean {
  const last = messages.at(-1);
  const runsTools =
    last?.role === "user" && Array.isArray(last.content) && last.content.some((block) => block.type === "tool_result");
  if (!runsTools) return true;
  const before = messages.at(-2)?.content;
  return Array.isArray(before) && (before[0]?.type === "thinking" || before[0]?.type === "redacted_thinking");
}

function toMessages(request: ModelRequest, self: string): MessageParam[] {
  const messages: { role: "user" | "assistant"; content: ContentBlockParam[] }[] = [];
  for (const message of request.messages) {
    const role = message.role === "assistant" ? "assistant" : "user";
    const content =
      message.role === "toolResult" ? [toToolResult(message)] : toBlocks(message.content, message.model === self);
    if (content.length === 0) {
      // An answer that was cut before it began says nothing; a person's empty message still is a turn.
      if (role === "assistant") continue;
      content.push({ type: "text", text: "(empty message)" });
    }
    const previous = messages.at(-1);
    // All results of one turn belong in one message, before anything the person adds.
    if (previous?.role === role) previous.content.push(...content);
    else messages.push({ role, content });
  }
  if (messages[0]?.role === "assistant") {
    messages.unshift({ role: "user", content: [{ type: "text", text: "(earlier messages left out)" }] });
  }
  markLast(messages);
  return messages;
}

/** Puts the cache mark on the last block of the last user message. */
function markLast(messages: readonly { role: string; content: ContentBlockParam[] }[]): void {
  const content = messages.findLast((message) => message.role === "user")?.content;
  const last = content?.at(-1);
  if (content && last && (last.type === "text" || last.type === "image" || last.type === "tool_result")) {
    content[content.length - 1] = { ...last, cache_control: CACHE };
  }
}

function toToolResult(message: Message): ToolResultBlockParam {
  const content: NonNullable<Exclude<ToolResultBlockParam["content"], string>> = [];
  for (const block of message.content) {
    if (block.type === "image") content.push(toImage(block));
    else if (block.type === "text" && block.text.trim() !== "") {
      content.push({ type: "text", text: block.text.toWellFormed() });
    }
  }
  return {
    type: "tool_result",
    tool_use_id: toCallId(message.toolCallId ?? ""),
    content,
    ...(message.isError ? { is_error: true } : {}),
  };
}

function toBlocks(blocks: readonly ContentBlock[], own: boolean): ContentBlockParam[] {
  const params: ContentBlockParam[] = [];
  for (const block of blocks) {
    switch (block.type) {
      case "text":
        // The service refuses text that is empty or only space.
        if (block.text.trim() !== "") params.push({ type: "text", text: block.text.toWellFormed() });
        break;
      case "thinking":
        if (own && block.signature) params.push(toThinkingBlock(block.thinking, block.signature));
        break;
      case "toolCall":
        params.push({ type: "tool_use", id: toCallId(block.id), name: toToolName(block.name), input: block.arguments });
        break;
      case "image":
        params.push(toImage(block));
        break;
      case "file":
        params.push({
          type: "document",
          title: block.fileName.toWellFormed(),
          source: { type: "text", media_type: "text/plain", data: block.text.toWellFormed() || " " },
        });
        break;
    }
  }
  return params;
}

function toThinkingBlock(thinking: string, signature: string): ContentBlockParam {
  if (signature.startsWith(REDACTED_MARK)) {
    return { type: "redacted_thinking", data: signature.slice(REDACTED_MARK.length) };
  }
  return { type: "thinking", thinking, signature };
}

function toImage(block: Extract<ContentBlock, { type: "image" }>): ImageBlockParam {
  return { type: "image", source: { type: "base64", media_type: toMediaType(block.mimeType), data: block.data } };
}

const MEDIA_TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"] as const;

/** One of the four that the service takes; anything else is sent as PNG and left to it to judge. */
function toMediaType(mimeType: string): (typeof MEDIA_TYPES)[number] {
  if (mimeType === "image/jpg") return "image/jpeg";
  return MEDIA_TYPES.find((type) => type === mimeType) ?? "image/png";
}

/** The service takes `[a-zA-Z0-9_-]+`; another provider's ids may hold more. */
function toCallId(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, "_") || "call";
}

/** A name that the model made up may not fit the service's pattern, and would spoil every later request. */
function toToolName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 128) || "unknown";
}
