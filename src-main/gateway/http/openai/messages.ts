/**
 * From the messages of a chat completion to our own. Pure but for new ids. Pictures come as data URLs only: the
 * gateway fetches nothing that a request names.
 * Shapes: https://platform.openai.com/docs/api-reference/chat/create
 */
import { Refused } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import type { ContentBlock, Message, ToolCallBlock } from "#main/protocol/messages.ts";

/** A JSON object whose fields are not known yet. */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A refusal of one field of the request. */
export function bad(param: string, message: string, openaiCode?: string): Refused {
  return new Refused("INVALID_REQUEST", message, { details: { param, ...(openaiCode ? { openaiCode } : {}) } });
}

const DATA_URL = /^data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/;

function toImage(part: Json, param: string): ContentBlock {
  const url = isJson(part["image_url"]) ? part["image_url"]["url"] : undefined;
  const match = typeof url === "string" ? DATA_URL.exec(url) : null;
  if (!match?.[1] || !match[2]) {
    throw bad(`${param}.image_url.url`, "send pictures as a data URL: data:image/png;base64,… (png, jpeg, gif, webp)");
  }
  return { type: "image", mimeType: match[1], data: match[2] };
}

/** Text and, for users, pictures. An absent or null content is empty. */
function toBlocks(content: unknown, param: string, allowImages: boolean): ContentBlock[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  if (!Array.isArray(content)) throw bad(param, "content is a string or an array of parts");
  return content.map((part: unknown, index) => {
    const where = `${param}[${index}]`;
    if (!isJson(part)) throw bad(where, "a content part is an object");
    if (part["type"] === "text" && typeof part["text"] === "string") return { type: "text", text: part["text"] };
    if (part["type"] === "image_url" && allowImages) return toImage(part, where);
    throw bad(where, `content parts of type ${String(part["type"])} are not supported here`);
  });
}

function toText(content: unknown, param: string): string {
  return toBlocks(content, param, false)
    .map((block) => (block.type === "text" ? block.text : ""))
    .join("");
}

function toArguments(json: unknown): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(typeof json === "string" ? json : "");
    return isJson(parsed) ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function toToolCalls(calls: unknown, param: string): ToolCallBlock[] {
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls)) throw bad(param, "tool_calls is an array");
  return calls.map((call: unknown, index) => {
    const fn = isJson(call) && isJson(call["function"]) ? call["function"] : undefined;
    if (!isJson(call) || typeof call["id"] !== "string" || typeof fn?.["name"] !== "string") {
      throw bad(`${param}[${index}]`, "a tool call has an id and a function with a name");
    }
    return { type: "toolCall", id: call["id"], name: fn["name"], arguments: toArguments(fn["arguments"]) };
  });
}

/** What `toMessages` found. */
export interface ParsedMessages {
  /** System and developer messages, joined by a blank line. */
  system: string;
  messages: Message[];
}

interface Progress {
  systems: string[];
  messages: Message[];
  now: number;
  /** Names of the calls made and not yet answered, by id. */
  open: Map<string, string>;
}

function addMessage(raw: unknown, index: number, progress: Progress): void {
  const param = `messages[${index}]`;
  if (!isJson(raw)) throw bad(param, "a message is an object");
  const { role, content } = raw;
  const base = { id: createId("msg"), timestamp: progress.now };
  if (role === "tool") {
    const id = raw["tool_call_id"];
    const name = typeof id === "string" ? progress.open.get(id) : undefined;
    if (typeof id !== "string" || name === undefined) {
      throw bad(`${param}.tool_call_id`, "a tool message answers a tool call of the assistant message before it");
    }
    progress.open.delete(id);
    const text = toText(content, `${param}.content`);
    const result = { toolCallId: id, toolName: name, isError: false };
    progress.messages.push({ ...base, role: "toolResult", content: [{ type: "text", text }], ...result });
    return;
  }
  if (progress.open.size > 0) {
    throw bad(param, "an assistant message with tool_calls is followed by a tool message for each of them");
  }
  if (role === "system" || role === "developer") progress.systems.push(toText(content, `${param}.content`));
  else if (role === "user") {
    progress.messages.push({ ...base, role: "user", content: toBlocks(content, `${param}.content`, true) });
  } else if (role === "assistant") {
    const calls = toToolCalls(raw["tool_calls"], `${param}.tool_calls`);
    for (const call of calls) progress.open.set(call.id, call.name);
    const text = toBlocks(content, `${param}.content`, false);
    progress.messages.push({ ...base, role: "assistant", content: [...text, ...calls] });
  } else throw bad(`${param}.role`, "role is system, developer, user, assistant or tool");
}

/**
 * @param raw the request's `messages`
 * @param now stamp of the messages, milliseconds since 1970
 * Throws Refused INVALID_REQUEST with details `{param}`.
 */
export function toMessages(raw: unknown, now: number): ParsedMessages {
  if (!Array.isArray(raw)) throw bad("messages", "messages is an array");
  const progress: Progress = { systems: [], messages: [], now, open: new Map() };
  raw.forEach((message: unknown, index) => addMessage(message, index, progress));
  if (progress.open.size > 0) throw bad("messages", "the last assistant message has tool_calls without tool messages");
  if (!progress.messages.some((message) => message.role === "user" && message.content.length > 0)) {
    throw bad("messages", "Missing user message in `messages`.");
  }
  return { system: progress.systems.filter((text) => text !== "").join("\n\n"), messages: progress.messages };
}
