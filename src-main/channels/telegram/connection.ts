/**
 * One account's life: it introduces itself to Telegram, takes what comes, in order, and says how it stands. Must never
 * confirm an update before it is kept, and never knock without a pause.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { backoffMs } from "#main/base/backoff.ts";
import { sleep } from "#main/base/clock.ts";
import { messageOf } from "#main/base/errors.ts";
import { Lane } from "#main/base/lane.ts";
import {
  ChannelError,
  type ChannelConnection,
  type ChannelContext,
  type ChannelStatus,
  type WebhookRequest,
  type WebhookResponse,
} from "../contract.ts";
import { ofStatus, statusOf, type Client } from "./client.ts";
import { toCallbackQuery, toInbound, type CallbackQuery, type Me } from "./inbound.ts";
import { createCalls } from "./outbound.ts";
import type { TelegramSettings } from "./settings.ts";

/** What we ask to be told: core.telegram.org/bots/api#update. */
const UPDATES = ["message", "edited_message", "callback_query", "message_reaction"] as const;
/** Seconds that Telegram holds a poll open while nothing comes. */
const POLL_SECONDS = 30;
/** The least time between two polls that bring nothing. */
const HELD_MS = 1000;
const WEBHOOK_CHECK_MS = 60_000;
/** Shortest pauses after a fault that passes by itself, and after one that a person has to mend. */
const QUICK = { firstMs: 1000, maxMs: 60_000 };
const SLOW = { firstMs: 30_000, maxMs: 300_000 };

/** As the pipeline understands them. */
const COMMANDS = [
  { command: "help", description: "What I can do" },
  { command: "status", description: "How I stand" },
  { command: "new", description: "Begin a new conversation" },
  { command: "stop", description: "Stop what I am doing" },
  { command: "whoami", description: "Your id, to be let in" },
];

type Context = ChannelContext<TelegramSettings>;

/**
 * Begins at once. See `ChannelConnection` for what it promises.
 * @param stop aborted by disposing; the client ends with it
 */
export function startConnection(context: Context, client: Client, stop: AbortController): ChannelConnection {
  const account = new Account(context, client, stop.signal);
  const running = account.run();
  const calls = createCalls(client);
  return {
    ...calls,
    async send(message, signal) {
      if (account.isOffline) throw new ChannelError("offline", "Telegram cannot be reached just now.");
      return calls.send(message, signal);
    },
    ...(context.settings.mode === "webhook" && { webhook: (request) => account.webhook(request) }),
    async dispose() {
      stop.abort();
      await running;
      await account.idle();
    },
  };
}

class Account {
  readonly #context: Context;
  readonly #client: Client;
  readonly #stop: AbortSignal;
  /** Updates that Telegram brings are taken one after another, as polled ones are. */
  readonly #lane = new Lane();
  #status: ChannelStatus | undefined;
  #me: Me | undefined;
  /**
   * The first update that is not confirmed yet. Not kept over a restart: what was not confirmed comes again, and the inbox
   * knows it; after a quiet week ids begin anew at random (core.telegram.org/bots/api#update), and one kept from before
   * would confirm what nobody read.
   */
  #offset = 0;

  constructor(context: Context, client: Client, stop: AbortSignal) {
    this.#context = context;
    this.#client = client;
    this.#stop = stop;
  }

  get isOffline(): boolean {
    return this.#status?.state === "disconnected";
  }

  idle(): Promise<void> {
    return this.#lane.idle();
  }

  /** Goes on until it is stopped, or until Telegram does not know us any more. Never rejects. */
  async run(): Promise<void> {
    const isWebhook = this.#context.settings.mode === "webhook";
    this.#report({ state: "connecting", reason: "Asking Telegram who we are." });
    let failures = 0;
    while (!this.#stop.aborted) {
      try {
        const me = await this.#setUp();
        while (!this.#stop.aborted) {
          await (isWebhook ? this.#checkWebhook() : this.#poll(me));
          failures = 0;
        }
      } catch (thrown) {
        if (this.#stop.aborted) return;
        failures += 1;
        const pause = this.#judge(thrown, failures);
        if (pause === undefined) return;
        await this.#pause(pause);
      }
    }
  }

  /** The secret is compared before the body is read (core.telegram.org/bots/api#setwebhook). */
  async webhook({ headers, readBody }: WebhookRequest): Promise<WebhookResponse> {
    const given = headers["x-telegram-bot-api-secret-token"] ?? "";
    if (!isSame(given, this.#context.settings.webhookSecret)) return { status: 401 };
    const me = this.#me;
    if (me === undefined) return { status: 503 };
    const body = await readBody();
    let update: unknown;
    try {
      update = JSON.parse(Buffer.from(body).toString());
    } catch {
      return { status: 400 };
    }
    try {
      await this.#lane.run(() => this.#take(update, me));
      return { status: 200 };
    } catch (error) {
      if (!this.#stop.aborted) this.#judge(error, 1);
      return { status: 503 };
    }
  }

  /** Done anew after each fault: another program may have taken our place. */
  async #setUp(): Promise<Me> {
    const { settings, log } = this.#context;
    const { id, username } = await this.#client.call((api) => api.getMe());
    const me = { id: String(id), username: username ?? "" };
    this.#me = me;
    if (settings.mode === "webhook") {
      const webhook = { url: settings.webhookUrl, secret_token: settings.webhookSecret, allowed_updates: UPDATES };
      await this.#client.call((api) => api.setWebhook(webhook));
    } else {
      await this.#client.call((api) => api.deleteWebhook({}));
    }
    await this.#client
      .call((api) => api.setMyCommands({ commands: COMMANDS }))
      .catch((error: unknown) => log.warn("the list of commands was not taken", { error: messageOf(error) }));
    return me;
  }

  /** One poll, and all that it brought. The next one confirms it, as far as it could be kept. */
  async #poll(me: Me): Promise<void> {
    const { clock } = this.#context;
    const offset = this.#offset;
    // After a fault an answer is wanted at once: it says that we are connected.
    const timeout = this.#status?.state === "connected" ? POLL_SECONDS : 0;
    const began = clock.monotonic();
    const extra = { offset, timeout, allowed_updates: UPDATES };
    const updates: unknown = await this.#client.call((api) => api.getUpdates(extra));
    if (!Array.isArray(updates)) throw new ChannelError("retry", "Telegram answered with something else than updates.");
    for (const update of updates) await this.#take(update, me);
    this.#report({ state: "connected" });
    // Nothing new, and sooner than asked for: a proxy in between would have us spin.
    if (this.#offset === offset && clock.monotonic() - began < HELD_MS) await this.#pause(HELD_MS);
  }

  /** Telegram comes by itself; whether it can, it says only when it is asked. */
  async #checkWebhook(): Promise<void> {
    const info = await this.#client.call((api) => api.getWebhookInfo());
    if (info.url !== this.#context.settings.webhookUrl) throw ofStatus(409, "the webhook was changed");
    const sinceMs = this.#context.clock.now() - (info.last_error_date ?? 0) * 1000;
    const reason = `Telegram cannot deliver to webhookUrl: ${info.last_error_message ?? "unknown reason"}.`;
    this.#report(sinceMs < 2 * WEBHOOK_CHECK_MS ? { state: "degraded", reason } : { state: "connected" });
    await this.#pause(WEBHOOK_CHECK_MS);
  }

  /** Resolves when an update needs no more from Telegram. Throws what `receive` does: then it has to come again. */
  async #take(update: unknown, me: Me): Promise<void> {
    this.#stop.throwIfAborted();
    const query = toCallbackQuery(update);
    const event = query ? undefined : toInbound(update, me);
    if (query) await this.#takePress(query);
    if (event) await this.#context.receive(event);
    const { update_id: id } = Object(update) as { update_id?: number };
    if (Number.isSafeInteger(id)) this.#offset = Number(id) + 1;
  }

  async #takePress({ id, press }: CallbackQuery): Promise<void> {
    const { log } = this.#context;
    const { text } = await this.#context.press(press).catch((error: unknown) => {
      log.warn("a press was not taken", { error: messageOf(error) });
      return { text: "That did not work. Please press again." };
    });
    const answer = { callback_query_id: id, ...(text && { text: text.slice(0, 200).toWellFormed() }) };
    // Not waited for: the next update need not wait until someone has read this.
    this.#client
      .call((api) => api.answerCallbackQuery(answer))
      .catch((error: unknown) => log.debug("a press was not answered", { error: messageOf(error) }));
  }

  /** Says what is wrong. @returns how long to wait in milliseconds; undefined: it cannot get better by itself */
  #judge(thrown: unknown, failures: number): number | undefined {
    const { random, log } = this.#context;
    if (!(thrown instanceof ChannelError)) {
      const reason = `A message could not be kept (${messageOf(thrown)}). It is fetched again until it can.`;
      this.#report({ state: "degraded", reason });
      return backoffMs(failures, QUICK, random);
    }
    const status = statusOf(thrown);
    const isForPerson = status !== undefined && status < 500 && status !== 429;
    const reason = isForPerson ? thrown.message : `${thrown.message} It is tried again by itself.`;
    this.#report({ state: isForPerson ? "error" : status === 429 ? "degraded" : "disconnected", reason });
    log.warn("telegram is not connected", { status, failure: thrown.failure });
    if (status === 401) return undefined;
    return Math.max(thrown.retryAfterMs ?? 0, backoffMs(failures, isForPerson ? SLOW : QUICK, random));
  }

  #report(status: ChannelStatus): void {
    const told = this.#status;
    if (this.#stop.aborted || (told?.state === status.state && told.reason === status.reason)) return;
    this.#status = this.#me ? { ...status, identity: `@${this.#me.username}` } : status;
    this.#context.setStatus(this.#status);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(this.#context.clock, ms, this.#stop).catch(() => {});
  }
}

/** Compares in constant time, whatever the lengths. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
