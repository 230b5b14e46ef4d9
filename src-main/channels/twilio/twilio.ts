/**
 * WhatsApp through Twilio: messages come as signed webhook requests and go out over Twilio's REST API. Must never believe
 * a request whose signature does not fit, nor take its address from the request.
 *
 * Files are received only: Twilio fetches what it sends from a public address, which this computer does not have. Twilio
 * tries a webhook for 15 seconds at most; what people write while the gateway is away for longer does not come.
 */
import { Type, type Static } from "typebox";
import { Lanes } from "#main/base/lane.ts";
import { ChannelError, defineChannel, type ChannelConnection, type ChannelContext } from "../contract.ts";
import type { WebhookRequest, WebhookResponse } from "../contract.ts";
import { watchAccount, type AccountWatch } from "./account-watch.ts";
import { createTwilioApi, type TwilioApi } from "./api.ts";
import { isStatusCallback, toAddress, toInbound, withoutPrefix } from "./inbound.ts";
import { MAX_TEXT, render, split } from "./outbound.ts";

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
  summary: "People write to your business number, and your assistant answers.",
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
  start,
});

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

async function start(context: ChannelContext<Settings>): Promise<ChannelConnection> {
  const { settings, fetch } = context;
  const api = await createTwilioApi({ ...settings, fetch, now: () => context.clock.now() });
  const watch = watchAccount(context, withoutPrefix(settings.from), (signal) => api.checkAccount(signal));
  const incoming = new Incoming(context, api);
  return {
    async send(message, signal) {
      refuseUnlessConnected(watch);
      if (message.media) {
        throw new ChannelError(
          "rejected",
          "Twilio sends only files that lie at a public address; the file was not sent.",
        );
      }
      if (signal.aborted) throw new ChannelError("retry", "Stopped before it was sent.");
      const text = { from: toAddress(settings.from), to: toAddress(message.chat.id), body: render(message.text) };
      try {
        return { platformIds: [await api.sendText(text, signal)] };
      } catch (error) {
        const isAboutMessage = error instanceof ChannelError && (error.failure === "rejected" || error.isAccountWide);
        if (!isAboutMessage) watch.look();
        throw error;
      }
    },
    download: (media, signal) => api.download(media.ref, signal),
    webhook: (request) => incoming.answer(request),
    async dispose() {
      await incoming.dispose();
      await watch.dispose();
    },
  };
}

function refuseUnlessConnected({ state }: AccountWatch): void {
  if (state === "connected") return;
  if (state === "error") throw new ChannelError("auth", "Twilio does not accept the account; see the channel's state.");
  throw new ChannelError("offline", "Twilio cannot be reached just now.");
}

/** Twilio's requests: proved, mapped, and answered once they are kept. One after the other in each chat. */
class Incoming {
  readonly #context: ChannelContext<Settings>;
  readonly #api: TwilioApi;
  /** As it is signed: Twilio keeps what stands behind `#` to itself. */
  readonly #address: string;
  readonly #lanes = new Lanes();
  #isStopped = false;

  constructor(context: ChannelContext<Settings>, api: TwilioApi) {
    this.#context = context;
    this.#api = api;
    this.#address = context.settings.webhookUrl.replace(/#.*$/s, "");
  }

  async answer(request: WebhookRequest): Promise<WebhookResponse> {
    const { log, clock, settings } = this.#context;
    const params = await this.#readSigned(request);
    if (params === undefined) {
      log.warn("a webhook request without Twilio's signature was refused");
      return { status: 403, body: "The signature does not fit the configured address and auth token." };
    }
    const event = toInbound(params, toAddress(settings.from), clock.now());
    if (event === undefined) {
      if (isStatusCallback(params)) tellFailedDelivery(params, log);
      return TAKEN;
    }
    try {
      await this.#lanes.run(event.chat.id, async () => {
        if (this.#isStopped) throw new ChannelError("offline", "The channel is stopped.");
        await this.#context.receive(event);
      });
      return TAKEN;
    } catch (error) {
      log.error("a message could not be kept; Twilio is told to bring it again", { error });
      return { status: 503, body: "Not now." };
    }
  }

  /** The signature covers the address and the parameters as they are read from the body, not its bytes. */
  async #readSigned(request: WebhookRequest): Promise<URLSearchParams | undefined> {
    const signature = request.headers["x-twilio-signature"] ?? "";
    if (!SIGNATURE.test(signature)) return undefined;
    const params = new URLSearchParams(new TextDecoder().decode(await request.readBody()));
    return this.#api.isSigned(signature, this.#address, params) ? params : undefined;
  }

  async dispose(): Promise<void> {
    this.#isStopped = true;
    await this.#lanes.idle();
  }
}

/** WhatsApp refuses some messages only after Twilio has taken them; there is nobody else to tell. */
function tellFailedDelivery(params: URLSearchParams, log: ChannelContext["log"]): void {
  const status = params.get("MessageStatus") ?? "";
  if (status !== "failed" && status !== "undelivered") return;
  log.warn("Twilio could not deliver a message", { id: params.get("MessageSid"), code: params.get("ErrorCode") });
}
