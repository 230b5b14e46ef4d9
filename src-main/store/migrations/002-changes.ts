/** What tools changed in files, with what the files held before, so that it can be undone. */
import { sql, type Kysely } from "kysely";

export const changes = {
  name: "002-changes",
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      // The content last: a row is read without its pages unless the content is asked for.
      sql`CREATE TABLE file_changes (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, change_id TEXT NOT NULL UNIQUE, session_key TEXT NOT NULL,
        run_id TEXT NOT NULL, call_id TEXT NOT NULL, tool TEXT NOT NULL, workspace TEXT NOT NULL, path TEXT NOT NULL,
        kind TEXT NOT NULL, before_sha TEXT, after_sha TEXT, bytes_before INTEGER NOT NULL,
        bytes_after INTEGER NOT NULL, at INTEGER NOT NULL, undone_at INTEGER, undoes TEXT, content BLOB)`,
      sql`CREATE INDEX file_changes_session ON file_changes (session_key, seq)`,
      sql`CREATE INDEX file_changes_call ON file_changes (call_id)`,
      sql`CREATE INDEX file_changes_time ON file_changes (at)`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
