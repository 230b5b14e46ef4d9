/** The `file_changes` table: what was changed in files, with what they held before. Rows go by age and by size. */
import { sql, type Selectable } from "kysely";
import type { Database } from "./database.ts";
import type { FileChangesTable } from "./schema.ts";

/** A row without the content. */
export type ChangeRecord = Omit<Selectable<FileChangesTable>, "content">;

const COLUMNS = [
  "seq",
  "change_id",
  "session_key",
  "run_id",
  "call_id",
  "tool",
  "workspace",
  "path",
  "kind",
  "before_sha",
  "after_sha",
  "bytes_before",
  "bytes_after",
  "at",
  "undone_at",
  "undoes",
] as const;

export interface ChangeQuery {
  sessionKey?: string | undefined;
  runId?: string | undefined;
  callId?: string | undefined;
  changeId?: string | undefined;
  limit: number;
}

/** @param content what the file held; null: there was none */
export async function insertChange(
  db: Database,
  change: Omit<ChangeRecord, "seq" | "undone_at">,
  content: Uint8Array | null,
): Promise<void> {
  await db
    .insertInto("file_changes")
    .values({ ...change, undone_at: null, content: content === null ? null : Buffer.from(content) })
    .execute();
}

/** Newest first. */
export async function listChanges(db: Database, query: ChangeQuery): Promise<ChangeRecord[]> {
  let selection = db.selectFrom("file_changes").select(COLUMNS);
  if (query.sessionKey !== undefined) selection = selection.where("session_key", "=", query.sessionKey);
  if (query.runId !== undefined) selection = selection.where("run_id", "=", query.runId);
  if (query.callId !== undefined) selection = selection.where("call_id", "=", query.callId);
  if (query.changeId !== undefined) selection = selection.where("change_id", "=", query.changeId);
  return selection.orderBy("seq", "desc").limit(query.limit).execute();
}

/** What a file held before a change; null: there was none, or it is no longer kept. */
export async function readContentBefore(db: Database, changeId: string): Promise<Uint8Array | null> {
  const row = await db
    .selectFrom("file_changes")
    .select("content")
    .where("change_id", "=", changeId)
    .executeTakeFirst();
  return row?.content ?? null;
}

/** @param now null: they are in force again */
export async function markUndone(db: Database, changeIds: readonly string[], now: number | null): Promise<void> {
  if (changeIds.length === 0) return;
  await db.updateTable("file_changes").set({ undone_at: now }).where("change_id", "in", changeIds).execute();
}

/**
 * Forgets changes, oldest first: those before a time, and those beyond a size.
 * @param before milliseconds since 1970
 * @param maxBytes of all contents together
 * @returns how many were forgotten
 */
export async function pruneChanges(
  db: Database,
  { before, maxBytes }: { before: number; maxBytes: number },
): Promise<number> {
  const old = await db.deleteFrom("file_changes").where("at", "<", before).executeTakeFirst();
  const beyond = await sql`DELETE FROM file_changes WHERE seq <= (
    SELECT max(seq) FROM (SELECT seq, sum(bytes_before) OVER (ORDER BY seq DESC) AS total FROM file_changes) AS sums
    WHERE total > ${maxBytes})`.execute(db);
  return Number(old.numDeletedRows) + Number(beyond.numAffectedRows ?? 0n);
}
