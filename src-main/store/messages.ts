/** The `messages` table: append only, but for taking back the end of a conversation. */
import { sql, type FilterObject, type Insertable } from "kysely";
import type { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import type { Database } from "./database.ts";
import { defineStatement } from "./define-statement.ts";
import type { MessagesTable, Tables } from "./schema.ts";
import { indexMessages } from "./search-index.ts";
import { toSearchQuery, toSnippet } from "./search-text.ts";

/** Where a message belongs. */
export interface Place {
  sessionKey: string;
  sessionId: string;
}

/** The messages of a conversation, without what was taken back. */
function at({ sessionKey, sessionId }: Place): FilterObject<Tables, "messages"> {
  return { session_key: sessionKey, session_id: sessionId, removed_at: null };
}

const insertRow = defineStatement((db, row: Insertable<MessagesTable>) => db.insertInto("messages").values(row));

/** Appends a message. Call it inside a transaction with whatever must be true together. */
export async function insertMessage(db: Database, place: Place, message: Message): Promise<void> {
  await insertRow(db, {
    id: message.id,
    session_key: place.sessionKey,
    session_id: place.sessionId,
    run_id: message.runId ?? null,
    role: message.role,
    timestamp: message.timestamp,
    body: JSON.stringify(message),
  });
}

/** The newest `limit` messages older than `before` (a message id), oldest first. */
export async function readMessages(
  db: Database,
  place: Place,
  page: { limit: number; before?: string | undefined },
): Promise<{ messages: Message[]; hasMore: boolean }> {
  let query = db
    .selectFrom("messages")
    .select("body")
    .where((eb) => eb.and(at(place)));
  if (page.before !== undefined) {
    const before = page.before;
    query = query.where("seq", "<", (eb) =>
      eb.selectFrom("messages").select("seq").where("id", "=", before).where("session_key", "=", place.sessionKey),
    );
  }
  const rows = await query
    .orderBy("seq", "desc")
    .limit(page.limit + 1)
    .execute();
  const messages = rows.slice(0, page.limit).map((row) => JSON.parse(row.body) as Message);
  return { messages: messages.reverse(), hasMore: rows.length > page.limit };
}

const selectTail = defineStatement((db, { after, limit, ...place }: Place & { after: number; limit: number }) =>
  db
    .selectFrom("messages")
    .select(["seq", "body"])
    .where((eb) => eb.and(at(place)))
    .where("seq", ">", after)
    .orderBy("seq", "desc")
    .limit(limit),
);

/** The newest `limit` messages with a number above `after`, oldest first, as they are stored. */
export async function readTail(
  db: Database,
  { sessionKey, sessionId }: Place,
  page: { after: number; limit: number },
): Promise<{ seq: number; body: string }[]> {
  const { rows } = await selectTail(db, { sessionKey, sessionId, ...page });
  return rows.toReversed();
}

/** What a run has committed so far, oldest first. */
export async function readRunMessages(db: Database, runId: string): Promise<Message[]> {
  const rows = await db
    .selectFrom("messages")
    .select("body")
    .where("run_id", "=", runId)
    .where("removed_at", "is", null)
    .orderBy("seq")
    .execute();
  return rows.map((row) => JSON.parse(row.body) as Message);
}

/**
 * Takes back a message and everything after it.
 * @returns the message itself and how many went, or undefined when it is not in this conversation
 */
export async function removeFrom(
  db: Database,
  place: Place,
  messageId: string,
  now: number,
): Promise<{ first: Message; removed: number } | undefined> {
  const first = await db
    .selectFrom("messages")
    .select(["seq", "body"])
    .where("id", "=", messageId)
    .where((eb) => eb.and(at(place)))
    .executeTakeFirst();
  if (!first) return undefined;
  const rows = await db
    .updateTable("messages")
    .set({ removed_at: now })
    .where("seq", ">=", first.seq)
    .where((eb) => eb.and(at(place)))
    .returning("seq")
    .execute();
  for (const row of rows) await sql`DELETE FROM messages_fts WHERE rowid = ${row.seq}`.execute(db);
  await db
    .updateTable("sessions")
    .set((eb) => ({ message_count: eb("message_count", "-", rows.length) }))
    .where("key", "=", place.sessionKey)
    .execute();
  return { first: JSON.parse(first.body) as Message, removed: rows.length };
}

/** `score`: higher fits better. */
type SearchHit = MethodResult<"sessions.search">["results"][number];

/** Messages of living sessions in which every word occurs, best first. Transcripts of before a reset count too. */
export async function searchMessages(
  db: Database,
  query: { text: string; limit: number; sessionKeys?: readonly string[] | undefined },
): Promise<SearchHit[]> {
  const match = toSearchQuery(query.text);
  if (match === undefined) return [];
  await indexMessages(db);
  let found = db
    .selectFrom("messages")
    .innerJoin(
      sql<{ rowid: number; rank: number }>`(SELECT rowid, rank FROM messages_fts WHERE messages_fts MATCH ${match})`.as(
        "hit",
      ),
      (join) => join.on(sql`hit.rowid`, "=", sql.ref("messages.seq")),
    )
    .innerJoin("sessions", "sessions.key", "messages.session_key")
    .where("sessions.deleted_at", "is", null)
    .where("messages.removed_at", "is", null);
  if (query.sessionKeys !== undefined && query.sessionKeys.length > 0) {
    found = found.where("messages.session_key", "in", query.sessionKeys);
  }
  const rows = await found
    .select(["messages.session_key", "messages.session_id", "messages.body", "hit.rank"])
    .orderBy("hit.rank")
    .orderBy("messages.seq", "desc")
    .limit(query.limit)
    .execute();
  return rows.map((row) => {
    const message = JSON.parse(row.body) as Message;
    return {
      sessionKey: row.session_key,
      sessionId: row.session_id,
      messageId: message.id,
      role: message.role,
      timestamp: message.timestamp,
      snippet: toSnippet(textOf(message), query.text),
      score: -Number(row.rank),
    };
  });
}
