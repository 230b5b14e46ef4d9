/** Linking a device: the newest code of each account, drawn as a picture, for whoever asks and for those who watch. */
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import type { LoginEvent } from "#main/channels/contract.ts";
import type { AccountName, ChannelSupervisor, LiveAccount } from "#main/channels/supervisor.ts";
import type { EventPayload } from "#main/protocol/events.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import { invalid } from "../../dispatch.ts";

type Shown = EventPayload<"channels.login">;

const nameOf = ({ channel, account }: AccountName) => `${channel}/${account}`;

export class Logins implements Disposable {
  readonly #clock: Clock;
  readonly #tell: (shown: Shown) => void;
  readonly #watch: Disposable;
  readonly #newest = new Map<string, Shown>();
  readonly #waiting = new Set<(name: string, shown: Shown) => void>();

  constructor(deps: { clock: Clock; channels: Pick<ChannelSupervisor, "onEvent">; tell(shown: Shown): void }) {
    this.#clock = deps.clock;
    this.#tell = deps.tell;
    this.#watch = deps.channels.onEvent((event) => {
      if (event.type === "login") void this.#take(event.at, event.event);
    });
  }

  dispose(): void | Promise<void> {
    return this.#watch.dispose();
  }

  /** Begins, and answers with the first code. Throws Refused when the channel has nothing to link. */
  async start(
    live: LiveAccount,
    phone: string | undefined,
    timeoutMs: number,
  ): Promise<MethodResult<"web.login.start">> {
    if (live.standing.state === "connected") return { connected: true, message: "already linked" };
    const { connection, plug } = live;
    if (!connection?.login) {
      throw invalid(live.standing.reason ?? `${plug.label} is not linked by scanning`);
    }
    this.#newest.delete(nameOf(live));
    const first = this.#next(live, timeoutMs);
    try {
      await connection.login(phone === undefined ? {} : { phone });
    } catch (error) {
      return { message: messageOf(error) };
    }
    const shown = this.#newest.get(nameOf(live)) ?? (await first);
    if (!shown) return { message: "the platform gave no code in time; try again" };
    const { channel: _, accountId: __, state, ...facts } = shown;
    return { ...facts, ...(state === "linked" ? { connected: true } : {}) };
  }

  async wait(live: LiveAccount, timeoutMs: number): Promise<MethodResult<"web.login.wait">> {
    if (live.standing.state === "connected") return { connected: true };
    const end = this.#clock.monotonic() + timeoutMs;
    for (let left = timeoutMs; left > 0; left = end - this.#clock.monotonic()) {
      const shown = await this.#next(live, left);
      if (shown?.state === "linked") return { connected: true };
      if (shown?.state === "failed") return { connected: false, message: shown.message ?? "linking failed" };
    }
    return { connected: false, message: "nobody has scanned the code yet" };
  }

  #next(at: AccountName, timeoutMs: number): Promise<Shown | undefined> {
    return new Promise((resolve) => {
      const finish = (shown: Shown | undefined) => {
        this.#waiting.delete(listener);
        void timer.dispose();
        resolve(shown);
      };
      const listener = (name: string, shown: Shown) => {
        if (name === nameOf(at)) finish(shown);
      };
      const timer = this.#clock.after(timeoutMs, () => finish(undefined));
      this.#waiting.add(listener);
    });
  }

  async #take(at: AccountName, event: LoginEvent): Promise<void> {
    const base = { channel: at.channel, accountId: at.account, state: event.type };
    const shown: Shown = { ...base, ...(await toFacts(event)) };
    this.#newest.set(nameOf(at), shown);
    this.#tell(shown);
    for (const listener of [...this.#waiting]) listener(nameOf(at), shown);
  }
}

async function toFacts(event: LoginEvent): Promise<Partial<Shown>> {
  if (event.type === "code") return { code: event.code };
  if (event.type === "failed") return { message: event.reason };
  if (event.type === "linked") return event.identity === undefined ? {} : { message: event.identity };
  const { toDataURL } = await import("qrcode");
  const qrDataUrl = await toDataURL(event.qr, { margin: 2, scale: 6 });
  return { qr: event.qr, qrDataUrl, expiresAtMs: event.expiresAtMs };
}
