/**
 * The database of Messages (`chat.db`), read only: the one place of this channel with SQL. Opened for each look and closed
 * again, so that a database that was moved or locked away is noticed. Must never write there.
 *
 * Facts: the schema as found on macOS 11 to 26. Columns that came later are read as NULL where they are missing.
 */
import { stat } from "node:fs/promises";
import type BetterSqlite from "better-sqlite3";

/** Milliseconds to wait for Messages to finish a write; the main thread waits with us. */
const BUSY_MS = 100;

/** The fields of a message, and where each is found. `m`: the message, `r`: the one that it answers. */
const MESSAGE = {
  guid: "m.guid",
  text: "m.text",
  attributedBody: "m.attributedBody",
  date: "m.date",
  isFromMe: "m.is_from_me",
  itemType: "m.item_type",
  account: "m.account",
  destination: "m.destination_caller_id",
  handle: "h.id",
  chatGuid: "c.guid",
  chatStyle: "c.style",
  chatName: "c.display_name",
  associatedType: "m.associated_message_type",
  isAudio: "m.is_audio_message",
  repliedGuid: "r.guid",
  repliedIsFromMe: "r.is_from_me",
  repliedText: "r.text",
} as const;

const ATTACHMENT = {
  guid: "a.guid",
  fileName: "a.filename",
  mimeType: "a.mime_type",
  shownName: "a.transfer_name",
  sizeBytes: "a.total_bytes",
  isSticker: "a.is_sticker",
} as const;

/** Nothing in it is believed: SQLite keeps any type in any column. */
export type MessageRow = Record<keyof typeof MESSAGE, unknown> & { rowId: number };
export type AttachmentRow = Record<keyof typeof ATTACHMENT, unknown>;
export type ChatDb = ReturnType<typeof createReads>;

/**
 * Opens the database, looks at one state of it, and closes it. Throws what the file system or SQLite throws; each carries a
 * `code`.
 */
export async function readChatDb<T>(path: string, read: (db: ChatDb) => T): Promise<T> {
  // SQLite has one code for "not there" and "not for you".
  await stat(path);
  const { default: Sqlite } = await import("better-sqlite3");
  const raw = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS });
  try {
    return raw.transaction(() => read(createReads(raw)))();
  } finally {
    raw.close();
  }
}

function createReads(raw: BetterSqlite.Database) {
  const all = <Row>(sql: string, ...values: unknown[]) => raw.prepare(sql).all(...values) as Row[];
  const known = all<{ name: string }>("SELECT 'm.' || name AS name FROM pragma_table_info('message')");
  const column = (name: string) => (name.startsWith("m.") && !known.some((one) => one.name === name) ? "NULL" : name);
  const fields = (table: Readonly<Record<string, string>>) =>
    Object.entries(table)
      .map(([name, from]) => `${column(from)} AS ${name}`)
      .join(", ");
  const messages = `SELECT m.ROWID AS rowId, ${fields(MESSAGE)}
    FROM message m
    LEFT JOIN handle h ON h.ROWID = m.handle_id
    LEFT JOIN chat c ON c.ROWID = (SELECT chat_id FROM chat_message_join WHERE message_id = m.ROWID LIMIT 1)
    LEFT JOIN message r ON r.guid = ${column("m.thread_originator_guid")}`;
  const attachments = `SELECT ${fields(ATTACHMENT)} FROM attachment a`;
  return {
    /** 0 when there is no message yet. */
    newestRowId: () => all<{ newest: number }>("SELECT COALESCE(MAX(ROWID), 0) AS newest FROM message")[0]?.newest ?? 0,
    /** In order of arrival. */
    messagesAfter: (rowId: number, limit: number) =>
      all<MessageRow>(`${messages} WHERE m.ROWID > ? ORDER BY m.ROWID LIMIT ?`, rowId, limit),
    /** What people see of the files of a message. */
    attachmentsOf: (rowId: number) =>
      all<AttachmentRow>(
        `${attachments} JOIN message_attachment_join j ON j.attachment_id = a.ROWID
         WHERE j.message_id = ? AND COALESCE(a.hide_attachment, 0) = 0 ORDER BY a.ROWID`,
        rowId,
      ),
    attachment: (guid: string) => all<AttachmentRow>(`${attachments} WHERE a.guid = ?`, guid)[0],
    /** Guid of the first message of ours in a chat after `rowId`. */
    sentAfter: (rowId: number, chatGuid: string) =>
      all<{ guid: string }>(
        `SELECT m.guid FROM message m
         JOIN chat_message_join j ON j.message_id = m.ROWID JOIN chat c ON c.ROWID = j.chat_id
         WHERE m.ROWID > ? AND m.is_from_me = 1 AND (c.guid = ? OR c.chat_identifier = ?) ORDER BY m.ROWID LIMIT 1`,
        ...[rowId, chatGuid, chatGuid.split(";").at(-1)],
      )[0]?.guid,
  };
}
