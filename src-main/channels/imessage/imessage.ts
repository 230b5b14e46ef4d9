/**
 * iMessage through the Messages app of a Mac: its database is read, and a script of Apple's `osascript` sends. Runs on
 * macOS, and elsewhere when both are named in the settings.
 *
 * Who is mentioned is told only by the mark in the text's attributes; Messages has no typing, edits, or reactions for
 * scripts, so these only come in.
 */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { Type, type Static } from "typebox";
import { ChannelError, defineChannel } from "../contract.ts";
import type { ChannelConnection, ChannelContext, ChannelStatus } from "../contract.ts";
import { readAttachment } from "./files.ts";
import { AUTOMATION_HINT, MAX_TEXT, split } from "./outbound.ts";
import { pollMessages } from "./poll.ts";
import { Sender } from "./send.ts";

const SETTINGS = Type.Object({
  osascript: Type.Optional(
    Type.String({
      title: "osascript",
      description: "Absolute path of the program that sends. Left empty: /usr/bin/osascript.",
      "x-advanced": true,
    }),
  ),
  chatDb: Type.Optional(
    Type.String({
      title: "Messages database",
      description: "Absolute path of chat.db. Left empty: Library/Messages/chat.db in your home folder.",
      "x-advanced": true,
    }),
  ),
  pollSeconds: Type.Number({
    title: "Look for new messages every",
    description: "Seconds, from 1 to 3600.",
    default: 5,
    minimum: 1,
    maximum: 3600,
    "x-advanced": true,
  }),
});

type Settings = Static<typeof SETTINGS>;

export const imessage = defineChannel({
  id: "imessage",
  label: "iMessage",
  summary: "Talk to your assistant in Messages, through this Mac.",
  settings: SETTINGS,
  setup: [
    "Open Messages on this Mac and sign in with the Apple Account that shall answer; best is one of its own.",
    "In System Settings > Privacy & Security > Full Disk Access switch Gatehouse on, and restart it.",
    "At the first answer macOS asks whether Gatehouse may control Messages: allow it.",
  ],
  capabilities: {
    maxText: MAX_TEXT,
    maxMediaBytes: 100 * 1024 * 1024,
    buttons: false,
    edits: false,
    typing: false,
    reactions: false,
    groups: true,
    threads: false,
    idempotentSend: false,
    login: "none",
  },
  unavailable: whyUnavailable,
  check(settings) {
    if (settings.osascript && !isAbsolute(settings.osascript)) return "osascript: an absolute path.";
    if (settings.chatDb && !isAbsolute(settings.chatDb)) return "chatDb: an absolute path.";
    if (!(settings.pollSeconds >= 1 && settings.pollSeconds <= 3600)) return "pollSeconds: from 1 to 3600.";
    return undefined;
  },
  split,
  start,
});

function whyUnavailable(platform: NodeJS.Platform, settings: Settings): string | undefined {
  if (platform === "darwin" || (settings.osascript && settings.chatDb)) return undefined;
  return "iMessage needs a Mac that is signed in to Messages.";
}

async function start(context: ChannelContext<Settings>): Promise<ChannelConnection> {
  const { settings } = context;
  const unavailable = whyUnavailable(context.platform, settings);
  if (unavailable !== undefined) throw new ChannelError("rejected", unavailable);
  const chatDb = settings.chatDb || join(homedir(), "Library", "Messages", "chat.db");
  const sender = new Sender(context, settings.osascript || "/usr/bin/osascript", chatDb);

  let isStopped = false;
  let reading: ChannelStatus = { state: "connecting", reason: "Opening the Messages database." };
  let maySend = true;
  let told = "";
  const report = () => {
    const status: ChannelStatus =
      reading.state === "connected" && !maySend ? { state: "error", reason: AUTOMATION_HINT } : reading;
    if (isStopped || told === JSON.stringify(status)) return;
    told = JSON.stringify(status);
    context.setStatus(status);
  };
  report();
  const poll = pollMessages(context, chatDb, settings.pollSeconds * 1000, (status) => {
    reading = status;
    report();
  });

  return {
    async send(message, signal) {
      if (isStopped || (reading.state !== "connected" && reading.state !== "degraded")) {
        throw new ChannelError("offline", "The Messages database cannot be read just now.");
      }
      try {
        const platformIds = await sender.send(message, signal);
        maySend = true;
        return { platformIds };
      } catch (error) {
        if (error instanceof ChannelError && error.failure === "auth") maySend = false;
        throw error;
      } finally {
        report();
      }
    },
    download: (media, signal) => readAttachment(chatDb, media, signal),
    async dispose() {
      isStopped = true;
      await poll.dispose();
      await sender.dispose();
    },
  };
}
