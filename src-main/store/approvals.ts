/**
 * The `approvals` table. Each step of an approval is one conditional update, so that it happens once however many press
 * at the same moment: pending → answered → started → ended. Nothing ever goes back.
 */
import type { Insertable, Selectable } from "kysely";
import type { Database } from "./database.ts";
import type { ApprovalsTable } from "./schema.ts";

export type ApprovalRecord = Selectable<ApprovalsTable>;
/** `pending`, or how it ended. */
export type ApprovalState = "pending" | "allowed" | "denied" | "expired" | "could-not-show";

/** What is known when it is asked. */
export type NewApproval = Omit<Insertable<ApprovalsTable>, "state">;

export async function insertApproval(db: Database, approval: NewApproval): Promise<void> {
  await db
    .insertInto("approvals")
    .values({ ...approval, state: "pending" })
    .execute();
}

export async function findApproval(db: Database, id: string): Promise<ApprovalRecord | undefined> {
  return db.selectFrom("approvals").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function listPendingApprovals(db: Database, now: number): Promise<ApprovalRecord[]> {
  return db
    .selectFrom("approvals")
    .selectAll()
    .where("state", "=", "pending")
    .where("expires_at", ">", now)
    .orderBy("created_at")
    .execute();
}

/** Newest first; `before` is the id of the last row of the page before. */
export async function pageApprovals(
  db: Database,
  page: { limit: number; before?: string | undefined },
): Promise<{ rows: ApprovalRecord[]; hasMore: boolean }> {
  let query = db.selectFrom("approvals").selectAll();
  if (page.before !== undefined) {
    const last = await findApproval(db, page.before);
    if (last) {
      query = query.where((eb) =>
        eb.or([
          eb("created_at", "<", last.created_at),
          eb.and([eb("created_at", "=", last.created_at), eb("id", ">", last.id)]),
        ]),
      );
    }
  }
  const rows = await query
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(page.limit + 1)
    .execute();
  return { rows: rows.slice(0, page.limit), hasMore: rows.length > page.limit };
}

/**
 * Answers a pending approval, exactly once.
 * @returns the row as it is now, or undefined when it was not pending (answered, or past its time)
 */
export async function claimAnswer(
  db: Database,
  id: string,
  answer: { state: Exclude<ApprovalState, "pending">; decision?: string; by: string },
  now: number,
): Promise<ApprovalRecord | undefined> {
  let update = db
    .updateTable("approvals")
    .set({ state: answer.state, decision: answer.decision ?? null, resolved_by: answer.by, resolved_at: now })
    .where("id", "=", id)
    .where("state", "=", "pending");
  // An answer that comes after the time is no answer; only the expiry itself may end it then.
  if (answer.state !== "expired") update = update.where("expires_at", ">", now);
  return update.returningAll().executeTakeFirst();
}

/** Starts the run of an allowed approval, exactly once. @returns false when it was started before or is not allowed */
export async function claimStart(db: Database, id: string, now: number): Promise<boolean> {
  const result = await db
    .updateTable("approvals")
    .set({ run: "started", started_at: now })
    .where("id", "=", id)
    .where("state", "=", "allowed")
    .where("run", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Writes down what came of the run. */
export async function endApprovalRun(
  db: Database,
  id: string,
  end: { run: "done" | "failed"; result: string; isError: boolean },
  now: number,
): Promise<void> {
  await db
    .updateTable("approvals")
    .set({ run: end.run, result: end.result, is_error: Number(end.isError), ended_at: now })
    .where("id", "=", id)
    .execute();
}

/** What a restart found open, by what became of it. */
export interface SettledApprovals {
  expired: ApprovalRecord[];
  notStarted: ApprovalRecord[];
  unknown: ApprovalRecord[];
}

/**
 * What a restart does: nobody waits any more for what was pending, what was allowed and not started may not start, and
 * of what was running nobody knows.
 */
export async function settleApprovals(db: Database, now: number): Promise<SettledApprovals> {
  const expired = await db
    .updateTable("approvals")
    .set({ state: "expired", resolved_by: "restart", resolved_at: now })
    .where("state", "=", "pending")
    .returningAll()
    .execute();
  const notStarted = await db
    .updateTable("approvals")
    .set({ run: "failed", result: "Not started: the gateway was stopped first.", is_error: 1, ended_at: now })
    .where("state", "=", "allowed")
    .where("run", "is", null)
    .returningAll()
    .execute();
  const unknown = await db
    .updateTable("approvals")
    .set({ run: "unknown", ended_at: now })
    .where("run", "=", "started")
    .returningAll()
    .execute();
  return { expired, notStarted, unknown };
}

/** Forgets the results of runs that ended before `before`; the approvals themselves stay. */
export async function dropResults(db: Database, before: number): Promise<void> {
  await db
    .updateTable("approvals")
    .set({ result: null })
    .where("ended_at", "<", before)
    .where("result", "is not", null)
    .execute();
}
