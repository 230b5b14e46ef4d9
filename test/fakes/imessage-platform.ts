/**
 * A Mac's Messages on any system: its database, and in the place of `osascript` a program that takes the same arguments,
 * writes them down, and does what Messages does. Told to fail through a file beside it.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type BetterSqlite from "better-sqlite3";
import type { FakePlatform, PlatformFault, PlatformMessage, Written } from "./channel-platform.ts";
import { archive, createChatDb, insert, toAppleDate, withChatDb, type Columns } from "./imessage-chat-db.ts";
import { createTempState } from "./temp-state.ts";

export const OWN = "gatehouse@example.com";
const GROUP = "iMessage;+;chat831234567890";
const ann = { id: "+15550001111", name: "Ann" };
const bob = { id: "bob@example.com", name: "Bob" };

/** One run of `osascript`. */
export interface ScriptRun {
  argv: string[];
  script: string;
  platformId?: string;
  /** Base64 of the file that was sent. */
  file?: string;
}

export interface FakeMessages extends FakePlatform {
  chatDb: string;
  runs(): ScriptRun[];
  /** A row as Messages would write it; columns given here win. @returns its guid */
  insertMessage(message: Written, columns?: Columns, options?: { chat?: string | null; hidden?: boolean }): string;
  /** Changes columns of a row in place, as an edit does. */
  update(guid: string, columns: Columns): void;
  place(guid: string): void;
  /** What the next runs write to standard error instead of sending, or after it; null: all goes well. */
  script(...outcomes: ({ stderr: string; sends?: boolean } | null)[]): void;
}

/** Plays `osascript - kind chat person content`: JSON lines of what it was given, and the row that Messages writes. */
const OSASCRIPT = `
const fs = require("node:fs");
const path = require("node:path");
const Sqlite = require(SQLITE);
const script = fs.readFileSync(0, "utf8");
const argv = process.argv.slice(2);
const [kind, chat, , content] = argv.slice(argv.indexOf("-") + 1);
const faultFile = path.join(__dirname, "faults.json");
const faults = fs.existsSync(faultFile) ? JSON.parse(fs.readFileSync(faultFile, "utf8")) : [];
const fault = faults.shift() ?? undefined;
fs.writeFileSync(faultFile, JSON.stringify(faults));
const run = { argv, script };
if (fault === undefined || fault.sends) {
  run.platformId = crypto.randomUUID().toUpperCase();
  if (kind === "file") run.file = fs.readFileSync(content).toString("base64");
  const db = new Sqlite(path.join(__dirname, "chat.db"));
  const now = BigInt(Date.now() - 978307200000) * 1000000n;
  const row = db.prepare("SELECT ROWID AS id FROM chat WHERE guid = ?").get(chat);
  const { lastInsertRowid } = db
    .prepare("INSERT INTO message (guid, text, date, is_from_me, is_sent, service) VALUES (?, ?, ?, 1, 1, 'iMessage')")
    .run(run.platformId, kind === "file" ? "\\uFFFC" : content, now);
  if (row) db.prepare("INSERT INTO chat_message_join (chat_id, message_id) VALUES (?, ?)").run(row.id, lastInsertRowid);
  db.close();
}
fs.appendFileSync(path.join(__dirname, "runs.jsonl"), JSON.stringify(run) + "\\n");
if (fault !== undefined) {
  process.stderr.write(fault.stderr + "\\n");
  process.exitCode = 1;
}
`;

const FAULTS: Record<PlatformFault["is"], { stderr: string; sends?: boolean }> = {
  "rate-limit": { stderr: "233:251: execution error: Messages got an error: Application isn’t running. (-600)" },
  "server-error": { stderr: "233:251: execution error: An error of type -10810 has occurred. (-10810)" },
  rejected: { stderr: "233:251: execution error: Messages got an error: Can’t get chat id. (-1728)" },
  "answer-lost": {
    stderr: "233:251: execution error: Messages got an error: AppleEvent timed out. (-1712)",
    sends: true,
  },
};

export async function startMessages(): Promise<FakeMessages> {
  const state = createTempState();
  const chatDb = join(state.dir, "chat.db");
  const away = join(state.dir, "away.db");
  const osascript = join(state.dir, "osascript");
  const faultFile = join(state.dir, "faults.json");
  const runsFile = join(state.dir, "runs.jsonl");
  const sqlite = JSON.stringify(createRequire(import.meta.url).resolve("better-sqlite3"));
  writeFileSync(osascript, `#!${process.execPath}\n${OSASCRIPT.replace("SQLITE", () => sqlite)}`, { mode: 0o700 });
  mkdirSync(join(state.dir, "Attachments"));
  createChatDb(chatDb);
  const current = () => (existsSync(chatDb) ? chatDb : away);
  const change = <T>(run: (db: BetterSqlite.Database) => T) => withChatDb(current(), run);
  change((db) => {
    for (const person of [ann, bob]) {
      const handle = insert(db, "handle", { id: person.id, service: "iMessage", country: "us" });
      const guid = `iMessage;-;${person.id}`;
      const chat = insert(db, "chat", { guid, style: 45, chat_identifier: person.id, service_name: "iMessage" });
      insert(db, "chat_handle_join", { chat_id: chat, handle_id: handle });
    }
    const group = { guid: GROUP, style: 43, chat_identifier: "chat831234567890", display_name: "Both" };
    insert(db, "chat", { ...group, service_name: "iMessage", room_name: "chat831234567890" });
    // What was there before the channel was first started.
    insert(db, "message", { guid: "OLD", text: "old words", date: toAppleDate(Date.now() - 1000), handle_id: 1 });
    insert(db, "chat_message_join", { chat_id: 1, message_id: 1 });
  });

  const idOf = (db: BetterSqlite.Database, table: string, column: string, value: string) =>
    (db.prepare(`SELECT ROWID AS id FROM ${table} WHERE ${column} = ?`).get(value) as { id: number } | undefined)?.id ??
    0;

  const insertMessage: FakeMessages["insertMessage"] = (message, columns = {}, options = {}) => {
    const from = message.from ?? ann;
    const chatGuid = options.chat ?? (message.where === "group" ? GROUP : `iMessage;-;${from.id}`);
    const guid = randomUUID().toUpperCase();
    const text = (message.media ? "\uFFFC" : "") + (message.text ?? "");
    const mention = message.mentionsBot ? { __kIMMentionConfirmedMention: OWN } : {};
    change((db) => {
      const rowId = insert(db, "message", {
        guid,
        text,
        attributedBody: archive(text, mention),
        handle_id: idOf(db, "handle", "id", from.id),
        service: "iMessage",
        account: `E:${OWN}`,
        destination_caller_id: OWN,
        date: toAppleDate(Date.now()),
        thread_originator_guid: message.replyTo ?? null,
        is_audio_message: message.media?.kind === "voice" ? 1 : 0,
        cache_has_attachments: message.media ? 1 : 0,
        ...columns,
      });
      if (options.chat !== null) {
        insert(db, "chat_message_join", { chat_id: idOf(db, "chat", "guid", chatGuid), message_id: rowId });
      }
      if (message.media) {
        const name = message.media.fileName ?? "file";
        const filename = join(state.dir, "Attachments", `${randomUUID()}-${name}`);
        writeFileSync(filename, message.media.bytes);
        const types = { image: "image/png", voice: "audio/x-caf", document: "application/pdf" };
        const mime_type = types[message.media.kind];
        const hide_attachment = options.hidden ? 1 : 0;
        const total_bytes = message.media.bytes.length;
        const attachment = {
          guid: `at_0_${guid}`,
          filename,
          mime_type,
          transfer_name: name,
          total_bytes,
          hide_attachment,
        };
        insert(db, "message_attachment_join", {
          message_id: rowId,
          attachment_id: insert(db, "attachment", attachment),
        });
      }
    });
    return guid;
  };

  const runs = (): ScriptRun[] => {
    if (!existsSync(runsFile)) return [];
    const lines = readFileSync(runsFile, "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as ScriptRun);
  };
  const script: FakeMessages["script"] = (...outcomes) => writeFileSync(faultFile, JSON.stringify(outcomes));
  let last = "";
  return {
    settings: { osascript, chatDb },
    chatDb,
    ann,
    bob,
    directChat: (person) => `iMessage;-;${person.id}`,
    group: GROUP,
    insertMessage,
    runs,
    script,
    async write(message) {
      last = insertMessage(message);
      return last;
    },
    async repeatLast() {
      // What comes back from iCloud is the same message in a new row.
      change((db) => {
        const row = db.prepare("SELECT * FROM message WHERE guid = ?").safeIntegers().get(last) as Columns;
        const { ROWID, ...columns } = row;
        db.prepare("DELETE FROM message WHERE guid = ?").run(last);
        const again = insert(db, "message", columns);
        db.prepare("UPDATE chat_message_join SET message_id = ? WHERE message_id = ?").run(again, ROWID);
      });
    },
    async writeNonsense() {
      const old = { date: 0 };
      insertMessage({ text: "no sender" }, { handle_id: 9999 });
      insertMessage({ text: "no chat" }, old, { chat: null });
      insertMessage({}, { text: Buffer.from([0xff, 0, 0xfe]), attributedBody: "not a blob" });
      insertMessage({}, { text: null, attributedBody: Buffer.from("\x04\x0bstreamtyped\x81\xe8") });
      insertMessage({}, { text: null, attributedBody: archive("x".repeat(50)).subarray(0, 90) });
      insertMessage({ text: "when" }, { date: "yesterday", account: Buffer.from([1]), item_type: "x" });
      insertMessage({ text: "tap" }, { associated_message_type: 2004, associated_message_guid: null });
      insertMessage({ text: "tap" }, { associated_message_type: 99999, associated_message_guid: "p:0/X" });
    },
    update(guid, columns) {
      const names = Object.keys(columns).map((name) => `${name} = ?`);
      const sql = `UPDATE message SET ${names.join(", ")} WHERE guid = ?`;
      change((db) => db.prepare(sql).run(...Object.values(columns), guid));
    },
    place(guid) {
      change((db) => insert(db, "chat_message_join", { chat_id: 1, message_id: idOf(db, "message", "guid", guid) }));
    },
    sent() {
      return runs()
        .filter((run) => run.platformId !== undefined)
        .map(({ argv, platformId = "", file }): PlatformMessage => {
          const [kind, chatId = "", , content = ""] = argv.slice(argv.indexOf("-") + 1);
          const media = file === undefined ? {} : { media: { bytes: Buffer.from(file, "base64") } };
          return { platformId, chatId, text: kind === "file" ? "" : content, ...media, edits: 0 };
        });
    },
    get sendCalls() {
      return runs().length;
    },
    // Files are read where they lie: nobody counts that.
    downloads: 0,
    typings: 0,
    attempts: 0,
    fail: (fault, times = 1) => script(...Array.from({ length: times }, () => FAULTS[fault.is])),
    async down() {
      renameSync(chatDb, away);
    },
    async up() {
      renameSync(away, chatDb);
    },
    async close() {
      rmSync(chatDb, { force: true });
      await state.dispose();
    },
  };
}
