/** The first schema: conversations, runs, usage, devices. */
import { sql, type Kysely } from "kysely";

export const start = {
  name: "001-start",
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      sql`CREATE TABLE sessions (
        key TEXT PRIMARY KEY, session_id TEXT NOT NULL, agent_id TEXT NOT NULL, kind TEXT NOT NULL, channel TEXT NOT NULL,
        label TEXT, derived_title TEXT, last_preview TEXT, pinned INTEGER NOT NULL DEFAULT 0, model TEXT,
        thinking_level TEXT, message_count INTEGER NOT NULL DEFAULT 0, total_tokens INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deleted_at INTEGER)`,
      sql`CREATE INDEX sessions_order ON sessions (pinned DESC, updated_at DESC)`,
      sql`CREATE TABLE messages (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, session_key TEXT NOT NULL,
        session_id TEXT NOT NULL, run_id TEXT, role TEXT NOT NULL, timestamp INTEGER NOT NULL, body TEXT NOT NULL,
        removed_at INTEGER)`,
      sql`CREATE INDEX messages_session ON messages (session_key, session_id, seq)`,
      sql`CREATE INDEX messages_run ON messages (run_id) WHERE run_id IS NOT NULL`,
      sql`CREATE TABLE runs (
        run_id TEXT PRIMARY KEY, channel TEXT NOT NULL, account TEXT NOT NULL, message_id TEXT NOT NULL,
        session_key TEXT NOT NULL, session_id TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
        options TEXT NOT NULL, partial_text TEXT, summary TEXT, error TEXT, error_kind TEXT,
        created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER,
        UNIQUE (channel, account, message_id))`,
      sql`CREATE INDEX runs_open ON runs (state) WHERE state IN ('queued', 'running')`,
      sql`CREATE TABLE usage (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, day TEXT NOT NULL, session_key TEXT NOT NULL,
        run_id TEXT NOT NULL, model TEXT NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL,
        cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL, cost_usd REAL)`,
      sql`CREATE INDEX usage_day ON usage (day)`,
      sql`CREATE TABLE devices (
        device_id TEXT PRIMARY KEY, public_key TEXT NOT NULL, display_name TEXT, platform TEXT, device_family TEXT,
        client_id TEXT, roles TEXT NOT NULL, scopes TEXT NOT NULL, created_at INTEGER NOT NULL,
        approved_at INTEGER NOT NULL, last_seen_at INTEGER)`,
      sql`CREATE TABLE device_tokens (
        device_id TEXT NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE, role TEXT NOT NULL,
        token_hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL, last_used_at INTEGER, PRIMARY KEY (device_id, role))`,
      sql`CREATE TABLE pairing_requests (
        request_id TEXT PRIMARY KEY, device_id TEXT NOT NULL, public_key TEXT NOT NULL, display_name TEXT,
        platform TEXT, device_family TEXT, client_id TEXT, remote_address TEXT, role TEXT NOT NULL,
        scopes TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL)`,
      sql`CREATE INDEX pairing_pending ON pairing_requests (state, device_id)`,
      // Without its own copy of the text; rows are keyed by messages.seq. The text is segmented before it comes here.
      sql`CREATE VIRTUAL TABLE messages_fts USING fts5 (text, content = '', contentless_delete = 1,
        tokenize = 'unicode61 remove_diacritics 2')`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
