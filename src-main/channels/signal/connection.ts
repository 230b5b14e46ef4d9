/**
 * One live account: connects, hands over what comes, comes back after breaks. Must never read on while something that came
 * could not be handed over, never repeat a send, and never knock on when the account was refused.
 */
import { backoffMs } from "#main/base/backoff.ts";
import { sleep } from "#main/base/clock.ts";
import { withFirstOf } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import { ChannelError } from "../contract.ts";
import type {
  ChannelConnection,
  ChannelContext,
  ChannelState,
  ChatRef,
  InboundEvent,
  MediaRef,
  OutboundMessage,
} from "../contract.ts";
import { countOf, objectOf, present, textOf } from "./fields.ts";
import { createHttp, type Http } from "./http.ts";
import { findAci, fromPlatformId, toPlatformId, type Self } from "./identifiers.ts";
import { toInbound } from "./inbound.ts";
import { createJsonRpcService } from "./jsonrpc.ts";
import { render, toDataUri } from "./outbound.ts";
import { createRestService } from "./rest.ts";
import type { Received, SignalService } from "./service.ts";

const RECONNECT = { firstMs: 1_000, maxMs: 60_000 };
const HAND_OVER_AGAIN = { firstMs: 500, maxMs: 30_000 };
/** A connection that held so long starts the pauses anew. */
const STABLE_MS = 60_000;
/** signal-cli shows life each 15 s, signal-cli-rest-api each 54 s; older ones answer the first call only with that. */
const SILENCE = { lookMs: 30_000, looks: 5 };
/** Name in the memory of the last event that is done with. */
const LAST_EVENT = "last-event";

export class SignalConnection implements ChannelConnection {
  readonly #context: ChannelContext;
  readonly #http: Http;
  readonly #self: Self;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #service: SignalService | undefined;
  #lastEvent: string | undefined;
  #isOpen = false;
  /** Ends the connection that is up. */
  #broken = new AbortController();
  /** Why the account was refused: nothing is tried or told any more. */
  #refusal: string | undefined;

  /** @param account a number, or an ACI in lower case; @param url without a slash at the end */
  constructor(context: ChannelContext, account: string, url: string) {
    this.#context = context;
    this.#self = { account, aci: undefined };
    this.#http = createHttp(context, url, account);
    this.#lastEvent = context.memory.get(LAST_EVENT);
    this.#running = this.#run();
  }

  async send({ chat, text, media, replyTo }: OutboundMessage, signal: AbortSignal) {
    const attachment = media && toDataUri(media);
    const message = { chat, rendered: render(text), attachment, quote: fromPlatformId(replyTo ?? "") };
    const timestamp = await this.#call((service) =>
      withFirstOf([signal, this.#stop.signal], (until) => service.send(message, until)),
    );
    return { platformIds: [toPlatformId({ timestamp, author: this.#self.aci ?? this.#self.account })] };
  }

  async typing(chat: ChatRef): Promise<void> {
    await this.#call((service) => service.typing(chat, this.#stop.signal)).catch(() => {});
  }

  async react(chat: ChatRef, platformId: string, emoji: string | undefined): Promise<void> {
    const target = fromPlatformId(platformId);
    if (target === undefined) throw new ChannelError("rejected", "This is no message of Signal.");
    await this.#call((service) => service.react(chat, target, emoji, this.#stop.signal));
  }

  async *download(media: MediaRef, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    if (this.#service === undefined) throw new ChannelError("offline", "signal-cli is not connected.");
    yield* this.#service.download(media.ref, AbortSignal.any([signal, this.#stop.signal]));
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#running;
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

  async #run(): Promise<void> {
    const { clock, random } = this.#context;
    this.#tell("connecting");
    for (let failures = 1; ; failures++) {
      const began = clock.monotonic();
      const error = await this.#listen();
      this.#isOpen = false;
      if (error.failure === "auth") this.#refuse(error.message);
      if (this.#stop.signal.aborted || this.#refusal !== undefined) return;
      if (clock.monotonic() - began >= STABLE_MS) failures = 1;
      const isWrong = error.failure === "rejected";
      if (isWrong) this.#service = undefined;
      const advice = isWrong ? "" : ` See that it runs at ${this.#http.base}. It is tried again by itself.`;
      this.#tell(isWrong ? "error" : "disconnected", error.message + advice);
      const pause = isWrong ? RECONNECT.maxMs : backoffMs(failures, RECONNECT, random);
      await sleep(clock, pause, this.#stop.signal).catch(() => {});
    }
  }

  /** One connection. @returns why it ended */
  async #listen(): Promise<ChannelError> {
    const broken = new AbortController();
    this.#broken = broken;
    const signal = AbortSignal.any([this.#stop.signal, broken.signal]);
    let quiet = 0;
    const watch = this.#context.clock.every(SILENCE.lookMs, () => {
      quiet += 1;
      if (quiet >= SILENCE.looks) broken.abort(new ChannelError("retry", "signal-cli has gone silent."));
    });
    const onAlive = () => {
      quiet = Math.min(quiet, 0);
      if (this.#isOpen || signal.aborted) return;
      this.#isOpen = true;
      this.#tell("connected");
    };
    try {
      this.#service ??= await openService(this.#http, signal);
      const identities = await unlessRejected(this.#service.identities(signal));
      this.#self.aci = findAci(identities, this.#self.account) ?? this.#self.aci;
      for await (const received of this.#service.listen({ signal, after: this.#lastEvent, onAlive })) {
        // Nobody listens for signs of life while a message waits to be written down.
        quiet = Number.NEGATIVE_INFINITY;
        await this.#receive(received);
        quiet = 0;
        if (signal.aborted) break;
      }
      return new ChannelError("retry", "signal-cli closed the connection.");
    } catch (thrown) {
      return toChannelError(broken.signal.aborted ? broken.signal.reason : thrown);
    } finally {
      void watch.dispose();
    }
  }

  async #receive({ payload, eventId = this.#lastEvent }: Received): Promise<void> {
    const { log, memory } = this.#context;
    const event = toInbound(payload, this.#self);
    this.#lastEvent = eventId;
    if (event === undefined) {
      // It may come again after a restart: it is passed over again.
      log.debug("passed over what is no message", { type: textOf(objectOf(objectOf(payload)["exception"])["type"]) });
      return;
    }
    await this.#handOver(event);
    if (this.#stop.signal.aborted || eventId === undefined) return;
    await memory
      .set(LAST_EVENT, eventId)
      .catch((thrown: unknown) => log.warn("the last event was not kept", { reason: messageOf(thrown) }));
  }

  /** Neither service gives a message again that it has given once: it is held here until it is written down. */
  async #handOver(event: InboundEvent): Promise<void> {
    const { clock, log, random } = this.#context;
    for (let failures = 1; !this.#stop.signal.aborted; failures++) {
      try {
        await this.#context.receive(event);
        if (failures > 1 && this.#isOpen) this.#tell("connected");
        return;
      } catch (thrown) {
        log.warn("a message could not be written down", { failures, reason: messageOf(thrown) });
        this.#tell("degraded", "Messages from Signal cannot be written down. See that the disk is not full.");
        await sleep(clock, backoffMs(failures, HAND_OVER_AGAIN, random), this.#stop.signal).catch(() => {});
      }
    }
  }

  #refuse(reason: string): void {
    this.#tell("error", reason);
    this.#refusal ??= reason;
    this.#isOpen = false;
    this.#broken.abort();
  }

  #tell(state: ChannelState, reason?: string): void {
    if (this.#stop.signal.aborted || this.#refusal !== undefined) return;
    this.#context.setStatus({ state, identity: this.#self.account, ...present({ reason }) });
  }
}

/** Which of the two it is: only one of them answers either path. */
async function openService(http: Http, signal: AbortSignal): Promise<SignalService> {
  const check = await unlessRejected(http.open("/api/v1/check", { signal }));
  await check?.body?.cancel();
  if (check !== undefined) return createJsonRpcService(http);
  const { build, mode } = objectOf(await unlessRejected(http.json("/v1/about", { signal })));
  if (countOf(build) === undefined) {
    throw new ChannelError("rejected", `What answers at ${http.base} is no signal-cli. Correct signal.url.`);
  }
  if (textOf(mode)?.startsWith("json-rpc") === false) {
    throw new ChannelError("rejected", "signal-cli-rest-api hears nothing as it runs. Start it with MODE=json-rpc.");
  }
  return createRestService(http);
}

function toChannelError(thrown: unknown): ChannelError {
  return thrown instanceof ChannelError ? thrown : new ChannelError("unknown", `Signal: ${messageOf(thrown)}`);
}

/** For what is only good to have: undefined when it was refused. Faults of account and network stay faults. */
function unlessRejected<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((thrown: unknown) => {
    if (thrown instanceof ChannelError && thrown.failure === "rejected") return undefined;
    throw thrown;
  });
}
