/**
 * The `outbox` table: what leaves for chat platforms, one row per call that sends. `sending` is committed before the
 * call and `sent` after it: a row that a crash finds in `sending` may have been sent, and nobody sends it again unasked
 * unless the platform knows its key.
 */
import { sql, type Insertable, type Selectable } from "kysely";
import type { OutboxState } from "#main/protocol/methods/channels.ts";
import type { Database } from "../database.ts";
import { defineStatement } from "../define-statement.ts";
import { commitWithoutFlush } from "../durability.ts";
import type { OutboxTable } from "../schema.ts";

export type OutboxRecord = Selectable<OutboxTable>;
/** `isBegun`: written as a first try that is being made, whose call follows the commit at once. */
export type NewOutbox = Omit<Insertable<OutboxTable>, "seq" | "state" | "attempts"> & { isBegun?: boolean };

/** Rows that are over and kept (features.md G19). */
const KEEP_ENDED = 10_000;
/** States that a person should look at. */
const DEAD: readonly OutboxState[] = ["failed", "expired", "may-have-been-sent"];

const insertRow = defineStatement((db, row: Insertable<OutboxTable>) =>
  db
    .insertInto("outbox")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll(),
);

/**
 * Writes rows, in this order; call it in a transaction. One whose key is known is left out.
 * @returns those that were written
 */
export async function insertOutbox(db: Database, rows: readonly NewOutbox[]): Promise<OutboxRecord[]> {
  const written: OutboxRecord[] = [];
  for (const { isBegun, ...row } of rows) {
    const begun = isBegun === true ? { state: "sending", attempts: 1 } : { state: "queued", attempts: 0 };
    written.push(...(await insertRow(db, { ...row, ...begun })).rows);
  }
  return written;
}

export async function findOutbox(db: Database, id: string): Promise<OutboxRecord | undefined> {
  return db.selectFrom("outbox").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function findOutboxByKey(db: Database, dedupe: string): Promise<OutboxRecord | undefined> {
  return db.selectFrom("outbox").selectAll().where("dedupe", "=", dedupe).executeTakeFirst();
}

/** Rows that still have to leave, or were leaving when the process ended, in their order. */
export async function listOpenOutbox(db: Database): Promise<OutboxRecord[]> {
  return db.selectFrom("outbox").selectAll().where("state", "in", ["queued", "sending"]).orderBy("seq").execute();
}

/** Runs of which something was sent while they were being written, and their answer has not replaced it. */
export async function listDraftedRuns(db: Database): Promise<string[]> {
  const drafts = db.selectFrom("outbox").select("run_id").where("kind", "=", "draft");
  const rows = await drafts.where("state", "=", "sent").execute();
  return rows.flatMap(({ run_id }) => run_id ?? []);
}

/** What was sent of a run while it was being written. */
export async function findDraft(db: Database, runId: string): Promise<OutboxRecord | undefined> {
  return db
    .selectFrom("outbox")
    .selectAll()
    .where("run_id", "=", runId)
    .where("kind", "=", "draft")
    .where("state", "=", "sent")
    .orderBy("seq", "desc")
    .executeTakeFirst();
}

/** Questions about an approval that are, or will be, in front of somebody. */
export async function findQuestions(db: Database, approvalId: string): Promise<OutboxRecord[]> {
  return db.selectFrom("outbox").selectAll().where("kind", "=", "question").where("run_id", "=", approvalId).execute();
}

/**
 * Moves a row on, if it is still in one of `from`.
 * @returns the row as it is now, or undefined when another was faster
 */
export async function moveOutbox(
  db: Database,
  id: string,
  from: readonly OutboxState[],
  change: Partial<Pick<OutboxRecord, "error" | "next_at" | "created_at" | "ended_at" | "platform_ids" | "attempts">> & {
    state: OutboxState;
  },
): Promise<OutboxRecord | undefined> {
  return commitWithoutFlush(db, (trx) =>
    trx
      .updateTable("outbox")
      .set(change)
      .where("id", "=", id)
      .where("state", "in", from)
      .returningAll()
      .executeTakeFirst(),
  );
}

/** Newest first. Without a state: what needs a look and what waits. */
export async function listOutbox(
  db: Database,
  query: { state?: OutboxState | undefined; channel?: string | undefined; limit: number },
): Promise<OutboxRecord[]> {
  const states = query.state === undefined ? [...DEAD, "queued", "sending"] : [query.state];
  let rows = db.selectFrom("outbox").selectAll().where("state", "in", states).where("kind", "!=", "draft");
  if (query.channel !== undefined) rows = rows.where("channel", "=", query.channel);
  return rows.orderBy("seq", "desc").limit(query.limit).execute();
}

/** Keeps what needs a look, and the newest of what is over. */
export async function pruneOutbox(db: Database): Promise<void> {
  await db
    .deleteFrom("outbox")
    .where("state", "in", ["sent", "cancelled"])
    .where("seq", "<", (eb) =>
      eb.selectFrom("outbox").select(sql<number>`coalesce(max(seq), 0) - ${KEEP_ENDED}`.as("seq")),
    )
    .execute();
}
