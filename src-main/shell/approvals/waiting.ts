/**
 * What waits for the owner, as the gateway tells it: a client of the gateway in use, ours or another's, that keeps the
 * list by events and hands answers on. It never decides, never asks on a timer, and believes nothing but the gateway.
 */
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import type { Logger } from "#main/base/logger.ts";
import { GatewayError, toBackoffMs, type ClientOptions, type GatewayClient } from "#main/protocol/client.ts";
import type { GatewayAddress, GatewayState } from "#main/protocol/desktop.ts";
import type { EventName, EventPayload } from "#main/protocol/events.ts";
import type { Approval, ApprovalDecision } from "#main/protocol/methods/approvals.ts";

/** A connection with the owner's rights. */
export type OwnerConnection = Pick<GatewayClient, "request" | "close">;
export type OwnerListeners = Pick<ClientOptions, "onEvent" | "onState" | "onGap">;
/** Connects as the owner. Throws Refused or ConnectionLost; tries once. */
export type ConnectOwner = (url: string, listeners: OwnerListeners) => Promise<OwnerConnection>;

export interface WaitingOptions {
  connect: ConnectOwner;
  gateway: {
    readonly state: GatewayState;
    /** Waits while the gateway starts; finds another one when the one attached to has gone. */
    address(options: { needsCode: boolean }): Promise<GatewayAddress>;
    onState(listener: () => void): Disposable;
  };
  clock: Pick<Clock, "after">;
  log(): Logger;
}

/** One connection, or the attempt at one. What comes from an older one is ignored. */
interface Link {
  connection?: OwnerConnection;
  /** Ids that events named while the list was on its way: they are newer than it. */
  changed?: Set<string> | undefined;
}

/** Answered by someone else, or by the clock: nothing is left to do. */
const OVER = new Set(["ALREADY_RESOLVED", "APPROVAL_NOT_FOUND"]);

export class WaitingApprovals implements Disposable {
  readonly #options: WaitingOptions;
  readonly #changes = new Emitter<readonly Approval[]>();
  readonly #watch: Disposable;
  readonly #waiting = new Map<string, Approval>();
  #link: Link | undefined;
  #retry: Disposable | undefined;
  #attempt = 0;
  #isDisposed = false;

  constructor(options: WaitingOptions) {
    this.#options = options;
    this.#watch = options.gateway.onState(() => this.#follow());
    this.#follow();
  }

  /** Oldest first: that one expires first. */
  get list(): readonly Approval[] {
    return [...this.#waiting.values()].sort((a, b) => a.createdAtMs - b.createdAtMs);
  }

  onChange(listener: (waiting: readonly Approval[]) => void): Disposable {
    return this.#changes.on(listener);
  }

  /**
   * Answers. An approval that is over by now is taken from the list and counts as done.
   * Throws GatewayError or ConnectionLost when the answer may not have arrived.
   */
  async answer(id: string, decision: Extract<ApprovalDecision, "deny" | "allow-once">): Promise<void> {
    const connection = this.#link?.connection;
    if (connection === undefined) throw new Error("not connected to the gateway; nothing was answered");
    try {
      await connection.request("exec.approval.resolve", { id, decision });
    } catch (error) {
      if (!(error instanceof GatewayError) || !OVER.has(error.code)) throw error;
    }
    this.#remove(id);
  }

  dispose(): void {
    this.#isDisposed = true;
    void this.#watch.dispose();
    this.#drop();
  }

  /** The gateway came, went, or is another one now. */
  #follow(): void {
    this.#drop();
    this.#attempt = 0;
    if (this.#options.gateway.state.state === "ready") void this.#connect();
    // A gateway that stops ends its questions unanswered.
    else this.#replace([]);
  }

  #drop(): void {
    void this.#retry?.dispose();
    this.#retry = undefined;
    const link = this.#link;
    this.#link = undefined;
    link?.connection?.close();
  }

  async #connect(): Promise<void> {
    const link: Link = {};
    this.#link = link;
    try {
      const { url } = await this.#options.gateway.address({ needsCode: false });
      if (this.#link !== link) return;
      const connection = await this.#options.connect(url, {
        onEvent: (name, payload) => this.#take(link, name, payload),
        onGap: () => void this.#load(link),
        onState: (state) => {
          if (state.phase === "disconnected" && link.connection !== undefined) this.#lost(link);
        },
      });
      if (this.#link !== link) return connection.close();
      link.connection = connection;
      this.#attempt = 0;
      await this.#load(link);
    } catch (error) {
      if (this.#link !== link) return;
      this.#options.log().warn("approvals are not shown in the tray: no connection to the gateway", { error });
      this.#lost(link);
    }
  }

  #lost(link: Link): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    link.connection?.close();
    // What was there stays shown: it may still wait, and an answer that cannot be given says so.
    const wait = toBackoffMs(this.#attempt, 0.5);
    this.#attempt += 1;
    this.#retry = this.#options.clock.after(wait, () => {
      this.#retry = undefined;
      if (this.#options.gateway.state.state === "ready") void this.#connect();
    });
  }

  async #load(link: Link): Promise<void> {
    const changed = new Set<string>();
    link.changed = changed;
    let listed: Approval[];
    try {
      listed = (await link.connection?.request("exec.approval.list", {})) ?? [];
    } catch (error) {
      if (this.#link === link) this.#options.log().warn("the approvals that wait could not be listed", { error });
      return this.#lost(link);
    }
    if (this.#link !== link || link.changed !== changed) return;
    link.changed = undefined;
    const newer = this.list.filter((approval) => changed.has(approval.id));
    this.#replace([...listed.filter((approval) => !changed.has(approval.id)), ...newer]);
  }

  #take(link: Link, name: EventName, payload: EventPayload<EventName>): void {
    if (this.#isDisposed || this.#link !== link) return;
    if (name === "exec.approval.requested") {
      const approval = payload as EventPayload<"exec.approval.requested">;
      link.changed?.add(approval.id);
      this.#waiting.set(approval.id, approval);
      this.#changes.emit(this.list);
    } else if (name === "exec.approval.resolved") {
      const { id } = payload as EventPayload<"exec.approval.resolved">;
      link.changed?.add(id);
      this.#remove(id);
    }
  }

  #remove(id: string): void {
    if (this.#waiting.delete(id)) this.#changes.emit(this.list);
  }

  #replace(approvals: readonly Approval[]): void {
    if (approvals.length === 0 && this.#waiting.size === 0) return;
    this.#waiting.clear();
    for (const approval of approvals) this.#waiting.set(approval.id, approval);
    this.#changes.emit(this.list);
  }
}
