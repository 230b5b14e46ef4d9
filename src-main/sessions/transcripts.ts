/**
 * What was said lately in a conversation, for the next request. The conversations answered last stay in memory, and only
 * what came since is read. Whether they still hold is decided by the session's own count, which every change of its
 * messages moves in the same transaction: nobody has to tell this room of a change.
 */
import type { Message } from "#main/protocol/messages.ts";
import type { Database } from "#main/store/database.ts";
import { readTail, type Place } from "#main/store/messages.ts";
import { findSession, type SessionRecord } from "#main/store/sessions.ts";

/** Messages looked at for a request; what does not fit the model's window is left out anyway. */
const LIMIT = 400;
/** Of all that is kept, as it is stored: about ten long conversations. */
const MAX_CHARS = 1_200_000;

export interface Transcript {
  session: SessionRecord | undefined;
  /** Oldest first. Shared, and longer after the next read: not to be changed or kept. */
  messages: readonly Message[];
}

/** What is known of a conversation. */
class Tail {
  readonly messages: Message[] = [];
  /** Characters of each, as it is stored. */
  readonly #sizes: number[] = [];
  chars = 0;
  /** Number of the newest one. */
  seq = 0;
  /** The session's own count when it was read. */
  count = 0;

  add(rows: readonly { seq: number; body: string }[]): void {
    for (const { seq, body } of rows) {
      this.messages.push(JSON.parse(body) as Message);
      this.#sizes.push(body.length);
      this.chars += body.length;
      this.seq = seq;
    }
    while (this.messages.length > LIMIT) {
      this.messages.shift();
      this.chars -= this.#sizes.shift() ?? 0;
    }
  }
}

export class Transcripts {
  readonly #db: Database;
  /** By session id, the one used longest ago first. */
  readonly #kept = new Map<string, Tail>();
  #chars = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  async read(place: Place): Promise<Transcript> {
    // On one connection: nothing is written between the reads.
    return this.#db.connection().execute(async (connection) => {
      const session = await findSession(connection, place.sessionKey);
      const count = session?.session_id === place.sessionId ? session.message_count : undefined;
      let tail = this.#take(place.sessionId) ?? new Tail();
      const added = await readTail(connection, place, { after: tail.seq, limit: LIMIT });
      if (tail.seq > 0 && tail.count + added.length !== count) {
        tail = new Tail();
        tail.add(await readTail(connection, place, { after: 0, limit: LIMIT }));
      } else tail.add(added);
      if (count !== undefined) this.#keep(place.sessionId, tail, count);
      return { session, messages: tail.messages };
    });
  }

  #take(sessionId: string): Tail | undefined {
    const kept = this.#kept.get(sessionId);
    this.#kept.delete(sessionId);
    this.#chars -= kept?.chars ?? 0;
    return kept;
  }

  #keep(sessionId: string, tail: Tail, count: number): void {
    tail.count = count;
    this.#kept.set(sessionId, tail);
    this.#chars += tail.chars;
    for (const oldest of this.#kept.keys()) {
      if (this.#chars <= MAX_CHARS) break;
      this.#take(oldest);
    }
  }
}
