/**
 * The rows of the message list, made of one conversation. Pure. A turn keeps its key from the first streamed word to the
 * committed message, so that nothing is drawn anew when the answer is complete.
 */
import type { Message } from "#main/protocol/messages.ts";
import {
  type Chat,
  type Failure,
  type Outgoing,
  plainText,
  type Run,
  type RunPart,
  type ToolCall,
} from "../../gateway/chat-model.ts";

/** A call and the question that it waited for, when it did. */
export interface ShownCall extends ToolCall {
  approvalId?: string;
}

export type Step =
  | { kind: "text" | "thinking"; text: string; isLive: boolean }
  | { kind: "tools"; calls: readonly ShownCall[] };

/** Everything the assistant did about one message. */
export interface Turn {
  runId: string | undefined;
  steps: readonly Step[];
  /** The visible words, for copying. */
  text: string;
  phase: Run["phase"] | undefined;
  /** The user message it answers: where "again" begins. */
  questionId: string | undefined;
  /** The newest committed message of it. */
  last: Message | undefined;
  failure: Failure | undefined;
}

export type Row =
  | { kind: "user"; key: string; ids: readonly string[]; message: Message; isQueued: boolean }
  | { kind: "outgoing"; key: string; ids: readonly string[]; item: Outgoing }
  | { kind: "turn"; key: string; ids: readonly string[]; turn: Turn };

function toolResults(messages: readonly Message[]): Map<string, Message> {
  const results = messages.filter(({ role }) => role === "toolResult");
  return new Map(results.flatMap((message) => (message.toolCallId ? [[message.toolCallId, message]] : [])));
}

/** Adds a step; calls that follow each other become one group. */
function addStep(steps: Step[], step: Step): void {
  const last = steps.at(-1);
  if (step.kind === "tools" && last?.kind === "tools") {
    steps[steps.length - 1] = { kind: "tools", calls: [...last.calls, ...step.calls] };
  } else steps.push(step);
}

function toCall(
  block: { id: string; name: string; arguments: unknown },
  result: Message | undefined,
  live: ToolCall | undefined,
  isOver: boolean,
): ToolCall {
  const base = { id: block.id, name: block.name, args: block.arguments };
  if (result) return { ...base, result: plainText(result), state: result.isError ? "error" : "ok" };
  if (live) return { ...live, args: block.arguments };
  return { ...base, state: isOver ? "error" : "running" };
}

function stepsOf(message: Message, results: Map<string, Message>, run: Run | undefined): Step[] {
  const steps: Step[] = [];
  for (const block of message.content) {
    if (block.type === "text" && block.text.trim()) addStep(steps, { kind: "text", text: block.text, isLive: false });
    else if (block.type === "thinking" && block.thinking.trim()) {
      addStep(steps, { kind: "thinking", text: block.thinking, isLive: false });
    } else if (block.type === "toolCall") {
      const call = toCall(block, results.get(block.id), run?.tools[block.id], run === undefined);
      addStep(steps, { kind: "tools", calls: [call] });
    }
  }
  return steps;
}

/** A turn while its parts are gathered. */
interface Draft extends Pick<Turn, "runId" | "questionId" | "last"> {
  key: string;
  ids: string[];
  steps: Step[];
}

function createDraft(runId: string | undefined, questionId: string | undefined, key = `turn-${runId}`): Draft {
  return { key, ids: [], steps: [], runId, questionId, last: undefined };
}

function liveSteps(run: Run): Step[] {
  const steps: Step[] = [];
  run.parts.forEach((part: RunPart, at) => {
    if (part.kind === "tool") {
      const call = run.tools[part.id];
      if (call) addStep(steps, { kind: "tools", calls: [call] });
    } else {
      const isLive = at === run.parts.length - 1 && run.phase !== "settling";
      addStep(steps, { kind: part.kind, text: part.text, isLive });
    }
  });
  return steps;
}

/** A message of the person and what came of it. */
interface Exchange {
  question: Message | undefined;
  replies: Message[];
}

/** An answer belongs to its question, even when the next question was asked before it was complete. */
function toExchanges(messages: readonly Message[]): Exchange[] {
  const exchanges: Exchange[] = [];
  const byRun = new Map<string, Exchange>();
  for (const message of messages) {
    if (message.role === "user") {
      const exchange = { question: message, replies: [] };
      exchanges.push(exchange);
      if (message.runId) byRun.set(message.runId, exchange);
      continue;
    }
    const own = (message.runId ? byRun.get(message.runId) : undefined) ?? exchanges.at(-1);
    if (own) own.replies.push(message);
    else exchanges.push({ question: undefined, replies: [message] });
  }
  return exchanges;
}

/** The turns of one exchange: one per run, the running one with what it has streamed. */
function toDrafts(exchange: Exchange, results: Map<string, Message>, run: Run | undefined): Draft[] {
  const drafts: Draft[] = [];
  const questionId = exchange.question?.id;
  const begin = (runId: string | undefined, key?: string): Draft => {
    const draft = createDraft(runId, questionId, key);
    drafts.push(draft);
    return draft;
  };
  for (const message of exchange.replies) {
    const open = drafts.at(-1);
    if (message.role === "toolResult") {
      open?.ids.push(message.id);
      continue;
    }
    const isSame = open !== undefined && message.runId !== undefined && open.runId === message.runId;
    const draft = isSame ? open : begin(message.runId, `turn-${message.runId ?? message.id}`);
    const live = run?.runId === message.runId ? run : undefined;
    for (const step of stepsOf(message, results, live)) addStep(draft.steps, step);
    draft.ids.push(message.id);
    draft.last = message;
  }
  const isMine = run !== undefined && (exchange.question?.runId === run.runId || drafts.at(-1)?.runId === run.runId);
  if (isMine) {
    const last = drafts.at(-1);
    const draft = last?.runId === run.runId ? last : begin(run.runId);
    for (const step of liveSteps(run)) addStep(draft.steps, step);
  }
  return drafts;
}

/** The steps with the questions that their calls waited for. */
function withQuestions(steps: readonly Step[], asked: Chat["asked"]): readonly Step[] {
  if (!asked) return steps;
  return steps.map((step) => {
    if (step.kind !== "tools" || !step.calls.some((call) => asked[call.id])) return step;
    const calls = step.calls.map((call) => {
      const approvalId = asked[call.id];
      return approvalId ? { ...call, approvalId } : call;
    });
    return { kind: "tools", calls };
  });
}

/** All rows, oldest first. */
export function toRows(chat: Chat): Row[] {
  const { run } = chat;
  const results = toolResults(chat.messages);
  const failures = new Map(chat.failures.map((failure) => [failure.runId, failure]));
  const queued = new Set(chat.queued);
  const rows: Row[] = [];
  let isRunShown = false;
  const pushTurn = ({ key, ids, ...draft }: Draft) => {
    const live = run && draft.runId === run.runId ? run : undefined;
    if (live) isRunShown = true;
    const steps = withQuestions(draft.steps, chat.asked);
    const text = steps.flatMap((step) => (step.kind === "text" && step.text ? [step.text] : [])).join("\n\n");
    const failure = draft.runId ? failures.get(draft.runId) : undefined;
    rows.push({ kind: "turn", key, ids, turn: { ...draft, steps, text, phase: live?.phase, failure } });
  };
  for (const exchange of toExchanges(chat.messages)) {
    const { question } = exchange;
    const runId = question?.runId;
    if (question) {
      const isQueued = runId !== undefined && queued.has(runId);
      rows.push({ kind: "user", key: runId ?? question.id, ids: [question.id], message: question, isQueued });
    }
    const drafts = toDrafts(exchange, results, run);
    // A run that failed without a word has no message of its own.
    if (runId && failures.has(runId) && !drafts.some((draft) => draft.runId === runId)) {
      drafts.push(createDraft(runId, question?.id));
    }
    drafts.forEach(pushTurn);
  }
  const waiting = chat.outgoing.filter((item) => item.state !== "failed");
  for (const item of waiting) rows.push({ kind: "outgoing", key: item.key, ids: [], item });
  if (run && !isRunShown) pushTurn({ ...createDraft(run.runId, undefined), steps: liveSteps(run) });
  return rows;
}
