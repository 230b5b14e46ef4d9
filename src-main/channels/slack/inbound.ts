/**
 * From Slack's payloads to what the pipeline takes: the Events API, slash commands and presses of buttons, the same for
 * Socket Mode and HTTP. Pure. Must never throw, whatever comes: what makes no sense is nothing. Facts: docs.slack.dev,
 * "Events API", "message event", "Slash commands", "block_actions payload".
 */
import type { ButtonPress, ChatRef, InboundEvent, InboundMessage, MediaKind, MediaRef, Sender } from "../contract.ts";
import { toEmoji } from "./emoji.ts";
import { toPlainText } from "./mrkdwn.ts";

/** Who we are there, by `auth.test`. */
export interface Self {
  userId: string;
  /** Marks what the app itself posted. */
  botId: string | undefined;
  teamId: string | undefined;
  name: string | undefined;
}

/** What a payload means. `access`: the app was removed or its token taken back. */
export type Inbound =
  | { is: "event"; event: InboundEvent }
  | { is: "press"; press: ButtonPress }
  | { is: "access" }
  | undefined;

export type Json = Readonly<Record<string, unknown>>;

/** Subtypes of `message` that are somebody's words; all others are notices (joined, renamed, pinned, …). */
const SPOKEN: readonly unknown[] = [undefined, "file_share", "thread_broadcast", "bot_message", "me_message"];
const SLACKBOT = "USLACKBOT";

/** @param now milliseconds since 1970, for what carries no time of its own */
export function toInbound(payload: unknown, self: Self, now: number): Inbound {
  const body = toObject(payload);
  if (body["type"] === "event_callback") return fromEvent(toObject(body["event"]), { body, self });
  if (body["type"] === "block_actions") return fromPress(body, self);
  if (typeof body["command"] === "string") return fromCommand(body, self, now);
  return undefined;
}

interface Frame {
  body: Json;
  self: Self;
}

function fromEvent(event: Json, frame: Frame): Inbound {
  switch (event["type"]) {
    case "app_uninstalled":
    case "tokens_revoked":
      return { is: "access" };
    case "reaction_added":
    case "reaction_removed":
      return fromReaction(event, frame);
    case "app_mention":
      return fromMessage(event, frame);
    case "message":
      if (event["subtype"] === "message_changed") return fromChange(event, frame);
      if (event["subtype"] === "message_deleted") return fromDeletion(event, toText(event["deleted_ts"]), frame);
      return SPOKEN.includes(event["subtype"]) ? fromMessage(event, frame) : undefined;
    default:
      return undefined;
  }
}

/** `app_mention` brings once more what `message` brings: both are the same message, by channel and time. */
function fromMessage(event: Json, frame: Frame): Inbound {
  const ts = toTs(event["ts"]);
  const chat = toChat(event, event, frame);
  const sender = toSender(event, frame.self);
  if (ts === undefined || chat === undefined || sender === undefined) return undefined;
  const { text, mentionsMe } = toPlainText(toText(event["text"]) ?? "", frame.self.userId);
  const media = toArray(event["files"]).flatMap(toMedia);
  if (text === "" && media.length === 0 && !mentionsMe) return undefined;
  const message: InboundMessage = {
    type: "message",
    messageId: `${chat.id}:${ts}`,
    platformId: ts,
    chat,
    sender,
    at: Math.round(Number(ts) * 1000),
    text,
    mentionsMe,
    media,
  };
  if (chat.threadId !== undefined) {
    message.replyTo = { platformId: chat.threadId, isToMe: event["parent_user_id"] === frame.self.userId };
  }
  return { is: "event", event: message };
}

function fromChange(event: Json, frame: Frame): Inbound {
  const after = toObject(event["message"]);
  const ts = toTs(after["ts"]);
  // A deleted message with answers under it stays as a gravestone.
  if (after["subtype"] === "tombstone") return fromDeletion(event, ts, frame);
  const chat = toChat(event, after, frame);
  const sender = toSender(after, frame.self);
  if (ts === undefined || chat === undefined || sender === undefined) return undefined;
  // Slack tells of a preview that it added in the same way.
  if (toObject(event["previous_message"])["text"] === after["text"]) return undefined;
  const { text } = toPlainText(toText(after["text"]) ?? "", frame.self.userId);
  return { is: "event", event: { type: "edit", chat, sender, platformId: ts, text } };
}

function fromDeletion(event: Json, ts: string | undefined, frame: Frame): Inbound {
  const before = toObject(event["previous_message"]);
  const chat = toChat(event, before, frame);
  if (chat === undefined || toTs(ts) === undefined || ts === undefined || isOwn(before, frame.self)) return undefined;
  return { is: "event", event: { type: "delete", chat, platformIds: [ts] } };
}

function fromReaction(event: Json, frame: Frame): Inbound {
  const item = toObject(event["item"]);
  const chat = toChat(item, {}, frame);
  const ts = toTs(item["ts"]);
  const sender = toSender(event, frame.self);
  const name = toText(event["reaction"]);
  if (!chat || ts === undefined || !sender || name === undefined) return undefined;
  const emoji = event["type"] === "reaction_added" ? { emoji: toEmoji(name) } : {};
  return { is: "event", event: { type: "reaction", chat, sender, platformId: ts, ...emoji } };
}

/** `/gatehouse status` is the command `/status`. It leaves no message behind: its trigger is its id. */
function fromCommand(body: Json, self: Self, now: number): Inbound {
  const chat = toChat({ channel: body["channel_id"] }, {}, { body, self });
  const sender = toSender({ user: body["user_id"], username: body["user_name"] }, self);
  const trigger = toText(body["trigger_id"]);
  if (chat === undefined || sender === undefined || trigger === undefined) return undefined;
  const words = toPlainText(toText(body["text"]) ?? "", self.userId).text.trim();
  const event: InboundMessage = {
    type: "message",
    messageId: `${chat.id}:command:${trigger}`,
    platformId: `command:${trigger}`,
    chat,
    sender,
    at: now,
    text: words === "" ? "/help" : `/${words.replace(/^\/+/, "")}`,
    mentionsMe: true,
    media: [],
  };
  return { is: "event", event };
}

function fromPress(body: Json, self: Self): Inbound {
  const container = toObject(body["container"]);
  const message = toObject(body["message"]);
  const user = toObject(body["user"]);
  const chat = toChat({ channel: container["channel_id"] }, message, { body, self });
  const sender = toSender({ user: user["id"], username: user["username"] ?? user["name"] }, self);
  const platformId = toTs(container["message_ts"]);
  const data = toText(toObject(toArray(body["actions"])[0])["value"]);
  if (!chat || !sender || platformId === undefined || data === undefined) return undefined;
  return { is: "press", press: { chat, sender, data, platformId } };
}

/**
 * Direct chats have ids with a `D`; channels, private channels and conversations of several people are groups.
 * @param where holds `channel` (and `channel_type`)
 * @param message holds `thread_ts`; the first message of a thread is not in it
 */
function toChat(where: Json, message: Json, { body, self }: Frame): ChatRef | undefined {
  const id = toText(where["channel"]);
  if (id === undefined) return undefined;
  const isDirect = where["channel_type"] === "im" || id.startsWith("D");
  const chat: ChatRef = { id, kind: isDirect ? "direct" : "group" };
  const thread = toTs(message["thread_ts"]);
  if (thread !== undefined && thread !== message["ts"]) chat.threadId = thread;
  const spaceId = toText(body["team_id"]) ?? toText(toObject(body["team"])["id"]) ?? self.teamId;
  if (spaceId !== undefined) chat.spaceId = spaceId;
  return chat;
}

/** Undefined for us and for nobody. Old integrations have only a `bot_id`. */
function toSender(event: Json, self: Self): Sender | undefined {
  const botId = toText(event["bot_id"]);
  const id = toText(event["user"]) ?? botId;
  if (id === undefined || isOwn(event, self)) return undefined;
  const sender: Sender = { id };
  const profile = toObject(event["user_profile"]);
  const name = toText(profile["display_name"]) ?? toText(profile["real_name"]) ?? toText(event["username"]);
  if (name !== undefined) sender.name = name;
  if (botId !== undefined || event["subtype"] === "bot_message" || id === SLACKBOT) sender.isBot = true;
  return sender;
}

function isOwn(event: Json, self: Self): boolean {
  return event["user"] === self.userId || (self.botId !== undefined && event["bot_id"] === self.botId);
}

/** Files that are gone, or hidden by the workspace's plan, have a `mode` but no content. */
function toMedia(value: unknown): MediaRef[] {
  const file = toObject(value);
  const ref = toText(file["id"]);
  if (ref === undefined || file["mode"] === "tombstone" || file["mode"] === "hidden_by_limit") return [];
  const mimeType = toText(file["mimetype"]);
  const fileName = toText(file["name"]);
  const { size, duration_ms: duration } = file;
  return [
    {
      kind: toKind(mimeType ?? "", file["subtype"]),
      ref,
      ...(mimeType === undefined ? {} : { mimeType }),
      ...(fileName === undefined ? {} : { fileName }),
      ...(isCount(size) ? { sizeBytes: size } : {}),
      ...(isCount(duration) ? { durationSeconds: duration / 1000 } : {}),
    },
  ];
}

function toKind(mimeType: string, subtype: unknown): MediaKind {
  if (subtype === "slack_audio") return "voice";
  const kind = mimeType.split("/")[0];
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "document";
}

/** A message's time, which is its name in its channel: `1712345678.001200`. */
function toTs(value: unknown): string | undefined {
  return typeof value === "string" && /^\d{1,12}\.\d{1,9}$/.test(value) ? value : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** A text that says something; undefined otherwise. */
export function toText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The value when it is an object, else an empty one. */
export function toObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function toArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
