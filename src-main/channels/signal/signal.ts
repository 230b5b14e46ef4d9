/**
 * Signal, through signal-cli or signal-cli-rest-api running beside the gateway: Signal lets nobody in but its own kind of
 * client. Must never hold keys of Signal itself: those are signal-cli's.
 */
import { Type } from "typebox";
import { defineChannel } from "../contract.ts";
import { SignalConnection } from "./connection.ts";
import { isAci, isNumber } from "./identifiers.ts";
import { MAX_TEXT_BYTES, split } from "./outbound.ts";

/** A file travels as one JSON string in base64, of which signal-cli before its fix of issue 2127 took 20,000,000 characters. */
const MAX_MEDIA_BYTES = 14_000_000;

export const signal = defineChannel({
  id: "signal",
  label: "Signal",
  summary: "Talk to your assistant in Signal, alone or in groups.",
  settings: Type.Object({
    account: Type.Optional(
      Type.String({
        title: "Account",
        description:
          "The phone number that signal-cli holds, with + and country code, or its account id (ACI). In allowFrom, " +
          "people are named by their ACI, which pairing shows.",
      }),
    ),
    url: Type.Optional(
      Type.String({
        title: "Address",
        description: "Where signal-cli's daemon or signal-cli-rest-api answers.",
        default: "http://127.0.0.1:8080",
      }),
    ),
  }),
  setup: [
    "Install signal-cli on this computer or on one that it can reach.",
    'Link it to a Signal account: run `signal-cli link -n "Gatehouse"`, show the address that it prints as a QR code, and ' +
      "scan that on the phone in Signal under Settings, Linked devices. Or register a number of its own: " +
      "`signal-cli -a +NUMBER register`, then `signal-cli -a +NUMBER verify CODE`. A number of its own is better: what " +
      "you write from a linked phone is your own message and is not answered.",
    "Start the daemon: `signal-cli -a +NUMBER daemon --http=127.0.0.1:8080 --receive-mode=on-connection`. It has no " +
      "password: never let it listen on an address that others reach.",
    "Or run the Docker image bbernhard/signal-cli-rest-api with MODE=json-rpc and its port on 127.0.0.1 only. It throws " +
      "away what comes while the gateway is not connected; signal-cli's own daemon does not.",
    "Enter the number as account and, if it differs, the address.",
  ],
  setupUrl: "https://github.com/AsamK/signal-cli/wiki/Quickstart",
  capabilities: {
    maxText: MAX_TEXT_BYTES,
    maxMediaBytes: MAX_MEDIA_BYTES,
    buttons: false,
    // Signal's apps take ten changes of a message: fewer than an answer that is shown while it grows would need.
    edits: false,
    typing: true,
    reactions: true,
    groups: true,
    threads: false,
    idempotentSend: false,
    login: "credentials",
  },
  check({ account, url }) {
    if (account === undefined || account === "") return "signal.account is missing: the number that signal-cli holds.";
    if (!isNumber(account) && !isAci(account)) {
      return "signal.account is neither a phone number with + and country code nor an account id (ACI).";
    }
    const { protocol, username, password, search, hash } = URL.parse(url ?? "") ?? {};
    if (protocol !== "http:" && protocol !== "https:") {
      return "signal.url is no http address: where signal-cli answers, such as http://127.0.0.1:8080.";
    }
    const more = [username, password, search, hash].join("");
    return more === "" ? undefined : "signal.url must hold no password and nothing after ? or #.";
  },
  split,
  async start(context) {
    const { account = "", url = "" } = context.settings;
    const id = isAci(account) ? account.toLowerCase() : account;
    return new SignalConnection(context, id, url.replace(/\/+$/, ""));
  },
});
