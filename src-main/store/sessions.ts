/** The `sessions` table: one row per conversation. Deleting is soft, so that it can be undone; resetting keeps the past. */
import { sql, type Selectable } from "kysely";
import { createId } from "#main/base/ids.ts";
import type { Database } from "./database.ts";
import { defineStatement } from "./define-statement.ts";
import type { SessionsTable } from "./schema.ts";

export type SessionRecord = Selectable<SessionsTable>;

/** What is needed to make a session that nobody made yet. */
export interface NewSession {
  key: string;
  agentId: string;
  kind: "direct" | "group";
  channel: string;
}

/** Those that were not deleted. */
const living = (db: Database) => db.selectFrom("sessions").where("deleted_at", "is", null);

const selectSession = defineStatement((db, { key }: { key: string }) =>
  db.selectFrom("sessions").selectAll().where("key", "=", key),
);

export async function findSession(db: Database, key: string): Promise<SessionRecord | undefined> {
  const [found] = (await selectSession(db, { key })).rows;
  return found?.deleted_at === null ? found : undefined;
}

/** The conversation of an agent whose transcript has this id. */
export async function findSessionById(
  db: Database,
  agentId: string,
  sessionId: string,
): Promise<SessionRecord | undefined> {
  return living(db).selectAll().where("agent_id", "=", agentId).where("session_id", "=", sessionId).executeTakeFirst();
}

/** The conversation that takes place in a chat of a channel, the newest if there are several. */
export async function findSessionOfChat(
  db: Database,
  channel: string,
  chatId: string,
): Promise<SessionRecord | undefined> {
  return living(db)
    .selectAll()
    .where("chat", "is not", null)
    .where(sql<string>`json_extract(chat, '$.channel')`, "=", channel)
    .where(sql<string>`json_extract(chat, '$.chat.id')`, "=", chatId)
    .orderBy("updated_at", "desc")
    .executeTakeFirst();
}

/** Finds the session or makes it. A deleted one begins anew under the same key. @returns whether it was made */
export async function ensureSession(
  db: Database,
  wanted: NewSession,
  now: number,
): Promise<{ session: SessionRecord; created: boolean }> {
  const [found] = (await selectSession(db, { key: wanted.key })).rows;
  if (found && found.deleted_at === null) return { session: found, created: false };
  const { key, agentId: agent_id, kind, channel } = wanted;
  if (found) await db.deleteFrom("sessions").where("key", "=", key).execute();
  const session = await db
    .insertInto("sessions")
    .values({ key, agent_id, kind, channel, session_id: createId("ses"), created_at: now, updated_at: now })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { session, created: true };
}

/** The fields that others may change. `undefined` leaves a value as it is. */
export interface SessionPatch {
  label?: string | null | undefined;
  derived_title?: string | null | undefined;
  last_preview?: string | null | undefined;
  pinned?: number | undefined;
  model?: string | null | undefined;
  thinking_level?: string | null | undefined;
  chat?: string | undefined;
  taken_over?: number | undefined;
}

export async function patchSession(db: Database, key: string, patch: SessionPatch): Promise<SessionRecord | undefined> {
  const set = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  if (Object.keys(set).length > 0) await db.updateTable("sessions").set(set).where("key", "=", key).execute();
  return findSession(db, key);
}

interface Counted {
  now: number;
  preview?: string;
  title?: string;
  tokens?: number;
}

const count = defineStatement((db, { key, now, preview, title, tokens }: Counted & { key: string }) =>
  db
    .updateTable("sessions")
    .set((eb) => ({
      message_count: eb("message_count", "+", 1),
      ...(tokens === undefined ? {} : { total_tokens: eb("total_tokens", "+", tokens) }),
      updated_at: now,
      ...(preview === undefined ? {} : { last_preview: preview }),
      ...(title === undefined ? {} : { derived_title: sql<string>`coalesce(derived_title, ${title})` }),
    }))
    .where("key", "=", key),
);

/** Counts a committed message. The title comes from the first message of a person, without asking a model. */
export async function countMessage(db: Database, key: string, counted: Counted): Promise<void> {
  await count(db, { ...counted, key });
}

/** Begins an empty transcript; the old one stays in the store under its session id. */
export async function resetSession(db: Database, key: string, now: number): Promise<SessionRecord | undefined> {
  await db
    .updateTable("sessions")
    .set({
      session_id: createId("ses"),
      derived_title: null,
      last_preview: null,
      message_count: 0,
      total_tokens: 0,
      updated_at: now,
    })
    .where("key", "=", key)
    .where("deleted_at", "is", null)
    .execute();
  return findSession(db, key);
}

/** @returns whether there was one to delete */
export async function deleteSession(db: Database, key: string, now: number): Promise<boolean> {
  const result = await db
    .updateTable("sessions")
    .set({ deleted_at: now })
    .where("key", "=", key)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** @returns whether there was one to bring back */
export async function restoreSession(db: Database, key: string): Promise<boolean> {
  const result = await db
    .updateTable("sessions")
    .set({ deleted_at: null })
    .where("key", "=", key)
    .where("deleted_at", "is not", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Takes sessions away for good that were deleted before `before`, with their messages. */
export async function purgeDeletedSessions(db: Database, before: number): Promise<number> {
  const gone = await db.selectFrom("sessions").select("key").where("deleted_at", "<", before).execute();
  for (const { key } of gone) {
    await db.transaction().execute(async (trx) => {
      await sql`DELETE FROM messages_fts WHERE rowid IN (SELECT seq FROM messages WHERE session_key = ${key})`.execute(
        trx,
      );
      await trx.deleteFrom("messages").where("session_key", "=", key).execute();
      await trx
        .deleteFrom("runs")
        .where("session_key", "=", key)
        .where("state", "not in", ["queued", "running"])
        .execute();
      await trx.deleteFrom("sessions").where("key", "=", key).execute();
    });
  }
  return gone.length;
}

export interface SessionQuery {
  limit: number;
  offset: number;
  agentId?: string | undefined;
  /** Part of a title, of a key or of the last message. */
  search?: string | undefined;
  updatedAfter?: number | undefined;
}

/** Pinned first, then newest first. */
export async function listSessions(
  db: Database,
  query: SessionQuery,
): Promise<{ rows: SessionRecord[]; total: number }> {
  let selection = living(db);
  if (query.agentId !== undefined) selection = selection.where("agent_id", "=", query.agentId);
  if (query.updatedAfter !== undefined) selection = selection.where("updated_at", ">=", query.updatedAfter);
  if (query.search !== undefined && query.search !== "") {
    const like = `%${query.search.replace(/[\\%_]/g, "\\$&")}%`;
    const fields = ["label", "derived_title", "last_preview", "key"] as const;
    selection = selection.where((eb) =>
      eb.or(fields.map((field) => sql<boolean>`${eb.ref(field)} LIKE ${like} ESCAPE '\\'`)),
    );
  }
  const rows = await selection
    .selectAll()
    .orderBy("pinned", "desc")
    .orderBy("updated_at", "desc")
    .limit(query.limit)
    .offset(query.offset)
    .execute();
  const count = await selection.select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
  return { rows, total: Number(count.n) };
}

/** How many conversations each agent has; an agent without one is not in it. */
export async function countSessionsByAgent(db: Database): Promise<Map<string, number>> {
  const rows = await living(db)
    .select((eb) => ["agent_id", eb.fn.countAll<number>().as("n")])
    .groupBy("agent_id")
    .execute();
  return new Map(rows.map((row) => [row.agent_id, Number(row.n)]));
}
