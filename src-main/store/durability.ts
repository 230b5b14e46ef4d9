/**
 * Which commits hold up the main thread until the disk has them. All do, unless they are made here: what may be done
 * again after a power cut, and what waits for `flush` before it is acknowledged. A killed process loses neither kind.
 * Never the last thing before an act.
 */
import type { Transaction } from "kysely";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";
import { UNFLUSHED } from "./statements.ts";

/**
 * A transaction whose commit is not flushed (`synchronous = NORMAL`): after a power cut it may be missing, with all that
 * came after it, never in part.
 */
export async function commitWithoutFlush<T>(db: Database, work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel(UNFLUSHED).execute(work);
}
