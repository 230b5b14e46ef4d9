/**
 * WhatsApp through Twilio: messages come as signed webhook requests and go out over Twilio's REST API. Must never believe
 * a request whose signature does not fit, nor take its address from the request.
 *
 * Files are received only: Twilio fetches what it sends from a public address, which this computer does not have. Twilio
 * tries a webhook for 15 seconds at most; what people write while the gateway is away for longer does not come.
 */
import { Type, type Static } from "typebox";
import { backoffMs } from "#main/base/backoff.ts";
import { sleep } from "#main/base/clock.ts";
import { messageOf } from "#main/base/errors.ts";
import { Lanes } from "#main/base/lane.ts";
import {
  ChannelError,
  defineChannel,
  type ChannelConnection,
  type ChannelContext,
  type ChannelState,
  type MediaRef,
  type OutboundMessage,
  type WebhookRequest,
  type WebhookResponse,
} from "../contract.ts";
import { createTwilioApi, type TwilioApi } from "./api.ts";
import { toAddress, toInbound, withoutPrefix } from "./inbound.ts";
import { MAX_TEXT, render, split } from "./outbound.ts";

/** How often Twilio is asked whether the account counts, and how long that may take. */
const LOOK_MS = 120_000;
const ANSWER_MS = 20_000;
const PAUSES = { firstMs: 2_000, maxMs: 120_000 };

const SETTINGS = Type.Object({
  accountSid: Type.String({
    title: "Account SID",
    description: "Begins with AC. On the first page of the Twilio Console.",
  }),
  authToken: Type.String({
    title: "Auth token",
    description: "Beside the account SID in the Twilio Console. It also proves that messages come from Twilio.",
    "x-secret": true,
  }),
  from: Type.String({
    title: "WhatsApp sender",
    description: "Your number as Twilio writes it, for example whatsapp:+14155238886. Console: Messaging > Senders.",
  }),
  webhookUrl: Type.String({
    title: "Public address",
    description: "The address at which Twilio reaches this gateway, exactly as entered in the Twilio Console.",
  }),
  apiBase: Type.String({
    title: "API address",
    description: "Only for a proxy or a test.",
    default: "https://api.twilio.com",
    "x-advanced": true,
  }),
});

type Settings = Static<typeof SETTINGS>;

/** Twenty bytes in Base64. */
const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/;

/** An empty answer in TwiML: no reply over this way. */
const TAKEN: WebhookResponse = {
  status: 200,
  headers: { "content-type": "text/xml; charset=utf-8" },
  body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
};

export const twilio = defineChannel({
  id: "twilio",
  label: "WhatsApp through Twilio",
  summary: "Answers WhatsApp messages to a business number at Twilio.",
  settings: SETTINGS,
  setup: [
    "Sign in to the Twilio Console and copy the account SID and the auth token.",
    "Under Messaging > Senders > WhatsApp senders choose your number, or use the sandbox to try it out.",
    "Enter this gateway's public address, ending in /channels/twilio/webhook, as the webhook for incoming messages (POST).",
    "Add #rc=5&rp=ct,rt,5xx to it there: then Twilio tries again for 15 seconds when the gateway does not answer.",
  ],
  setupUrl: "https://console.twilio.com/",
  capabilities: {
    maxText: MAX_TEXT,
    maxMediaBytes: 0,
    buttons: false,
    edits: false,
    typing: false,
    reactions: false,
    groups: false,
    threads: false,
    idempotentSend: false,
    login: "credentials",
  },
  check(settings) {
    if (!/^AC\w+$/.test(settings.accountSid)) return "accountSid: AC and what follows it in the Twilio Console.";
    if (!settings.authToken) return "authToken: copy it from the Twilio Console.";
    if (!/^(whatsapp:)?\+\d{5,15}$/.test(settings.from)) return "from: write it like whatsapp:+14155238886.";
    if (!isWebAddress(settings.webhookUrl)) return "webhookUrl: the public https address of this gateway.";
    if (!isWebAddress(settings.apiBase)) return "apiBase: an http or https address.";
    return undefined;
  },
  split,
  start: async (context) => new TwilioConnection(context, await createTwilioApi(context)),
});

function isWebAddress(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}

class TwilioConnection implements ChannelConnection {
  readonly #context: ChannelContext<Settings>;
  readonly #api: TwilioApi;
  readonly #stop = new AbortController();
  readonly #lanes = new Lanes();
  readonly #watching: Promise<void>;
  #state: ChannelState = "connecting";
  /** Aborted when the account is to be asked about before its time. */
  #doubt = new AbortController();

  constructor(context: ChannelContext<Settings>, api: TwilioApi) {
    this.#context = context;
    this.#api = api;
    this.#watching = this.#watch();
  }

  async send({ chat, text, media }: OutboundMessage, signal: AbortSignal): Promise<{ platformIds: string[] }> {
    if (this.#state === "error") {
      throw new ChannelError("auth", "Twilio does not accept the account; see the channel's state.");
    }
    if (this.#state !== "connected" || this.#stop.signal.aborted) {
      throw new ChannelError("offline", "Twilio cannot be reached just now.");
    }
    if (media) throw new ChannelError("rejected", "Twilio sends only files at a public address: it was not sent.");
    if (signal.aborted) throw new ChannelError("retry", "Stopped before it was sent.");
    const message = { From: toAddress(this.#context.settings.from), To: toAddress(chat.id), Body: render(text) };
    try {
      return { platformIds: [await this.#api.sendText(message, signal)] };
    } catch (error) {
      const isAboutMessage = error instanceof ChannelError && (error.failure === "rejected" || error.isAccountWide);
      if (!isAboutMessage) this.#doubt.abort();
      throw error;
    }
  }

  download(media: MediaRef, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#api.download(media.ref, signal);
  }

  /** The signature covers the address and the parameters as they are read from the body, not its bytes. */
  async webhook({ headers, readBody }: WebhookRequest): Promise<WebhookResponse> {
    const { settings, log, clock } = this.#context;
    const signature = headers["x-twilio-signature"] ?? "";
    const params = SIGNATURE.test(signature) && new URLSearchParams(new TextDecoder().decode(await readBody()));
    // Twilio keeps what stands behind `#` to itself.
    if (!params || !this.#api.isSigned(signature, settings.webhookUrl.replace(/#.*$/s, ""), params)) {
      log.warn("a webhook request without Twilio's signature was refused");
      return { status: 403, body: "The signature does not fit the configured address and auth token." };
    }
    const event = toInbound(params, toAddress(settings.from), clock.now());
    if (event === undefined) return TAKEN;
    try {
      await this.#lanes.run(event.chat.id, async () => {
        this.#stop.signal.throwIfAborted();
        await this.#context.receive(event);
      });
      return TAKEN;
    } catch (error) {
      log.error("a message could not be kept; Twilio is told to bring it again", { error });
      return { status: 503, body: "Not now." };
    }
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#lanes.idle();
  }

  /** Asks about the account now and then, and whenever a send failed; no more once it is refused. Never rejects. */
  async #watch(): Promise<void> {
    const { clock, random } = this.#context;
    this.#report("connecting", "Asking Twilio about the account.");
    let failures = 0;
    while (!this.#stop.signal.aborted && this.#state !== "error") {
      this.#doubt = new AbortController();
      const late = new AbortController();
      const deadline = clock.after(ANSWER_MS, () => late.abort());
      try {
        await this.#api.checkAccount(AbortSignal.any([this.#stop.signal, late.signal]));
        failures = 0;
        if (this.#state !== "connected") this.#report("connected");
      } catch (error) {
        failures += 1;
        const isRefused = error instanceof ChannelError && error.failure === "auth";
        this.#report(isRefused ? "error" : "disconnected", messageOf(error));
      }
      await deadline.dispose();
      const pause = failures === 0 ? LOOK_MS : backoffMs(failures, PAUSES, random);
      await sleep(clock, pause, AbortSignal.any([this.#stop.signal, this.#doubt.signal])).catch(() => {});
    }
  }

  #report(state: ChannelState, reason?: string): void {
    if (this.#stop.signal.aborted) return;
    this.#state = state;
    const identity = withoutPrefix(this.#context.settings.from);
    this.#context.setStatus({ state, identity, ...(reason !== undefined && { reason }) });
  }
}
