/** One call of the platform for one row: an edit of a message of ours, or a message. Bounded in time; no retry. */
import { rm } from "node:fs/promises";
import { withFirstOf } from "#main/base/disposable.ts";
import type { Clock } from "#main/base/clock.ts";
import { ChannelError, type Button, type ChatRef, type OutboundMessage } from "#main/channels/contract.ts";
import type { LiveAccount } from "#main/channels/supervisor.ts";
import type { OutboxRecord } from "#main/store/channels/outbox.ts";
import { readMedia, type StoredMedia } from "./outbox-item.ts";

const CALL_MS = 60_000;

export interface CallDeps {
  clock: Clock;
  /** Aborts at stop. */
  stop: AbortSignal;
}

/**
 * @param target platform id of the message of ours that the row replaces
 * @returns the platform's ids. Throws ChannelError
 */
export async function callPlatform(
  deps: CallDeps,
  { connection }: Pick<LiveAccount, "connection">,
  row: OutboxRecord,
  target: string | undefined,
): Promise<readonly string[]> {
  if (!connection) throw new ChannelError("offline", "the channel was stopped");
  const chat = JSON.parse(row.chat) as ChatRef;
  const buttons = row.buttons === null ? {} : { buttons: JSON.parse(row.buttons) as Button[] };
  const { edit } = connection;
  if (target !== undefined && edit) {
    try {
      await inTime(deps, () => edit.call(connection, chat, target, { text: row.text, ...buttons }));
      return [target];
    } catch (error) {
      // Too old to be changed, or deleted by somebody: then it is said anew.
      if (!(error instanceof ChannelError) || error.failure !== "rejected") throw error;
    }
  }
  const media = row.media === null ? undefined : (JSON.parse(row.media) as StoredMedia);
  const message: OutboundMessage = {
    ...{ chat, text: row.text, idempotencyKey: row.dedupe, ...buttons },
    ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
    ...(media ? { media: { ...media, bytes: await readMedia(media) } } : {}),
  };
  const sent = await inTime(deps, (signal) => connection.send(message, signal));
  return sent.platformIds;
}

/** What takes longer than a minute may have happened or not. */
export async function inTime<T>({ clock, stop }: CallDeps, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = clock.after(CALL_MS, () => {
    limit.abort();
    reject(new ChannelError("unknown", "the platform did not answer within a minute"));
  });
  try {
    return await Promise.race([withFirstOf([limit.signal, stop], call), late]);
  } finally {
    await timer.dispose();
  }
}

/** The file of a row that is over. Best effort: what is left behind is only a file. */
export async function dropMedia({ media }: OutboxRecord): Promise<void> {
  if (media !== null) await rm((JSON.parse(media) as StoredMedia).path, { force: true }).catch(() => {});
}
