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
/** Edits are possible for 15 minutes only: messages further back than this are not looked at again. */
const EDITABLE_ROWS = 200;

/** Nothing in it is believed: SQLite keeps any type in any column. */
export interface MessageRow {
  rowId: number;
  guid: unknown;
  text: unknown;
  attributedBody: unknown;
  date: unknown;
  isFromMe: unknown;
  itemType: unknown;
  account: unknown;
  destination: unknown;
  handle: unknown;
  chatGuid: unknown;
  chatStyle: unknown;
  chatName: unknown;
  associatedType: unknown;
  associatedGuid: unknown;
  associatedEmoji: unknown;
  isAudio: unknown;
  repliedGuid: unknown;
  repliedIsFromMe: unknown;
  repliedText: unknown;
  retracted: unknown;
  /** Microseconds since 2001 of the last edit or retraction; 0 when there was none. */
  changed: number;
}

export interface AttachmentRow {
  guid: unknown;
  fileName: unknown;
  mimeType: unknown;
  shownName: unknown;
  sizeBytes: unknown;
  isSticker: unknown;
}

export interface ChatDb {
  /** 0 when there is no message yet. */
  newestRowId(): number;
  /** In order of arrival. */
  messagesAfter(rowId: number, limit: number): MessageRow[];
  /** Messages up to `rowId` that were edited or retracted after `micros`, in that order. */
  changedAfter(micros: number, rowId: number): MessageRow[];
  /** What people see of the files of a message. */
  attachmentsOf(rowId: number): AttachmentRow[];
  attachment(guid: string): AttachmentRow | undefined;
  /** Guid of the first message of ours in a chat after `rowId`. */
  sentAfter(rowId: number, chatGuid: string, identifier: string): string | undefined;
}

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
    return raw.transaction(() => read(prepare(raw)))();
  } finally {
    raw.close();
  }
}

function prepare(raw: BetterSqlite.Database): ChatDb {
  const select = selectMessages(raw);
  const attachments = selectAttachments(raw);
  return {
    newestRowId() {
      const row = raw.prepare("SELECT MAX(ROWID) AS newest FROM message").get() as { newest: number | null };
      return row.newest ?? 0;
    },
    messagesAfter: (rowId, limit) =>
      raw.prepare(`${select} WHERE m.ROWID > ? ORDER BY m.ROWID LIMIT ?`).all(rowId, limit) as MessageRow[],
    changedAfter: (micros, rowId) =>
      raw
        .prepare(`${select} WHERE m.ROWID > ? AND m.ROWID <= ? AND changed > ? ORDER BY changed`)
        .all(rowId - EDITABLE_ROWS, rowId, micros) as MessageRow[],
    attachmentsOf: (rowId) =>
      raw
        .prepare(
          `${attachments} JOIN message_attachment_join j ON j.attachment_id = a.ROWID
           WHERE j.message_id = ? AND COALESCE(isHidden, 0) = 0 ORDER BY a.ROWID`,
        )
        .all(rowId) as AttachmentRow[],
    attachment: (guid) => raw.prepare(`${attachments} WHERE a.guid = ?`).get(guid) as AttachmentRow | undefined,
    sentAfter(rowId, chatGuid, identifier) {
      const row = raw
        .prepare(
          `SELECT m.guid FROM message m
           JOIN chat_message_join j ON j.message_id = m.ROWID JOIN chat c ON c.ROWID = j.chat_id
           WHERE m.ROWID > ? AND m.is_from_me = 1 AND (c.guid = ? OR c.chat_identifier = ?) ORDER BY m.ROWID LIMIT 1`,
        )
        .get(rowId, chatGuid, identifier) as { guid: unknown } | undefined;
      return typeof row?.guid === "string" ? row.guid : undefined;
    },
  };
}

function selectMessages(raw: BetterSqlite.Database): string {
  const column = columnsOf(raw, "message", "m");
  // Nanoseconds do not fit a number; microseconds do.
  const changed = `MAX(COALESCE(${column("date_edited")}, 0), COALESCE(${column("date_retracted")}, 0)) / 1000`;
  return `SELECT m.ROWID AS rowId, m.guid, m.text, ${column("attributedBody")} AS attributedBody, m.date,
    m.is_from_me AS isFromMe, ${column("item_type")} AS itemType, ${column("account")} AS account,
    ${column("destination_caller_id")} AS destination, h.id AS handle,
    c.guid AS chatGuid, c.style AS chatStyle, c.display_name AS chatName,
    ${column("associated_message_type")} AS associatedType, ${column("associated_message_guid")} AS associatedGuid,
    ${column("associated_message_emoji")} AS associatedEmoji, ${column("is_audio_message")} AS isAudio,
    r.guid AS repliedGuid, r.is_from_me AS repliedIsFromMe, r.text AS repliedText,
    ${column("date_retracted")} AS retracted, ${changed} AS changed
    FROM message m
    LEFT JOIN handle h ON h.ROWID = m.handle_id
    LEFT JOIN chat c ON c.ROWID = (SELECT chat_id FROM chat_message_join WHERE message_id = m.ROWID LIMIT 1)
    LEFT JOIN message r ON r.guid = ${column("thread_originator_guid")}`;
}

function selectAttachments(raw: BetterSqlite.Database): string {
  const column = columnsOf(raw, "attachment", "a");
  return `SELECT a.guid, a.filename AS fileName, a.mime_type AS mimeType, a.transfer_name AS shownName,
    a.total_bytes AS sizeBytes, ${column("is_sticker")} AS isSticker, ${column("hide_attachment")} AS isHidden
    FROM attachment a`;
}

/** How to write a column of a table that this version of Messages may not have. */
function columnsOf(raw: BetterSqlite.Database, table: string, alias: string): (name: string) => string {
  const known = new Set((raw.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name));
  return (name) => (known.has(name) ? `${alias}.${name}` : "NULL");
}
