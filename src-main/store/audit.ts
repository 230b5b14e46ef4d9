/** The `audit_log` table: rows go in at the end and, once they are written to an archive, leave at the front. */
import { sql, type Selectable } from "kysely";
import type { Database } from "./database.ts";
import type { AuditLogTable } from "./schema.ts";

export type AuditRecord = Selectable<AuditLogTable>;

export interface AuditHead {
  seq: number;
  hash: string;
  /** HMAC-SHA-256 over both, hex. */
  mac: string;
}

export async function readAuditHead(db: Database): Promise<AuditHead | undefined> {
  return db.selectFrom("audit_head").select(["seq", "hash", "mac"]).executeTakeFirst();
}

/** Appends a row and moves the head, together. */
export async function appendAudit(db: Database, record: AuditRecord, head: AuditHead): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.insertInto("audit_log").values(record).execute();
    await sql`INSERT INTO audit_head (one, seq, hash, mac) VALUES (1, ${head.seq}, ${head.hash}, ${head.mac})
      ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mac = excluded.mac`.execute(trx);
  });
}

/** Rows after `seq`, oldest first. */
export async function readAuditAfter(db: Database, seq: number, limit: number): Promise<AuditRecord[]> {
  return db.selectFrom("audit_log").selectAll().where("seq", ">", seq).orderBy("seq").limit(limit).execute();
}

export interface AuditFilter {
  type?: string | undefined;
  actor?: string | undefined;
  sessionKey?: string | undefined;
  correlationId?: string | undefined;
  level?: string | undefined;
  after?: number | undefined;
  before?: number | undefined;
}

/** Newest first; `cursor` is the seq of the last row of the page before. */
export async function pageAudit(
  db: Database,
  filter: AuditFilter,
  page: { limit: number; cursor?: number | undefined },
): Promise<AuditRecord[]> {
  let query = db.selectFrom("audit_log").selectAll();
  if (filter.type !== undefined) query = query.where("type", "=", filter.type);
  if (filter.actor !== undefined) query = query.where("actor", "=", filter.actor);
  if (filter.sessionKey !== undefined) query = query.where("session_key", "=", filter.sessionKey);
  if (filter.correlationId !== undefined) query = query.where("correlation_id", "=", filter.correlationId);
  if (filter.level !== undefined) query = query.where("level", "=", filter.level);
  if (filter.after !== undefined) query = query.where("ts", ">=", filter.after);
  if (filter.before !== undefined) query = query.where("ts", "<", filter.before);
  if (page.cursor !== undefined) query = query.where("seq", "<", page.cursor);
  return query.orderBy("seq", "desc").limit(page.limit).execute();
}

export async function countAudit(db: Database): Promise<number> {
  const row = await db
    .selectFrom("audit_log")
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

/** Takes rows away that an archive holds now. */
export async function dropAuditThrough(db: Database, seq: number): Promise<void> {
  await db.deleteFrom("audit_log").where("seq", "<=", seq).execute();
}
