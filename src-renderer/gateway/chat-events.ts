/**
 * How events change a conversation. Pure; each run is followed by its sequence numbers, so that an event taken in twice
 * counts once. Must never call the gateway: `refresh` asks the caller to read the transcript again.
 */
import type { AgentEvent, ChatEvent } from "#main/protocol/events.ts";
import type { Message } from "#main/protocol/messages.ts";
import {
  type Chat,
  type ChatInput,
  type Failure,
  plainText,
  putAsked,
  putMessage,
  type Run,
  type RunPart,
  without,
} from "./chat-model.ts";

export interface Step {
  chat: Chat;
  /** The newest page is to be read again: this run committed more than the events carried. */
  refresh: boolean;
}

/** Takes in one event, or keeps it while the history is on its way. */
export function applyInput(chat: Chat, input: ChatInput, now: number): Step {
  if (chat.held) return { chat: { ...chat, held: [...chat.held, input] }, refresh: false };
  if (input.type === "message") return { chat: applyCommitted(chat, input.message), refresh: false };
  return input.type === "chat"
    ? applyChat(chat, input.event, now)
    : { chat: applyAgent(chat, input.event, now), refresh: false };
}

/** Plays what was held while the history was on its way. */
export function playHeld(chat: Chat, now: number): Step {
  const held = chat.held ?? [];
  let step: Step = { chat: without(chat, "held"), refresh: false };
  for (const input of held) {
    const next = applyInput(step.chat, input, now);
    step = { chat: next.chat, refresh: step.refresh || next.refresh };
  }
  return step;
}

function isLate(chat: Chat, event: { runId: string }): boolean {
  return chat.finished.includes(event.runId);
}

/** The run of an event, begun if this is the first word of it. */
function withRun(chat: Chat, runId: string, now: number): Run {
  if (chat.run?.runId === runId) return chat.run;
  return { runId, seq: -1, agentSeq: -1, startedAt: now, phase: "waiting", parts: [], tools: {} };
}

function setRun(chat: Chat, run: Run): Chat {
  const queued = chat.queued.includes(run.runId) ? chat.queued.filter((id) => id !== run.runId) : chat.queued;
  return { ...chat, run, queued };
}

function addText(parts: readonly RunPart[], kind: "text" | "thinking", delta: string): RunPart[] {
  const last = parts.at(-1);
  if (last?.kind === kind) return [...parts.slice(0, -1), { kind, text: last.text + delta }];
  return [...parts, { kind, text: delta }];
}

/**
 * The parts with the answer grown to `whole`, the text since the last commit. A history that was read in the middle may
 * already hold what the next delta adds: only what is really new is added.
 */
function toText(parts: readonly RunPart[], whole: string, delta: string): RunPart[] {
  if (whole === "") return delta ? addText(parts, "text", delta) : [...parts];
  const known = parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
  if (whole.startsWith(known)) return whole === known ? [...parts] : addText(parts, "text", whole.slice(known.length));
  return [...parts.filter((part) => part.kind !== "text"), { kind: "text", text: whole }];
}

/** The text so far that a delta carries. */
function seedOf(message: unknown): string {
  const content = (message as Partial<Message> | undefined)?.content;
  return Array.isArray(content) ? plainText({ content }) : "";
}

function applyChat(chat: Chat, event: ChatEvent, now: number): Step {
  if (isLate(chat, event)) return { chat, refresh: false };
  if (event.state !== "delta") return finish(chat, event, now);
  const run = withRun(chat, event.runId, now);
  if (event.seq <= run.seq) return { chat, refresh: false };
  const parts = toText(run.parts, seedOf(event.message), event.deltaText ?? "");
  return { chat: setRun(chat, { ...run, seq: event.seq, phase: "writing", parts }), refresh: false };
}

function finish(chat: Chat, event: Exclude<ChatEvent, { state: "delta" }>, now: number): Step {
  const run = chat.run?.runId === event.runId ? chat.run : undefined;
  const finished = [...chat.finished.slice(-49), event.runId];
  const queued = chat.queued.filter((id) => id !== event.runId);
  const base: Chat = { ...chat, finished, queued, failures: withFailure(chat.failures, event, now) };
  const isWaitedFor = chat.outgoing.some((item) => item.key === event.runId && item.state !== "failed");
  const isKnown = chat.messages.some((message) => message.id === event.message?.id);
  const hasSteps = run ? Object.keys(run.tools).length > 0 : true;
  // Steps between were committed too and were not announced: the transcript knows them, the event does not.
  const refresh = isWaitedFor || !event.message || (hasSteps && !isKnown);
  if (refresh && run) return { chat: { ...base, run: { ...run, phase: "settling" } }, refresh };
  const settled = run ? without(base, "run") : base;
  return { chat: event.message && !refresh ? putMessage(settled, event.message) : settled, refresh };
}

function withFailure(
  failures: readonly Failure[],
  event: Exclude<ChatEvent, { state: "delta" }>,
  now: number,
): readonly Failure[] {
  const rest = failures.filter((failure) => failure.runId !== event.runId);
  if (event.state === "final") return rest;
  const failure: Failure =
    event.state === "aborted"
      ? { runId: event.runId, kind: "aborted", message: "", at: now }
      : { runId: event.runId, kind: event.errorKind ?? "unknown", message: event.errorMessage, at: now };
  return [...rest.slice(-19), failure];
}

/** A committed message of the running turn replaces what of it was streamed. */
function applyCommitted(chat: Chat, message: Message): Chat {
  const next = putMessage(chat, message);
  const { run } = chat;
  if (!run || message.runId !== run.runId || message.role === "user") return next;
  const called = new Set(message.content.flatMap((block) => (block.type === "toolCall" ? [block.id] : [])));
  if (message.role === "toolResult") {
    const id = message.toolCallId ?? "";
    const tool = run.tools[id];
    if (!tool) return next;
    const tools = { ...run.tools, [id]: { ...tool, state: message.isError ? ("error" as const) : ("ok" as const) } };
    return {
      ...next,
      run: { ...run, tools, parts: run.parts.filter((part) => part.kind !== "tool" || part.id !== id) },
    };
  }
  const parts = run.parts.filter((part) => part.kind === "tool" && !called.has(part.id));
  return { ...next, run: { ...run, parts } };
}

function applyAgent(chat: Chat, event: AgentEvent, now: number): Chat {
  if (isLate(chat, event) || chat.run?.phase === "settling") return chat;
  const run = withRun(chat, event.runId, now);
  if (event.stream === "lifecycle") return applyLifecycle(chat, run, event.data);
  if (event.stream === "thinking") {
    if (event.seq <= run.agentSeq) return chat;
    const parts = addText(run.parts, "thinking", event.data.delta);
    return setRun(chat, { ...run, agentSeq: event.seq, phase: "thinking", parts });
  }
  return event.stream === "tool" ? setRun(chat, applyTool(chat, run, event.data)) : chat;
}

/** Calls run one after the other: the first that is not over and was not asked about is the one that waits. */
function withQuestion(chat: Chat, run: Run, approvalId: string | undefined): Chat {
  const asked = chat.asked ?? {};
  if (!approvalId || Object.values(asked).includes(approvalId)) return chat;
  const waiting = Object.values(run.tools).find((tool) => tool.state === "running" && asked[tool.id] === undefined);
  return waiting ? putAsked(chat, waiting.id, approvalId) : chat;
}

function applyLifecycle(chat: Chat, run: Run, data: Extract<AgentEvent, { stream: "lifecycle" }>["data"]): Chat {
  const { phase, approvalId } = data;
  // The end is told by the `chat` event, which carries the message; a late `start` must not bring a run back.
  if (phase === "end" || phase === "error") return chat;
  if (phase === "waiting-approval") return setRun(withQuestion(chat, run, approvalId), { ...run, phase: "approval" });
  if (phase === "retry") return setRun(chat, { ...run, phase: "retry" });
  return setRun(chat, { ...run, phase: run.phase === "writing" && phase === "start" ? "writing" : "waiting" });
}

function applyTool(chat: Chat, run: Run, data: Extract<AgentEvent, { stream: "tool" }>["data"]): Run {
  const { toolCallId: id } = data;
  const known = run.tools[id] ?? { id, name: data.name, state: "running" as const };
  const tool = {
    ...known,
    ...(data.args === undefined ? {} : { args: data.args }),
    ...(data.result === undefined ? {} : { result: data.result }),
    ...(data.phase === "result" ? { state: data.isError ? ("error" as const) : ("ok" as const) } : {}),
  };
  const isCommitted = chat.messages.some((message) =>
    message.content.some((block) => block.type === "toolCall" && block.id === id),
  );
  const isShown = isCommitted || run.parts.some((part) => part.kind === "tool" && part.id === id);
  return {
    ...run,
    phase: data.phase === "result" ? "waiting" : "tool",
    tools: { ...run.tools, [id]: tool },
    parts: isShown ? run.parts : [...run.parts, { kind: "tool", id }],
  };
}
