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

/** Where reading goes on in a channel. */
export interface Mark {
  after: string;
  /** Messages that are loaded do not name their server. */
  guild?: string;
}

export interface HandoverOptions {
  context: Pick<ChannelContext, "clock" | "log" | "random" | "memory" | "receive">;
  toInbound(packet: Packet): InboundEvent | undefined;
  /** Up to `PAGE` messages after the mark, oldest first. Throws ChannelError. */
  load(channelId: string, after: string, signal: AbortSignal): Promise<readonly Fields[]>;
}

export const PAGE = 100;
const MAX_PAGES = 5;
/** Tries while connected; about four minutes. */
const LOAD_TRIES = 8;
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
  readonly #behind = new Set<string>();

  constructor(options: HandoverOptions) {
    this.#options = options;
    this.#marks = readMarks(options.context.memory.get(MARKS));
  }

  /** Queues an event of the gateway. */
  add(packet: Packet): void {
    const channelId = idOf(fieldsOf(packet.d)["channel_id"]);
    if (channelId === undefined || this.#behind.has(channelId)) return;
    if ((this.#waiting.get(channelId) ?? 0) >= MAX_WAITING) {
      this.#options.context.log.warn("too much waits in a Discord channel; the rest is loaded later");
      this.#behind.add(channelId);
      return;
    }
    this.#queue(channelId, () => this.#take(packet, channelId));
  }

  /** Queues an event that is mapped already. @returns when it was taken; rejects when stopped before */
  async addEvent(event: InboundEvent): Promise<void> {
    await this.#lanes.run(event.chat.id, () => this.#hand(event));
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
    this.#waiting.set(channelId, (this.#waiting.get(channelId) ?? 0) + 1);
    void this.#lanes
      .run(channelId, job)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#options.context.log.error("lost an event", { error: messageOf(error) });
      })
      .then(() => this.#done(channelId));
  }

  #done(channelId: string): void {
    const left = (this.#waiting.get(channelId) ?? 1) - 1;
    if (left > 0) return void this.#waiting.set(channelId, left);
    this.#waiting.delete(channelId);
    if (this.#behind.delete(channelId)) this.#queue(channelId, () => this.#readOn(channelId));
    return undefined;
  }

  async #take(packet: Packet, channelId: string): Promise<void> {
    const event = this.#options.toInbound(packet);
    if (event !== undefined) await this.#hand(event);
    if (packet.t !== "MESSAGE_CREATE") return;
    const { id, guild_id: guild } = fieldsOf(packet.d);
    await this.#mark(channelId, idOf(id), idOf(guild));
  }

  /** Tries until it is taken. Throws only when stopped. */
  async #hand(event: InboundEvent): Promise<void> {
    const { context } = this.#options;
    for (let failures = 1; ; failures++) {
      this.#stop.signal.throwIfAborted();
      try {
        return await context.receive(event);
      } catch (error) {
        context.log.warn("an event could not be taken; trying again", { failures, error: messageOf(error) });
        await sleep(
          context.clock,
          backoffMs(failures, PAUSES, () => context.random()),
          this.#stop.signal,
        );
      }
    }
  }

  async #mark(channelId: string, after: string | undefined, guild: string | undefined): Promise<void> {
    const before = this.#marks.get(channelId);
    if (after === undefined || BigInt(after) <= BigInt(before?.after ?? 0)) return;
    this.#marks.delete(channelId);
    this.#marks.set(channelId, { after, ...(guild === undefined ? {} : { guild }) });
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= MAX_MARKS) break;
      this.#marks.delete(oldest);
    }
    await this.#save();
  }

  /** A mark that could not be kept costs at most that some messages are delivered once more. */
  async #save(): Promise<void> {
    const { memory, log } = this.#options.context;
    await memory.set(MARKS, JSON.stringify([...this.#marks])).catch((error: unknown) => {
      log.warn("the reading mark could not be kept", { error: messageOf(error) });
    });
  }

  async #readOn(channelId: string): Promise<void> {
    for (let page = 0; page < MAX_PAGES; page++) {
      const mark = this.#marks.get(channelId);
      if (mark === undefined) return;
      const messages = await this.#loading.run(() => this.#load(channelId, mark.after));
      const guild = mark.guild === undefined ? {} : { guild_id: mark.guild };
      for (const message of messages) await this.#take({ t: "MESSAGE_CREATE", d: { ...message, ...guild } }, channelId);
      if (messages.length < PAGE) return;
    }
    this.#options.context.log.warn("more was missed in a Discord channel than is loaded at once");
  }

  async #load(channelId: string, after: string): Promise<readonly Fields[]> {
    const { context, load } = this.#options;
    for (let failures = 0; ;) {
      this.#stop.signal.throwIfAborted();
      try {
        return await load(channelId, after, this.#stop.signal);
      } catch (error) {
        const { failure, retryAfterMs = 0 } = error instanceof ChannelError ? error : { failure: "unknown" };
        if (failure === "rejected") await this.#forget(channelId);
        if (failure !== "offline") failures += 1;
        if (failure === "rejected" || failure === "auth" || failures > LOAD_TRIES) {
          context.log.warn("missed messages could not be loaded", { error: messageOf(error) });
          return [];
        }
        const pause = Math.max(
          retryAfterMs,
          backoffMs(failures, PAUSES, () => context.random()),
        );
        await sleep(context.clock, pause, this.#stop.signal);
      }
    }
  }

  async #forget(channelId: string): Promise<void> {
    this.#marks.delete(channelId);
    await this.#save();
  }
}

function readMarks(written: string | undefined): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  try {
    for (const [channelId, mark] of JSON.parse(written ?? "[]") as [unknown, unknown][]) {
      const { after, guild } = fieldsOf(mark);
      const [id, last, space] = [channelId, after, guild].map(idOf);
      if (id && last) marks.set(id, { after: last, ...(space === undefined ? {} : { guild: space }) });
    }
  } catch {
    // Written by a version that kept them otherwise: reading begins anew.
  }
  return marks;
}
