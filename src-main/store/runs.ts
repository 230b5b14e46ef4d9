/**
 * The `runs` table: one row per message that asks for an answer, keyed by the caller's idempotency key. It is the inbox
 * (a message is acknowledged once its row is committed), the dedupe cache, and what a restart goes on from.
 */
import { sql, type Insertable, type Selectable } from "kysely";
import type { Database } from "./database.ts";
import { defineStatement } from "./define-statement.ts";
import { commitWithoutFlush } from "./durability.ts";
import type { RunsTable } from "./schema.ts";

export type RunRecord = Selectable<RunsTable>;
export type RunEnd = "ok" | "error" | "aborted";

/** How long an answered key is kept at least; rows younger than this are never pruned. */
export const KEEP_RUNS_MS = 7 * 24 * 60 * 60 * 1000;

export async function findRun(db: Database, runId: string): Promise<RunRecord | undefined> {
  return db.selectFrom("runs").selectAll().where("run_id", "=", runId).executeTakeFirst();
}

/** What is known of a run when its message comes. */
export type NewRun = Omit<Insertable<RunsTable>, "state" | "created_at">;

const insertRow = defineStatement((db, row: Insertable<RunsTable>) =>
  db
    .insertInto("runs")
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

/** Writes the row. @returns false when this run, or this message of this channel and account, is known already */
export async function insertRun(db: Database, run: NewRun, now: number): Promise<boolean> {
  const { numAffectedRows } = await insertRow(db, { ...run, state: "queued", created_at: now });
  return numAffectedRows === 1n;
}

const updateStarted = defineStatement((db, { run_id, now }: { run_id: string; now: number }) =>
  db
    .updateTable("runs")
    .set((eb) => ({ state: "running", started_at: now, attempts: eb("attempts", "+", 1) }))
    .where("run_id", "=", run_id),
);

/**
 * Counts the start before it happens. Not flushed to the disk: a killed process leaves it all the same, and after a power
 * cut it is only the count that is one too low. The message itself was flushed when it was acknowledged.
 */
export async function markRunning(db: Database, runId: string, now: number): Promise<void> {
  await commitWithoutFlush(db, (trx) => updateStarted(trx, { run_id: runId, now }));
}

/** Gives a run that a stop on purpose cut back to the queue: that start does not count against it. */
export async function requeueRun(db: Database, runId: string): Promise<void> {
  await db
    .updateTable("runs")
    .set((eb) => ({ state: "queued", attempts: eb("attempts", "-", 1) }))
    .where("run_id", "=", runId)
    .where("state", "=", "running")
    .execute();
}

/** Writes down what has arrived so far, against a crash. */
export async function savePartial(db: Database, runId: string, text: string): Promise<void> {
  await db
    .updateTable("runs")
    .set({ partial_text: text })
    .where("run_id", "=", runId)
    .where("state", "=", "running")
    .execute();
}

const updateEnded = defineStatement(
  (db, { run_id, ...end }: Pick<RunRecord, "run_id" | "state" | "summary" | "error" | "error_kind" | "ended_at">) =>
    db
      .updateTable("runs")
      .set({ ...end, partial_text: null })
      .where("run_id", "=", run_id),
);

export async function endRun(
  db: Database,
  runId: string,
  end: { state: RunEnd; summary?: string; error?: string; errorKind?: string },
  now: number,
): Promise<void> {
  const { state, summary = null, error = null, errorKind: error_kind = null } = end;
  await updateEnded(db, { run_id: runId, state, summary, error, error_kind, ended_at: now });
}

/** Runs that were queued or running when the process ended, in the order in which they came. */
export async function findOpenRuns(db: Database): Promise<RunRecord[]> {
  // Two may come within a millisecond: the order of insertion decides.
  return db
    .selectFrom("runs")
    .selectAll()
    .where("state", "in", ["queued", "running"])
    .orderBy("created_at")
    .orderBy(sql`rowid`)
    .execute();
}

/** Takes away rows of ended runs older than the keeping time, but never the newest thousand. */
export async function pruneRuns(db: Database, now: number): Promise<void> {
  await db
    .deleteFrom("runs")
    .where("state", "not in", ["queued", "running"])
    .where("created_at", "<", now - KEEP_RUNS_MS)
    .where("run_id", "not in", (eb) => eb.selectFrom("runs").select("run_id").orderBy("created_at", "desc").limit(1000))
    .execute();
}
