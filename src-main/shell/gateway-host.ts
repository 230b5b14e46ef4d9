/**
 * The gateway as the desktop app sees it: started here, or found running and attached to. Brings it up again when it
 * falls, gives up when it keeps falling, and never stops what it did not start.
 */
import type { Clock } from "#main/base/clock.ts";
import { sleep } from "#main/base/clock.ts";
import { DisposableStore, type Disposable } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import { AppError, messageOf, Refused } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import type { GatewayAddress, GatewayState } from "#main/protocol/desktop.ts";
import { toWebSocketUrl } from "./pages.ts";

/** What the host needs of a gateway that it started. `compose()` makes one. */
export interface RunningGateway {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly log: Logger;
  createBootstrapCode(): { code: string; expiresAtMs: number };
  readonly activity: { readonly running: number; readonly connected: number };
  onActivity(listener: () => void): Disposable;
  /** Settles when the gateway begins to close, whoever asked for it. */
  readonly closing: Promise<void>;
  stop(reason: string): Promise<void>;
}

export interface GatewayHostOptions {
  /** Starts a gateway. Throws Refused `LOCKED` with details `{pid, url}` when another one owns the state directory. */
  start(onLogLine: (line: string) => void): Promise<RunningGateway>;
  /** A one-time code from a gateway that runs elsewhere, asked for as its owner. */
  requestBootstrapCode(url: string): Promise<string>;
  /** True when a gateway answers at `http://…`. Must settle within a few seconds. */
  isAnswering(url: string): Promise<boolean>;
  clock: Clock;
  /** Where the host writes while there is no gateway's log. */
  log: Logger;
}

/** Falls within a minute after which it stays down, and the wait before each new start (EL-18: at most 3 s). */
const MOST_FALLS = 5;
const FALL_WINDOW_MS = 60_000;
const RESTART_DELAYS_MS = [250, 500, 1000, 2000, 3000];
/** A gateway that is just starting holds the lock before it knows its address. */
const LOCK_RETRY_MS = 250;
const LOCK_RETRIES = 20;
/** The gateway lets running turns finish for three seconds; quitting as a whole takes five at most. */
const STOP_LIMIT_MS = 4500;
const LOG_LINES = 60;
const LOG_LINE_CHARS = 500;

type Link = { kind: "own"; gateway: RunningGateway; owned: DisposableStore } | { kind: "attached"; url: string };

export class GatewayHost {
  readonly #options: GatewayHostOptions;
  readonly #changes = new Emitter<GatewayState>();
  readonly #activity = new Emitter<void>();
  readonly #logTail: string[] = [];
  readonly #closed = new AbortController();
  #state: GatewayState = { state: "starting" };
  #link: Link | undefined;
  #starting: Promise<void> | undefined;
  #falls: number[] = [];

  constructor(options: GatewayHostOptions) {
    this.#options = options;
  }

  get state(): GatewayState {
    return this.#state;
  }

  /** `http://127.0.0.1:PORT` of the gateway in use. */
  get origin(): string | undefined {
    if (this.#link === undefined) return undefined;
    return new URL(this.#link.kind === "own" ? this.#link.gateway.url : this.#link.url).origin;
  }

  /** Turns that run now, in a gateway of our own; undefined when attached or down. */
  get running(): number | undefined {
    return this.#link?.kind === "own" ? this.#link.gateway.activity.running : undefined;
  }

  get log(): Logger {
    return this.#link?.kind === "own" ? this.#link.gateway.log : this.#options.log;
  }

  onState(listener: (state: GatewayState) => void): Disposable {
    return this.#changes.on(listener);
  }

  onActivity(listener: () => void): Disposable {
    return this.#activity.on(listener);
  }

  /** Starts or attaches, unless that is done or under way. Never rejects: a failure is a state. */
  start(): Promise<void> {
    if (this.#closed.signal.aborted || this.#link !== undefined) return Promise.resolve();
    this.#starting ??= this.#bringUp().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** A person asks to try again: earlier falls are forgiven. */
  retry(): Promise<void> {
    this.#falls = [];
    return this.start();
  }

  /**
   * Where to connect. Waits while the gateway starts; when the one we attached to has gone, starts our own.
   * Throws Refused `UNAVAILABLE` with the reason when there is none.
   */
  async address(options: { needsCode: boolean }): Promise<GatewayAddress> {
    await this.#starting;
    const found = this.#link;
    if (found?.kind === "attached" && !(await this.#options.isAnswering(found.url)) && this.#link === found) {
      this.#link = undefined;
      await this.start();
    }
    const link = this.#link;
    if (link === undefined) {
      const why = this.#state.state === "failed" ? this.#state.message : "it is stopped";
      throw new Refused("UNAVAILABLE", `The gateway is not running: ${why}`);
    }
    const url = toWebSocketUrl(this.origin ?? "");
    if (!options.needsCode) return { url };
    if (link.kind === "own") return { url, bootstrapCode: link.gateway.createBootstrapCode().code };
    return { url, bootstrapCode: await this.#options.requestBootstrapCode(link.url) };
  }

  /** Something broke in this process that the gateway may not have survived: stops it and starts afresh. */
  async fall(error: unknown): Promise<void> {
    this.log.error("an error reached the top of the process; the gateway is started again", { error });
    const link = this.#link;
    if (link?.kind !== "own") return;
    this.#link = undefined;
    this.#set({ state: "starting" });
    await this.#stopOwn(link, "restart after an error");
    await this.#restart(messageOf(error));
  }

  /** Stops a gateway of our own, at most four and a half seconds; leaves another's alone. For good. */
  async stop(reason: string): Promise<void> {
    this.#closed.abort(new Refused("UNAVAILABLE", "the app quits"));
    await this.#starting;
    const link = this.#link;
    this.#link = undefined;
    if (link?.kind === "own") await this.#stopOwn(link, reason);
  }

  async #bringUp(): Promise<void> {
    this.#set({ state: "starting" });
    try {
      await this.#startOrAttach();
    } catch (error) {
      if (this.#closed.signal.aborted) return;
      this.#options.log.error("the gateway did not start", { error });
      this.#set({ state: "failed", message: messageOf(error), logTail: [...this.#logTail] });
    }
  }

  async #startOrAttach(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#adopt(await this.#options.start((line) => this.#keepLine(line)));
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "LOCKED") throw error;
        const url = error.details?.["url"];
        if (typeof url === "string" && (await this.#options.isAnswering(url))) return this.#attach(url);
        if (attempt >= LOCK_RETRIES) throw error;
        await sleep(this.#options.clock, LOCK_RETRY_MS, this.#closed.signal);
      }
    }
  }

  async #adopt(gateway: RunningGateway): Promise<void> {
    const owned = new DisposableStore();
    const link: Link = { kind: "own", gateway, owned };
    if (this.#closed.signal.aborted) return this.#stopOwn(link, "the app quits");
    this.#link = link;
    owned.add(gateway.onActivity(() => this.#activity.emit()));
    const onClosing = () => {
      if (this.#link !== link) return;
      this.#link = undefined;
      this.#set({ state: "starting" });
      void this.#stopOwn(link, "it closed by itself").then(() => this.#restart("the gateway closed by itself"));
    };
    gateway.closing.then(onClosing, onClosing);
    this.#set({ state: "ready", attached: false });
  }

  #attach(url: string): void {
    this.#link = { kind: "attached", url };
    this.#set({ state: "ready", attached: true });
  }

  /** Waits longer after each fall; after the fifth in a minute it stays down and says why. */
  async #restart(why: string): Promise<void> {
    const now = this.#options.clock.monotonic();
    this.#falls = [...this.#falls.filter((at) => now - at < FALL_WINDOW_MS), now];
    if (this.#falls.length >= MOST_FALLS) {
      const message = `The gateway fell ${this.#falls.length} times within a minute; the last time: ${why}. Try again, or run "gatehouse doctor".`;
      this.#set({ state: "failed", message, logTail: [...this.#logTail] });
      return;
    }
    try {
      await sleep(this.#options.clock, RESTART_DELAYS_MS[this.#falls.length - 1] ?? 3000, this.#closed.signal);
    } catch {
      return;
    }
    await this.start();
  }

  async #stopOwn(link: Link & { kind: "own" }, reason: string): Promise<void> {
    await link.owned.dispose();
    const limit = new AbortController();
    const late = sleep(this.#options.clock, STOP_LIMIT_MS, limit.signal).then(
      () => this.#options.log.warn("the gateway did not stop in time", { reason }),
      () => {},
    );
    const stopped = link.gateway
      .stop(reason)
      .catch((error: unknown) => this.#options.log.error("the gateway did not stop cleanly", { error }));
    await Promise.race([stopped, late]);
    limit.abort();
  }

  #keepLine(line: string): void {
    this.#logTail.push(line.length > LOG_LINE_CHARS ? `${line.slice(0, LOG_LINE_CHARS)}…` : line);
    if (this.#logTail.length > LOG_LINES) this.#logTail.shift();
  }

  #set(state: GatewayState): void {
    if (this.#closed.signal.aborted) return;
    this.#state = state;
    this.#changes.emit(state);
  }
}
