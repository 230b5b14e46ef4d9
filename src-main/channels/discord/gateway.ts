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

/** The world, with the settings in force. */
export type Context = ChannelContext<{ token: string; apiBase: string }>;

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
const FATAL = new Map<unknown, string>([
  [4004, BAD_TOKEN],
  [4010, "Discord refuses the connection (4010, invalid shard). Update the app."],
  [4011, "The bot is in too many servers for one connection. Take it out of some."],
  [4012, "Discord no longer speaks the version of its interface that this app uses. Update the app."],
  [4013, "Discord refuses what the bot asks to see (4013). Update the app."],
  [
    4014,
    "The bot may not read messages. Switch on Message Content Intent (Developer Portal, Bot), then restart it here.",
  ],
]);

export type Library = typeof discordJs;
type Strategy = InstanceType<Library["SimpleShardingStrategy"]>;
/** The library's manager of gateway connections, which the `Client` makes for itself. */
type Manager = ConstructorParameters<Library["SimpleShardingStrategy"]>[0];

export class Gateway implements Disposable {
  readonly #library: Library;
  readonly #context: Context;
  readonly #onPacket: (packet: Packet) => void;
  readonly #budget: IdentifyBudget;
  readonly #stop = new AbortController();
  #client: Client | undefined;
  #session: SessionInfo | null = null;
  /** The next dial waits for it. */
  #pause: Promise<void> = Promise.resolve();
  /** While a socket is being opened. The library must not be made to close it then: its failure would have no listener. */
  #dial: PromiseWithResolvers<void> | undefined;
  #isDown = true;
  #failures = 0;
  #liveSince: number | undefined;
  #identity: { identity?: string } = {};
  #closeCode: unknown;
  #fatal: ChannelError | undefined;

  /** @param onPacket told of each dispatch, in order */
  constructor(library: Library, context: Context, onPacket: (packet: Packet) => void) {
    this.#library = library;
    this.#context = context;
    this.#onPacket = onPacket;
    this.#budget = new IdentifyBudget(context);
  }

  /** Connects, and goes on until disposed. Tells of it by the status alone. */
  start(): void {
    this.#context.setStatus({ state: "connecting" });
    void this.#run();
  }

  /** Makes a call. Throws ChannelError, without a call while not connected. */
  async call<T>(run: (rest: REST) => Promise<T>): Promise<T> {
    try {
      if (this.#fatal !== undefined) throw this.#fatal;
      if (this.#client !== undefined && this.#liveSince !== undefined) return await run(this.#client.rest);
    } catch (error) {
      const failure = toChannelError(error);
      if (failure.failure === "auth") this.#end(failure);
      throw failure;
    }
    throw new ChannelError("offline", "Discord is not connected.");
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#close();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#pause;
        await this.#connect();
        // From here on the library connects again by itself, when `#pause` lets it.
        return;
      } catch (error) {
        const { failure, message, retryAfterMs } = toChannelError(error);
        if (failure === "auth") this.#end(new ChannelError(failure, message));
        else this.#lost(failure === "unknown" ? "Discord did not answer." : message, retryAfterMs);
      }
    }
  }

  async #connect(): Promise<void> {
    const { settings, fetch, log } = this.#context;
    const client: Client = new this.#library.Client({
      intents: INTENTS,
      shards: [0],
      shardCount: 1,
      rest: {
        api: settings.apiBase.replace(/\/+$/, ""),
        // The pipeline does all waiting and repeating.
        retries: 0,
        rejectOnRateLimit: () => true,
        // Its types are those of its own copy of undici.
        makeRequest: ((url: string, init: RequestInit) => fetch(url, init)) as never,
      },
      // The budget was asked before the dial.
      ws: {
        buildStrategy: (manager) => this.#watch(client, manager),
        buildIdentifyThrottler: () => ({ waitForIdentify: () => Promise.resolve() }),
      },
    });
    client.on("error", (error) => log.warn("the Discord client reports a fault", { error: messageOf(error) }));
    this.#isDown = true;
    this.#client = client;
    await client.login(settings.token);
  }

  /**
   * Puts this between the library's connection and its `Client`: events are seen here first, dispatches here only (the
   * `Client` would cache the world, and throw at a payload that is not as it expects), and no dial happens without leave.
   */
  #watch(client: Client, manager: Manager): Strategy {
    manager.options.handshakeTimeout = DIAL_MS;
    manager.options.retrieveSessionInfo = async () => {
      const mayDial = !this.#isDown || (await this.#mayDial(client));
      return mayDial ? this.#session : new Promise<never>(() => {});
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
        this.#context.log.warn("an event of Discord could not be read", { error: messageOf(error) });
        return true;
      }
    };
    const watched: Manager = Object.create(manager, { emit: { value: emit } });
    return new this.#library.SimpleShardingStrategy(watched);
  }

  /** Waits until a dial is in order. @returns false when it never will be */
  async #mayDial(client: Client): Promise<boolean> {
    const tell = (ms: number) => {
      const reason = `The bot began too many sessions today. To keep its token valid it waits ${Math.ceil(ms / 60_000)} min.`;
      this.#context.setStatus({ state: "disconnected", reason });
    };
    try {
      await this.#pause;
      if (this.#session === null) await this.#budget.take(this.#stop.signal, tell);
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
      this.#closeCode = code;
      this.#dial?.resolve();
      this.#dial = undefined;
    }
    const { t, d } = fieldsOf(data);
    if (event === "dispatch" && typeof t === "string" && !this.#isOver) this.#dispatch({ t, d });
    if (event !== "closed") return;
    const advice = FATAL.get(code);
    if (advice === undefined) this.#lost(`The connection to Discord was lost (${String(code)}).`);
    else this.#end(new ChannelError(code === 4004 ? "auth" : "offline", advice));
  }

  #dispatch(packet: Packet): void {
    const { username } = fieldsOf(fieldsOf(packet.d)["user"]);
    if (packet.t === "READY") this.#identity = { identity: `@${String(username)}` };
    if (packet.t === "READY" || packet.t === "RESUMED") {
      this.#liveSince = this.#context.clock.monotonic();
      this.#context.setStatus({ state: "connected", ...this.#identity });
    }
    this.#onPacket(packet);
  }

  #lost(reason: string, atLeastMs = 0): void {
    if (this.#isOver) return;
    const { clock, random, setStatus } = this.#context;
    if (this.#liveSince !== undefined && clock.monotonic() - this.#liveSince >= STABLE_MS) this.#failures = 0;
    this.#liveSince = undefined;
    this.#failures += 1;
    if (this.#failures > MAX_RESUMES) this.#session = null;
    const ms = Math.max(atLeastMs, backoffMs(this.#failures, PAUSES, random));
    setStatus({ state: "disconnected", reason: `${reason} Trying again in ${Math.ceil(ms / 1000)} s.` });
    this.#pause = sleep(clock, ms, this.#stop.signal);
    this.#pause.catch(() => {});
  }

  /** Stops for good. */
  #end(error: ChannelError): void {
    if (this.#isOver) return;
    this.#fatal = error;
    this.#context.setStatus({ state: "error", reason: error.message });
    void this.#close();
  }

  get #isOver(): boolean {
    return this.#fatal !== undefined || this.#stop.signal.aborted;
  }

  /** Closes in good order, and does not wait for ever for it. */
  async #close(): Promise<void> {
    const { clock, log } = this.#context;
    const closing = async () => {
      await this.#dial?.promise;
      const client = this.#client;
      this.#client = undefined;
      await client?.destroy();
    };
    const timer = new AbortController();
    await Promise.race([closing(), sleep(clock, CLOSE_MS, timer.signal)]).catch((error: unknown) => {
      log.warn("the Discord client did not close well", { error: messageOf(error) });
    });
    timer.abort();
  }
}
