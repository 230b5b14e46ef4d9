/**
 * The live connection to Discord's gateway: made, watched, made again. The client library speaks the protocol
 * (heartbeats, resuming, identifying); this decides when it may dial, what a closed connection means and what is told
 * about it. Must never let a broken payload or a lost connection become an exception of the process, and never identify
 * more than a thousand times a day. Facts: Discord's developer documentation, "Gateway" and "Opcodes and Status Codes".
 */
import type * as discordJs from "discord.js";
import type { Client, REST, SessionInfo } from "discord.js";
import { backoffMs } from "#main/base/backoff.ts";
import { sleep } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import { ChannelError, type ChannelContext } from "../contract.ts";
import { BAD_TOKEN, toChannelError } from "./failures.ts";
import { IdentifyBudget } from "./identify-budget.ts";
import { fieldsOf, type Fields, type Packet } from "./inbound.ts";

export interface GatewaySettings {
  token: string;
  apiBase: string;
}

export interface GatewayOptions {
  context: ChannelContext<GatewaySettings>;
  /** Each dispatch, in order. */
  onPacket(packet: Packet): void;
}

/** Guilds, and messages and reactions in servers and direct chats, with their content. */
const INTENTS = (1 << 0) | (1 << 9) | (1 << 10) | (1 << 12) | (1 << 13) | (1 << 15);
const PAUSES = { firstMs: 1000, maxMs: 300_000 };
/** A connection that held this long ends the growth of the pauses. */
const STABLE_MS = 60_000;
const DIAL_MS = 10_000;
const CLOSE_MS = 10_000;
/** No close frame came: the network broke or was not there. The session lives on. */
const ABNORMAL = 1006;
/** After so many tries to resume, about four minutes, a session has ended at Discord too. */
const MAX_RESUMES = 8;

/** Closed for good: trying again would only be refused again. */
const FATAL: Readonly<Record<number, string>> = {
  4004: BAD_TOKEN,
  4010: "Discord refuses the connection (4010, invalid shard). Update the app.",
  4011: "The bot is in too many servers for one connection. Take it out of some.",
  4012: "Discord no longer speaks the version of its interface that this app uses. Update the app.",
  4013: "Discord refuses what the bot asks to see (4013). Update the app.",
  4014: "The bot may not read messages. Switch on Message Content Intent (Developer Portal, your application, Bot, Privileged Gateway Intents), then restart the channel.",
};

export type Library = typeof discordJs;
type Strategy = InstanceType<Library["SimpleShardingStrategy"]>;
/** The library's manager of gateway connections, which the `Client` makes for itself. */
type Manager = ConstructorParameters<Library["SimpleShardingStrategy"]>[0];

export class Gateway implements Disposable {
  readonly #library: Library;
  readonly #options: GatewayOptions;
  readonly #stop = new AbortController();
  readonly #budget: IdentifyBudget;
  #client: Client | undefined;
  #session: SessionInfo | null = null;
  /** The next dial waits for it. */
  #pause: Promise<void> = Promise.resolve();
  /** While a socket is being opened. The library must not be made to close it then: its failure would have no listener. */
  #dial: PromiseWithResolvers<void> | undefined;
  #isDown = true;
  #failures = 0;
  #liveSince: number | undefined;
  #identity: string | undefined;
  #closeCode: number | undefined;
  #fatal: ChannelError | undefined;

  constructor(library: Library, options: GatewayOptions) {
    this.#library = library;
    this.#options = options;
    this.#budget = new IdentifyBudget(options.context);
  }

  /** Connects, and goes on until disposed. Tells of it by the status alone. */
  start(): void {
    this.#options.context.setStatus({ state: "connecting" });
    void this.#run();
  }

  /** For calls. Throws ChannelError while not connected. */
  get rest(): REST {
    if (this.#fatal !== undefined) throw this.#fatal;
    if (this.#client === undefined || this.#liveSince === undefined) {
      throw new ChannelError("offline", "Discord is not connected.");
    }
    return this.#client.rest;
  }

  /** Stops for good because Discord refused the token in a call. */
  refuse(): void {
    this.#end(new ChannelError("auth", BAD_TOKEN));
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#destroy();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#pause;
        await this.#connect();
        // From here on the library connects again by itself, when `#pause` lets it.
        return;
      } catch (error) {
        if (this.#isOver) return;
        const failure = toChannelError(error);
        if (failure.failure === "auth") return this.#end(failure);
        this.#options.context.log.warn("Discord could not be connected", { error: messageOf(error) });
        this.#lost(failure.failure === "unknown" ? "Discord did not answer." : failure.message, failure.retryAfterMs);
      }
    }
  }

  async #connect(): Promise<void> {
    const { context } = this.#options;
    const client: Client = new this.#library.Client({
      intents: INTENTS,
      shards: [0],
      shardCount: 1,
      rest: {
        api: context.settings.apiBase.replace(/\/+$/, ""),
        // The pipeline does all waiting and repeating.
        retries: 0,
        rejectOnRateLimit: () => true,
        makeRequest: (url, init) => context.fetch(url, init as RequestInit) as Promise<never>,
      },
      // The budget was asked before the dial.
      ws: {
        buildStrategy: (manager) => this.#watch(client, manager),
        buildIdentifyThrottler: () => ({ waitForIdentify: () => Promise.resolve() }),
      },
    });
    client.on("error", (error) => context.log.warn("the Discord client reports a fault", { error: messageOf(error) }));
    this.#isDown = true;
    this.#client = client;
    await client.login(context.settings.token);
  }

  /**
   * Puts this between the library's connection and its `Client`: events are seen here first, dispatches here only (the
   * `Client` would cache the world, and throw at a payload that is not as it expects), and no dial happens without leave.
   */
  #watch(client: Client, manager: Manager): Strategy {
    const never = new Promise<never>(() => {});
    manager.options.handshakeTimeout = DIAL_MS;
    manager.options.retrieveSessionInfo = async () => {
      if (this.#isDown && !(await this.#mayDial(client))) return never;
      return this.#session;
    };
    manager.options.updateSessionInfo = (_shard, session) => {
      // The library gives a session up when the network refuses a dial; Discord keeps it for minutes.
      if (session !== null || this.#closeCode !== ABNORMAL) this.#session = session;
    };
    const emit = (event: string, payload: unknown): boolean => {
      try {
        if (this.#client === client) this.#observe(event, fieldsOf(payload));
        return event !== "dispatch" && Reflect.apply(manager.emit, manager, [event, payload]);
      } catch (error) {
        this.#options.context.log.warn("an event of Discord could not be read", { error: messageOf(error) });
        return true;
      }
    };
    const watched: Manager = Object.create(manager, { emit: { value: emit } });
    return new this.#library.SimpleShardingStrategy(watched);
  }

  /** Waits until a dial is in order. @returns false when it never will be */
  async #mayDial(client: Client): Promise<boolean> {
    try {
      await this.#pause;
      if (this.#session === null) await this.#budget.take(this.#stop.signal, (ms) => this.#tellOfBudget(ms));
    } catch {
      return false;
    }
    if (this.#isOver || this.#client !== client) return false;
    this.#dial ??= Promise.withResolvers();
    return true;
  }

  #observe(event: string, { code, data }: Fields): void {
    if (event === "hello" || event === "closed") {
      this.#isDown = event === "closed";
      this.#closeCode = event === "closed" ? Number(code) : undefined;
      this.#dial?.resolve();
      this.#dial = undefined;
    }
    if (this.#isOver) return;
    if (event === "dispatch") this.#dispatch(fieldsOf(data));
    if (event !== "closed") return;
    const advice = FATAL[Number(code)];
    if (advice === undefined) this.#lost(`The connection to Discord was lost (${String(code)}).`);
    else this.#end(new ChannelError(code === 4004 ? "auth" : "offline", advice));
  }

  #dispatch({ t, d }: Fields): void {
    if (typeof t !== "string") return;
    if (t === "READY") this.#identity = `@${String(fieldsOf(fieldsOf(d)["user"])["username"])}`;
    if (t === "READY" || t === "RESUMED") {
      this.#liveSince = this.#options.context.clock.monotonic();
      const identity = this.#identity === undefined ? {} : { identity: this.#identity };
      this.#options.context.setStatus({ state: "connected", ...identity });
    }
    this.#options.onPacket({ t, d });
  }

  #lost(reason: string, atLeastMs = 0): void {
    const { context } = this.#options;
    if (this.#liveSince !== undefined && context.clock.monotonic() - this.#liveSince >= STABLE_MS) this.#failures = 0;
    this.#liveSince = undefined;
    this.#failures += 1;
    if (this.#failures > MAX_RESUMES) this.#session = null;
    const pause = backoffMs(this.#failures, PAUSES, () => context.random());
    const ms = Math.max(atLeastMs, pause);
    context.setStatus({ state: "disconnected", reason: `${reason} Trying again in ${Math.ceil(ms / 1000)} s.` });
    this.#pause = sleep(context.clock, ms, this.#stop.signal);
    this.#pause.catch(() => {});
  }

  #tellOfBudget(ms: number): void {
    const reason = `The bot began too many sessions today. To keep its token valid it waits ${Math.ceil(ms / 60_000)} min.`;
    this.#options.context.setStatus({ state: "disconnected", reason });
  }

  #end(error: ChannelError): void {
    if (this.#isOver) return;
    this.#fatal = error;
    this.#options.context.setStatus({ state: "error", reason: error.message });
    void this.#destroy();
  }

  get #isOver(): boolean {
    return this.#fatal !== undefined || this.#stop.signal.aborted;
  }

  /** Closes in good order, and does not wait for ever for it. */
  async #destroy(): Promise<void> {
    const { clock, log } = this.#options.context;
    const timer = new AbortController();
    await Promise.race([this.#close(), sleep(clock, CLOSE_MS, timer.signal)]).catch((error: unknown) => {
      log.warn("the Discord client did not close well", { error: messageOf(error) });
    });
    timer.abort();
  }

  async #close(): Promise<void> {
    await this.#dial?.promise;
    const client = this.#client;
    this.#client = undefined;
    await client?.destroy();
  }
}
