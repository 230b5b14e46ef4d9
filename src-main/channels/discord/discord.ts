/**
 * Discord as a channel: a bot in direct chats, servers and threads, over the gateway and the REST interface of API v10.
 * Declares what it needs and can, and joins gateway, hand-over and calls. Must never decide who may write.
 */
import { Type } from "typebox";
import { defineChannel } from "../contract.ts";
import { openConnection } from "./connection.ts";
import { MAX_TEXT, split } from "./outbound.ts";

const SETTINGS = Type.Object({
  token: Type.String({
    title: "Bot token",
    description: "Discord Developer Portal, your application, Bot, Reset Token.",
    default: "",
    "x-secret": true,
  }),
  apiBase: Type.String({
    title: "Discord's address",
    description: "Base of the REST interface. Only for tests and proxies.",
    default: "https://discord.com/api",
    "x-advanced": true,
  }),
});

export const discord = defineChannel({
  id: "discord",
  label: "Discord",
  summary: "Talk to your assistant in Discord: in direct messages, on servers and in threads.",
  settings: SETTINGS,
  setup: [
    "Open the Discord Developer Portal and create an application.",
    "On its page Bot, switch on Message Content Intent.",
    "On the same page press Reset Token and paste the token here.",
    "On the page OAuth2, make an address with the scopes bot and applications.commands and the permissions View Channels, Send Messages, Send Messages in Threads, Attach Files, Add Reactions and Read Message History; open it to add the bot to a server.",
    "Write the bot a direct message.",
  ],
  setupUrl: "https://discord.com/developers/applications",
  capabilities: {
    maxText: MAX_TEXT,
    maxMediaBytes: 10 * 1024 * 1024,
    buttons: true,
    edits: true,
    typing: true,
    reactions: true,
    groups: true,
    threads: true,
    idempotentSend: true,
    // Discord keeps nonces for "a few minutes" (developer documentation, Create Message).
    idempotentForMs: 120_000,
    login: "credentials",
  },
  check({ token, apiBase }) {
    if (token === "") {
      return "channels.discord.token is missing. Take it from the Discord Developer Portal, your application, Bot.";
    }
    if (!/^[!-~]+$/.test(token)) return "channels.discord.token holds a space or a sign no token has. Paste it anew.";
    if (!/^https?:$/.test(URL.parse(apiBase)?.protocol ?? "")) {
      return "channels.discord.apiBase is no web address. Remove it to use Discord's own.";
    }
    return undefined;
  },
  split,
  async start(context) {
    return openConnection(context, await import("discord.js"));
  },
});
