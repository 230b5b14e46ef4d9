/**
 * A `chat.db` as Messages keeps it: the columns of macOS 14 that matter, WAL, dates in nanoseconds since 2001, texts as
 * NSArchiver writes attributed strings. Each write opens and closes the file, as another program would.
 */
import BetterSqlite from "better-sqlite3";

const SCHEMA = `
CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, id TEXT NOT NULL, country TEXT, service TEXT NOT NULL,
  uncanonicalized_id TEXT, person_centric_id TEXT, UNIQUE (id, service));
CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER, state INTEGER,
  account_id TEXT, properties BLOB, chat_identifier TEXT, service_name TEXT, room_name TEXT, account_login TEXT,
  is_archived INTEGER DEFAULT 0, last_addressed_handle TEXT, display_name TEXT, group_id TEXT);
CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT, replace INTEGER DEFAULT 0,
  service_center TEXT, handle_id INTEGER DEFAULT 0, subject TEXT, country TEXT, attributedBody BLOB, version INTEGER DEFAULT 0,
  type INTEGER DEFAULT 0, service TEXT, account TEXT, account_guid TEXT, error INTEGER DEFAULT 0, date INTEGER,
  date_read INTEGER, date_delivered INTEGER, is_delivered INTEGER DEFAULT 0, is_finished INTEGER DEFAULT 0,
  is_emote INTEGER DEFAULT 0, is_from_me INTEGER DEFAULT 0, is_empty INTEGER DEFAULT 0, is_read INTEGER DEFAULT 0,
  is_sent INTEGER DEFAULT 0, cache_has_attachments INTEGER DEFAULT 0, item_type INTEGER DEFAULT 0,
  other_handle INTEGER DEFAULT 0, group_title TEXT, group_action_type INTEGER DEFAULT 0, is_audio_message INTEGER DEFAULT 0,
  associated_message_guid TEXT, associated_message_type INTEGER DEFAULT 0, balloon_bundle_id TEXT, payload_data BLOB,
  message_summary_info BLOB, destination_caller_id TEXT, reply_to_guid TEXT, thread_originator_guid TEXT,
  thread_originator_part TEXT, date_retracted INTEGER DEFAULT 0, date_edited INTEGER DEFAULT 0);
CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, created_date INTEGER DEFAULT 0,
  start_date INTEGER DEFAULT 0, filename TEXT, uti TEXT, mime_type TEXT, transfer_state INTEGER DEFAULT 0,
  is_outgoing INTEGER DEFAULT 0, transfer_name TEXT, total_bytes INTEGER DEFAULT 0, is_sticker INTEGER DEFAULT 0,
  hide_attachment INTEGER DEFAULT 0);
CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, message_date INTEGER DEFAULT 0,
  PRIMARY KEY (chat_id, message_id));
CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER, UNIQUE (chat_id, handle_id));
CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER, UNIQUE (message_id, attachment_id));
`;

export type Columns = Record<string, string | number | bigint | Uint8Array | null>;

/** A date as macOS writes it since 10.13. */
export function toAppleDate(ms: number): bigint {
  return BigInt(Math.round(ms - 978_307_200_000)) * 1_000_000n;
}

/** Opens the file, uses it, closes it. */
export function withChatDb<T>(path: string, run: (db: BetterSqlite.Database) => T): T {
  const db = new BetterSqlite(path, { fileMustExist: true });
  try {
    return run(db);
  } finally {
    db.close();
  }
}

export function createChatDb(path: string): void {
  const db = new BetterSqlite(path);
  db.pragma("journal_mode = WAL");
  db.exec(SCHEMA);
  db.close();
}

/** @returns the ROWID */
export function insert(db: BetterSqlite.Database, table: string, columns: Columns): number {
  const names = Object.keys(columns);
  const sql = `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
  return Number(db.prepare(sql).run(...Object.values(columns)).lastInsertRowid);
}

/**
 * NSArchiver's stream of an attributed string: the text, and one run over all of it with the attributes. Numbers of
 * things that came before: 0x92 the type "@", 0x94 the class NSObject, 0x96 both the class NSString and the type "+".
 */
export function archive(text: string, attributes: Record<string, string> = {}): Buffer {
  const parts: (number[] | string)[] = [[0x04, 0x0b], "streamtyped", [0x81, 0xe8, 0x03]];
  parts.push([0x84, 0x01, 0x40, 0x84, 0x84, 0x84, 0x12], "NSAttributedString", [0x00]);
  parts.push([0x84, 0x84, 0x08], "NSObject", [0x00, 0x85]);
  parts.push([0x92, 0x84, 0x84, 0x84, 0x08], "NSString", [0x01, 0x94, 0x84, 0x01, 0x2b]);
  parts.push(length(Buffer.byteLength(text)), text, [0x86]);
  parts.push([0x84, 0x02, 0x69, 0x49, 0x01], length(text.length));
  parts.push([0x92, 0x84, 0x84, 0x84, 0x0c], "NSDictionary", [0x00, 0x94, 0x84, 0x01, 0x69]);
  parts.push([Object.keys(attributes).length]);
  for (const value of Object.entries(attributes).flat()) {
    parts.push([0x92, 0x84, 0x96, 0x96], length(Buffer.byteLength(value)), value, [0x86]);
  }
  parts.push([0x86, 0x86]);
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

function length(count: number): number[] {
  return count < 0x80 ? [count] : [0x81, count & 0xff, count >> 8];
}
