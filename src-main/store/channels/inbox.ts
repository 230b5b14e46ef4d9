/**
 * The `inbox` table: what came from chat platforms, one row per message, unique on channel, account and the platform's
 * id. A message is acknowledged once its row is committed. States only go forward: accepted or held, then taken, or
 * dropped with the reason.
 */
import type { Insertable, Selectable } from "kysely";
import type { Database } from "../database.ts";
import { defineStatement } from "../define-statement.ts";
import { commitWithoutFlush } from "../durability.ts";
import type { InboxTable } from "../schema.ts";

export type InboxRecord = Selectable<InboxTable>;

/** Rows that are over are kept this long, so that a message that comes again is known. */
const KEEP_MS = 14 * 86_400_000;

const insertRow = defineStatement((db, row: Omit<Insertable<InboxTable>, "seq">) =>
  db
    .insertInto("inbox")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll(),
);

/** Writes the row. @returns it as it is now, or undefined when the message was known already */
export async function insertInbox(
  db: Database,
  row: Omit<Insertable<InboxTable>, "seq">,
): Promise<InboxRecord | undefined> {
  return commitWithoutFlush(db, async (trx) => (await insertRow(trx, row)).rows[0]);
}

/** Rows that wait for a run, in the order in which they came. */
export async function listInbox(db: Database, state: "accepted" | "held"): Promise<InboxRecord[]> {
  return db.selectFrom("inbox").selectAll().where("state", "=", state).orderBy("seq").execute();
}

/** Rows as they are now, in order: those that still wait. */
export async function readAccepted(db: Database, seqs: readonly number[]): Promise<InboxRecord[]> {
  return db
    .selectFrom("inbox")
    .selectAll()
    .where("seq", "in", seqs)
    .where("state", "=", "accepted")
    .orderBy("seq")
    .execute();
}

const takeRow = defineStatement((db, { seq, run_id, body }: { seq: number; run_id: string | null; body?: string }) => {
  const rows = db.updateTable("inbox").set({ state: "taken", run_id }).where("seq", "=", seq);
  const waiting = rows.where("state", "=", "accepted");
  return body === undefined ? waiting : waiting.where("body", "=", body);
});

/**
 * Gives a row to a run: it is answered by it. Call it in the transaction that makes the run.
 * @param body what was read of it; left out, whatever it says
 * @returns false when it waits no longer, or is not what was read
 */
export async function takeInbox(db: Database, seq: number, runId: string | null, body?: string): Promise<boolean> {
  const { numAffectedRows } = await takeRow(db, { seq, run_id: runId, ...(body === undefined ? {} : { body }) });
  return numAffectedRows === 1n;
}

export async function dropInbox(db: Database, seqs: readonly number[], reason: string): Promise<void> {
  if (seqs.length === 0) return;
  await db.updateTable("inbox").set({ state: "dropped", reason, body: null }).where("seq", "in", seqs).execute();
}

/** What a person wrote before the owner let them in. @returns the rows, in order */
export async function findHeld(
  db: Database,
  who: { channel: string; account: string; senderId: string },
): Promise<InboxRecord[]> {
  return db
    .selectFrom("inbox")
    .selectAll()
    .where("state", "=", "held")
    .where("channel", "=", who.channel)
    .where("account", "=", who.account)
    .where("sender_id", "=", who.senderId)
    .orderBy("seq")
    .execute();
}

/** Held rows count from now on like any other. */
export async function acceptHeld(db: Database, seqs: readonly number[]): Promise<void> {
  await db
    .updateTable("inbox")
    .set({ state: "accepted" })
    .where("seq", "in", seqs)
    .where("state", "=", "held")
    .execute();
}

/** A message by the id that the platform uses in its chat. */
export async function findByPlatformId(
  db: Database,
  at: { channel: string; account: string; chatId: string; platformId: string },
): Promise<InboxRecord | undefined> {
  return db
    .selectFrom("inbox")
    .selectAll()
    .where("channel", "=", at.channel)
    .where("account", "=", at.account)
    .where("chat_id", "=", at.chatId)
    .where("platform_id", "=", at.platformId)
    .executeTakeFirst();
}

/** Replaces the text of a message that was not taken yet. @returns false when it was */
export async function rewriteInbox(db: Database, seq: number, body: string): Promise<boolean> {
  const result = await db
    .updateTable("inbox")
    .set({ body })
    .where("seq", "=", seq)
    .where("state", "in", ["accepted", "held"])
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Takes away rows that are over and older than the keeping time. */
export async function pruneInbox(db: Database, now: number): Promise<void> {
  await db
    .deleteFrom("inbox")
    .where("state", "in", ["taken", "dropped"])
    .where("received_at", "<", now - KEEP_MS)
    .execute();
}
