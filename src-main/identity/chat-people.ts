/**
 * Who writes on chat platforms: strangers with a code, those whom the owner let in, the owner's own accounts, the
 * blocked. Decided by the platform's ids alone. It must never send anything itself; whoever asks tells the person.
 */
import { randomInt } from "node:crypto";
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import { Refused } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import type { ChatPerson, PersonRole } from "#main/protocol/methods/channels.ts";
import * as rows from "#main/store/channels/people.ts";
import type { Database } from "#main/store/database.ts";

export type Who = rows.Who;

/** A stranger, and where they wrote. `chat` is the JSON of their direct chat. */
export interface Stranger extends Who {
  senderName?: string;
  chat: string;
}

export type PairingEvent = {
  state: "requested" | "approved" | "dismissed" | "expired";
  record: rows.ChatPairingRecord;
  role?: PersonRole;
};

/** Without what is easily mistaken: 0, O, 1, I (features.md E12). */
const ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CODE_LENGTH = 8;
/** Strangers who wait at once, per channel. */
const MAX_PENDING = 3;
const SWEEP_MS = 60_000;

const keyOf = ({ channel, account, senderId }: Who) => JSON.stringify([channel, account, senderId]);
const toWho = (row: { channel: string; account: string; sender_id: string }): Who => {
  return { channel: row.channel, account: row.account, senderId: row.sender_id };
};

export class ChatPeople implements Disposable {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #codeSeconds: () => number;
  readonly #people = new Map<string, rows.PersonRecord>();
  readonly #pairings = new Map<string, rows.ChatPairingRecord>();
  readonly #events = new Emitter<PairingEvent>();
  #sweep: Disposable | undefined;

  constructor(deps: { db: Database; clock: Clock; codeSeconds(): number }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
    this.#codeSeconds = deps.codeSeconds;
  }

  /** Reads what was decided before. Called once, before the first message. */
  async load(): Promise<void> {
    for (const row of await rows.listPeople(this.#db)) this.#people.set(keyOf(toWho(row)), row);
    for (const row of await rows.listChatPairings(this.#db)) this.#pairings.set(keyOf(toWho(row)), row);
    this.#watchTime();
  }

  readonly onPairing = (listener: (event: PairingEvent) => void): Disposable => this.#events.on(listener);

  /** What the owner decided; a row without a role only knows a chat. */
  roleOf(who: Who): PersonRole | undefined {
    return (this.#people.get(keyOf(who))?.role || undefined) as PersonRole | undefined;
  }

  /** Direct chats that are known on an account, as JSON, by whose they are. */
  chatsOf(channel: string, account: string): { senderId: string; chat: string }[] {
    return [...this.#people.values()].flatMap((row) =>
      row.channel === channel && row.account === account && row.chat !== null
        ? [{ senderId: row.sender_id, chat: row.chat }]
        : [],
    );
  }

  /**
   * A stranger wrote. @returns their request, made now or known; undefined when too many wait already: then nothing is
   * kept of them and nothing is answered
   */
  async request(stranger: Stranger): Promise<rows.ChatPairingRecord | undefined> {
    const known = this.#pairings.get(keyOf(stranger));
    const now = this.#clock.now();
    if (known && known.expires_at > now) return known;
    if (known) await this.#forget(known, "expired");
    // Two messages of one stranger come together.
    const meanwhile = this.#pairings.get(keyOf(stranger));
    if (meanwhile && meanwhile !== known) return meanwhile;
    const { channel, account, senderId, senderName, chat } = stranger;
    const waiting = [...this.#pairings.values()].filter((row) => row.channel === channel && row.expires_at > now);
    if (waiting.length >= MAX_PENDING) return undefined;
    const record: rows.ChatPairingRecord = {
      ...{ request_id: createId("cpr"), channel, account, sender_id: senderId, sender_name: senderName ?? null },
      ...{ code: createCode(), chat, created_at: now, expires_at: now + this.#codeSeconds() * 1000 },
    };
    // Before the write: two messages of one stranger come together.
    this.#pairings.set(keyOf(stranger), record);
    try {
      await rows.insertChatPairing(this.#db, record);
    } catch (error) {
      this.#pairings.delete(keyOf(stranger));
      throw error;
    }
    this.#watchTime();
    this.#events.emit({ state: "requested", record });
    return record;
  }

  pairings(): rows.ChatPairingRecord[] {
    const now = this.#clock.now();
    return [...this.#pairings.values()].filter((row) => row.expires_at > now);
  }

  /** Lets somebody in. Throws Refused `INVALID_REQUEST` when there is no such request (any more). */
  async approve(choice: PairingChoice, role: "allowed" | "owner"): Promise<rows.ChatPairingRecord> {
    const record = this.#choose(choice);
    await this.#save(toWho(record), { role, name: record.sender_name, chat: record.chat, source: "pairing" });
    await this.#forget(record, "approved", role);
    return record;
  }

  async dismiss(choice: PairingChoice, isBlocked: boolean): Promise<rows.ChatPairingRecord> {
    const record = this.#choose(choice);
    if (isBlocked) {
      await this.#save(toWho(record), { role: "blocked", name: record.sender_name, chat: null, source: "pairing" });
    }
    await this.#forget(record, "dismissed");
    return record;
  }

  /** Sets what somebody may do; null forgets them. */
  async set(who: Who, role: PersonRole | null): Promise<void> {
    const known = this.#people.get(keyOf(who));
    if (role === null) {
      await rows.removePerson(this.#db, who);
      this.#people.delete(keyOf(who));
      return;
    }
    await this.#save(who, { role, name: known?.name ?? null, chat: known?.chat ?? null, source: "window" });
    const waiting = this.#pairings.get(keyOf(who));
    if (waiting) await this.#forget(waiting, role === "blocked" ? "dismissed" : "approved", role);
  }

  /** Notes the direct chat of somebody, the first time it is seen. It gives no role: that is decided elsewhere. */
  async noteChat(who: Who, chat: string, name: string | undefined): Promise<void> {
    const known = this.#people.get(keyOf(who));
    if (known?.chat != null) return;
    const { role = "", source = "config" } = known ?? {};
    await this.#save(who, { role, name: known?.name ?? name ?? null, chat, source });
  }

  /** Whether a stranger waits for the owner now. */
  isWaiting(who: Who): boolean {
    return (this.#pairings.get(keyOf(who))?.expires_at ?? 0) > this.#clock.now();
  }

  list(): ChatPerson[] {
    const decided = [...this.#people.values()].filter(({ role }) => role !== "");
    return decided.map((row) => ({
      ...{ channel: row.channel, accountId: row.account, senderId: row.sender_id, addedAtMs: row.added_at },
      ...{ role: row.role as PersonRole, source: row.source as ChatPerson["source"] },
      ...(row.name === null ? {} : { name: row.name }),
    }));
  }

  dispose(): void | Promise<void> {
    return this.#sweep?.dispose();
  }

  #choose({ channel, account, requestId, code }: PairingChoice): rows.ChatPairingRecord {
    const wanted = code?.trim().toUpperCase();
    const found = this.pairings().filter(
      (row) =>
        (requestId === undefined || row.request_id === requestId) &&
        (wanted === undefined || row.code === wanted) &&
        (channel === undefined || row.channel === channel) &&
        (account === undefined || row.account === account),
    );
    const [record] = found;
    if (record && found.length === 1 && (requestId ?? wanted) !== undefined) return record;
    throw new Refused("INVALID_REQUEST", "there is no such pairing request; it may be decided already, or over");
  }

  async #save(who: Who, change: Pick<rows.PersonRecord, "role" | "name" | "chat" | "source">): Promise<void> {
    const added = this.#people.get(keyOf(who))?.added_at ?? this.#clock.now();
    const { channel, account, senderId } = who;
    const row = { channel, account, sender_id: senderId, added_at: added, ...change };
    await rows.savePerson(this.#db, row);
    this.#people.set(keyOf(who), row);
  }

  async #forget(record: rows.ChatPairingRecord, state: PairingEvent["state"], role?: PersonRole): Promise<void> {
    await rows.removeChatPairing(this.#db, record.request_id);
    // Another call was faster, and a newer request may stand there already.
    if (this.#pairings.get(keyOf(toWho(record)))?.request_id !== record.request_id) return;
    this.#pairings.delete(keyOf(toWho(record)));
    this.#events.emit({ state, record, ...(role === undefined ? {} : { role }) });
  }

  /** One timer while somebody waits, none otherwise. */
  #watchTime(): void {
    if (this.#sweep || this.#pairings.size === 0) return;
    this.#sweep = this.#clock.every(SWEEP_MS, () => {
      const now = this.#clock.now();
      const over = [...this.#pairings.values()].filter((row) => row.expires_at <= now);
      // What could not be written down is tried again at the next look.
      for (const record of over) this.#forget(record, "expired").catch(() => {});
      if (this.#pairings.size > over.length) return;
      void this.#sweep?.dispose();
      this.#sweep = undefined;
    });
  }
}

export interface PairingChoice {
  channel?: string | undefined;
  account?: string | undefined;
  requestId?: string | undefined;
  code?: string | undefined;
}

function createCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
