/**
 * Slack: direct messages, channels and threads, by Socket Mode (no public address needed) or by HTTP. What a person
 * enters, what the channel can do, and how it starts. Must load nothing heavy before `start`.
 */
import { Type } from "typebox";
import { defineChannel } from "../contract.ts";
import { connect } from "./connection.ts";
import { MANIFEST } from "./manifest.ts";
import { MAX_TEXT, splitText } from "./outbound.ts";

const secret = (title: string, description: string) =>
  Type.Optional(Type.String({ title, description, "x-secret": true }));

const SETTINGS = Type.Object({
  botToken: secret("Bot token", "Begins with xoxb-. OAuth & Permissions → Bot User OAuth Token."),
  appToken: secret(
    "App-level token",
    "Begins with xapp-. Basic Information → App-Level Tokens, with the scope connections:write. For Socket Mode.",
  ),
  signingSecret: secret("Signing secret", "Basic Information → App Credentials. Only for HTTP."),
  mode: Type.Union([Type.Literal("socket"), Type.Literal("http")], {
    title: "Connection",
    description: "Socket Mode needs no public address; HTTP needs one that Slack can reach.",
    default: "socket",
  }),
  apiUrl: Type.String({
    title: "Web API address",
    description: "Slack's own, unless you use another server that speaks its Web API.",
    default: "https://slack.com/api/",
    "x-advanced": true,
  }),
  webhookUrl: Type.Optional(
    Type.String({
      title: "Public address",
      description: "Only for HTTP: what you entered at Slack as Request URL. It ends in /channels/slack/webhook.",
      "x-advanced": true,
    }),
  ),
});

export const slack = defineChannel({
  id: "slack",
  label: "Slack",
  summary: "Talk to your assistant in Slack: in direct messages, in channels and in threads.",
  settings: SETTINGS,
  setup: [
    `Open api.slack.com/apps, choose "Create New App", then "From a manifest", and paste this:\n\n\`\`\`json\n${MANIFEST}\n\`\`\``,
    "Install the app to your workspace, and copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions.",
    "Under Basic Information make an App-Level Token with the scope connections:write, and copy it (xapp-…).",
    "In Slack find the app under Apps and write to it; in a channel invite it with /invite and mention it.",
    'For HTTP instead of Socket Mode: switch Socket Mode off, copy the Signing Secret, and enter your public address that ends in /channels/slack/webhook as Request URL under "Event Subscriptions", "Interactivity" and "Slash Commands".',
  ],
  setupUrl: "https://api.slack.com/apps",
  capabilities: {
    maxText: MAX_TEXT,
    // docs.slack.dev, "Working with files": one gigabyte.
    maxMediaBytes: 1_000_000_000,
    buttons: true,
    edits: true,
    typing: false,
    reactions: true,
    groups: true,
    threads: true,
    // `client_msg_id` is not documented to keep a message from being posted twice.
    idempotentSend: false,
    login: "credentials",
  },
  check({ botToken = "", appToken = "", signingSecret = "", mode, apiUrl }) {
    if (botToken === "") return "botToken is missing: copy it from OAuth & Permissions of your Slack app.";
    if (!botToken.startsWith("xoxb-")) return "botToken must begin with xoxb-: it is the Bot User OAuth Token.";
    if (mode === "http" && signingSecret === "") return "signingSecret is missing: HTTP requests are checked with it.";
    if (mode === "socket" && appToken === "") return "appToken is missing: Socket Mode needs an app-level token.";
    if (mode === "socket" && !appToken.startsWith("xapp-")) {
      return "appToken must begin with xapp-: it is an app-level token with the scope connections:write.";
    }
    return /^https?:\/\//i.test(apiUrl) && URL.canParse(apiUrl)
      ? undefined
      : "apiUrl must be an http or https address.";
  },
  split: splitText,
  async start(context) {
    return connect(await import("@slack/bolt"), context);
  },
});
