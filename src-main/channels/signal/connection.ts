/**
 * One live account: connects, hands over what comes, comes back after breaks. Must never read on while something that came
 * could not be handed over, never repeat a send, and never knock on when the account was refused.
 */
import { backoffMs } from "#main/base/backoff.ts";
import { sleep, type Clock } from "#main/base/clock.ts";
import { messageOf } from "#main/base/errors.ts";
import {
  ChannelError,
  type ChannelConnection,
  type ChannelContext,
  type ChannelState,
  type ChatRef,
  type InboundEvent,
  type MediaRef,
  type OutboundMessage,
} from "../contract.ts";
import { countOf, objectOf, textOf } from "./fields.ts";
import { createHttp, type Http } from "./http.ts";
import { fromPlatformId, toPlatformId, type MessageName, type Self } from "./identifiers.ts";
import { toInbound } from "./inbound.ts";
import { createJsonRpcService } from "./jsonrpc.ts";
import { render, toDataUri } from "./outbound.ts";
import { createRestService } from "./rest.ts";
import { Revisions } from "./revisions.ts";
import { unlessRejected, type Received, type SignalService } from "./service.ts";

export interface SignalAccount {
  /** A number, or an ACI in lower case. */
  account: string;
  /** Without a slash at the end. */
  url: string;
  api: "rest" | "jsonrpc" | "auto";
}

const RECONNECT = { firstMs: 1_000, maxMs: 60_000 };
const HAND_OVER_AGAIN = { firstMs: 500, maxMs: 30_000 };
/** A connection that held so long starts the pauses anew. */
const STABLE_MS = 60_000;
/** signal-cli shows life each 15 s, signal-cli-rest-api each 54 s; older ones answer the first call only with that. */
const SILENCE_MS = 150_000;
const SMALL_CALL_MS = 60_000;
/** Name in the memory of the last event that is done with. */
const LAST_EVENT = "last-event";

export class SignalConnection implements ChannelConnection {
  readonly #context: ChannelContext;
  readonly #account: SignalAccount;
  readonly #http: Http;
  readonly #revisions = new Revisions();
  readonly #stop = new AbortController();
  readonly #self: Self;
  readonly #running: Promise<void>;
  #service: SignalService | undefined;
  #lastEvent: string | undefined;
  #isOpen = false;
  /** Ends the connection that is up. */
  #broken = new AbortController();
  /** Why the account was refused: nothing is tried or told any more. */
  #refusal: string | undefined;

  constructor(context: ChannelContext, account: SignalAccount) {
    this.#context = context;
    this.#account = account;
    this.#self = { account: account.account, aci: undefined };
    this.#http = createHttp(context, account.url, account.account);
    this.#lastEvent = context.memory.get(LAST_EVENT);
    this.#running = this.#run();
  }

  async send(message: OutboundMessage, signal: AbortSignal): Promise<{ platformIds: readonly string[] }> {
    const { chat, media, replyTo } = message;
    const quote = replyTo === undefined ? undefined : fromPlatformId(this.#revisions.latestOf(replyTo));
    const sent = {
      chat,
      rendered: render(message.text),
      ...(media === undefined ? {} : { attachment: toDataUri(media) }),
      ...(quote === undefined ? {} : { quote }),
    };
    const timestamp = await this.#call((service) => service.send(sent, AbortSignal.any([signal, this.#stop.signal])));
    return { platformIds: [this.#ownId(timestamp)] };
  }

  async edit(chat: ChatRef, platformId: string, { text }: Pick<OutboundMessage, "text">): Promise<void> {
    const { timestamp } = this.#latest(platformId);
    const edited = { chat, rendered: render(text), editTimestamp: timestamp };
    const revision = await this.#small((service, signal) => service.send(edited, signal));
    this.#revisions.record(platformId, this.#ownId(revision));
  }

  async typing(chat: ChatRef): Promise<void> {
    await this.#small((service, signal) => service.typing(chat, signal)).catch((thrown: unknown) =>
      this.#context.log.debug("typing was not shown", { reason: messageOf(thrown) }),
    );
  }

  async react(chat: ChatRef, platformId: string, emoji: string | undefined): Promise<void> {
    const target = this.#latest(platformId);
    await this.#small((service, signal) => service.react(chat, target, emoji, signal));
  }

  async *download(media: MediaRef, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    if (this.#service === undefined) throw new ChannelError("offline", "signal-cli is not connected.");
    yield* this.#service.download(media.ref, AbortSignal.any([signal, this.#stop.signal]));
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #ownId(timestamp: number): string {
    return toPlatformId({ timestamp, author: this.#self.aci ?? this.#self.account });
  }

  #latest(platformId: string): MessageName {
    const name = fromPlatformId(this.#revisions.latestOf(platformId));
    if (name === undefined) throw new ChannelError("rejected", `Signal knows no message "${platformId.slice(0, 80)}".`);
    return name;
  }

  /** Calls the service, if there is one to call. */
  async #call<T>(run: (service: SignalService) => Promise<T>): Promise<T> {
    if (this.#refusal !== undefined) throw new ChannelError("auth", this.#refusal);
    if (this.#service === undefined || !this.#isOpen) {
      throw new ChannelError("offline", "signal-cli is not connected; it is tried again by itself.");
    }
    try {
      return await run(this.#service);
    } catch (thrown) {
      const error = toChannelError(thrown);
      if (error.failure === "auth") this.#refuse(error.message);
      throw error;
    }
  }

  /** The same with a time-out of its own. */
  async #small<T>(run: (service: SignalService, signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const timer = this.#context.clock.after(SMALL_CALL_MS, () => late.abort());
    try {
      return await this.#call((service) => run(service, AbortSignal.any([late.signal, this.#stop.signal])));
    } finally {
      void timer.dispose();
    }
  }

  async #run(): Promise<void> {
    const { clock, log, random } = this.#context;
    this.#tell("connecting");
    let failures = 0;
    while (!this.#stop.signal.aborted && this.#refusal === undefined) {
      const began = clock.monotonic();
      const error = await this.#listen().then(
        () => new ChannelError("retry", "signal-cli closed the connection."),
        toChannelError,
      );
      this.#isOpen = false;
      if (this.#stop.signal.aborted || this.#refusal !== undefined) return;
      if (error.failure === "auth") return this.#refuse(error.message);
      failures = clock.monotonic() - began < STABLE_MS ? failures + 1 : 1;
      const isWrong = error.failure === "rejected";
      if (isWrong) this.#service = undefined;
      const advice = isWrong ? "" : ` See that it runs at ${this.#account.url}. It is tried again by itself.`;
      this.#tell(isWrong ? "error" : "disconnected", error.message + advice);
      log.debug("signal-cli is not connected", { failures, reason: error.message });
      const pause = isWrong ? RECONNECT.maxMs : backoffMs(failures, RECONNECT, random);
      await sleep(clock, pause, this.#stop.signal).catch(() => {});
    }
  }

  /** One connection, until it ends or breaks. */
  async #listen(): Promise<void> {
    const broken = new AbortController();
    this.#broken = broken;
    const signal = AbortSignal.any([this.#stop.signal, broken.signal]);
    const watch = watchSilence(this.#context.clock, () =>
      broken.abort(new ChannelError("retry", "signal-cli has gone silent.")),
    );
    try {
      this.#service ??= await openService(this.#http, this.#account.api, signal);
      this.#self.aci = (await this.#service.identify(signal)) ?? this.#self.aci;
      const listening = { signal, onOpen: () => this.#opened(), onAlive: watch.onAlive };
      const after = this.#lastEvent === undefined ? {} : { after: this.#lastEvent };
      for await (const received of this.#service.listen({ ...listening, ...after })) {
        watch.hold();
        await this.#receive(received);
        watch.release();
        if (signal.aborted || this.#refusal !== undefined) return;
      }
    } finally {
      watch.dispose();
    }
  }

  #opened(): void {
    this.#isOpen = true;
    this.#tell("connected");
  }

  async #receive({ payload, eventId }: Received): Promise<void> {
    const mapped = toInbound(payload, this.#self, (id) => this.#revisions.originalOf(id));
    if (mapped !== undefined) {
      if (!(await this.#handOver(mapped.event))) return;
      const { event, revision } = mapped;
      if (event.type === "edit" && revision !== undefined) this.#revisions.record(event.platformId, revision);
    }
    const { type } = objectOf(objectOf(payload)["exception"]);
    if (type !== undefined) this.#context.log.warn("signal-cli could not read a message", { type: textOf(type) });
    if (eventId === undefined) return;
    this.#lastEvent = eventId;
    // What was passed over before it may come again: it is passed over again.
    if (mapped === undefined) return;
    await this.#context.memory
      .set(LAST_EVENT, eventId)
      .catch((thrown: unknown) => this.#context.log.warn("the last event was not kept", { reason: messageOf(thrown) }));
  }

  /** Neither service gives a message again that it has given once: it is held here until it is written down. */
  async #handOver(event: InboundEvent): Promise<boolean> {
    const { clock, log, random } = this.#context;
    for (let failures = 1; !this.#stop.signal.aborted; failures++) {
      try {
        await this.#context.receive(event);
        if (failures > 1 && this.#isOpen) this.#tell("connected");
        return true;
      } catch (thrown) {
        log.warn("a message could not be written down", { failures, reason: messageOf(thrown) });
        this.#tell("degraded", "Messages from Signal cannot be written down. See that the disk is not full.");
        await sleep(clock, backoffMs(failures, HAND_OVER_AGAIN, random), this.#stop.signal).catch(() => {});
      }
    }
    return false;
  }

  #refuse(reason: string): void {
    if (this.#refusal !== undefined) return;
    this.#tell("error", reason);
    this.#refusal = reason;
    this.#isOpen = false;
    this.#broken.abort();
  }

  #tell(state: ChannelState, reason?: string): void {
    if (this.#stop.signal.aborted || this.#refusal !== undefined) return;
    this.#context.setStatus({ state, identity: this.#account.account, ...(reason === undefined ? {} : { reason }) });
  }
}

/** Which of the two it is: asked once, since only one of them answers either path. */
async function openService(http: Http, api: SignalAccount["api"], signal: AbortSignal): Promise<SignalService> {
  if (api === "jsonrpc") return createJsonRpcService(http);
  if (api === "rest") return createRestService(http);
  const answers = (path: string) => unlessRejected(http.json(path, { signal }).then((answer) => ({ answer })));
  if ((await answers("/api/v1/check")) !== undefined) return createJsonRpcService(http);
  const about = await answers("/v1/about");
  if (countOf(objectOf(about?.answer)["build"]) !== undefined) return createRestService(http);
  throw new ChannelError("rejected", `What answers at ${http.base} is no signal-cli. Correct signal.url.`);
}

function toChannelError(thrown: unknown): ChannelError {
  return thrown instanceof ChannelError ? thrown : new ChannelError("unknown", `Signal: ${messageOf(thrown)}`);
}

/** Calls `onSilence` when nothing was heard for long. Not while it is held: then nobody listens. */
function watchSilence(clock: Clock, onSilence: () => void) {
  let isHeld = false;
  const restart = () => clock.after(SILENCE_MS, () => (isHeld ? onAlive() : onSilence()));
  let timer = restart();
  let isOver = false;
  const onAlive = () => {
    void timer.dispose();
    if (!isOver) timer = restart();
  };
  return {
    onAlive,
    hold: () => void (isHeld = true),
    release: () => {
      isHeld = false;
      onAlive();
    },
    dispose() {
      isOver = true;
      void timer.dispose();
    },
  };
}
