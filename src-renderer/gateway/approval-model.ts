/**
 * The questions to the owner as the window knows them, and the pure steps by which they change. The gateway's word is
 * the truth: an answered question never becomes a waiting one again, whatever comes late. Must never call the gateway.
 */
import type { EventPayload } from "#main/protocol/events.ts";
import type { Approval, ApprovalDecision } from "#main/protocol/methods/approvals.ts";

/** One question and what this window did about it. */
export interface Question {
  approval: Approval;
  /** The answer that is on its way from here. */
  sending?: ApprovalDecision;
  /** The answer was given here. */
  isMine?: boolean;
  /** An answer was given here, and another had come first. */
  isLate?: boolean;
  /** Why the answer did not arrive. */
  problem?: string;
}

/** Answered questions that are kept to be shown where they were asked. */
const MAX_ANSWERED = 100;

function isOver(approval: Approval): boolean {
  return approval.status === "resolved";
}

/** The question without what is on its way or went wrong. */
export function unmarked(question: Question): Question {
  const { sending: _, problem: __, ...rest } = question;
  return rest;
}

/** Drops the oldest answered ones above the limit. */
function trim(questions: readonly Question[]): readonly Question[] {
  const answered = questions.filter(({ approval }) => isOver(approval));
  const extra = new Set(answered.slice(0, Math.max(0, answered.length - MAX_ANSWERED)));
  return extra.size === 0 ? questions : questions.filter((question) => !extra.has(question));
}

/** Adds a question or takes in what became of it; oldest first, each id once. */
export function putApproval(questions: readonly Question[], approval: Approval): readonly Question[] {
  const at = questions.findIndex((question) => question.approval.id === approval.id);
  const known = questions[at];
  if (!known) {
    const next = [...questions, { approval }].sort((a, b) => a.approval.createdAtMs - b.approval.createdAtMs);
    return trim(next);
  }
  if (isOver(known.approval) && !isOver(approval)) return questions;
  return questions.with(at, { ...(isOver(approval) ? unmarked(known) : known), approval });
}

/** Changes what this window knows of one question. */
export function markQuestion(
  questions: readonly Question[],
  id: string,
  change: (question: Question) => Question,
): readonly Question[] {
  return questions.map((question) => (question.approval.id === id ? change(question) : question));
}

/** Takes in the end of a question; nothing when it is not known or was over before. */
export function settleApproval(
  questions: readonly Question[],
  event: EventPayload<"exec.approval.resolved">,
): readonly Question[] {
  const known = questions.find((question) => question.approval.id === event.id);
  if (!known || isOver(known.approval)) return questions;
  const { decision, outcome, resolvedBy, ts } = event;
  return putApproval(questions, {
    ...known.approval,
    status: "resolved",
    outcome,
    resolvedBy,
    resolvedAtMs: ts,
    ...(decision === null ? {} : { decision }),
  });
}

/** Takes in the list of all that wait. @returns the questions, and the ids of those that wait no longer */
export function reconcile(
  questions: readonly Question[],
  waiting: readonly Approval[],
): { questions: readonly Question[]; gone: string[] } {
  const ids = new Set(waiting.map(({ id }) => id));
  const gone = questions.filter(({ approval }) => !isOver(approval) && !ids.has(approval.id));
  let next = questions;
  for (const approval of waiting) next = putApproval(next, approval);
  return { questions: next, gone: gone.map(({ approval }) => approval.id) };
}

/** The questions that wait, oldest first. */
export function toWaiting(questions: readonly Question[], sessionKey?: string): Question[] {
  return questions.filter(
    ({ approval }) => !isOver(approval) && (sessionKey === undefined || approval.request.sessionKey === sessionKey),
  );
}
