/** Short words of Gatehouse itself to a chat: a code, a pause, the answer to a command. Each goes out once. */
import type { Clock } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import type { Button } from "#main/channels/contract.ts";
import type { NewOutbox, OutboxRecord } from "#main/store/channels/outbox.ts";
import type { ChatAddress } from "../route.ts";

/** What is known of a row that is to leave; the rest is filled in. */
export interface Leaving {
  address: ChatAddress;
  text: string;
  /** The same for the same message, for ever: what is known already is not queued again. */
  dedupe: string;
  kind: "reply" | "draft" | "notice" | "question" | "hand";
  sessionKey?: string | undefined;
  runId?: string | undefined;
  replyTo?: string | undefined;
  edits?: string | undefined;
  buttons?: readonly Button[] | undefined;
  media?: unknown;
}

/** A row for the outbox. */
export function toRow(leaving: Leaving, now: number): NewOutbox {
  const { channel, account, chat } = leaving.address;
  return {
    ...{ id: createId("out"), dedupe: leaving.dedupe, channel, account, chat_id: chat.id },
    ...{ chat: JSON.stringify(chat), kind: leaving.kind, text: leaving.text.toWellFormed() },
    media: leaving.media === undefined ? null : JSON.stringify(leaving.media),
    buttons: leaving.buttons === undefined ? null : JSON.stringify(leaving.buttons),
    ...{ reply_to: leaving.replyTo ?? null, edits: leaving.edits ?? null, session_key: leaving.sessionKey ?? null },
    ...{ run_id: leaving.runId ?? null, created_at: now },
  };
}

export interface Notices {
  /** Queues the words; resolves once they are committed. */
  send(address: ChatAddress, text: string, dedupe: string, sessionKey?: string): Promise<void>;
}

export function createNotices(deps: {
  clock: Clock;
  add(rows: readonly NewOutbox[]): Promise<OutboxRecord[]>;
  split(channel: string, text: string): string[];
}): Notices {
  return {
    async send(address, text, dedupe, sessionKey) {
      const parts = deps.split(address.channel, text);
      await deps.add(
        parts.map((part, index) => {
          const key = index === 0 ? dedupe : `${dedupe}:${index}`;
          return toRow({ address, text: part, dedupe: key, kind: "notice", sessionKey }, deps.clock.now());
        }),
      );
    },
  };
}
