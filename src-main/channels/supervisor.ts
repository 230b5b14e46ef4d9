/**
 * Keeps the configured accounts alive: starts each, starts it anew when its settings change, stops it, and knows how it
 * stands. One bad account never touches another or the gateway. It must never look at messages.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Disposable } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import { messageOf } from "#main/base/errors.ts";
import { Lanes } from "#main/base/lane.ts";
import type { ConfigService } from "#main/config/contract.ts";
import type { ChannelAccount } from "#main/protocol/methods/channels.ts";
import type {
  AnyChannel,
  ButtonPress,
  ChannelConnection,
  ChannelContext,
  ChannelStatus,
  InboundEvent,
  LoginEvent,
} from "./contract.ts";
import { openMemories, type MemoryDeps } from "./memory.ts";
import { readAccounts, type AccountSettings } from "./settings.ts";

/** Handed on to each channel as it is. */
type World = Pick<ChannelContext, "clock" | "random" | "fetch" | "call" | "commands" | "platform">;

export interface SupervisorDeps extends MemoryDeps, World {
  channels: readonly AnyChannel[];
  config: ConfigService;
  /** Folder under which each account gets one of its own. */
  dataDir: string;
  receive(at: AccountName, event: InboundEvent): Promise<void>;
  press(at: AccountName, press: ButtonPress): Promise<{ text?: string }>;
}

export interface AccountName {
  channel: string;
  account: string;
}

/** An account as others see it. */
export interface LiveAccount extends AccountName {
  plug: AnyChannel;
  /** Undefined while it is not running. */
  connection: ChannelConnection | undefined;
  standing: ChannelAccount;
}

export type SupervisorEvent =
  | { type: "status"; at: AccountName; standing: ChannelAccount }
  | { type: "login"; at: AccountName; event: LoginEvent };

interface Entry extends LiveAccount {
  settings: AccountSettings;
  /** Counts starts: what an earlier one still reports is not listened to. */
  generation: number;
}

const nameOf = ({ channel, account }: AccountName) => `${channel}/${account}`;

export class ChannelSupervisor implements Disposable {
  readonly #deps: SupervisorDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #events = new Emitter<SupervisorEvent>();
  /** Starts and stops of one account happen one after another. */
  readonly #lanes = new Lanes();
  #watch: Disposable | undefined;
  #isDisposed = false;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
  }

  readonly onEvent = (listener: (event: SupervisorEvent) => void): Disposable => this.#events.on(listener);

  /** Called once, when everything that messages lead to is there. */
  start(): void {
    const { config } = this.#deps;
    this.#watch = config.onChange(({ changedPaths }) => {
      if (changedPaths.some((path) => path.startsWith("channels"))) this.refresh();
    });
    this.refresh();
  }

  /** Brings what runs in line with the settings. Called after a secret changed, too. */
  refresh(): void {
    const wanted = readAccounts(this.#deps);
    for (const [name, entry] of this.#entries) {
      if (wanted.some((one) => nameOf(one) === name)) continue;
      this.#entries.delete(name);
      void this.#lanes.run(name, () => this.#stop(entry));
    }
    for (const settings of wanted) this.#bring(settings);
  }

  find({ channel, account }: AccountName): LiveAccount | undefined {
    return this.#entries.get(nameOf({ channel, account }));
  }

  plug(channel: string): AnyChannel | undefined {
    return this.#deps.channels.find(({ id }) => id === channel);
  }

  get plugs(): readonly AnyChannel[] {
    return this.#deps.channels;
  }

  list(): readonly LiveAccount[] {
    return [...this.#entries.values()];
  }

  /** Starts an account anew, whatever state it is in. @returns false when there is none */
  restart(at: AccountName): boolean {
    const entry = this.#entries.get(nameOf(at));
    if (!entry) return false;
    void this.#lanes.run(nameOf(at), async () => {
      await this.#stop(entry);
      await this.#start(entry);
    });
    return true;
  }

  /** Stops an account until it is started again. @returns false when there is none */
  halt(at: AccountName): boolean {
    const entry = this.#entries.get(nameOf(at));
    if (!entry) return false;
    void this.#lanes.run(nameOf(at), async () => {
      await this.#stop(entry);
      this.#setStatus(entry, { state: "disconnected", reason: "stopped by the owner" });
    });
    return true;
  }

  /** Notes that a message came or left, for the card. */
  noteTraffic(at: AccountName, direction: "lastInboundAtMs" | "lastOutboundAtMs"): void {
    const entry = this.#entries.get(nameOf(at));
    if (entry) entry.standing[direction] = this.#deps.clock.now();
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#watch?.dispose();
    const entries = [...this.#entries];
    await Promise.all(entries.map(([name, entry]) => this.#lanes.run(name, () => this.#stop(entry))));
  }

  #bring(settings: AccountSettings): void {
    const name = nameOf(settings);
    const known = this.#entries.get(name);
    if (known && isDeepStrictEqual(known.settings, settings)) return;
    const entry: Entry = known ?? {
      ...{ channel: settings.channel, account: settings.account, plug: settings.plug, settings },
      connection: undefined,
      generation: 0,
      standing: { accountId: settings.account, state: "disabled", since: this.#deps.clock.now() },
    };
    entry.settings = settings;
    this.#entries.set(name, entry);
    void this.#lanes.run(name, async () => {
      await this.#stop(entry);
      await this.#start(entry);
    });
  }

  async #start(entry: Entry): Promise<void> {
    if (this.#isDisposed || this.#entries.get(nameOf(entry)) !== entry) return;
    const { settings, plug } = entry;
    if (!settings.enabled) return this.#setStatus(entry, { state: "disabled" });
    if (settings.problem !== undefined) {
      return this.#setStatus(entry, { state: "error", reason: settings.problem });
    }
    this.#setStatus(entry, { state: "connecting" });
    try {
      entry.connection = await plug.start(await this.#toContext(entry));
    } catch (error) {
      this.#setStatus(entry, { state: "error", reason: messageOf(error) });
    }
  }

  async #toContext(entry: Entry): Promise<ChannelContext<never>> {
    const { clock, log, random, fetch, call, commands, platform, receive, press } = this.#deps;
    const { channel, account, settings } = entry;
    const at = { channel, account };
    const dataDir = join(this.#deps.dataDir, channel, account);
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const generation = ++entry.generation;
    const isCurrent = () => entry.generation === generation;
    return {
      ...{ account, clock, random, fetch, call, commands, platform, dataDir },
      ...(await openMemories(this.#deps, at)),
      settings: settings.values as never,
      log: log.child({ channel, account }),
      receive: (event) => receive(at, event),
      press: (one) => press(at, one),
      setStatus: (status) => {
        if (isCurrent()) this.#setStatus(entry, status);
      },
      login: (event) => {
        if (isCurrent()) this.#events.emit({ type: "login", at, event });
      },
    };
  }

  async #stop(entry: Entry): Promise<void> {
    const { connection } = entry;
    entry.generation += 1;
    entry.connection = undefined;
    try {
      await connection?.dispose();
    } catch (error) {
      const { channel, account } = entry;
      this.#deps.log.warn("a channel did not stop cleanly", { channel, account, error: messageOf(error) });
    }
  }

  #setStatus(entry: Entry, status: Omit<ChannelStatus, "state"> & { state: ChannelAccount["state"] }): void {
    const { standing, channel, account } = entry;
    const { state, reason, identity = standing.identity } = status;
    if (standing.state === state && standing.reason === reason && standing.identity === identity) return;
    const since = standing.state === state ? standing.since : this.#deps.clock.now();
    const { reason: _, ...rest } = standing;
    entry.standing = {
      ...rest,
      ...{ state, since },
      ...(reason === undefined ? {} : { reason }),
      ...(identity === undefined ? {} : { identity }),
    };
    const level = state === "error" ? "warn" : "info";
    this.#deps.log[level]("channel", { channel, account, state, ...(reason === undefined ? {} : { reason }) });
    this.#events.emit({ type: "status", at: { channel, account }, standing: entry.standing });
  }
}
