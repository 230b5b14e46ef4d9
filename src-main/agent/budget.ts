/**
 * Whether a request to a model still fits the budgets of the day. Pure. It must never guess a price: what has no known
 * price counts as nothing, and the words say so.
 */

/** What the owner's question names as its tool: spending is nothing that a model may call. */
export const BUDGET_TOOL = "budget";

/** Section `budgets` of the configuration: US dollars a day. */
export interface BudgetLimits {
  /** Over all models; absent: no limit. */
  dailyUsd?: number | undefined;
  /** By agent id. */
  agents: Readonly<Record<string, number>>;
  /** By provider id. */
  providers: Readonly<Record<string, number>>;
}

/** One limit that applies to a request. */
export interface Budget {
  /** `day`, `agent:main`, `provider:anthropic`. */
  id: string;
  /** US dollars of one slice: the limit as configured. */
  sliceUsd: number;
}

/** What was spent today, as far as one budget counts it. */
export interface Spent {
  usd: number;
  /** Answers whose price is not known. */
  unpriced: number;
}

/** A budget that a request does not fit. */
export interface Exceeded {
  budget: Budget;
  /** The limit in force: the slice, and what the owner added today. */
  limitUsd: number;
  spent: Spent;
  /** Undefined: the price of the model is not known. */
  estimateUsd: number | undefined;
  /** For the owner: what is asked for. */
  summary: string;
}

/** The limits that apply to a request of this agent to this provider, the widest first. */
export function findBudgets(limits: BudgetLimits, agentId: string, provider: string): Budget[] {
  const of = (table: Readonly<Record<string, number>>, name: string) =>
    Object.hasOwn(table, name) ? table[name] : undefined;
  const found = [
    { id: "day", sliceUsd: limits.dailyUsd },
    { id: `agent:${agentId}`, sliceUsd: of(limits.agents, agentId) },
    { id: `provider:${provider}`, sliceUsd: of(limits.providers, provider) },
  ];
  return found.flatMap(({ id, sliceUsd }) => (sliceUsd === undefined ? [] : [{ id, sliceUsd }]));
}

/**
 * The first budget that the request would exceed; undefined: it may go out.
 * @param budgets each with the limit in force and what it has counted today
 * @param estimateUsd what the request may cost; 0 always fits, undefined counts as nothing
 */
export function findExceeded(
  budgets: readonly { budget: Budget; limitUsd: number; spent: Spent }[],
  estimateUsd: number | undefined,
): Exceeded | undefined {
  if (estimateUsd === 0) return undefined;
  const found = budgets.find(({ limitUsd, spent }) => spent.usd + (estimateUsd ?? 0) > limitUsd);
  if (!found) return undefined;
  return { ...found, estimateUsd, summary: toSummary(found, estimateUsd) };
}

/**
 * The limit after the owner allowed more: a further slice, and enough for the request that was asked about.
 * @returns US dollars
 */
export function addSlice({ budget, limitUsd, spent, estimateUsd }: Exceeded): number {
  return Math.max(limitUsd + budget.sliceUsd, spent.usd + (estimateUsd ?? 0));
}

/** `$0.42`, `$0.0042`: two digits, or enough to see one. */
export function toUsd(amount: number): string {
  if (amount === 0 || amount >= 0.01) return `$${amount.toFixed(2)}`;
  return amount < 0.0001 ? "less than $0.0001" : `$${amount.toFixed(4)}`;
}

function toSummary(
  { budget, limitUsd, spent }: { budget: Budget; limitUsd: number; spent: Spent },
  estimateUsd: number | undefined,
): string {
  const [kind, name] = [budget.id.split(":")[0], budget.id.slice(budget.id.indexOf(":") + 1)];
  const where = kind === "day" ? "" : kind === "agent" ? ` for the agent ${name}` : ` on ${name}`;
  const cost =
    estimateUsd === undefined
      ? "the price of this request is not known"
      : `this request may cost about ${toUsd(estimateUsd)}`;
  const answers = spent.unpriced === 1 ? "1 answer" : `${spent.unpriced} answers`;
  const unpriced = spent.unpriced === 0 ? "" : ` (without ${answers} of unknown price)`;
  return `Spend more than ${toUsd(limitUsd)} today${where}: ${toUsd(spent.usd)} so far${unpriced}; ${cost}`;
}
