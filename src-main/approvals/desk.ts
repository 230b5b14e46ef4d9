/**
 * Where questions wait for the owner. Durable: the row is there before anyone sees it. Exactly once: an answer is one
 * conditional update, whoever else presses. No answer means no. Whatever surface the answer comes from, it ends here.
 */
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import { AppError, Refused } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import type { Approval, ApprovalDecision, ApprovalRequest, GrantRule } from "#main/protocol/methods/approvals.ts";
import type { Database } from "#main/store/database.ts";
import * as rows from "#main/store/approvals.ts";
import type { ApprovalOutcome, GuardedCall } from "./contract.ts";

/** Who answers. Facts from the connection, never from the text of an answer. */
export interface Answerer {
  /** `device:…`, `cli:…`, later `telegram:…`; kept with the answer. */
  id: string;
  /** Holds the right to approve (`operator.approvals`). */
  mayApprove: boolean;
}

export interface Answer {
  outcome: ApprovalOutcome;
  decision?: ApprovalDecision;
  by: string;
  /** The rule that the owner gave with "always", to be checked against the plan. */
  rule?: GrantRule;
}

export type DeskEvent = { type: "requested"; approval: Approval } | { type: "resolved"; approval: Approval };

interface Waiting {
  settle(answer: Answer): void;
  timer: Disposable;
}

/** Questions waiting at once, over all sessions: more are refused, not queued. */
const MAX_PENDING = 64;

export class Desk implements Disposable {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();
  readonly #events = new Emitter<DeskEvent>();

  constructor(deps: { db: Database; clock: Clock }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
  }

  readonly onEvent = (listener: (event: DeskEvent) => void): Disposable => this.#events.on(listener);

  get pending(): number {
    return this.#waiting.size;
  }

  /** What a restart does with what was left: see the result. Called once, before anyone is let in. */
  async recover(): Promise<rows.SettledApprovals> {
    return rows.settleApprovals(this.#db, this.#clock.now());
  }

  /**
   * Asks and waits. Resolves when answered, when the time is over, or when `signal` aborts (an unanswered question is
   * then over too). Throws Refused when too many wait.
   * @param onAsked told the id once the row is committed, before any surface shows it
   */
  async ask(
    question: { call: GuardedCall; request: ApprovalRequest; timeoutMs: number },
    signal: AbortSignal,
    onAsked: (id: string) => void,
  ): Promise<Answer & { id: string }> {
    if (this.#waiting.size >= MAX_PENDING)
      throw new Refused("UNAVAILABLE", "too many questions wait for the owner; answer some first");
    signal.throwIfAborted();
    const { call, request } = question;
    const id = createId("apr");
    const createdAt = this.#clock.now();
    const expiresAt = createdAt + question.timeoutMs;
    await rows.insertApproval(this.#db, {
      ...{ id, tool: call.tool, level: call.level, digest: request.digest, request: JSON.stringify(request) },
      ...{ session_key: call.sessionKey, run_id: call.runId, call_id: call.callId, agent_id: call.agentId },
      ...{ requester: JSON.stringify(call.requester), created_at: createdAt, expires_at: expiresAt },
    });
    const answer = new Promise<Answer>((settle) => {
      const timer = this.#clock.after(question.timeoutMs, () => void this.#expire(id, "nobody answered in time"));
      this.#waiting.set(id, { settle, timer });
    });
    const onAbort = () => void this.#expire(id, "the run was stopped");
    signal.addEventListener("abort", onAbort, { once: true });
    onAsked(id);
    this.#events.emit({ type: "requested", approval: toApproval({ id, request, createdAt, expiresAt }) });
    if (signal.aborted) onAbort();
    try {
      return { id, ...(await answer) };
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /**
   * Answers. Throws FORBIDDEN without the right, APPROVAL_NOT_FOUND, ALREADY_RESOLVED with the decision that stands in
   * its details. The first answer wins; all others are told so.
   */
  async resolve(id: string, decision: ApprovalDecision, by: Answerer, rule?: GrantRule): Promise<void> {
    if (!by.mayApprove)
      throw new Refused("FORBIDDEN", "this may not answer approvals", {
        details: { code: "MISSING_SCOPE", missingScope: "operator.approvals" },
      });
    const known = await rows.findApproval(this.#db, id);
    if (!known)
      throw new AppError("APPROVAL_NOT_FOUND", "there is no such approval; it may be from before a reinstall");
    const request = JSON.parse(known.request) as ApprovalRequest;
    if (!request.allowedDecisions.includes(decision)) {
      throw new Refused(
        "INVALID_REQUEST",
        `"${decision}" cannot be chosen for level ${known.level}; choose ${request.allowedDecisions.join(" or ")}`,
      );
    }
    const state = decision === "deny" ? "denied" : "allowed";
    const claimed = await rows.claimAnswer(this.#db, id, { state, decision, by: by.id }, this.#clock.now());
    if (!claimed) throw await this.#tooLate(id);
    this.#settle(claimed, { outcome: state, decision, by: by.id, ...(rule === undefined ? {} : { rule }) });
  }

  /** No surface could show the question: told apart from a no. */
  async couldNotShow(id: string, by: Answerer, reason: string): Promise<void> {
    if (!by.mayApprove) throw new Refused("FORBIDDEN", "this may not answer approvals");
    const claimed = await rows.claimAnswer(
      this.#db,
      id,
      { state: "could-not-show", by: `${by.id}: ${reason}`.slice(0, 300) },
      this.#clock.now(),
    );
    if (!claimed) throw await this.#tooLate(id);
    this.#settle(claimed, { outcome: "could-not-show", by: by.id });
  }

  /** Claims the run of an allowed question: true once. */
  start(id: string): Promise<boolean> {
    return rows.claimStart(this.#db, id, this.#clock.now());
  }

  async end(id: string, run: "done" | "failed", result: string, isError: boolean): Promise<void> {
    await rows.endApprovalRun(this.#db, id, { run, result, isError }, this.#clock.now());
  }

  async list(): Promise<Approval[]> {
    return (await rows.listPendingApprovals(this.#db, this.#clock.now())).map(fromRecord);
  }

  async get(id: string): Promise<{ approval: Approval; result: string | undefined; isError: boolean } | undefined> {
    const record = await rows.findApproval(this.#db, id);
    if (!record) return undefined;
    return { approval: fromRecord(record), result: record.result ?? undefined, isError: record.is_error === 1 };
  }

  async history(page: {
    limit: number;
    before?: string | undefined;
  }): Promise<{ items: Approval[]; nextCursor?: string }> {
    const { rows: records, hasMore } = await rows.pageApprovals(this.#db, page);
    const last = records.at(-1);
    return { items: records.map(fromRecord), ...(hasMore && last ? { nextCursor: last.id } : {}) };
  }

  /** Waiting questions end unanswered. */
  async dispose(): Promise<void> {
    for (const id of [...this.#waiting.keys()]) await this.#expire(id, "the gateway stopped");
  }

  async #tooLate(id: string): Promise<AppError> {
    const now = await rows.findApproval(this.#db, id);
    const stands = now === undefined || now.state === "pending" ? "expired" : now.state;
    const details = { decision: now?.decision ?? null, outcome: stands, resolvedBy: now?.resolved_by ?? null };
    return new AppError("ALREADY_RESOLVED", `already resolved: ${stands}`, { details });
  }

  async #expire(id: string, by: string): Promise<void> {
    const claimed = await rows.claimAnswer(this.#db, id, { state: "expired", by }, this.#clock.now());
    if (claimed) this.#settle(claimed, { outcome: "expired", by });
  }

  #settle(record: rows.ApprovalRecord, answer: Answer): void {
    const waiting = this.#waiting.get(record.id);
    this.#waiting.delete(record.id);
    void waiting?.timer.dispose();
    this.#events.emit({ type: "resolved", approval: fromRecord(record) });
    waiting?.settle(answer);
  }
}

function toApproval(asked: { id: string; request: ApprovalRequest; createdAt: number; expiresAt: number }): Approval {
  const { id, request, createdAt, expiresAt } = asked;
  return { id, approvalKind: "exec", request, createdAtMs: createdAt, expiresAtMs: expiresAt, status: "pending" };
}

function fromRecord(record: rows.ApprovalRecord): Approval {
  const request = JSON.parse(record.request) as ApprovalRequest;
  const base = toApproval({ id: record.id, request, createdAt: record.created_at, expiresAt: record.expires_at });
  if (record.state === "pending") return base;
  const run = record.run === "done" || record.run === "failed" || record.run === "unknown" ? { run: record.run } : {};
  return {
    ...base,
    status: "resolved",
    outcome: record.state as ApprovalOutcome,
    ...(record.decision === null ? {} : { decision: record.decision as ApprovalDecision }),
    ...(record.resolved_by === null ? {} : { resolvedBy: record.resolved_by }),
    ...(record.resolved_at === null ? {} : { resolvedAtMs: record.resolved_at }),
    ...run,
  } as Approval;
}
