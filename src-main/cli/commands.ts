/** The commands there are, in the order of the help. A table of data: nothing here does anything. */
import type { CommandSpec, OptionSpec } from "./command.ts";

const place: Record<string, OptionSpec> = {
  "state-dir": { type: "string", value: "DIR", help: "state directory [GATEHOUSE_STATE_DIR, else ~/.gatehouse]" },
  config: { type: "string", value: "FILE", help: "configuration [GATEHOUSE_CONFIG, else in the state directory]" },
};
const client: Record<string, OptionSpec> = {
  ...place,
  token: { type: "string", value: "TOKEN", help: "the gateway's token [GATEHOUSE_GATEWAY_TOKEN, else found]" },
};
const json: Record<string, OptionSpec> = { json: { type: "boolean", help: "print JSON" } };
/** Of a command that asks the gateway and shows the answer. */
const asking: Record<string, OptionSpec> = { ...client, ...json };

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "serve",
    summary: "run the gateway in the foreground",
    usage: [""],
    options: {
      port: { type: "string", value: "N", help: "port to listen on; 0: a free one" },
      host: { type: "string", value: "HOST", help: "address to listen on [127.0.0.1]" },
      ...client,
      "log-level": { type: "string", value: "LEVEL", help: "trace, debug, info, warn or error" },
      json: { type: "boolean", help: "log in JSON, a line each, on standard output" },
    },
    load: () => import("./serve.ts"),
  },
  {
    name: "open",
    summary: "open the running gateway's page in the browser, signed in",
    usage: [""],
    options: {
      print: { type: "boolean", help: "print the link (two minutes, single use) and open nothing" },
      start: { type: "boolean", help: "start a gateway in the background when none runs" },
      ...client,
    },
    load: () => import("./open.ts"),
  },
  {
    name: "chat",
    summary: "talk to the assistant",
    usage: ["", "-e TEXT", "-f FILE", "< FILE"],
    options: {
      execute: { type: "string", short: "e", value: "TEXT", help: "send one message, print the answer" },
      file: { type: "string", short: "f", value: "FILE", help: "send a file's text as one message" },
      interactive: { type: "boolean", short: "i", help: "read messages line by line even without a terminal" },
      session: { type: "string", short: "s", value: "KEY", help: "session to talk in [the main one]" },
      json: { type: "boolean", help: "print one JSON object instead of text (with one message)" },
      ...client,
    },
    load: () => import("./chat.ts"),
  },
  {
    name: "call",
    summary: "call a method of the gateway",
    usage: ["METHOD [JSON]"],
    options: {
      timeout: { type: "string", value: "MS", help: "give up after so many milliseconds [30000; 0: never]" },
      ...client,
    },
    load: () => import("./call.ts"),
  },
  {
    name: "approvals",
    summary: "what waits for you: list, show, allow, deny, watch",
    usage: ["list", "show ID", "allow ID", "deny ID", "watch"],
    options: asking,
    load: () => import("./acting/approvals.ts"),
  },
  {
    name: "explain",
    summary: "tell what would happen if a tool were called, and by which rule",
    usage: ["TOOL [JSON]"],
    options: {
      session: { type: "string", short: "s", value: "KEY", help: "session to call it in [the main one]" },
      ...asking,
    },
    load: () => import("./acting/explain.ts"),
  },
  {
    name: "undo",
    summary: "take back what a tool changed in files; without a name: list it",
    usage: ["", "CHANGE-ID", "--last"],
    options: {
      last: { type: "boolean", help: "the last call that changed files" },
      force: { type: "boolean", help: "also when a file changed since" },
      ...asking,
    },
    load: () => import("./acting/undo.ts"),
  },
  {
    name: "audit",
    summary: "prove, list or export the record of what happened",
    usage: ["verify", "list", "export"],
    options: {
      type: { type: "string", value: "TYPE", help: "only entries of this type, such as tool.denied" },
      actor: { type: "string", value: "WHO", help: "only what this one did" },
      session: { type: "string", short: "s", value: "KEY", help: "only entries of this session" },
      limit: { type: "string", value: "N", help: "entries to list, the newest first [50; at most 500]" },
      format: { type: "string", value: "FORMAT", help: "of an export: jsonl or csv [jsonl]" },
      ...asking,
    },
    load: () => import("./acting/audit.ts"),
  },
  {
    name: "devices",
    summary: "list, approve, reject or remove devices",
    usage: ["list", "approve REQUEST", "reject REQUEST", "remove DEVICE"],
    options: asking,
    load: () => import("./devices.ts"),
  },
  {
    name: "channels",
    summary: "chat platforms: how they stand, linking them, what could not be sent",
    usage: ["status", "link CHANNEL", "start|stop|logout CHANNEL", "outbox", "retry ID", "cancel ID"],
    options: {
      account: { type: "string", value: "NAME", help: "account of the channel [default]" },
      phone: { type: "string", value: "NUMBER", help: "link with a code to type instead of one to scan" },
      ...asking,
    },
    load: () => import("./chats/channels.ts"),
  },
  {
    name: "pairing",
    summary: "strangers who wrote on a channel: list, let in, dismiss",
    usage: ["list", "approve CODE", "dismiss CODE"],
    options: {
      owner: { type: "boolean", help: "it is you: may command and answer approvals" },
      block: { type: "boolean", help: "never hear of this sender again" },
      ...asking,
    },
    load: () => import("./chats/pairing.ts"),
  },
  {
    name: "send",
    summary: "write to a chat of a channel",
    usage: ["--to ID TEXT"],
    options: {
      channel: { type: "string", value: "CHANNEL", help: "telegram, discord … [the only one there is]" },
      account: { type: "string", value: "NAME", help: "account of the channel" },
      to: { type: "string", value: "ID", help: "the chat, as the platform knows it" },
      file: { type: "string", short: "f", value: "FILE", help: "a file to send along" },
      key: { type: "string", value: "KEY", help: "the same key sends once" },
      "no-wait": { type: "boolean", help: "do not wait until it was delivered" },
      ...asking,
    },
    load: () => import("./chats/send.ts"),
  },
  {
    name: "doctor",
    summary: "check configuration, secrets, files and database",
    usage: [""],
    options: asking,
    load: () => import("./doctor.ts"),
  },
  {
    name: "version",
    summary: "print the version",
    usage: [""],
    options: { ...json },
    load: () => import("./version.ts"),
  },
];

/** Commands that are promised and not there yet: named as such, and left out of the help. */
export const LATER_COMMANDS: ReadonlySet<string> = new Set(["transcribe", "backup", "restore", "import", "support"]);
