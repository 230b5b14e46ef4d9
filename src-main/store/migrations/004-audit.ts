/** The record of what happened. The head is kept beside it, sealed, so that a cut end is noticed. */
import { sql, type Kysely } from "kysely";

export const audit = {
  name: "004-audit",
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      sql`CREATE TABLE audit_log (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ts INTEGER NOT NULL, type TEXT NOT NULL, level TEXT NOT NULL,
        actor TEXT NOT NULL, target TEXT, session_key TEXT, correlation_id TEXT, key_id TEXT NOT NULL, nonce BLOB NOT NULL,
        sealed BLOB NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL)`,
      sql`CREATE INDEX audit_time ON audit_log (ts)`,
      sql`CREATE INDEX audit_type ON audit_log (type, seq)`,
      sql`CREATE INDEX audit_correlation ON audit_log (correlation_id) WHERE correlation_id IS NOT NULL`,
      sql`CREATE TABLE audit_head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL, mac TEXT NOT NULL)`,
      sql`CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
