/** A row of the outbox: the file it carries, what the platform calls it, and how clients see it. */
import { readFile } from "node:fs/promises";
import { ChannelError, type ChatRef, type MediaKind } from "#main/channels/contract.ts";
import type { LiveAccount } from "#main/channels/supervisor.ts";
import type { OutboxItem, OutboxState } from "#main/protocol/methods/channels.ts";
import type { OutboxRecord } from "#main/store/channels/outbox.ts";

/** In `edits`: what was shown of this run while it was being written. */
export const DRAFT = "draft";

/** A file of a message, where it lies until it was sent. */
export interface StoredMedia {
  path: string;
  kind: MediaKind;
  mimeType: string;
  fileName: string;
}

/** Throws ChannelError when it is gone. */
export async function readMedia({ path, fileName }: StoredMedia): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ChannelError("rejected", `the file ${fileName} is no longer there`, { cause });
  }
}

/** The platform would know it again. Its memory may be short; the age of the row errs on the safe side. */
export function isRepeatable(row: OutboxRecord, { plug }: Pick<LiveAccount, "plug">, now: number): boolean {
  const { idempotentSend, idempotentForMs = Number.POSITIVE_INFINITY } = plug.capabilities;
  const isKnown = idempotentSend && now - row.created_at <= idempotentForMs;
  return isKnown || (row.edits !== null && row.edits !== DRAFT);
}

/** Platform ids of the messages that it became. */
export function toIds(row: OutboxRecord | undefined): string[] {
  return row?.platform_ids == null ? [] : (JSON.parse(row.platform_ids) as string[]);
}

/** A row as clients see it. */
export function toOutboxItem(row: OutboxRecord): OutboxItem {
  const { title } = JSON.parse(row.chat) as ChatRef;
  return {
    ...{ id: row.id, channel: row.channel, accountId: row.account, to: row.chat_id, state: row.state as OutboxState },
    ...{ text: row.text, attempts: row.attempts, createdAtMs: row.created_at },
    ...(title === undefined ? {} : { toName: title }),
    ...(row.error === null ? {} : { error: row.error }),
    ...(row.next_at === null ? {} : { nextAttemptAtMs: row.next_at }),
    ...(row.ended_at === null || row.state !== "sent" ? {} : { sentAtMs: row.ended_at }),
    ...(row.session_key === null ? {} : { sessionKey: row.session_key }),
  };
}
