/**
 * Our request in the words of `/v1/chat/completions`. Pure. Must never flatten a tool result into text of a user
 * message: models lose track of their calls.
 */
import type { ContentBlock, Message, ToolCallBlock } from "#main/protocol/messages.ts";
import type { ModelRequest, ThinkingLevel } from "../contract.ts";

type Part = { type: "text"; text: string } | { type: "image_url"; image_url: { url: string } };

interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

type ChatMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: string | Part[] }
  | { role: "assistant"; content: string | null; tool_calls?: ToolCall[] }
  | { role: "tool"; tool_call_id: string; content: string };

/** Fields that a compatible server may not know. Left out when it said so. */
export type OptionalField = "stream_options" | "reasoning_effort" | "temperature" | "max_tokens" | "tools";

/** `minimal` is not known to every model, `low` is. */
const EFFORT: Record<Exclude<ThinkingLevel, "off">, string> = {
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
};

/**
 * The request's body.
 * @param official OpenAI's own service, which wants `max_completion_tokens` where others know `max_tokens`
 * @param without fields that this server refused before
 */
export function toBody(
  request: ModelRequest,
  official: boolean,
  without: ReadonlySet<string>,
): Record<string, unknown> {
  const body: Record<string, unknown> = {
    model: request.model,
    messages: toMessages(request),
    stream: true,
  };
  if (!without.has("stream_options")) body["stream_options"] = { include_usage: true };
  if (request.tools.length > 0) {
    body["tools"] = request.tools.map(({ name, description, params }) => ({
      type: "function",
      function: { name, description, parameters: params },
    }));
  }
  if (request.maxTokens !== undefined) {
    body[official || without.has("max_tokens") ? "max_completion_tokens" : "max_tokens"] = request.maxTokens;
  }
  if (request.temperature !== undefined && !without.has("temperature")) body["temperature"] = request.temperature;
  if (request.thinking !== "off" && !without.has("reasoning_effort")) {
    body["reasoning_effort"] = EFFORT[request.thinking];
  }
  return body;
}

/** The optional field that a refusal complains of, if it is one that was sent and can be left out. */
export function refusedField(words: string, body: Record<string, unknown>): OptionalField | undefined {
  const fields: OptionalField[] = ["stream_options", "reasoning_effort", "temperature", "max_tokens"];
  return fields.find((field) => body[field] !== undefined && words.includes(field));
}

function toMessages(request: ModelRequest): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (request.system !== "") messages.push({ role: "system", content: request.system.toWellFormed() });
  /** Pictures of tool results: a `tool` message holds text only, and nothing may stand between tool messages. */
  let pictures: Part[] = [];
  const showPictures = () => {
    if (pictures.length > 0) messages.push({ role: "user", content: pictures });
    pictures = [];
  };
  for (const message of request.messages) {
    if (message.role === "toolResult") {
      messages.push({ role: "tool", tool_call_id: message.toolCallId ?? "", content: toText(message.content) });
      pictures.push(...message.content.filter(isImage).flatMap((image) => [caption(message), toPart(image)]));
      continue;
    }
    showPictures();
    if (message.role === "user") messages.push({ role: "user", content: toContent(message.content) });
    else pushAssistant(messages, message);
  }
  showPictures();
  return messages;
}

function pushAssistant(messages: ChatMessage[], message: Message): void {
  const calls = message.content.filter((block) => block.type === "toolCall").map(toToolCall);
  const text = toText(message.content);
  // An answer that was cut before it began has nothing to send back.
  if (text === "" && calls.length === 0) return;
  const called = calls.length > 0 ? { tool_calls: calls } : {};
  messages.push({ role: "assistant", content: text === "" ? null : text, ...called });
}

function toToolCall({ id, name, arguments: args }: ToolCallBlock): ToolCall {
  return { id, type: "function", function: { name, arguments: JSON.stringify(args).toWellFormed() } };
}

function isImage(block: ContentBlock): block is Extract<ContentBlock, { type: "image" }> {
  return block.type === "image";
}

function caption(message: Message): Part {
  return { type: "text", text: `Picture from the tool ${message.toolName ?? "call"}:` };
}

function toContent(blocks: readonly ContentBlock[]): string | Part[] {
  if (!blocks.some(isImage)) return toText(blocks);
  const parts: Part[] = [];
  for (const block of blocks) {
    if (isImage(block)) parts.push(toPart(block));
    else {
      const text = toText([block]);
      if (text !== "") parts.push({ type: "text", text });
    }
  }
  return parts;
}

function toPart(image: Extract<ContentBlock, { type: "image" }>): Part {
  return { type: "image_url", image_url: { url: `data:${image.mimeType};base64,${image.data}` } };
}

/** Text and files as one text; thinking stays out, since it belongs to whoever thought it. */
function toText(blocks: readonly ContentBlock[]): string {
  const texts: string[] = [];
  for (const block of blocks) {
    if (block.type === "text") texts.push(block.text);
    else if (block.type === "file") texts.push(`<file name="${block.fileName}">\n${block.text}\n</file>`);
  }
  return texts.join("\n").toWellFormed();
}
