/**
 * Writing to a chat by hand: `send` to any chat of a channel, and a word into a conversation in place of the assistant.
 * The row is committed before the caller is told; what was said stands in the conversation too.
 */
import type { Clock } from "#main/base/clock.ts";
import { Refused } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import type { ChatRef } from "#main/channels/contract.ts";
import type { ChannelSupervisor, LiveAccount } from "#main/channels/supervisor.ts";
import type { OutboxState } from "#main/protocol/methods/channels.ts";
import type { Message } from "#main/protocol/messages.ts";
import { addMessage } from "#main/sessions/add-message.ts";
import { findOutboxByKey, insertOutbox } from "#main/store/channels/outbox.ts";
import type { Database } from "#main/store/database.ts";
import { findSession, findSessionOfChat } from "#main/store/sessions.ts";
import { dropFile, keepFile } from "./keep-file.ts";
import { toRow, type Leaving } from "./notices.ts";
import type { Outbox } from "./outbox.ts";
import type { ChatAddress } from "../route.ts";

export interface ByHandDeps {
  db: Database;
  clock: Clock;
  outbox: Outbox;
  channels: ChannelSupervisor;
  /** Folder for files that wait to be sent. */
  mediaDir: string;
  onCommitted(sessionKey: string, message: Message, created: boolean): void;
}

export interface Letter {
  channel: string | undefined;
  account: string | undefined;
  /** The platform's id of the chat. */
  to: string;
  text: string;
  media?: Parameters<typeof keepFile>[0] | undefined;
  threadId?: string | undefined;
  replyTo?: string | undefined;
  idempotencyKey: string;
}

/** How long a caller who wants to know is kept waiting. */
const WAIT_MS = 60_000;

export class ByHand {
  readonly #deps: ByHandDeps;

  constructor(deps: ByHandDeps) {
    this.#deps = deps;
  }

  /** Throws Refused `INVALID_REQUEST` when there is no such channel or nothing to say. A known key is not sent again. */
  async send(letter: Letter): Promise<{ id: string; status: OutboxState }> {
    // The part stands before the key: no part of one letter is ever the key of another.
    const keyOf = (part: number) => `send:${part}:${letter.idempotencyKey}`;
    const dedupe = keyOf(0);
    const known = await findOutboxByKey(this.#deps.db, dedupe);
    if (known) return { id: known.id, status: known.state as OutboxState };
    const live = this.#choose(letter);
    if (letter.text.trim() === "" && !letter.media) throw refuse("there is nothing to send: give a text or a file");
    const { channel, account, plug } = live;
    const chat = await this.#chatOf(live, letter);
    const media = letter.media && (await keepFile(letter.media, plug, this.#deps.mediaDir));
    const parts = letter.text.trim() === "" ? [""] : plug.split(letter.text);
    const rows = parts.map((text, index): Leaving => ({
      ...{ address: { channel, account, chat }, text, kind: "hand" },
      dedupe: keyOf(index),
      ...(index === 0 ? { media, replyTo: letter.replyTo } : {}),
    }));
    const added = await this.#deps.outbox.add(rows.map((row) => toRow(row, this.#deps.clock.now())));
    // Another call with this key was faster: its row has a file of its own.
    if (media && !added.some(({ dedupe: key }) => key === dedupe)) await dropFile(media);
    const first = added[0] ?? (await findOutboxByKey(this.#deps.db, dedupe));
    if (!first) throw new Error("the row that was just written is not there");
    return { id: first.id, status: first.state as OutboxState };
  }

  /** Resolves when the row was delivered. Throws Refused `UNAVAILABLE` with the platform's reason otherwise. */
  async delivered(id: string): Promise<void> {
    const { outbox, clock } = this.#deps;
    let timer = { dispose: () => {} } as ReturnType<Clock["after"]>;
    const late = new Promise<undefined>((resolve) => {
      timer = clock.after(WAIT_MS, () => resolve(undefined));
    });
    const ended = new AbortController();
    const row = await Promise.race([outbox.settled(id, ended.signal), late]);
    ended.abort();
    await timer.dispose();
    if (row?.state === "sent") return;
    const why = row === undefined ? "it still waits to be sent" : `${row.state}: ${row.error ?? "no reason given"}`;
    throw new Refused("UNAVAILABLE", `the message was not delivered; ${why}`, { details: { id } });
  }

  /**
   * Says something in a conversation: the person there reads it, the assistant knows of it.
   * @param label who said it, for the window
   */
  async say(
    key: string,
    text: string,
    said: { label: string; idempotencyKey: string },
  ): Promise<{ id: string; messageId: string }> {
    const { db, clock, outbox, channels, onCommitted } = this.#deps;
    const session = await findSession(db, key);
    if (session?.chat == null) throw refuse("this conversation is not on a channel");
    const keyOf = (part: number) => `say:${part}:${said.idempotencyKey}`;
    const dedupe = keyOf(0);
    const known = await findOutboxByKey(db, dedupe);
    if (known) return { id: known.id, messageId: known.run_id ?? "" };
    const address = JSON.parse(session.chat) as ChatAddress;
    const parts = channels.plug(address.channel)?.split(text) ?? [];
    const now = clock.now();
    const base = { id: createId("msg"), role: "assistant" as const, timestamp: now, stopReason: "stop" as const };
    const message: Message = { ...base, content: [{ type: "text", text: text.toWellFormed() }], label: said.label };
    const rows = parts.map((part, index) =>
      toRow(
        {
          ...{ address, text: part, kind: "hand", sessionKey: key, runId: message.id },
          dedupe: keyOf(index),
        },
        now,
      ),
    );
    const added = await db.transaction().execute(async (trx) => {
      await addMessage(trx, { sessionKey: key, sessionId: session.session_id }, message);
      return insertOutbox(trx, rows);
    });
    onCommitted(key, message, false);
    outbox.wake(added);
    return { id: added[0]?.id ?? "", messageId: message.id };
  }

  /** The account that is meant; without a name the only one there is. */
  #choose({ channel, account }: Letter): LiveAccount {
    const fitting = this.#deps.channels
      .list()
      .filter((one) => (channel ?? one.channel) === one.channel && (account ?? one.account) === one.account);
    const [only] = fitting;
    if (only && (fitting.length === 1 || channel !== undefined)) return only;
    if (fitting.length > 1) throw refuse("there are several channels; say which one");
    const hint = "Set it up on the Channels page or under `channels` in the configuration";
    throw refuse(`there is no channel ${[channel, account].filter(Boolean).join("/") || "set up"}. ${hint}`);
  }

  /** The chat as it is known from a conversation; else all that is known is its id. */
  async #chatOf({ channel }: LiveAccount, { to, threadId }: Letter): Promise<ChatRef> {
    const session = await findSessionOfChat(this.#deps.db, channel, to);
    const known = session?.chat == null ? undefined : (JSON.parse(session.chat) as ChatAddress).chat;
    const { threadId: _, ...chat } = known ?? { id: to, kind: "direct" as const };
    return threadId === undefined ? chat : { ...chat, threadId };
  }
}

function refuse(message: string): Refused {
  return new Refused("INVALID_REQUEST", message);
}
