/**
 * Which commits hold up the main thread until the disk has them. All do, unless they are made here: what may be done
 * again after a power cut, and what waits for `flush` before it is acknowledged. A killed process loses neither kind.
 * Never the last thing before an act.
 */
import { CompiledQuery, type Transaction } from "kysely";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/**
 * A transaction whose commit is not flushed (`synchronous = NORMAL`): after a power cut it may be missing, with all that
 * came after it, never in part.
 */
export async function commitWithoutFlush<T>(db: Database, work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    await connection.executeQuery(CompiledQuery.raw("PRAGMA synchronous = NORMAL"));
    try {
      return await connection.transaction().execute(work);
    } finally {
      await connection.executeQuery(CompiledQuery.raw("PRAGMA synchronous = FULL"));
    }
  });
}
