/**
 * Looks into Messages' database again and again and hands over what is new, in order. A message counts as seen only once
 * it was taken; what was there before the first start is never handed over. Reports after each look how it went.
 */
import { systemCodeOf } from "#main/base/atomic-file.ts";
import { backoffMs } from "#main/base/backoff.ts";
import { sleep } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import type { ChannelContext, ChannelStatus, InboundMessage } from "../contract.ts";
import { readChatDb, type ChatDb, type MessageRow } from "./chat-db.ts";
import { toInbound, toMillis } from "./inbound.ts";

const BATCH = 10;
const MAX_PAUSE_MS = 60_000;
/** A message is written before it is put in its chat; after this time it never will be. */
const UNPLACED_MS = 30_000;

/** Name in the memory of the ROWID of the last message taken. */
const CURSOR = "cursor";

interface Item {
  rowId: number;
  message: InboundMessage | undefined;
}

/** @param onLook told after each look; `connected` when the database could be read */
export function pollMessages(
  context: ChannelContext,
  path: string,
  intervalMs: number,
  onLook: (status: ChannelStatus) => void,
): Disposable {
  const { clock, memory } = context;
  const stop = new AbortController();
  const pauses = { firstMs: intervalMs, maxMs: Math.max(intervalMs, MAX_PAUSE_MS) };

  const look = async (): Promise<Item[] | undefined> => {
    try {
      const items = await readChatDb(path, (db) => collect(db, Number(memory.get(CURSOR) ?? Number.NaN), clock.now()));
      onLook({ state: "connected" });
      return items;
    } catch (error) {
      onLook(toTrouble(error, path));
      return undefined;
    }
  };
  const take = async ({ rowId, message }: Item) => {
    if (message !== undefined) await context.receive(message);
    await memory.set(CURSOR, String(rowId));
  };
  const run = async () => {
    for (let failures = 0; !stop.signal.aborted;) {
      const items = await look();
      let isTaken = items !== undefined;
      try {
        for (const item of items ?? []) if (!stop.signal.aborted) await take(item);
      } catch (error) {
        context.log.error("a message could not be kept; it comes again", { error });
        isTaken = false;
      }
      failures = isTaken ? 0 : failures + 1;
      if (isTaken && items?.length === BATCH) continue;
      const pause = isTaken ? intervalMs : backoffMs(failures, pauses, context.random);
      await sleep(clock, pause, stop.signal).catch(() => {});
    }
  };
  const running = run();
  return {
    async dispose() {
      stop.abort();
      await running;
    },
  };
}

/**
 * The next new messages.
 * @param cursor not a number at the first start
 * @param now wall time in milliseconds
 */
function collect(db: ChatDb, cursor: number, now: number): Item[] {
  const newest = db.newestRowId();
  // At the first start, and when the database was replaced by another: begin at its end.
  if (!(cursor <= newest)) return [{ rowId: newest, message: undefined }];
  const rows = db.messagesAfter(cursor, BATCH);
  const unplaced = rows.findIndex((row) => isUnplaced(row, now));
  const placed = unplaced < 0 ? rows : rows.slice(0, unplaced);
  return placed.map((row) => ({ rowId: row.rowId, message: toInbound(row, db.attachmentsOf(row.rowId)) }));
}

function isUnplaced({ chatGuid, isFromMe, date }: MessageRow, now: number): boolean {
  return chatGuid === null && isFromMe === 0 && Math.abs(now - toMillis(date)) < UNPLACED_MS;
}

/** Why the database could not be read, and what to do. */
export function toTrouble(error: unknown, path: string): ChannelStatus {
  const code = systemCodeOf(error) ?? "unknown format";
  if (/^(ENOENT|ENOTDIR)$/.test(code)) {
    const reason = `There is no Messages database at ${path}. Open Messages on this Mac and sign in.`;
    return { state: "disconnected", reason };
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return { state: "degraded", reason: "Another program holds the Messages database. Waiting for it." };
  }
  const isDenied = /^(EPERM|EACCES|SQLITE_CANTOPEN|SQLITE_AUTH|SQLITE_PERM)/.test(code);
  if (isDenied || /authorization denied/i.test(messageOf(error))) {
    const advice = "Allow it in System Settings > Privacy & Security > Full Disk Access, then restart it.";
    return { state: "error", reason: `macOS does not let Gatehouse read ${path}. ${advice}` };
  }
  return { state: "error", reason: `The Messages database at ${path} cannot be read (${code}).` };
}
