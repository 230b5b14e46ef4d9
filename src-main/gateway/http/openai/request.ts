/**
 * From the body of a chat completion to our own request. Pure but for new ids. What we cannot do is refused by name;
 * what only tunes a model (top_p, seed, penalties) and has no equal here is left out.
 * Shapes: https://platform.openai.com/docs/api-reference/chat/create
 */
import Type, { type TSchema } from "typebox";
import { Refused } from "#main/base/errors.ts";
import type { ToolSpec } from "#main/providers/contract.ts";
import { present } from "../../present.ts";
import type { CompletionRequest, CompletionTarget } from "../deps.ts";
import { bad, isJson, toMessages, type Json } from "./messages.ts";

/** A request as the route works with it. */
export interface ParsedCompletion {
  request: CompletionRequest;
  /** As the client named it: the answer repeats it. */
  model: string;
  stream: boolean;
  includeUsage: boolean;
  /** Texts at which the answer ends, without them. */
  stop: readonly string[];
}

/** Headers that choose agent and session. */
export interface CompletionHeaders {
  agentId: string | undefined;
  sessionKey: string | undefined;
}

const AGENT_MODEL = /^(?:gatehouse|carapace|agent):(.+)$/;
const AGENT_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const MODEL_REF = /^[A-Za-z0-9][\w.-]{0,63}\/\S{1,200}$/;
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_KEY_LENGTH = 512;

function unknownModel(model: string): Refused {
  const hint = "name it provider/model (GET /v1/models lists them) or gatehouse:<agent>";
  return new Refused("NOT_FOUND", `The model \`${model}\` does not exist: ${hint}.`, {
    details: { param: "model", openaiCode: "model_not_found" },
  });
}

function toAgentId(value: string, param: string): string {
  if (!AGENT_ID.test(value)) throw bad(param, "an agent's id has letters, digits, _ and -, at most 64");
  return value;
}

/** `agent:<id>:<rest>`: a key that names another agent is refused, a bare one belongs to this agent. */
function toSessionKey(agentId: string, key: string, param: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (key.length > MAX_KEY_LENGTH || /[\u0000-\u001f\u007f]/.test(key)) {
    throw bad(param, `a session key has at most ${MAX_KEY_LENGTH} printable characters`);
  }
  if (!key.startsWith("agent:")) return `agent:${agentId}:${key}`;
  if (!key.startsWith(`agent:${agentId}:`)) throw bad(param, "this session belongs to another agent");
  return key;
}

/** Who is asked, from the model's name, the headers and `user`. */
export function toTarget(model: string, headers: CompletionHeaders, user: string | undefined): CompletionTarget {
  const named = model === "gatehouse" ? "main" : AGENT_MODEL.exec(model)?.[1];
  const { agentId: agentHeader, sessionKey: sessionHeader } = headers;
  if (named === undefined) {
    if (!MODEL_REF.test(model)) throw unknownModel(model);
    if (agentHeader === undefined && sessionHeader === undefined) return { kind: "model", ref: model };
  }
  const ofKey = /^agent:([^:]+):/.exec(sessionHeader ?? "")?.[1];
  const agentId = toAgentId(agentHeader ?? named ?? ofKey ?? "main", agentHeader ? "X-Gatehouse-Agent-Id" : "model");
  const sessionKey =
    sessionHeader !== undefined
      ? toSessionKey(agentId, sessionHeader, "X-Gatehouse-Session-Key")
      : user !== undefined && user !== ""
        ? toSessionKey(agentId, `openai-user:${user}`, "user")
        : undefined;
  return {
    kind: "agent",
    agentId,
    ...present({ sessionKey, modelRef: named === undefined ? model : undefined }),
  };
}

function toTool(raw: unknown, index: number): ToolSpec {
  const param = `tools[${index}]`;
  const fn = isJson(raw) && raw["type"] === "function" ? raw["function"] : undefined;
  if (!isJson(fn)) throw bad(param, 'a tool is {type: "function", function: {name, description, parameters}}');
  const { name, description, parameters } = fn;
  if (typeof name !== "string" || !TOOL_NAME.test(name)) {
    throw bad(`${param}.function.name`, "a tool's name has letters, digits, _ and -, at most 64");
  }
  if (parameters !== undefined && !isJson(parameters)) throw bad(`${param}.function.parameters`, "must be a schema");
  // Any JSON Schema passes to the model as it came; it is never used to validate here.
  const params: TSchema = parameters ?? Type.Object({});
  return { name, description: typeof description === "string" ? description : "", params };
}

function toTools(body: Json, target: CompletionTarget): ToolSpec[] {
  if (body["functions"] !== undefined) throw bad("functions", "functions are replaced by tools");
  const choice = body["tool_choice"];
  if (choice === "none") return [];
  const tools = body["tools"] ?? [];
  if (!Array.isArray(tools)) throw bad("tools", "tools is an array");
  if (choice !== undefined && choice !== null && choice !== "auto") {
    throw bad("tool_choice", 'only "auto" and "none" are supported', "unsupported_value");
  }
  if (tools.length > 0 && target.kind === "agent") {
    throw bad("tools", "an agent uses its own tools: leave tools out, or ask a provider/model");
  }
  if (tools.length > 128) throw bad("tools", "at most 128 tools");
  return tools.map(toTool);
}

function toNumber(body: Json, name: string, low: number, high: number, isInteger: boolean): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || value < low || value > high || (isInteger && !Number.isInteger(value))) {
    throw bad(name, `${name} is ${isInteger ? "a whole number" : "a number"} from ${low} to ${high}`);
  }
  return value;
}

function toStop(raw: unknown): string[] {
  if (raw === undefined || raw === null) return [];
  const texts: unknown[] = Array.isArray(raw) ? raw : [raw];
  const isValid = (text: unknown): text is string => typeof text === "string" && text.length > 0 && text.length <= 500;
  if (texts.length > 4 || !texts.every(isValid)) throw bad("stop", "stop is one to four texts");
  return texts;
}

/** Options whose silence would be a wrong answer. */
function refuseUnsupported(body: Json): void {
  const format = body["response_format"];
  if ((body["n"] ?? 1) !== 1) throw bad("n", "only one choice is supported", "unsupported_value");
  if (body["logprobs"] === true) throw bad("logprobs", "logprobs are not supported", "unsupported_parameter");
  if (isJson(format) && format["type"] !== "text") {
    throw bad("response_format", 'only {type: "text"} is supported', "unsupported_value");
  }
  if (Array.isArray(body["modalities"]) && body["modalities"].some((modality) => modality !== "text")) {
    throw bad("modalities", "only text is supported", "unsupported_value");
  }
}

/**
 * @param body the parsed JSON of the request
 * @param now stamp of the messages, milliseconds since 1970
 * Throws Refused INVALID_REQUEST or NOT_FOUND with details `{param, openaiCode?}`.
 */
export function parseCompletion(body: unknown, headers: CompletionHeaders, now: number): ParsedCompletion {
  if (!isJson(body)) throw bad("body", "the body is a JSON object");
  const model = body["model"] ?? "gatehouse:main";
  if (typeof model !== "string" || model === "") throw bad("model", "model is provider/model or gatehouse:<agent>");
  const { user, stream, stream_options: streamOptions } = body;
  if (user !== undefined && user !== null && typeof user !== "string") throw bad("user", "user is a string");
  if (stream !== undefined && stream !== null && typeof stream !== "boolean")
    throw bad("stream", "stream is a boolean");
  refuseUnsupported(body);
  const { system, messages } = toMessages(body["messages"], now);
  const target = toTarget(model, headers, user ?? undefined);
  if (target.kind === "agent" && messages.at(-1)?.role !== "user") {
    throw bad("messages", "for an agent the last message is the user's");
  }
  const maxTokens =
    toNumber(body, "max_completion_tokens", 1, 10_000_000, true) ?? toNumber(body, "max_tokens", 1, 10_000_000, true);
  const temperature = toNumber(body, "temperature", 0, 2, false);
  return {
    request: { target, system, messages, tools: toTools(body, target), ...present({ maxTokens, temperature }) },
    model,
    stream: stream === true,
    includeUsage: isJson(streamOptions) && streamOptions["include_usage"] === true,
    stop: toStop(body["stop"]),
  };
}
