/** What Telegram needs to be told, with the words that the form shows, and what can be wrong with it. Pure. */
import Type, { type Static } from "typebox";

export const TelegramSettings = Type.Object({
  token: Type.String({
    default: "",
    title: "Bot token",
    description: "Write /newbot to @BotFather in Telegram, choose a name, and copy the token that it answers with.",
    "x-secret": true,
  }),
  mode: Type.Enum(["polling", "webhook"], {
    default: "polling",
    title: "How messages come in",
    description: "polling works everywhere; webhook needs a public HTTPS address that leads here.",
    "x-advanced": true,
  }),
  webhookUrl: Type.String({
    default: "",
    title: "Public address of the webhook",
    description: "Only for webhook: the HTTPS address under which Telegram reaches /channels/telegram/webhook.",
    "x-advanced": true,
  }),
  webhookSecret: Type.String({
    default: "",
    title: "Secret of the webhook",
    description: "Only for webhook: 1 to 256 letters, digits, _ or -, chosen freely. Telegram proves itself with it.",
    "x-secret": true,
    "x-advanced": true,
  }),
  apiRoot: Type.String({
    default: "https://api.telegram.org",
    title: "Address of the Bot API",
    description: "Change it only for a Bot API server of your own.",
    "x-advanced": true,
  }),
});

export type TelegramSettings = Static<typeof TelegramSettings>;

/** What is missing or wrong, naming the key; undefined when it can start. */
export function checkSettings(settings: TelegramSettings): string | undefined {
  const { token, mode, webhookUrl, webhookSecret, apiRoot } = settings;
  if (token === "") return "token is missing: get one from @BotFather in Telegram.";
  // It becomes a part of each address.
  if (!/^[\w:.~-]+$/.test(token)) return "token is not a bot token: copy it again from @BotFather, without spaces.";
  if (!isHttp(apiRoot)) return "apiRoot is not an http or https address.";
  if (mode !== "webhook") return undefined;
  if (!isHttp(webhookUrl)) return "webhookUrl is missing: the public HTTPS address under which Telegram reaches us.";
  if (!/^[\w-]{1,256}$/.test(webhookSecret)) {
    return "webhookSecret is missing or holds other characters than letters, digits, _ and - (at most 256).";
  }
  return undefined;
}

function isHttp(address: string): boolean {
  return /^https?:$/.test(URL.parse(address)?.protocol ?? "");
}
