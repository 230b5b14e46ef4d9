/**
 * From accepted messages to runs: how fast one sender may go, what belongs together, and what a message does to an
 * answer that is being written (steer, queue, collect, interrupt). Everything here is in memory; what waits is in the
 * inbox and is taken up again after a restart. It must never lose the order of one chat.
 */
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import { Lanes } from "#main/base/lane.ts";
import type { Logger } from "#main/base/logger.ts";
import { rulesOf } from "#main/channels/settings.ts";
import type { Config } from "#main/config/schema.ts";
import type { SessionKey } from "#main/sessions/key.ts";
import type { Turns } from "#main/sessions/turn.ts";
import type { Arrival } from "./arrival.ts";
import type { Begin, Steer } from "./begin.ts";
import type { Notices } from "./outgoing/notices.ts";
import { SenderRates, type Rate } from "./rate.ts";
import { toSession } from "./route.ts";
import type { Spoken } from "./spoken.ts";

export interface IntakeDeps {
  clock: Clock;
  log: Logger;
  config(): Config;
  turns: Turns;
  notices: Notices;
  commands: Spoken;
  /** Makes a run of what belongs together. */
  begin: Begin;
  /** A message waits for an answer that is being written: its sender may see that it was noticed. */
  seen(arrival: Arrival): void;
  /** Takes a message back from the queue: it will not be answered. */
  drop(seqs: readonly number[], reason: string): Promise<void>;
}

const RATE: Rate = { perMinute: 20, burst: 10 };
/** A bot that was let in: enough to be useful, too little for two bots to keep each other busy. */
const BOT_RATE: Rate = { perMinute: 2, burst: 4 };
/** Messages of one sender that wait above their rate; the rest is dropped (contract.md). */
const MAX_WAITING = 100;
const TELL_AGAIN_MS = 10 * 60_000;
/** Parts of an album come one by one. */
const ALBUM_MS = 700;
/** Our own store failed: tried again after this. */
const AGAIN_MS = 5000;

interface Gathering {
  arrivals: Arrival[];
  timer: Disposable;
}

export class Intake implements Disposable {
  readonly #deps: IntakeDeps;
  readonly #rates: SenderRates;
  /** Above their rate, by sender. */
  readonly #waiting = new Map<string, Arrival[]>();
  /** When a sender was told that they write too fast. */
  readonly #told = new Map<string, number>();
  /** Debounced or parts of an album, by chat and sender. */
  readonly #gatherings = new Map<string, Gathering>();
  /** Batches that wait for the end of a run (collect) or for its next step (steer), by session. */
  readonly #pending = new Map<string, Arrival[][]>();
  readonly #lanes = new Lanes();
  readonly #timers = new Set<Disposable>();
  #isDisposed = false;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    this.#rates = new SenderRates(deps.clock);
  }

  take(arrival: Arrival): void {
    const sender = JSON.stringify([arrival.channel, arrival.account, arrival.message.sender.id]);
    const waiting = this.#waiting.get(sender);
    if (waiting && waiting.length >= MAX_WAITING && arrival.isRecovered !== true) {
      return this.#drop([arrival], `more than ${MAX_WAITING} messages of this sender wait`);
    }
    if (waiting) return void waiting.push(arrival);
    const pause = this.#rates.take(sender, this.#rateOf(arrival));
    if (pause === 0) return this.#admit(arrival);
    if (arrival.message.sender.isBot === true && arrival.isRecovered !== true)
      return this.#drop([arrival], "another bot writes too fast");
    this.#waiting.set(sender, [arrival]);
    this.#later(pause, () => this.#release(sender));
    return this.#tell(sender, arrival);
  }

  /** Once in a while, not for each message that waits. */
  #tell(sender: string, { seq, channel, account, message }: Arrival): void {
    const now = this.#deps.clock.monotonic();
    for (const [known, at] of this.#told) if (now - at > TELL_AGAIN_MS) this.#told.delete(known);
    if (this.#told.has(sender)) return;
    this.#told.set(sender, now);
    const text = "You write faster than I may answer. Nothing is lost: I answer each message in turn.";
    this.#quietly(this.#deps.notices.send({ channel, account, chat: message.chat }, text, `rate:${seq}`));
  }

  /** A run ended: what waited for it goes on. */
  ended(sessionKey: string): void {
    const batches = this.#pending.get(sessionKey);
    if (!batches || this.#deps.turns.ofSession(sessionKey).length > 0) return;
    this.#pending.delete(sessionKey);
    const [first] = batches[0] ?? [];
    if (!first) return;
    const isCollecting = this.#modeOf(first) === "collect";
    for (const batch of isCollecting ? bySender(batches.flat()) : batches) this.#begin(sessionKey, batch);
  }

  /** What came since the last step of a run, to be read in its next one. */
  takeSteering({ sessionKey, options: { requester, origin } }: Parameters<Steer>[0]): Arrival[] {
    const batches = this.#pending.get(sessionKey) ?? [];
    const [first] = batches[0] ?? [];
    // Another run that waits came first; and what the window asked is answered in the window.
    const isAlone = this.#deps.turns.ofSession(sessionKey).length === 1;
    if (!first || !origin || !isAlone || this.#modeOf(first) !== "steer") return [];
    // Only the one who asked, there: a run has the rights of its requester, and answers in one place.
    const { sender, isOwner } = requester;
    const asked = toPlace({ ...origin, message: { chat: origin.chat, sender: { id: sender } }, isOwner });
    const isTheirs = (arrival: Arrival) => toPlace(arrival) === asked;
    const others = batches.findIndex((batch) => !batch.every(isTheirs));
    const left = others < 0 ? [] : batches.slice(others);
    if (left.length === 0) this.#pending.delete(sessionKey);
    else this.#pending.set(sessionKey, left);
    return batches.slice(0, batches.length - left.length).flat();
  }

  /** They could not be read into the run: they wait for its end, before what came after them. */
  putBack(sessionKey: string, arrivals: readonly Arrival[]): void {
    if (arrivals.length > 0) this.#pending.set(sessionKey, [[...arrivals], ...(this.#pending.get(sessionKey) ?? [])]);
  }

  /** The conversation begins anew, or is to stop: what waits in it is not answered. */
  forget(sessionKey: string, reason: string): void {
    this.#drop((this.#pending.get(sessionKey) ?? []).flat(), reason);
    this.#pending.delete(sessionKey);
    for (const [key, { arrivals, timer }] of this.#gatherings) {
      const [first] = arrivals;
      if (!first || this.#sessionOf(first).key !== sessionKey) continue;
      void timer.dispose();
      this.#gatherings.delete(key);
      this.#drop(arrivals, reason);
    }
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    for (const { timer } of this.#gatherings.values()) await timer.dispose();
    for (const timer of this.#timers) await timer.dispose();
    await this.#lanes.idle();
  }

  /** Lets the next message of a sender through, and waits for the one after. */
  #release(sender: string): void {
    const waiting = this.#waiting.get(sender) ?? [];
    for (let next = waiting[0]; next; next = waiting[0]) {
      const pause = this.#rates.take(sender, this.#rateOf(next));
      if (pause > 0) return void this.#later(pause, () => this.#release(sender));
      waiting.shift();
      this.#admit(next);
    }
    this.#waiting.delete(sender);
    return undefined;
  }

  #admit(arrival: Arrival): void {
    const command = this.#deps.commands(arrival, this.#sessionOf(arrival));
    if (!command) return this.#gather(arrival);
    return this.#quietly(
      command.then((isAnswered) => {
        if (!isAnswered) this.#gather(arrival);
      }),
    );
  }

  /** Holds back what more may belong to. */
  #gather(arrival: Arrival): void {
    const { albumId } = arrival.message;
    const debounceMs = this.#rules(arrival).queue?.debounceMs ?? 0;
    const pause = albumId === undefined ? debounceMs : Math.max(debounceMs, ALBUM_MS);
    const key = toPlace(arrival);
    const known = this.#gatherings.get(key);
    void known?.timer.dispose();
    this.#gatherings.delete(key);
    const belongs = debounceMs > 0 || (albumId !== undefined && known?.arrivals[0]?.message.albumId === albumId);
    // What came before goes before.
    if (known && !belongs) this.#enter(known.arrivals);
    const arrivals = [...(belongs ? (known?.arrivals ?? []) : []), arrival];
    if (pause === 0) return this.#enter(arrivals);
    const timer = this.#deps.clock.after(pause, () => {
      this.#gatherings.delete(key);
      this.#enter(arrivals);
    });
    this.#gatherings.set(key, { arrivals, timer });
    return undefined;
  }

  #enter(batch: Arrival[]): void {
    const [first] = batch;
    if (!first || this.#isDisposed) return;
    const { turns } = this.#deps;
    const { key } = this.#sessionOf(first);
    const mode = this.#modeOf(first);
    const isBusy = turns.ofSession(key).length > 0 || this.#pending.has(key);
    if (isBusy && (mode === "steer" || mode === "collect")) {
      this.#pending.set(key, [...(this.#pending.get(key) ?? []), batch]);
      this.#deps.seen(first);
      return;
    }
    if (isBusy && mode === "interrupt") turns.abort(key);
    this.#begin(key, batch);
  }

  #begin(sessionKey: string, batch: Arrival[]): void {
    const [first] = batch;
    if (!first) return;
    const work = () => this.#deps.begin(this.#sessionOf(first), batch);
    this.#lanes.run(sessionKey, work).catch((error: unknown) => {
      this.#deps.log.error("messages could not be taken into a run", { error: messageOf(error) });
      // They are in the inbox; the order of this chat is kept by whoever comes first then.
      this.#later(AGAIN_MS, () => this.#begin(sessionKey, batch));
    });
  }

  #sessionOf({ channel, account, message }: Arrival): SessionKey {
    const config = this.#deps.config();
    return toSession({ channel, account, message, rules: rulesOf(config, channel, account), config });
  }

  #rules({ channel, account }: Arrival) {
    return rulesOf(this.#deps.config(), channel, account);
  }

  #modeOf(arrival: Arrival): "steer" | "queue" | "collect" | "interrupt" {
    return this.#rules(arrival).queue?.mode ?? "steer";
  }

  #rateOf(arrival: Arrival): Rate {
    if (arrival.message.sender.isBot === true) return BOT_RATE;
    const { perMinute = RATE.perMinute, burst = RATE.burst } = this.#rules(arrival).rateLimit ?? {};
    return { perMinute, burst };
  }

  #drop(arrivals: readonly Arrival[], reason: string): void {
    this.#quietly(
      this.#deps.drop(
        arrivals.map(({ seq }) => seq),
        reason,
      ),
    );
  }

  #later(ms: number, run: () => void): void {
    const timer = this.#deps.clock.after(ms, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }

  #quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) =>
      this.#deps.log.error("a message could not be worked on", { error: messageOf(error) }),
    );
  }
}

/** Who writes, where, with which standing: what one run is about. */
function toPlace(
  of: Pick<Arrival, "channel" | "account" | "isOwner"> & {
    message: Pick<Arrival["message"], "chat"> & { sender: { id: string } };
  },
): string {
  const { channel, account, isOwner, message } = of;
  return JSON.stringify([channel, account, message.chat.id, message.chat.threadId, message.sender.id, isOwner]);
}

/** Messages that follow one another and belong to one run: it has one requester, and answers in one place. */
function bySender(arrivals: readonly Arrival[]): Arrival[][] {
  const batches: Arrival[][] = [];
  for (const arrival of arrivals) {
    const last = batches.at(-1);
    if (last?.[0] && toPlace(last[0]) === toPlace(arrival)) last.push(arrival);
    else batches.push([arrival]);
  }
  return batches;
}
