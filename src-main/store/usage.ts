/** The `usage` table: tokens and, where the price is known, cost of every answer. */
import type { Insertable } from "kysely";
import type { UsageTotals } from "#main/protocol/methods/config.ts";
import type { Usage } from "#main/protocol/messages.ts";
import type { Database } from "./database.ts";
import { defineStatement } from "./define-statement.ts";
import type { UsageTable } from "./schema.ts";

/** Local date of a time, YYYY-MM-DD. */
export function toDay(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const insertRow = defineStatement((db, row: Insertable<UsageTable>) => db.insertInto("usage").values(row));

export async function insertUsage(
  db: Database,
  entry: { at: number; sessionKey: string; runId: string; model: string; usage: Usage },
): Promise<void> {
  await insertRow(db, {
    at: entry.at,
    day: toDay(entry.at),
    session_key: entry.sessionKey,
    run_id: entry.runId,
    model: entry.model,
    input: entry.usage.input,
    output: entry.usage.output,
    cache_read: entry.usage.cacheRead ?? 0,
    cache_write: entry.usage.cacheWrite ?? 0,
    cost_usd: entry.usage.costUsd ?? null,
  });
}

export const NO_USAGE: UsageTotals = {
  requests: 0,
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  totalTokens: 0,
  totalCost: 0,
  missingCostEntries: 0,
};

export function addTotals(a: UsageTotals, b: UsageTotals): UsageTotals {
  const sum = { ...a };
  for (const key of Object.keys(NO_USAGE) as (keyof UsageTotals)[]) sum[key] += b[key];
  return sum;
}

/** What one session spent on one model. */
export interface SpendRow {
  sessionKey: string;
  /** `provider/model`. */
  model: string;
  usd: number;
  /** Answers without a known price. */
  unpriced: number;
}

/** The cost of a day. @param day as `toDay` writes it */
export async function readSpend(db: Database, day: string): Promise<SpendRow[]> {
  const rows = await db
    .selectFrom("usage")
    .where("day", "=", day)
    .select((eb) => [
      "session_key",
      "model",
      eb.fn.sum<number | null>("cost_usd").as("cost"),
      eb.fn.countAll<number>().as("answers"),
      eb.fn.count<number>("cost_usd").as("priced"),
    ])
    .groupBy(["session_key", "model"])
    .execute();
  return rows.map((row) => ({
    sessionKey: row.session_key,
    model: row.model,
    usd: Number(row.cost ?? 0),
    unpriced: Number(row.answers) - Number(row.priced),
  }));
}

/** Totals since `since`, by day and by model. */
export async function readUsage(
  db: Database,
  query: { since: number; sessionKey?: string | undefined },
): Promise<{ day: string; model: string; totals: UsageTotals }[]> {
  let selection = db.selectFrom("usage").where("at", ">=", query.since);
  if (query.sessionKey !== undefined) selection = selection.where("session_key", "=", query.sessionKey);
  const rows = await selection
    .select((eb) => [
      "day",
      "model",
      eb.fn.countAll<number>().as("requests"),
      eb.fn.sum<number>("input").as("input"),
      eb.fn.sum<number>("output").as("output"),
      eb.fn.sum<number>("cache_read").as("cacheRead"),
      eb.fn.sum<number>("cache_write").as("cacheWrite"),
      eb.fn.sum<number | null>("cost_usd").as("cost"),
      eb.fn.count<number>("cost_usd").as("priced"),
    ])
    .groupBy(["day", "model"])
    .orderBy("day")
    .execute();
  return rows.map((row) => ({
    day: row.day,
    model: row.model,
    totals: {
      requests: Number(row.requests),
      input: Number(row.input),
      output: Number(row.output),
      cacheRead: Number(row.cacheRead),
      cacheWrite: Number(row.cacheWrite),
      totalTokens: Number(row.input) + Number(row.output) + Number(row.cacheRead) + Number(row.cacheWrite),
      totalCost: Number(row.cost ?? 0),
      missingCostEntries: Number(row.requests) - Number(row.priced),
    },
  }));
}
