/**
 * What leaves for chat platforms. A row is committed before it is sent, in order per chat; `sending` is committed before
 * the call and `sent` after it. What a crash or a broken connection leaves open is repeated only where the platform knows
 * the key of the message; else the owner sees that it may have been sent. A pause that a platform asks for is never
 * undercut. It decides nothing about who may write.
 */
import { backoffMs } from "#main/base/backoff.ts";
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import { Refused, messageOf } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import { ChannelError, type ChatRef } from "#main/channels/contract.ts";
import type { AccountName, ChannelSupervisor, LiveAccount } from "#main/channels/supervisor.ts";
import type { OutboxState } from "#main/protocol/methods/channels.ts";
import * as rows from "#main/store/channels/outbox.ts";
import type { Database } from "#main/store/database.ts";
import type { ChatAddress } from "../route.ts";
import { callPlatform, dropMedia, inTime, type CallDeps } from "./call.ts";
import { DRAFT, isRepeatable, toIds } from "./outbox-item.ts";

export interface OutboxDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  random(): number;
  /** Resolves when what was committed is safe from a power cut. */
  flush(): Promise<void>;
  channels: Pick<ChannelSupervisor, "find" | "onEvent" | "noteTraffic">;
}

/** Pauses before the second to the last try (contract.md, "Outbox"). */
const PAUSES_MS = [1000, 5000, 25_000, 120_000, 600_000] as const;
/** Calls at once per account: what piled up leaves at a bounded rate. */
const MAX_PARALLEL = 8;
/** What waited longer needs a look before it leaves. */
const EXPIRES_MS = 12 * 60 * 60 * 1000;
const RETRIABLE: readonly OutboxState[] = ["failed", "expired", "may-have-been-sent"];

/** The rows of one chat, in their order. */
interface ChatLane {
  key: string;
  at: AccountName;
  queue: rows.OutboxRecord[];
  isBusy: boolean;
  timer: Disposable | undefined;
  /** No call in this chat before this. */
  heldUntil: number;
}

interface AccountLoad {
  running: number;
  /** No call before this; the platform said so. */
  pausedUntil: number;
}

export class Outbox implements Disposable {
  readonly #deps: OutboxDeps;
  readonly #lanes = new Map<string, ChatLane>();
  readonly #loads = new Map<string, AccountLoad>();
  readonly #changes = new Emitter<rows.OutboxRecord>();
  readonly #inFlight = new Set<Promise<void>>();
  /** Runs whose answer has to replace a draft that was sent: for the others nobody looks. */
  readonly #drafted = new Set<string>();
  /** Rows that were written as begun, and whose call was not made yet. */
  readonly #begun = new Set<string>();
  readonly #stop = new AbortController();
  readonly #watch: Disposable;
  readonly #calls: CallDeps;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#calls = { clock: deps.clock, stop: this.#stop.signal };
    this.#watch = deps.channels.onEvent((event) => {
      if (event.type !== "status" || !isUp(event.standing.state)) return;
      // It said that it is up again: what waited only for that goes at once.
      for (const lane of this.#lanes.values()) if (isOf(lane, event.at)) lane.heldUntil = 0;
      this.#pumpAccount(event.at);
    });
  }

  readonly onChange = (listener: (row: rows.OutboxRecord) => void): Disposable => this.#changes.on(listener);

  /** Takes up what the last process left. Called once, before channels start. */
  async recover(): Promise<void> {
    for (const runId of await rows.listDraftedRuns(this.#deps.db)) this.#drafted.add(runId);
    for (const row of await rows.listOpenOutbox(this.#deps.db)) {
      // The lane settles what was cut: whether it may be repeated is known when the channel is.
      this.#push(row);
    }
  }

  /** Queues rows and sends them. @returns those that were not known already */
  async add(queued: readonly rows.NewOutbox[]): Promise<rows.OutboxRecord[]> {
    const added = await this.#deps.db.transaction().execute((trx) => rows.insertOutbox(trx, queued));
    this.wake(added);
    return added;
  }

  /** True when a row for this chat would leave at once: it may be written as begun, which saves a commit before its call. */
  isFree({ channel, account, chat }: ChatAddress): boolean {
    const { clock, channels } = this.#deps;
    const live = channels.find({ channel, account });
    const isReady = live?.connection !== undefined && isUp(live.standing.state) && !this.#stop.signal.aborted;
    const { running, pausedUntil } = this.#loadOf({ channel, account });
    const key = toLaneKey(channel, account, chat.id);
    return isReady && !this.#lanes.has(key) && running < MAX_PARALLEL && pausedUntil <= clock.now();
  }

  /** Sends rows that somebody else committed. */
  wake(added: readonly rows.OutboxRecord[]): void {
    for (const row of added) {
      if (row.state === "sending") this.#begun.add(row.id);
      this.#push(row);
      this.#changes.emit(row);
    }
    for (const row of added) this.#pump(this.#laneOf(row));
  }

  /** Throws Refused when it is not one that can be sent again. */
  async retry(id: string): Promise<void> {
    // Its age counted until it expired; now the owner has looked.
    const created_at = this.#deps.clock.now();
    const change = { state: "queued" as const, attempts: 0, next_at: null, error: null, ended_at: null, created_at };
    const row = await rows.moveOutbox(this.#deps.db, id, RETRIABLE, change);
    if (!row) throw new Refused("INVALID_REQUEST", "only what failed, expired or may have been sent can be sent again");
    this.wake([row]);
  }

  async cancel(id: string): Promise<void> {
    const row = await this.#move(id, ["queued", ...RETRIABLE], { state: "cancelled" });
    if (!row) throw new Refused("INVALID_REQUEST", "it was sent already, or is being sent");
    for (const lane of this.#lanes.values()) {
      const index = lane.queue.findIndex((one) => one.id === id);
      if (index < 0 || (index === 0 && lane.isBusy)) continue;
      lane.queue.splice(index, 1);
      await dropMedia(row);
      // What waited behind it need not wait for its next try.
      this.#pump(lane);
    }
  }

  /** Resolves with the row once it is sent or will not be. @param signal nobody waits any more: it never resolves then */
  settled(id: string, signal: AbortSignal): Promise<rows.OutboxRecord> {
    return new Promise((resolve, reject) => {
      const isOver = (row: rows.OutboxRecord) => row.state !== "queued" && row.state !== "sending";
      const watch = this.#changes.on((row) => {
        if (row.id !== id || !isOver(row)) return;
        void watch.dispose();
        resolve(row);
      });
      signal.addEventListener("abort", () => void watch.dispose(), { once: true });
      rows.findOutbox(this.#deps.db, id).then((row) => {
        if (!row || !isOver(row)) return;
        void watch.dispose();
        resolve(row);
      }, reject);
    });
  }

  /** Changes a draft that was sent, unless something waits behind it: then it is overtaken already. */
  async amend(row: rows.OutboxRecord, text: string): Promise<void> {
    const lane = this.#laneOf(row);
    const connection = this.#deps.channels.find(lane.at)?.connection;
    const [target] = toIds(row);
    const edit = connection?.edit?.bind(connection);
    if (lane.isBusy || lane.queue.length > 0 || target === undefined || !edit || this.#pauseOf(lane) > 0) return;
    lane.isBusy = true;
    try {
      await inTime(this.#calls, () => edit(JSON.parse(row.chat) as ChatRef, target, { text }));
    } catch (error) {
      if (error instanceof ChannelError && error.retryAfterMs !== undefined)
        this.#hold(lane, error, error.retryAfterMs);
      throw error;
    } finally {
      lane.isBusy = false;
      this.#pump(lane);
    }
  }

  get waiting(): number {
    let count = 0;
    for (const lane of this.#lanes.values()) count += lane.queue.length;
    return count;
  }

  /** Calls under way get their answer, for as long as `graceMs`; the rest stays in the store. */
  async drain(graceMs: number): Promise<void> {
    const cut = this.#deps.clock.after(graceMs, () => this.#stop.abort());
    for (const lane of this.#lanes.values()) void lane.timer?.dispose();
    this.#lanes.clear();
    await Promise.all(this.#inFlight);
    await cut.dispose();
    // Nobody called for them: they are no riddle after a restart.
    const change = { state: "queued", attempts: 0 } as const;
    for (const id of this.#begun) await rows.moveOutbox(this.#deps.db, id, ["sending"], change).catch(() => {});
    this.#begun.clear();
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#watch.dispose();
    await this.drain(0);
  }

  #push(row: rows.OutboxRecord): void {
    this.#laneOf(row).queue.push(row);
  }

  #laneOf({ channel, account, chat_id }: rows.OutboxRecord): ChatLane {
    const key = toLaneKey(channel, account, chat_id);
    let lane = this.#lanes.get(key);
    if (!lane) {
      lane = { key, at: { channel, account }, queue: [], isBusy: false, timer: undefined, heldUntil: 0 };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #loadOf({ channel, account }: AccountName): AccountLoad {
    const key = `${channel}/${account}`;
    const load = this.#loads.get(key) ?? { running: 0, pausedUntil: 0 };
    this.#loads.set(key, load);
    return load;
  }

  #pumpAccount({ channel, account }: AccountName): void {
    for (const lane of this.#lanes.values()) {
      if (isOf(lane, { channel, account })) this.#pump(lane);
    }
  }

  /** Sends the first row of a chat if it may leave now, or sees to it that somebody looks again when it may. */
  #pump(lane: ChatLane): void {
    const [row] = lane.queue;
    if (!row) {
      if (!lane.isBusy) this.#lanes.delete(lane.key);
      return;
    }
    if (lane.isBusy || this.#stop.signal.aborted || this.#lanes.get(lane.key) !== lane) return;
    const { clock, channels } = this.#deps;
    const live = channels.find(lane.at);
    // Looked at again when it is up.
    if (!live?.connection || !isUp(live.standing.state)) return;
    const load = this.#loadOf(lane.at);
    const wait = Math.max((row.next_at ?? 0) - clock.now(), this.#pauseOf(lane));
    void lane.timer?.dispose();
    if (wait > 0) {
      lane.timer = clock.after(wait, () => this.#pump(lane));
      return;
    }
    if (load.running >= MAX_PARALLEL) return;
    lane.isBusy = true;
    load.running += 1;
    const done = this.#send(lane, row, live)
      .catch((error: unknown) => this.#postpone(lane, row, error))
      .finally(() => {
        lane.isBusy = false;
        load.running -= 1;
        this.#inFlight.delete(done);
        this.#pump(lane);
        if (load.running === MAX_PARALLEL - 1) this.#pumpAccount(lane.at);
      });
    this.#inFlight.add(done);
  }

  /** Milliseconds until this chat may be called again. */
  #pauseOf(lane: ChatLane): number {
    return Math.max(0, Math.max(this.#loadOf(lane.at).pausedUntil, lane.heldUntil) - this.#deps.clock.now());
  }

  /** A pause is never made shorter by a later one. */
  #hold(lane: ChatLane, error: ChannelError, pauseMs: number): void {
    const until = this.#deps.clock.now() + pauseMs;
    const load = this.#loadOf(lane.at);
    if (error.isAccountWide) load.pausedUntil = Math.max(load.pausedUntil, until);
    lane.heldUntil = Math.max(lane.heldUntil, until);
  }

  /**
   * Our own store failed: the chat is looked at again in a moment. The row stays as the lane has it: one whose call was
   * begun is found in `sending`, as after a crash.
   */
  #postpone(lane: ChatLane, row: rows.OutboxRecord, error: unknown): void {
    this.#deps.log.error("an outgoing message could not be written down", { id: row.id, error: messageOf(error) });
    lane.heldUntil = Math.max(lane.heldUntil, this.#deps.clock.now() + PAUSES_MS[1]);
  }

  async #send(lane: ChatLane, row: rows.OutboxRecord, live: LiveAccount): Promise<void> {
    const { db, clock, channels, flush } = this.#deps;
    const isBegun = this.#begun.delete(row.id);
    if (row.state === "sending" && !isBegun && !isRepeatable(row, live, clock.now())) {
      const error = "Gatehouse was stopped while this was being sent.";
      return this.#finish(lane, row, { state: "may-have-been-sent", error });
    }
    if (clock.now() - row.created_at > EXPIRES_MS) {
      return this.#finish(lane, row, { state: "expired", error: "It waited for more than 12 hours." });
    }
    if (row.kind === "draft" && lane.queue.some((one) => one.run_id === row.run_id && one.kind === "reply")) {
      // Overtaken by its own answer.
      return this.#finish(lane, row, { state: "cancelled" });
    }
    const { run_id: runId } = row;
    const isShown = row.edits === DRAFT && runId !== null && this.#drafted.has(runId);
    const draft = isShown ? await rows.findDraft(db, runId) : undefined;
    const target = row.edits === DRAFT ? toIds(draft)[0] : (row.edits ?? undefined);
    const change = { state: "sending" as const, attempts: row.attempts + 1 };
    const begun = isBegun ? row : await this.#move(row.id, ["queued", "sending"], change);
    if (!begun) {
      lane.queue = lane.queue.filter(({ id }) => id !== row.id);
      return undefined;
    }
    lane.queue[0] = begun;
    await flush();
    let platformIds: readonly string[];
    try {
      platformIds = await callPlatform(this.#calls, live, begun, target);
    } catch (error) {
      return this.#fail(lane, begun, error, live);
    }
    channels.noteTraffic(lane.at, "lastOutboundAtMs");
    await this.#finish(lane, begun, { state: "sent", error: null, platform_ids: JSON.stringify(platformIds) });
    if (row.kind === "draft" && runId !== null) this.#drafted.add(runId);
    if (!draft) return undefined;
    // It is the answer now; the next part of the run is a message of its own.
    await rows.moveOutbox(db, draft.id, ["sent"], { state: "cancelled" });
    this.#drafted.delete(runId ?? "");
    return undefined;
  }

  async #fail(lane: ChatLane, row: rows.OutboxRecord, thrown: unknown, live: LiveAccount): Promise<void> {
    const { clock, random, log } = this.#deps;
    const error = thrown instanceof ChannelError ? thrown : new ChannelError("unknown", messageOf(thrown));
    const { failure, retryAfterMs, message } = error;
    log.warn("a message could not be sent", { ...lane.at, id: row.id, failure, error: message });
    if (failure === "rejected") return this.#finish(lane, row, { state: "failed", error: message });
    if (failure === "offline" || failure === "auth") {
      // Not a try: it waits until the account is up again, or says nothing new for a while.
      this.#hold(lane, error, failure === "auth" ? PAUSES_MS[3] : PAUSES_MS[1]);
      return this.#requeue(lane, row, { attempts: row.attempts - 1, next_at: null, error: message });
    }
    if (failure === "unknown" && !isRepeatable(row, live, clock.now())) {
      return this.#finish(lane, row, { state: "may-have-been-sent", error: message });
    }
    const step = PAUSES_MS[row.attempts - 1];
    if (retryAfterMs === undefined && step === undefined) {
      return this.#finish(lane, row, { state: "failed", error: message });
    }
    const pause = backoffMs(1, { firstMs: step ?? PAUSES_MS[4], maxMs: PAUSES_MS[4] }, random);
    const next = clock.now() + Math.max(retryAfterMs ?? 0, retryAfterMs === undefined ? pause : 0);
    if (retryAfterMs !== undefined) this.#hold(lane, error, retryAfterMs);
    // What the platform asked to wait for is not a failed try of ours.
    const attempts = retryAfterMs === undefined ? row.attempts : row.attempts - 1;
    return this.#requeue(lane, row, { attempts, next_at: next, error: message });
  }

  async #requeue(
    lane: ChatLane,
    row: rows.OutboxRecord,
    change: Pick<rows.OutboxRecord, "attempts" | "next_at" | "error">,
  ): Promise<void> {
    const moved = await this.#move(row.id, ["sending"], { state: "queued", ...change });
    if (moved) lane.queue[0] = moved;
    else lane.queue = lane.queue.filter(({ id }) => id !== row.id);
  }

  async #finish(
    lane: ChatLane,
    row: rows.OutboxRecord,
    change: { state: OutboxState; error?: string | null; platform_ids?: string },
  ): Promise<void> {
    await this.#move(row.id, ["queued", "sending"], { ...change, ended_at: this.#deps.clock.now() });
    lane.queue = lane.queue.filter(({ id }) => id !== row.id);
    if (change.state === "sent" || change.state === "cancelled") await dropMedia(row);
  }

  async #move(
    id: string,
    from: readonly OutboxState[],
    change: Parameters<typeof rows.moveOutbox>[3],
  ): Promise<rows.OutboxRecord | undefined> {
    const moved = await rows.moveOutbox(this.#deps.db, id, from, change);
    if (moved) this.#changes.emit(moved);
    return moved;
  }
}

function toLaneKey(channel: string, account: string, chatId: string): string {
  return JSON.stringify([channel, account, chatId]);
}

function isOf({ at }: ChatLane, { channel, account }: AccountName): boolean {
  return at.channel === channel && at.account === account;
}

/** A channel that has trouble may still send. */
function isUp(state: string): boolean {
  return state === "connected" || state === "degraded";
}
