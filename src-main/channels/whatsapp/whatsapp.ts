/**
 * WhatsApp, as a linked device of a person's own account. Settings, capabilities and the parts put together; must do
 * nothing before `start`.
 */
import Type, { type Static } from "typebox";
import { Lane } from "#main/base/lane.ts";
import { ChannelError, defineChannel, type ChannelConnection, type ChannelContext } from "../contract.ts";
import { createRecentMessages, type Account } from "./account.ts";
import { createKeyring } from "./keyring.ts";
import { loadLibrary } from "./library.ts";
import { Link } from "./link.ts";
import { download } from "./media.ts";
import { MAX_TEXT, split } from "./outbound.ts";
import { createSending } from "./sending.ts";

/** The files go through memory when they are encrypted. */
const MAX_MEDIA_BYTES = 64 * 1024 * 1024;

const SETTINGS = Type.Object({
  webSocketUrl: Type.Optional(
    Type.String({
      title: "Server address",
      description: "Only for a server of your own, for tests: ws:// or wss://. Empty: WhatsApp's.",
      "x-advanced": true,
    }),
  ),
  rootKey: Type.Optional(
    Type.String({
      title: "Root key of the server",
      description: "Only with a server of your own: the public key that its certificate leads to, 32 bytes in base64.",
      "x-advanced": true,
    }),
  ),
});

type Settings = Static<typeof SETTINGS>;

export const whatsapp = defineChannel({
  id: "whatsapp",
  label: "WhatsApp",
  summary: "Write with the assistant in WhatsApp, from the account on your phone.",
  settings: SETTINGS,
  setup: [
    "Switch the channel on and choose to link it: a code appears.",
    "On the phone open WhatsApp, then Settings, Linked devices, Link a device.",
    "Scan the code. Without a camera choose to link with the phone number, and type the code that appears here.",
  ],
  setupUrl: "https://faq.whatsapp.com/",
  capabilities: {
    maxText: MAX_TEXT,
    maxMediaBytes: MAX_MEDIA_BYTES,
    buttons: false,
    edits: true,
    typing: true,
    reactions: true,
    groups: true,
    threads: false,
    idempotentSend: true,
    login: "qr",
  },
  check,
  split,
  start,
});

function check({ webSocketUrl, rootKey }: Settings): string | undefined {
  if (webSocketUrl !== undefined && !/^wss?:$/.test(URL.parse(webSocketUrl)?.protocol ?? "")) {
    return "webSocketUrl is not an address that begins with ws:// or wss://. Leave it out to use WhatsApp's.";
  }
  if (rootKey !== undefined && Buffer.from(rootKey, "base64").length !== 32) {
    return "rootKey is not a key of 32 bytes in base64. Leave it out to use WhatsApp's.";
  }
  return undefined;
}

async function start(context: ChannelContext<Settings>): Promise<ChannelConnection> {
  const problem = check(context.settings);
  if (problem !== undefined) throw new ChannelError("rejected", problem);
  const { webSocketUrl, rootKey } = context.settings;
  const library = await loadLibrary();
  const account: Account = {
    library,
    context,
    keyring: createKeyring(library, context.vault, context.log),
    recent: createRecentMessages(),
    lane: new Lane(),
    webSocketUrl,
    rootKey: rootKey === undefined ? library.WA_CERT_DETAILS.PUBLIC_KEY : Buffer.from(rootKey, "base64"),
  };
  const link = new Link(account);
  link.begin();
  return {
    ...createSending(account, () => link.session()),
    download: (media, signal) => download(media, { fetch: context.fetch, webSocketUrl, signal }),
    login: (options) => link.login(options),
    logout: () => link.logout(),
    dispose: () => link.dispose(),
  };
}
