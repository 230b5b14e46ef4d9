/**
 * The full-text index of messages. It follows behind, in pieces: kept up with each message, it would be a third of what a
 * message costs to commit. Must never miss one, nor find what was taken back.
 */
import { sql } from "kysely";
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import type { Logger } from "#main/base/logger.ts";
import type { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";
import type { Database } from "./database.ts";
import { commitWithoutFlush } from "./durability.ts";
import { toSearchText } from "./search-text.ts";

/** Messages indexed in one go: two or three milliseconds. */
const INDEX_AT_ONCE = 50;

/**
 * Indexes the messages that came since the last time, oldest first; lets others run between pieces. Called before each
 * search, and now and then, so that there is never much to do.
 */
export async function indexMessages(db: Database): Promise<void> {
  for (let isMore = true; isMore; await new Promise(setImmediate)) {
    isMore = await commitWithoutFlush(db, async (trx) => {
      const rows = await trx
        .selectFrom("messages")
        .select(["seq", "body"])
        .where("seq", ">", sql<number>`(SELECT coalesce(max(id), 0) FROM messages_fts_docsize)`)
        .where("removed_at", "is", null)
        .orderBy("seq")
        .limit(INDEX_AT_ONCE)
        .execute();
      for (const { seq, body } of rows) {
        const message = JSON.parse(body) as Message;
        // One without words has its row too: the newest row tells where to go on.
        const text = message.role === "toolResult" ? "" : toSearchText(textOf(message));
        await sql`INSERT INTO messages_fts (rowid, text) VALUES (${seq}, ${text})`.execute(trx);
      }
      return rows.length === INDEX_AT_ONCE;
    });
  }
}

/** How soon what was said is in the index; a search puts it there first anyway. */
const SOON_MS = 5000;

export interface SearchIndex extends Disposable {
  /** Something was said. */
  touch(): void;
}

export function createSearchIndex({ db, clock, log }: { db: Database; clock: Clock; log: Logger }): SearchIndex {
  let timer: Disposable | undefined;
  let running: Promise<void> | undefined;
  const index = () => {
    timer = undefined;
    running = indexMessages(db).catch((error: unknown) => log.warn("messages were not indexed", { error }));
  };
  return {
    touch: () => void (timer ??= clock.after(SOON_MS, index)),
    async dispose() {
      await timer?.dispose();
      await running;
    },
  };
}
