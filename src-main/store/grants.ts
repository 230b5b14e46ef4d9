/** The `grants` table: what "always" was said to. Rules are JSON; revoking keeps the row. */
import type { Insertable, Selectable } from "kysely";
import type { Database } from "./database.ts";
import type { GrantsTable } from "./schema.ts";

export type GrantRecord = Selectable<GrantsTable>;

export async function insertGrant(db: Database, grant: Insertable<GrantsTable>): Promise<void> {
  await db.insertInto("grants").values(grant).execute();
}

/** Grants of a tool that count now. */
export async function liveGrants(db: Database, tool: string, now: number): Promise<GrantRecord[]> {
  return db
    .selectFrom("grants")
    .selectAll()
    .where("tool", "=", tool)
    .where("revoked_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
    .orderBy("created_at")
    .execute();
}

/** All grants, newest first. */
export async function listGrants(db: Database, includeRevoked: boolean): Promise<GrantRecord[]> {
  let query = db.selectFrom("grants").selectAll();
  if (!includeRevoked) query = query.where("revoked_at", "is", null);
  return query.orderBy("created_at", "desc").execute();
}

export async function revokeGrant(
  db: Database,
  grantId: string,
  by: string,
  now: number,
): Promise<"revoked" | "already-revoked" | "not-found"> {
  const result = await db
    .updateTable("grants")
    .set({ revoked_at: now, revoked_by: by })
    .where("grant_id", "=", grantId)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  if (result.numUpdatedRows > 0n) return "revoked";
  const known = await db.selectFrom("grants").select("grant_id").where("grant_id", "=", grantId).executeTakeFirst();
  return known ? "already-revoked" : "not-found";
}

export async function countGrantUse(db: Database, grantId: string, now: number): Promise<void> {
  await db
    .updateTable("grants")
    .set((eb) => ({ uses: eb("uses", "+", 1), last_used_at: now }))
    .where("grant_id", "=", grantId)
    .execute();
}
