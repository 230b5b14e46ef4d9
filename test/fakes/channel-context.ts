/** The world as a channel sees it, in a test: what comes is kept, time runs, files lie in a folder of the test. */
import { createSystemClock, type Clock } from "#main/base/clock.ts";
import { createHttpClient } from "#main/base/http/client.ts";
import { createCommandRunner } from "#main/base/run-command.ts";
import { silentLogger } from "#main/base/logger.ts";
import type {
  ButtonPress,
  ChannelContext,
  ChannelMemory,
  ChannelStatus,
  InboundEvent,
  InboundMessage,
  LoginEvent,
} from "#main/channels/contract.ts";

export interface TestContext extends ChannelContext<never> {
  events: InboundEvent[];
  messages(): InboundMessage[];
  presses: ButtonPress[];
  statuses: ChannelStatus[];
  readonly status: ChannelStatus | undefined;
  logins: LoginEvent[];
  /** Makes the next deliveries fail, as a full disk would. */
  refuse(times: number): void;
  /** Resolves when `check` holds; looks again whenever the event loop turns. Rejects after `ms` with `what`. */
  until(what: string, check: () => boolean, ms?: number): Promise<void>;
}

export function createMemory(entries = new Map<string, string>()): ChannelMemory {
  return {
    get: (name) => entries.get(name),
    async set(name, value) {
      entries.set(name, value);
    },
    async delete(name) {
      entries.delete(name);
    },
  };
}

/** Time that runs faster: pauses between tries last a fiftieth, so that a test sees the one after. */
export function createHurriedClock(factor = 50): Clock {
  const clock = createSystemClock();
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms, run) => clock.after(ms / factor, run),
    every: (ms, run) => clock.every(ms / factor, run),
  };
}

export function createTestContext(options: {
  settings: unknown;
  dataDir: string;
  memory?: ChannelMemory;
  vault?: ChannelMemory;
  platform?: NodeJS.Platform;
  onLogin?(event: LoginEvent): void;
}): TestContext {
  const clock = createHurriedClock();
  const events: InboundEvent[] = [];
  const presses: ButtonPress[] = [];
  const statuses: ChannelStatus[] = [];
  const logins: LoginEvent[] = [];
  let refusals = 0;
  return {
    account: "default",
    settings: options.settings as never,
    clock,
    log: silentLogger,
    random: () => 0.5,
    fetch: globalThis.fetch,
    call: createHttpClient().call,
    dataDir: options.dataDir,
    memory: options.memory ?? createMemory(),
    vault: options.vault ?? createMemory(),
    commands: createCommandRunner({ clock: createSystemClock(), log: silentLogger }),
    platform: options.platform ?? process.platform,
    async receive(event) {
      if (refusals > 0) {
        refusals -= 1;
        throw new Error("the disk is full");
      }
      events.push(event);
    },
    async press(press) {
      presses.push(press);
      return { text: "noted" };
    },
    setStatus: (status) => void statuses.push(status),
    login(event) {
      logins.push(event);
      options.onLogin?.(event);
    },
    events,
    messages: () => events.filter((event) => event.type === "message"),
    presses,
    statuses,
    get status() {
      return statuses.at(-1);
    },
    logins,
    refuse(times) {
      refusals = times;
    },
    until: (what, check, ms = 8000) => until(what, check, ms),
  };
}

/** Resolves when `check` holds. Looks each time the event loop has turned; never by a fixed pause. */
export async function until(what: string, check: () => boolean, ms = 8000): Promise<void> {
  const end = performance.now() + ms;
  while (!check()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    // Lets sockets and short timers of the client library run; a tight loop would starve them.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
