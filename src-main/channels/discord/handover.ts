/**
 * Hands over what came, in the order of each chat, until it is taken. Discord's gateway knows no acknowledgement: what
 * could not be taken is tried again here while later messages of its chat wait, and what was written while nobody
 * listened is loaded from the last message on that was taken. Must never drop a message that is written down nowhere.
 */
import { backoffMs } from "#main/base/backoff.ts";
import { sleep } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import { Lane, Lanes } from "#main/base/lane.ts";
import { ChannelError, type ChannelContext, type InboundEvent } from "../contract.ts";
import { fieldsOf, idOf, type Fields, type Packet } from "./inbound.ts";

/** Where reading goes on in a channel. Messages that are loaded do not name their server. */
interface Mark {
  after: string;
  guild: unknown;
}

interface HandoverOptions {
  context: Pick<ChannelContext, "clock" | "log" | "random" | "memory" | "receive">;
  toInbound(packet: Packet): InboundEvent | undefined;
  /** Up to `PAGE` messages after the mark, oldest first. Throws ChannelError. */
  load(channelId: string, after: string, signal: AbortSignal): Promise<readonly Fields[]>;
}

export const PAGE = 100;
const MAX_PAGES = 5;
/** About six minutes: longer than a lost connection is tried to be resumed. After that all is loaded anew anyway. */
const LOAD_TRIES = 12;
/** Channels whose mark is kept, the latest ones. */
const MAX_MARKS = 100;
/** What waits of one chat while nothing can be written down; what comes after is loaded later. */
const MAX_WAITING = 500;
const MARKS = "marks";
const PAUSES = { firstMs: 1000, maxMs: 60_000 };

export class Handover implements Disposable {
  readonly #options: HandoverOptions;
  readonly #stop = new AbortController();
  readonly #lanes = new Lanes();
  readonly #loading = new Lane();
  readonly #marks: Map<string, Mark>;
  readonly #waiting = new Map<string, number>();

  constructor(options: HandoverOptions) {
    this.#options = options;
    this.#marks = readMarks(options.context.memory.get(MARKS));
  }

  /** Queues an event of the gateway. */
  add(packet: Packet): void {
    const channelId = idOf(fieldsOf(packet.d)["channel_id"]);
    if (channelId === undefined) return;
    const waiting = this.#waiting.get(channelId) ?? 0;
    if (waiting < MAX_WAITING) this.#queue(channelId, () => this.#take(packet, channelId));
    // Last in the queue, and in it for as long as it is full: it finds all that is not queued.
    if (waiting === MAX_WAITING) this.#queue(channelId, () => this.#readOn(channelId));
  }

  /** Hands over an event that is mapped already. @returns when it was taken; rejects when stopped before */
  async take(event: InboundEvent): Promise<void> {
    await this.#lanes.run(event.chat.id, () => this.#insist(() => this.#options.context.receive(event)));
  }

  /** Loads what was missed in all channels with a mark. What comes meanwhile waits its turn. */
  catchUp(): void {
    for (const channelId of this.#marks.keys()) this.#queue(channelId, () => this.#readOn(channelId));
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#lanes.idle();
  }

  #queue(channelId: string, job: () => Promise<void>): void {
    const count = (by: number) => this.#waiting.set(channelId, (this.#waiting.get(channelId) ?? 0) + by);
    count(1);
    void this.#lanes
      .run(channelId, job)
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        this.#options.context.log.warn("messages of a Discord channel were missed", { error: messageOf(error) });
      })
      .then(() => count(-1));
  }

  async #take(packet: Packet, channelId: string): Promise<void> {
    const event = this.#options.toInbound(packet);
    if (event !== undefined) await this.#insist(() => this.#options.context.receive(event));
    const { id, guild_id: guild } = fieldsOf(packet.d);
    const after = idOf(id);
    if (packet.t === "MESSAGE_CREATE" && after !== undefined) await this.#mark(channelId, { after, guild });
  }

  /** Tries until it works. Throws when stopped, and for what no other try will change. */
  async #insist<T>(job: () => Promise<T>, tries = Infinity): Promise<T> {
    const { context } = this.#options;
    for (let failures = 1; ; failures++) {
      this.#stop.signal.throwIfAborted();
      try {
        return await job();
      } catch (error) {
        const { failure, retryAfterMs = 0 } = error instanceof ChannelError ? error : { failure: "unknown" };
        if (failure === "rejected" || failure === "auth" || failures >= tries) throw error;
        context.log.warn("messages could not be taken; trying again", { failures, error: messageOf(error) });
        const pauseMs = backoffMs(failures, PAUSES, () => context.random());
        await sleep(context.clock, Math.max(retryAfterMs, pauseMs), this.#stop.signal);
      }
    }
  }

  /** A mark that could not be kept costs at most that some messages are delivered once more. */
  async #mark(channelId: string, mark: Mark): Promise<void> {
    const { memory, log } = this.#options.context;
    if (BigInt(mark.after) <= BigInt(this.#marks.get(channelId)?.after ?? 0)) return;
    this.#marks.delete(channelId);
    this.#marks.set(channelId, mark);
    const [oldest = ""] = this.#marks.keys();
    if (this.#marks.size > MAX_MARKS) this.#marks.delete(oldest);
    await memory.set(MARKS, JSON.stringify([...this.#marks])).catch((error: unknown) => {
      log.warn("the reading mark could not be kept", { error: messageOf(error) });
    });
  }

  async #readOn(channelId: string): Promise<void> {
    const { load, context } = this.#options;
    for (let page = 0; page < MAX_PAGES; page++) {
      const mark = this.#marks.get(channelId);
      if (mark === undefined) return;
      const read = () => this.#insist(() => load(channelId, mark.after, this.#stop.signal), LOAD_TRIES);
      const messages = await this.#loading.run(read);
      for (const message of messages) {
        await this.#take({ t: "MESSAGE_CREATE", d: { ...message, guild_id: mark.guild } }, channelId);
      }
      if (messages.length < PAGE) return;
    }
    context.log.warn("more was missed in a Discord channel than is loaded at once");
  }
}

function readMarks(written = "[]"): Map<string, Mark> {
  try {
    return new Map(JSON.parse(written) as [string, Mark][]);
  } catch {
    // Written by a version that kept them otherwise: reading begins anew.
    return new Map();
  }
}
