/** usage.*: tokens and cost, as reported by the services; a missing price is said, not guessed. */
import { addTotals, NO_USAGE, readUsage } from "#main/store/usage.ts";
import { parseSessionKey } from "#main/sessions/key.ts";
import type { UsageTotals } from "#main/protocol/methods/config.ts";
import type { Handlers } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";

const DAY_MS = 86_400_000;

function startOfDay(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function sum(rows: readonly { totals: UsageTotals }[]): UsageTotals {
  return rows.reduce((total, row) => addTotals(total, row.totals), NO_USAGE);
}

function sumBy(rows: readonly { day: string; model: string; totals: UsageTotals }[], field: "day" | "model") {
  return [...Map.groupBy(rows, (row) => row[field])].map(([name, group]) => [name, sum(group)] as const);
}

export function createUsageHandlers(deps: MethodDeps): Pick<Handlers, "usage.status" | "usage.cost"> {
  return {
    "usage.status": async () => {
      const now = deps.clock.now();
      return { updatedAt: now, providers: [], today: sum(await readUsage(deps.db, { since: startOfDay(now) })) };
    },
    "usage.cost": async (params) => {
      const now = deps.clock.now();
      const days = params.days ?? 30;
      const since = startOfDay(now - (days - 1) * DAY_MS);
      const sessionKey = params.sessionKey === undefined ? undefined : parseSessionKey(params.sessionKey).key;
      const rows = await readUsage(deps.db, { since, sessionKey });
      return {
        updatedAt: now,
        days,
        daily: sumBy(rows, "day").map(([date, totals]) => ({ date, totals })),
        byModel: sumBy(rows, "model").map(([model, totals]) => ({ model, totals })),
        totals: sum(rows),
      };
    },
  };
}
