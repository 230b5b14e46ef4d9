/**
 * Telegram's queue of updates for one bot: held until they are confirmed, handed out by getUpdates or brought to a
 * webhook, in order. Facts: core.telegram.org/bots/api, "Getting updates".
 */

export interface Answer {
  status: number;
  body: unknown;
}

export function ok(result: unknown): Answer {
  return { status: 200, body: { ok: true, result } };
}

export function refusal(code: number, description: string, parameters?: Record<string, number>): Answer {
  return { status: code, body: { ok: false, error_code: code, description, ...(parameters && { parameters }) } };
}

interface Queued {
  id: number;
  /** As it goes over the wire. */
  update: unknown;
}

/** A long poll is held for so many milliseconds per second that it asks for: the tests' clock hurries too. */
const HELD_MS_PER_SECOND = 20;

const KINDS = ["message", "edited_message", "channel_post", "callback_query", "message_reaction", "my_chat_member"];

export class UpdateQueue {
  #queue: Queued[] = [];
  /** Handed out once more, confirmed or not. */
  #repeated: unknown[] = [];
  #lastId = 7000;
  #allowed: readonly string[] | undefined;
  #waiting: { answer: (answer: Answer) => void; timer: NodeJS.Timeout } | undefined;

  /** @param content one field beside `update_id`; anything else is sent as it is, for nonsense */
  push(content: unknown): void {
    const id = ++this.#lastId;
    const isObject = typeof content === "object" && content !== null && !Array.isArray(content);
    this.#queue.push({ id, update: isObject ? { update_id: id, ...content } : content });
    this.#wake();
  }

  repeatLast(): void {
    this.#repeated.push(this.#last);
    this.#wake();
  }

  #last: unknown;

  allow(kinds: unknown): void {
    if (Array.isArray(kinds)) this.#allowed = kinds.map(String);
  }

  /** Answers a getUpdates call, at once or when something comes. */
  poll(fields: Record<string, unknown>): Promise<Answer> {
    const offset = Number(fields["offset"] ?? 0);
    this.#queue = this.#queue.filter(({ id }) => id >= offset);
    this.allow(fields["allowed_updates"]);
    this.end(
      refusal(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"),
    );
    return new Promise((resolve) => {
      const ms = Number(fields["timeout"] ?? 0) * HELD_MS_PER_SECOND;
      this.#waiting = { answer: resolve, timer: setTimeout(() => this.end(ok([])), ms) };
      this.#wake();
    });
  }

  /** Ends a poll that is held. */
  end(answer: Answer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(waiting?.timer);
    waiting?.answer(answer);
  }

  /** The oldest update for a webhook, with what confirms it. */
  next(): { update: unknown; confirm: () => void } | undefined {
    this.#dropUnwanted();
    if (this.#repeated.length > 0) {
      return { update: this.#repeated[0], confirm: () => void this.#repeated.shift() };
    }
    const first = this.#queue[0];
    if (first === undefined) return undefined;
    const confirm = () => {
      this.#last = first.update;
      this.#queue = this.#queue.filter((one) => one !== first);
    };
    return { update: first.update, confirm };
  }

  #wake(): void {
    this.#dropUnwanted();
    if (this.#waiting === undefined || this.#queue.length + this.#repeated.length === 0) return;
    const updates = [...this.#repeated, ...this.#queue.slice(0, 100).map(({ update }) => update)];
    this.#last = updates.at(-1);
    this.#repeated = [];
    this.end(ok(updates));
  }

  #dropUnwanted(): void {
    const kindOf = (update: unknown) =>
      typeof update === "object" && update !== null
        ? Object.keys(update).find((key) => KINDS.includes(key))
        : undefined;
    this.#queue = this.#queue.filter(({ update }) => {
      const kind = kindOf(update);
      return kind === undefined || this.#allowed === undefined || this.#allowed.includes(kind);
    });
  }
}
