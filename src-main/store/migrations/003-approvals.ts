/** Approvals and grants: what was asked, what was answered, what came of it. */
import { sql, type Kysely } from "kysely";

export const approvals = {
  name: "003-approvals",
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      sql`CREATE TABLE approvals (
        id TEXT PRIMARY KEY, tool TEXT NOT NULL, level INTEGER NOT NULL, digest TEXT NOT NULL, request TEXT NOT NULL,
        session_key TEXT NOT NULL, run_id TEXT NOT NULL, call_id TEXT NOT NULL, agent_id TEXT NOT NULL,
        requester TEXT NOT NULL, state TEXT NOT NULL, decision TEXT, resolved_by TEXT, run TEXT, result TEXT,
        is_error INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
        resolved_at INTEGER, started_at INTEGER, ended_at INTEGER)`,
      sql`CREATE INDEX approvals_open ON approvals (state) WHERE state = 'pending'`,
      sql`CREATE INDEX approvals_time ON approvals (created_at DESC, id)`,
      sql`CREATE TABLE grants (
        grant_id TEXT PRIMARY KEY, tool TEXT NOT NULL, rule TEXT NOT NULL, created_at INTEGER NOT NULL,
        created_by TEXT NOT NULL, approval_id TEXT, expires_at INTEGER, revoked_at INTEGER, revoked_by TEXT,
        last_used_at INTEGER, uses INTEGER NOT NULL DEFAULT 0)`,
      sql`CREATE INDEX grants_live ON grants (tool) WHERE revoked_at IS NULL`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
