/** What came from chat platforms, what leaves for them, who may write there, and what a channel remembers. */
import { sql, type Kysely } from "kysely";

export const channels = {
  name: "005-channels",
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      sql`CREATE TABLE inbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, account TEXT NOT NULL, message_id TEXT NOT NULL,
        chat_id TEXT NOT NULL, sender_id TEXT NOT NULL, platform_id TEXT NOT NULL, state TEXT NOT NULL, reason TEXT,
        body TEXT, run_id TEXT, received_at INTEGER NOT NULL, UNIQUE (channel, account, message_id))`,
      sql`CREATE INDEX inbox_open ON inbox (state, seq) WHERE state IN ('accepted', 'held')`,
      sql`CREATE INDEX inbox_platform ON inbox (channel, account, chat_id, platform_id)`,
      sql`CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, dedupe TEXT NOT NULL UNIQUE,
        channel TEXT NOT NULL, account TEXT NOT NULL, chat_id TEXT NOT NULL, chat TEXT NOT NULL, kind TEXT NOT NULL,
        state TEXT NOT NULL, text TEXT NOT NULL, media TEXT, buttons TEXT, reply_to TEXT, edits TEXT, platform_ids TEXT,
        session_key TEXT, run_id TEXT, attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER, error TEXT,
        created_at INTEGER NOT NULL, ended_at INTEGER)`,
      sql`CREATE INDEX outbox_open ON outbox (state, seq) WHERE state IN ('queued', 'sending')`,
      sql`CREATE INDEX outbox_state ON outbox (state, seq)`,
      sql`CREATE INDEX outbox_run ON outbox (run_id) WHERE run_id IS NOT NULL`,
      sql`CREATE TABLE people (
        channel TEXT NOT NULL, account TEXT NOT NULL, sender_id TEXT NOT NULL, name TEXT, role TEXT NOT NULL,
        source TEXT NOT NULL, chat TEXT, added_at INTEGER NOT NULL, PRIMARY KEY (channel, account, sender_id))`,
      sql`CREATE TABLE chat_pairings (
        request_id TEXT PRIMARY KEY, channel TEXT NOT NULL, account TEXT NOT NULL, sender_id TEXT NOT NULL,
        sender_name TEXT, code TEXT NOT NULL, chat TEXT NOT NULL, created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL, UNIQUE (channel, account, sender_id))`,
      sql`CREATE TABLE channel_memory (
        channel TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (channel, account, name))`,
      sql`ALTER TABLE sessions ADD COLUMN chat TEXT`,
      sql`ALTER TABLE sessions ADD COLUMN taken_over INTEGER NOT NULL DEFAULT 0`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
