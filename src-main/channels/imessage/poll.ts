/**
 * Looks into Messages' database again and again and hands over what is new, in order. A message counts as seen only once
 * it was taken; what was there before the first start is never handed over. Reports after each look how it went.
 */
import { systemCodeOf } from "#main/base/atomic-file.ts";
import { backoffMs } from "#main/base/backoff.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import type { ChannelContext, ChannelStatus, InboundEvent } from "../contract.ts";
import { readChatDb, type ChatDb, type MessageRow } from "./chat-db.ts";
import { EPOCH_MS, toChange, toInbound, toMillis } from "./inbound.ts";

const BATCH = 10;
const MAX_PAUSE_MS = 60_000;
/** A message is written before it is put in its chat; after this time it never will be. */
const UNPLACED_MS = 30_000;
/** Names in the memory: ROWID of the last message taken; microseconds since 2001 of the last change taken. */
const CURSOR = "cursor";
const CHANGED = "changed";

/** An event, and what counts as seen once it was taken. */
interface Item {
  event: InboundEvent | undefined;
  cursor?: number;
  changed: number;
}

type World = Pick<ChannelContext, "clock" | "random" | "log" | "memory" | "receive">;

/** @param onLook told after each look; `connected` when the database could be read */
export function pollMessages(
  world: World,
  path: string,
  intervalMs: number,
  onLook: (status: ChannelStatus) => void,
): Disposable {
  const { clock, memory, log } = world;
  let isStopped = false;
  let failures = 0;
  let timer: Disposable | undefined;
  let running: Promise<void>;

  const seen = (name: string) => Number(memory.get(name) ?? Number.NaN);
  const look = async (): Promise<Item[] | undefined> => {
    try {
      const items = await readChatDb(path, (db) => collect(db, seen(CURSOR), seen(CHANGED), clock.now()));
      onLook({ state: "connected" });
      return items;
    } catch (error) {
      onLook(toTrouble(error, path));
      return undefined;
    }
  };
  const take = async ({ event, cursor, changed }: Item) => {
    if (event !== undefined) await world.receive(event);
    if (!(changed <= seen(CHANGED))) await memory.set(CHANGED, String(changed));
    if (cursor !== undefined) await memory.set(CURSOR, String(cursor));
  };
  const run = async () => {
    let items = await look();
    try {
      while (items !== undefined && items.length > 0) {
        for (const item of items) {
          if (isStopped) return;
          await take(item);
        }
        items = items.length < BATCH ? [] : await look();
      }
    } catch (error) {
      log.error("a message could not be kept; it comes again", { error });
      items = undefined;
    }
    failures = items === undefined ? failures + 1 : 0;
    const pauses = { firstMs: intervalMs, maxMs: Math.max(intervalMs, MAX_PAUSE_MS) };
    const pause = failures === 0 ? intervalMs : backoffMs(failures, pauses, world.random);
    if (!isStopped) timer = clock.after(pause, next);
  };
  const next = () => void (running = run());
  running = run();
  return {
    async dispose() {
      isStopped = true;
      await timer?.dispose();
      await running;
    },
  };
}

/**
 * What is new: changes of messages that were taken, then messages.
 * @param cursor not a number at the first start
 * @param now wall time in milliseconds
 */
function collect(db: ChatDb, cursor: number, changed: number, now: number): Item[] {
  const newest = db.newestRowId();
  // At the first start, and when the database was replaced by another: begin at its end.
  if (!(cursor <= newest)) return [{ event: undefined, cursor: newest, changed: (now - EPOCH_MS) * 1000 }];
  const items: Item[] = db
    .changedAfter(changed, cursor)
    .map((row) => ({ event: toChange(row, db.attachmentsOf(row.rowId).length > 0), changed: row.changed }));
  for (const row of db.messagesAfter(cursor, BATCH)) {
    if (isUnplaced(row, now)) break;
    items.push({ event: toInbound(row, db.attachmentsOf(row.rowId)), cursor: row.rowId, changed: row.changed });
  }
  return items;
}

function isUnplaced({ chatGuid, isFromMe, date }: MessageRow, now: number): boolean {
  return chatGuid === null && isFromMe === 0 && Math.abs(now - toMillis(date)) < UNPLACED_MS;
}

/** Why the database could not be read, and what to do. */
export function toTrouble(error: unknown, path: string): ChannelStatus {
  const code = systemCodeOf(error) ?? "";
  if (code === "ENOENT" || code === "ENOTDIR") {
    const reason = `There is no Messages database at ${path}. Open Messages on this Mac and sign in.`;
    return { state: "disconnected", reason };
  }
  const isDenied = /^(EPERM|EACCES|SQLITE_CANTOPEN|SQLITE_AUTH|SQLITE_PERM)/.test(code);
  if (isDenied || /authorization denied/i.test(messageOf(error))) {
    const where = "System Settings > Privacy & Security > Full Disk Access";
    return {
      state: "error",
      reason: `macOS does not let Gatehouse read ${path}. Allow it in ${where}, then restart it.`,
    };
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return { state: "degraded", reason: "Another program holds the Messages database. Waiting for it." };
  }
  return { state: "error", reason: `The Messages database at ${path} cannot be read (${code || "unknown format"}).` };
}
