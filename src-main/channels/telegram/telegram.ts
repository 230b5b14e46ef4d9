/**
 * Telegram, as a bot. The plug's face: what it can do, what it needs, and its start. Must never load the library before
 * an account starts.
 */
import { ChannelError, defineChannel } from "../contract.ts";
import { createClient } from "./client.ts";
import { startConnection } from "./connection.ts";
import { MAX_MEDIA_BYTES, MAX_TEXT, split } from "./outbound.ts";
import { checkSettings, TelegramSettings } from "./settings.ts";

export const telegram = defineChannel({
  id: "telegram",
  label: "Telegram",
  summary: "Talk to your assistant in Telegram, alone or in groups.",
  settings: TelegramSettings,
  setup: [
    "Open Telegram and write to @BotFather.",
    "Send /newbot and choose a name and a user name that ends in “bot”.",
    "Copy the token that @BotFather answers with and put it in here.",
    "For groups: send /setprivacy to @BotFather if the bot shall read more than what is addressed to it.",
  ],
  setupUrl: "https://t.me/BotFather",
  capabilities: {
    maxText: MAX_TEXT,
    maxMediaBytes: MAX_MEDIA_BYTES,
    buttons: true,
    edits: true,
    typing: true,
    reactions: true,
    groups: true,
    threads: true,
    idempotentSend: false,
    login: "credentials",
  },
  check: checkSettings,
  split,
  async start(context) {
    const fault = checkSettings(context.settings);
    if (fault !== undefined) throw new ChannelError("auth", `Telegram cannot start: ${fault}`);
    const stop = new AbortController();
    const client = await createClient(context, stop.signal);
    return startConnection(context, client, stop);
  },
});
