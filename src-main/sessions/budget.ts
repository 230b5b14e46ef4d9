/**
 * Stops a request to a model before it goes out when the day's budget would not cover it, and asks the owner whether it
 * may go on. It never lets a request pass that does not fit without the owner's word, and never spends by itself.
 */
import {
  addSlice,
  BUDGET_TOOL,
  findBudgets,
  findExceeded,
  type Budget,
  type BudgetLimits,
  type Exceeded,
} from "#main/agent/budget.ts";
import type { LoopEvent } from "#main/agent/events.ts";
import { estimateTextTokens, estimateTokens } from "#main/agent/prompt.ts";
import type { ApprovalOutcome, GuardedCall, Requester } from "#main/approvals/contract.ts";
import type { Desk } from "#main/approvals/desk.ts";
import { toDigest } from "#main/approvals/digest.ts";
import { toApprovalRequest } from "#main/approvals/show.ts";
import type { Clock } from "#main/base/clock.ts";
import { Refused } from "#main/base/errors.ts";
import { Lane } from "#main/base/lane.ts";
import type { ProviderEvent } from "#main/providers/contract.ts";
import type { Database } from "#main/store/database.ts";
import { readSpend, toDay } from "#main/store/usage.ts";
import type { ModelCall, ModelQuestion } from "./ask.ts";
import { parseSessionKey } from "./key.ts";

/** What is written into the record. */
interface BudgetEvent {
  type: "budget.exceeded" | "approval.resolved" | "approval.expired";
  level: "info" | "warning";
  actor: string;
  target: string;
  sessionKey: string;
  correlationId: string;
  message: string;
  data: Record<string, unknown>;
}

export interface BudgetDeps {
  db: Database;
  clock: Clock;
  desk: Pick<Desk, "ask" | "start" | "end">;
  audit: { append(event: BudgetEvent): Promise<void> };
  /** Section `budgets`, asked at each request. */
  limits(): BudgetLimits;
  /** How long the owner has for an answer. */
  timeoutMs(): number;
}

/** The run that wants to ask a model. */
export interface Spender {
  runId: string;
  sessionKey: string;
  agentId: string;
  requester: Requester;
}

/** Told while the owner is asked. */
export interface BudgetProgress {
  onWaiting(approvalId: string, exceeded: Exceeded): void;
  onResolved(approvalId: string, outcome: ApprovalOutcome): void;
}

/** Asked always, and never for good. */
const LEVEL = 8;
/** Tokens of a common answer, for the estimate. */
const ANSWER_TOKENS = 1000;

/** What a request may cost, US dollars; undefined when the price is not known. */
export function estimateUsd(model: Pick<ModelCall, "costOf">, question: ModelQuestion): number | undefined {
  let input = estimateTextTokens(question.system) + estimateTextTokens(JSON.stringify(question.tools));
  for (const message of question.messages) input += estimateTokens(message);
  return model.costOf({ input, output: ANSWER_TOKENS });
}

interface Request {
  spender: Spender;
  provider: string;
  estimateUsd: number | undefined;
}

export class BudgetKeeper {
  readonly #deps: BudgetDeps;
  /** Looking and reserving is one step: two requests at once must not both take the last dollar. */
  readonly #lane = new Lane();
  readonly #onTheirWay = new Set<Request>();
  /** Questions that are being asked, by budget: others that need the same wait for the same answer. */
  readonly #asking = new Map<string, Promise<ApprovalOutcome | "stopped">>();
  /** Limits that the owner raised today, by budget. A restart forgets them and asks again. */
  readonly #raised = new Map<string, number>();
  #day = "";

  constructor(deps: BudgetDeps) {
    this.#deps = deps;
  }

  /** False: no budget is set that could concern this agent and model. */
  concerns(agentId: string, ref: string): boolean {
    return findBudgets(this.#deps.limits(), agentId, toProvider(ref)).length > 0;
  }

  /**
   * Resolves when the request may go out; call the result when its answer is there.
   * Throws Refused `BUDGET` with words for a person when it may not, and the abort.
   * @param ref `provider/model` that will be asked
   */
  async admit(
    spender: Spender,
    request: { ref: string; estimateUsd: number | undefined },
    progress: BudgetProgress,
    signal: AbortSignal,
  ): Promise<() => void> {
    const wanted: Request = { spender, provider: toProvider(request.ref), estimateUsd: request.estimateUsd };
    for (;;) {
      signal.throwIfAborted();
      const exceeded = await this.#lane.run(() => this.#reserve(wanted));
      if (!exceeded) return () => void this.#onTheirWay.delete(wanted);
      const outcome = await this.#askOnce(exceeded, wanted, progress, signal);
      signal.throwIfAborted();
      if (outcome !== "allowed" && outcome !== "stopped") throw toRefusal(exceeded, outcome);
    }
  }

  async #reserve(wanted: Request): Promise<Exceeded | undefined> {
    const { db, clock, limits } = this.#deps;
    const day = toDay(clock.now());
    if (day !== this.#day) {
      this.#day = day;
      this.#raised.clear();
    }
    const budgets = findBudgets(limits(), wanted.spender.agentId, wanted.provider);
    const counts = [
      ...(await readSpend(db, day)).map((row) => ({
        agentId: parseSessionKey(row.sessionKey).agentId,
        provider: toProvider(row.model),
        usd: row.usd,
        unpriced: row.unpriced,
      })),
      ...[...this.#onTheirWay].map(({ spender, provider, estimateUsd: usd }) => {
        return { agentId: spender.agentId, provider, usd: usd ?? 0, unpriced: 0 };
      }),
    ];
    const states = budgets.map((budget) => {
      const spent = { usd: 0, unpriced: 0 };
      for (const count of counts) {
        if (![`day`, `agent:${count.agentId}`, `provider:${count.provider}`].includes(budget.id)) continue;
        spent.usd += count.usd;
        spent.unpriced += count.unpriced;
      }
      return { budget, spent, limitUsd: this.#limitOf(budget) };
    });
    const exceeded = findExceeded(states, wanted.estimateUsd);
    if (!exceeded) this.#onTheirWay.add(wanted);
    return exceeded;
  }

  /** A limit that the configuration raised in the meantime counts too. */
  #limitOf({ id, sliceUsd }: Budget): number {
    return Math.max(sliceUsd, this.#raised.get(id) ?? 0);
  }

  /** `stopped`: the run that asked was stopped, so that whoever waited with it must look again. */
  async #askOnce(
    exceeded: Exceeded,
    wanted: Request,
    progress: BudgetProgress,
    signal: AbortSignal,
  ): Promise<ApprovalOutcome | "stopped"> {
    const { id } = exceeded.budget;
    const asked = this.#asking.get(id);
    if (asked) return await orAborted(asked, signal);
    const asking = this.#ask(exceeded, wanted, progress, signal);
    const settled = asking.catch(() => "stopped" as const);
    this.#asking.set(id, settled);
    try {
      return await asking;
    } finally {
      this.#asking.delete(id);
    }
  }

  async #ask(
    exceeded: Exceeded,
    { spender }: Request,
    progress: BudgetProgress,
    signal: AbortSignal,
  ): Promise<ApprovalOutcome | "stopped"> {
    const { desk, timeoutMs } = this.#deps;
    const { budget, limitUsd, spent, summary } = exceeded;
    const args = { budget: budget.id, limitUsd, spentUsd: spent.usd, estimateUsd: exceeded.estimateUsd ?? null };
    const callId = `${BUDGET_TOOL}_${budget.id}`;
    const call: GuardedCall = { callId, tool: BUDGET_TOOL, args, level: LEVEL, ...spender };
    const plan = { summary, why: `allowing adds ${toWords(budget)} to today's limit` };
    const request = toApprovalRequest(call, plan, toDigest(call, plan), "this computer", []);
    const about = { target: budget.id, sessionKey: spender.sessionKey, correlationId: spender.runId };
    const { audit } = this.#deps;
    const actor = `agent:${spender.agentId}`;
    await audit.append({ ...about, type: "budget.exceeded", level: "warning", actor, message: summary, data: args });
    let approvalId = "";
    const answer = await desk.ask({ call, request, timeoutMs: timeoutMs() }, signal, (given) => {
      approvalId = given;
      progress.onWaiting(given, exceeded);
    });
    progress.onResolved(approvalId, answer.outcome);
    const type = answer.outcome === "expired" ? "approval.expired" : "approval.resolved";
    const message = `${answer.outcome}: ${summary}`;
    await audit.append({ ...about, type, level: "info", actor: answer.by, message, data: { id: approvalId, ...args } });
    if (signal.aborted) return "stopped";
    if (answer.outcome !== "allowed") return answer.outcome;
    // Taken once: an answer that was used already adds nothing.
    if (!(await desk.start(approvalId))) return "expired";
    this.#raised.set(budget.id, addSlice(exceeded));
    await desk.end(approvalId, "done", `today's limit is ${toWords(budget)} higher`, false);
    return "allowed";
  }
}

/** One request of a run that counts against a budget. */
export interface PaidRequest {
  spender: Spender;
  question: ModelQuestion;
  send(): AsyncIterable<ProviderEvent>;
  /** Told while the owner is asked, for the run's events. */
  tell(event: LoopEvent): void;
  signal: AbortSignal;
}

/** Sends a request only when it fits, or when the owner allows more. Throws what `admit` throws. */
export async function* streamPaid(
  keeper: Pick<BudgetKeeper, "admit">,
  { spender, question, send, tell, signal }: PaidRequest,
  model: Pick<ModelCall, "answeredBy" | "costOf">,
): AsyncIterable<ProviderEvent> {
  const request = { ref: model.answeredBy(), estimateUsd: estimateUsd(model, question) };
  const name = BUDGET_TOOL;
  const progress: BudgetProgress = {
    onWaiting: (id, { summary }) => tell({ type: "waiting", id, name, args: { summary }, approvalId: id }),
    onResolved: (id, outcome) => tell({ type: "answered", id, name, outcome }),
  };
  const done = await keeper.admit(spender, request, progress, signal);
  try {
    yield* send();
  } finally {
    done();
  }
}

function toWords({ sliceUsd }: Budget): string {
  return `$${sliceUsd.toFixed(2)}`;
}

/** `anthropic/claude-x` → `anthropic`. */
function toProvider(ref: string): string {
  return ref.split("/")[0] ?? ref;
}

function toRefusal({ budget, summary }: Exceeded, outcome: ApprovalOutcome): Refused {
  const why = outcome === "denied" ? "the owner said no" : "nobody answered in time, and no answer means no";
  const where = budget.id === "day" ? "budgets.dailyUsd" : budget.id.replace(/^(agent|provider):/, "budgets.$1s.");
  return new Refused(
    "BUDGET",
    `Not sent: today's budget is used up, and ${why}. (${summary}.) Raise ${where} in the settings, or go on tomorrow.`,
  );
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
