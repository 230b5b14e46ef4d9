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

interface Entry {
  seq: number;
  chars: number;
  message: Message;
}

export interface Transcript {
  session: SessionRecord | undefined;
  /** Oldest first. Shared: not to be changed. */
  messages: readonly Message[];
}

export class Transcripts {
  readonly #db: Database;
  /** By session id, the one used longest ago first. */
  readonly #kept = new Map<string, { entries: readonly Entry[]; count: number; chars: number }>();
  #chars = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  async read(place: Place): Promise<Transcript> {
    // On one connection: nothing is written between the reads.
    return this.#db.connection().execute(async (connection) => {
      const session = await findSession(connection, place.sessionKey);
      const count = session?.session_id === place.sessionId ? session.message_count : undefined;
      const kept = this.#take(place.sessionId);
      const readAfter = async (after: number) =>
        (await readTail(connection, place, { after, limit: LIMIT })).map(toEntry);
      const added = await readAfter(kept?.entries.at(-1)?.seq ?? 0);
      const holds = kept === undefined || kept.count + added.length === count;
      const entries = holds ? [...(kept?.entries ?? []), ...added].slice(-LIMIT) : await readAfter(0);
      if (count !== undefined) this.#keep(place.sessionId, entries, count);
      return { session, messages: entries.map(({ message }) => message) };
    });
  }

  #take(sessionId: string) {
    const kept = this.#kept.get(sessionId);
    this.#kept.delete(sessionId);
    this.#chars -= kept?.chars ?? 0;
    return kept;
  }

  #keep(sessionId: string, entries: readonly Entry[], count: number): void {
    const chars = entries.reduce((sum, entry) => sum + entry.chars, 0);
    this.#take(sessionId);
    this.#kept.set(sessionId, { entries, count, chars });
    this.#chars += chars;
    for (const oldest of this.#kept.keys()) {
      if (this.#chars <= MAX_CHARS) break;
      this.#take(oldest);
    }
  }
}

function toEntry({ seq, body }: { seq: number; body: string }): Entry {
  return { seq, chars: body.length, message: JSON.parse(body) as Message };
}
