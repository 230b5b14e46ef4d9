/**
 * One conversation as the window knows it, and the pure steps by which it changes. The gateway's transcript is the
 * truth; everything here is keyed by message id, run id or idempotency key so that nothing is shown twice or lost. Must
 * never call the gateway.
 */
import type { AgentEvent, ChatEvent, ErrorKind } from "#main/protocol/events.ts";
import type { Message } from "#main/protocol/messages.ts";
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";

export type Attachment = NonNullable<MethodParams<"chat.send">["attachments"]>[number];
/** A picture or file that waits to be sent with the next message. */
export interface Enclosure {
  id: string;
  name: string;
  attachment: Attachment;
  /** A data address to show it by. */
  preview?: string;
}

export type History = MethodResult<"chat.history">;

export interface ToolCall {
  id: string;
  name: string;
  args?: unknown;
  result?: string;
  state: "running" | "ok" | "error";
}

/** What a run has produced and not yet committed, in the order it came. */
export type RunPart = { kind: "text" | "thinking"; text: string } | { kind: "tool"; id: string };

export interface Run {
  runId: string;
  /** The newest `chat` and `agent` events taken in; older ones are repeats. */
  seq: number;
  agentSeq: number;
  startedAt: number;
  /** `settling`: it is over, and the transcript is being fetched. */
  phase: "waiting" | "thinking" | "writing" | "tool" | "approval" | "retry" | "settling";
  parts: RunPart[];
  tools: Record<string, ToolCall>;
}

/** A message on its way. `key` is its idempotency key, which becomes the run id. */
export interface Outgoing {
  key: string;
  text: string;
  attachments: readonly Attachment[];
  createdAt: number;
  state: "sending" | "sent" | "failed";
  error?: string;
  /** For the person on the other side of a channel, not for the assistant. */
  isByHand?: boolean;
}

export interface Failure {
  runId: string;
  kind: ErrorKind | "aborted";
  message: string;
  at: number;
}

/** An event that concerns one conversation. */
export type ChatInput =
  | { type: "chat"; event: ChatEvent }
  | { type: "agent"; event: AgentEvent }
  | { type: "message"; message: Message };

export interface Chat {
  /** `stale`: shown, but the connection broke since; to be loaded again when it is looked at. */
  status: "new" | "loading" | "ready" | "stale" | "error";
  error?: string;
  messages: readonly Message[];
  hasMore: boolean;
  isLoadingOlder: boolean;
  /** Counts the pages put in front, so that the list keeps its place when one arrives. */
  olderPages: number;
  run?: Run;
  outgoing: readonly Outgoing[];
  queued: readonly string[];
  failures: readonly Failure[];
  /** Runs that are over: late events of theirs are ignored. The newest 50. */
  finished: readonly string[];
  /** The question to the owner that a call waited for: ids of approvals by ids of calls. */
  asked?: Readonly<Record<string, string>>;
  /** Events that came while the history was on its way; played after it. */
  held?: readonly ChatInput[];
}

/** A conversation that nothing is known of yet. */
export const UNKNOWN_CHAT: Chat = {
  status: "loading",
  messages: [],
  hasMore: false,
  isLoadingOlder: false,
  olderPages: 0,
  outgoing: [],
  queued: [],
  failures: [],
  finished: [],
};

export function createChat(status: Chat["status"]): Chat {
  return { ...UNKNOWN_CHAT, status };
}

/** The visible text of a message. */
export function plainText({ content }: Pick<Message, "content">): string {
  return content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

/** `chat` without one optional member. */
export function without<K extends "run" | "held" | "error">(chat: Chat, key: K): Chat {
  const { [key]: _, ...rest } = chat;
  return rest as Chat;
}

/** Adds or replaces one committed message; the list stays unique by id. */
export function putMessage(chat: Chat, message: Message): Chat {
  const at = chat.messages.findLastIndex((known) => known.id === message.id);
  const messages = at === -1 ? [...chat.messages, message] : chat.messages.with(at, message);
  const { runId } = message;
  const outgoing =
    message.role === "user" && runId ? chat.outgoing.filter((item) => item.key !== runId) : chat.outgoing;
  return { ...chat, messages, outgoing };
}

/** Joins a freshly read page with the older pages that are already here, where they touch; else the page stands alone. */
function joinPage(
  known: readonly Message[],
  page: readonly Message[],
): { messages: readonly Message[]; joined: boolean } {
  const first = page[0];
  const at = first ? known.findIndex((message) => message.id === first.id) : -1;
  return at > 0 ? { messages: [...known.slice(0, at), ...page], joined: true } : { messages: page, joined: false };
}

function toRun(inFlight: NonNullable<History["inFlightRun"]>, messages: readonly Message[]): Run {
  const committed = new Set(
    messages.flatMap(({ content }) => content.flatMap((block) => (block.type === "toolCall" ? [block.id] : []))),
  );
  const isAsked = inFlight.tools.some((tool) => tool.approvalId !== undefined);
  const tools: Record<string, ToolCall> = {};
  for (const tool of inFlight.tools) {
    tools[tool.toolCallId] = {
      id: tool.toolCallId,
      name: tool.name,
      state: "running",
      ...(tool.args === undefined ? {} : { args: tool.args }),
    };
  }
  return {
    runId: inFlight.runId,
    seq: inFlight.seq,
    agentSeq: inFlight.seq,
    startedAt: inFlight.startedAtMs,
    phase: isAsked ? "approval" : inFlight.tools.length > 0 ? "tool" : inFlight.text ? "writing" : "waiting",
    parts: [
      ...(inFlight.text ? [{ kind: "text" as const, text: inFlight.text }] : []),
      ...inFlight.tools
        .filter((tool) => !committed.has(tool.toolCallId))
        .map((tool) => ({ kind: "tool" as const, id: tool.toolCallId })),
    ],
    tools,
  };
}

/** Notes which question a call waits for. */
export function putAsked(chat: Chat, callId: string, approvalId: string): Chat {
  return chat.asked?.[callId] === approvalId ? chat : { ...chat, asked: { ...chat.asked, [callId]: approvalId } };
}

/** Takes the gateway's newest page as the truth. The held events are the caller's to play. */
export function applyHistory(chat: Chat, history: History): Chat {
  const { messages, joined } = joinPage(chat.messages, history.messages);
  const committed = new Set(history.messages.map((message) => (message.role === "user" ? message.runId : undefined)));
  const next: Chat = {
    ...without(without(chat, "run"), "error"),
    status: "ready",
    messages,
    hasMore: joined ? chat.hasMore : history.hasMore,
    queued: history.queuedRunIds,
    outgoing: chat.outgoing.filter((item) => !committed.has(item.key)),
  };
  if (!history.inFlightRun) return next;
  let withRun: Chat = { ...next, run: toRun(history.inFlightRun, messages) };
  for (const { toolCallId, approvalId } of history.inFlightRun.tools) {
    if (approvalId !== undefined) withRun = putAsked(withRun, toolCallId, approvalId);
  }
  return withRun;
}

/** Puts an older page in front. */
export function applyOlder(chat: Chat, history: History): Chat {
  const known = new Set(chat.messages.map((message) => message.id));
  return {
    ...chat,
    messages: [...history.messages.filter((message) => !known.has(message.id)), ...chat.messages],
    hasMore: history.hasMore,
    isLoadingOlder: false,
    olderPages: chat.olderPages + 1,
  };
}

/** Shows a message at once, before the gateway has it; a retry replaces the entry with the same key. */
export function putOutgoing(chat: Chat, item: Outgoing): Chat {
  const rest = chat.outgoing.filter((other) => other.key !== item.key);
  return { ...chat, status: chat.status === "new" ? "ready" : chat.status, outgoing: [...rest, item] };
}

/** Changes the state of a message on its way; nothing when the committed one has already taken its place. */
export function markOutgoing(chat: Chat, key: string, change: Pick<Outgoing, "state"> & { error?: string }): Chat {
  const outgoing = chat.outgoing.map((item) => {
    if (item.key !== key) return item;
    const { error: _, ...rest } = item;
    return { ...rest, ...change };
  });
  return { ...chat, outgoing };
}

/** Forgets a message that was not sent. */
export function dropOutgoing(chat: Chat, key: string): Chat {
  return { ...chat, outgoing: chat.outgoing.filter((item) => item.key !== key) };
}

/** In pieces: a call takes only so many arguments. */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

function fromBase64(content: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(content), (char) => char.charCodeAt(0)));
}

/** The gateway has committed an outgoing message under `messageId`: the committed one takes its place. */
export function commitOutgoing(chat: Chat, key: string, messageId: string): Chat {
  const item = chat.outgoing.find((other) => other.key === key);
  if (!item) return chat;
  const content: Message["content"] = item.text ? [{ type: "text", text: item.text }] : [];
  for (const attachment of item.attachments) {
    const mimeType = attachment.mimeType ?? "application/octet-stream";
    const fileName = attachment.fileName ?? "";
    if (mimeType.startsWith("image/")) content.push({ type: "image", mimeType, data: attachment.content, fileName });
    else content.push({ type: "file", mimeType, fileName, text: fromBase64(attachment.content) });
  }
  return putMessage(chat, { id: messageId, role: "user", content, timestamp: item.createdAt, runId: key });
}

/** By the sentences that the gateway ends its messages with. */
const KINDS: readonly (readonly [ErrorKind, RegExp])[] = [
  ["timeout", /\bso the call was cut\b|\btook longer than [\d.]+ s\b|\btimed out\b/i],
  ["context_length", /\bshorten the message\b|\bcontext (?:length|window)\b/i],
  ["rate_limit", /\bWait a little\b|\banswered (?:429|529)\b|\basks to wait\b|\brate limit/i],
];

/** The kind of a failed turn that is only known from its stored message: the transcript keeps words, not kinds. */
export function kindOfStored(errorMessage: string | undefined): ErrorKind {
  return KINDS.find(([, words]) => words.test(errorMessage ?? ""))?.[0] ?? "unknown";
}

/** Takes back a message and all after it, as `sessions.rewind` does. */
export function rewindTo(chat: Chat, entryId: string): Chat {
  const at = chat.messages.findIndex((message) => message.id === entryId);
  if (at === -1) return chat;
  return { ...without(chat, "run"), messages: chat.messages.slice(0, at), failures: [], queued: [] };
}
