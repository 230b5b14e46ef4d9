/**
 * From Slack's payloads to what the pipeline takes: the Events API, slash commands and presses of buttons, the same for
 * Socket Mode and HTTP. Pure. Must never throw, whatever comes: what makes no sense is nothing. Facts: docs.slack.dev,
 * "Events API", "message event", "Slash commands", "block_actions payload".
 */
import type { ButtonPress, ChatRef, InboundEvent, MediaRef, Sender } from "../contract.ts";
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

/** A payload, and who reads it. */
interface Frame {
  body: Json;
  self: Self;
}

/** Subtypes of `message` that are somebody's words; all others are notices (joined, renamed, pinned, …). */
const SPOKEN: readonly unknown[] = [undefined, "file_share", "thread_broadcast", "bot_message", "me_message"];

/** @param now milliseconds since 1970, for what carries no time of its own */
export function toInbound(payload: unknown, self: Self, now: number): Inbound {
  const frame = { body: toObject(payload), self };
  if (frame.body["type"] === "block_actions") {
    const press = fromPress(frame);
    return press && { is: "press", press };
  }
  const inner = toObject(frame.body["event"]);
  const isEvent = frame.body["type"] === "event_callback";
  if (isEvent && (inner["type"] === "app_uninstalled" || inner["type"] === "tokens_revoked")) return { is: "access" };
  const event = isEvent ? fromEvent(inner, frame) : fromCommand(frame, now);
  return event && { is: "event", event };
}

function fromEvent(event: Json, frame: Frame): InboundEvent | undefined {
  const { type, subtype } = event;
  if (type === "reaction_added" || type === "reaction_removed") return fromReaction(event, frame);
  if (type === "app_mention") return fromMessage(event, frame);
  if (type !== "message") return undefined;
  if (subtype === "message_changed") return fromChange(event, frame);
  if (subtype === "message_deleted") return fromDeletion(event, event["deleted_ts"], frame);
  return SPOKEN.includes(subtype) ? fromMessage(event, frame) : undefined;
}

/** `app_mention` brings once more what `message` brings: both are the same message, by channel and time. */
function fromMessage(event: Json, frame: Frame): InboundEvent | undefined {
  const origin = toOrigin(event, event, frame);
  const { text, mentionsMe } = toPlainText(toText(event["text"]) ?? "", frame.self.userId);
  const media = toArray(event["files"]).flatMap(toMedia);
  if (origin === undefined || (text === "" && media.length === 0 && !mentionsMe)) return undefined;
  const { chat, platformId } = origin;
  const isToMe = event["parent_user_id"] === frame.self.userId;
  return {
    type: "message",
    messageId: `${chat.id}:${platformId}`,
    ...origin,
    at: Math.round(Number(platformId) * 1000),
    text,
    mentionsMe,
    ...(chat.threadId === undefined ? {} : { replyTo: { platformId: chat.threadId, isToMe } }),
    media,
  };
}

function fromChange(event: Json, frame: Frame): InboundEvent | undefined {
  const after = toObject(event["message"]);
  // A deleted message with answers under it stays as a gravestone.
  if (after["subtype"] === "tombstone") return fromDeletion(event, after["ts"], frame);
  const origin = toOrigin(event, after, frame);
  // Slack tells of a preview that it added in the same way.
  if (origin === undefined || toObject(event["previous_message"])["text"] === after["text"]) return undefined;
  const { text } = toPlainText(toText(after["text"]) ?? "", frame.self.userId);
  return { type: "edit", ...origin, text };
}

function fromDeletion(event: Json, deleted: unknown, frame: Frame): InboundEvent | undefined {
  const before = toObject(event["previous_message"]);
  const chat = toChat(event, before, frame);
  const ts = toTs(deleted);
  if (chat === undefined || ts === undefined || isOwn(before, frame.self)) return undefined;
  return { type: "delete", chat, platformIds: [ts] };
}

function fromReaction(event: Json, frame: Frame): InboundEvent | undefined {
  const item = toObject(event["item"]);
  const origin = toOrigin(item, { user: event["user"], ts: item["ts"] }, frame);
  const name = toText(event["reaction"]);
  if (origin === undefined || name === undefined) return undefined;
  return { type: "reaction", ...origin, ...(event["type"] === "reaction_added" ? { emoji: toEmoji(name) } : {}) };
}

/** `/gatehouse status` is the command `/status`. It leaves no message behind: its trigger is its id. */
function fromCommand({ body, self }: Frame, now: number): InboundEvent | undefined {
  const chat = toChat({ channel: body["channel_id"] }, {}, { body, self });
  const sender = toSender({ user: body["user_id"], username: body["user_name"] }, self);
  const trigger = toText(body["trigger_id"]);
  if (!chat || !sender || trigger === undefined || typeof body["command"] !== "string") return undefined;
  const words = toPlainText(toText(body["text"]) ?? "", self.userId).text.trim();
  return {
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
}

function fromPress(frame: Frame): ButtonPress | undefined {
  const { channel_id: channel, message_ts: ts } = toObject(frame.body["container"]);
  const { id: user, username } = toObject(frame.body["user"]);
  const { thread_ts } = toObject(frame.body["message"]);
  const origin = toOrigin({ channel }, { user, username, ts, thread_ts }, frame);
  const data = toText(toObject(toArray(frame.body["actions"])[0])["value"]);
  return origin && data !== undefined ? { ...origin, data } : undefined;
}

/** Where, who and which message; undefined when one of them is missing, and for what is our own. */
function toOrigin(where: Json, message: Json, frame: Frame) {
  const chat = toChat(where, message, frame);
  const sender = toSender(message, frame.self);
  const platformId = toTs(message["ts"]);
  return chat && sender && platformId !== undefined ? { chat, sender, platformId } : undefined;
}

/**
 * Direct chats have ids with a `D`; channels, private channels and conversations of several people are groups.
 * @param where holds `channel` (and `channel_type`)
 * @param message holds `thread_ts`; the first message of a thread is not in it
 */
function toChat(where: Json, message: Json, { body, self }: Frame): ChatRef | undefined {
  const id = toText(where["channel"]);
  if (id === undefined) return undefined;
  const thread = toTs(message["thread_ts"]);
  const isDirect = where["channel_type"] === "im" || id.startsWith("D");
  return {
    id,
    kind: isDirect ? "direct" : "group",
    ...known({
      threadId: thread === message["ts"] ? undefined : thread,
      spaceId: toText(body["team_id"]) ?? toText(toObject(body["team"])["id"]) ?? self.teamId,
    }),
  };
}

/** Undefined for us and for nobody. Old integrations have only a `bot_id`. */
function toSender(event: Json, self: Self): Sender | undefined {
  const botId = toText(event["bot_id"]);
  const id = toText(event["user"]) ?? botId;
  if (id === undefined || isOwn(event, self)) return undefined;
  const { display_name: display, real_name: real } = toObject(event["user_profile"]);
  const name = toText(display) ?? toText(real) ?? toText(event["username"]);
  const isBot = botId !== undefined || event["subtype"] === "bot_message" || id === "USLACKBOT";
  return { id, ...known({ name, isBot: isBot || undefined }) };
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
  const [family] = /^(image|audio|video)(?=\/)/.exec(mimeType ?? "") ?? ["document"];
  const kind = file["subtype"] === "slack_audio" ? "voice" : (family as MediaRef["kind"]);
  const fileName = toText(file["name"]);
  const milliseconds = toCount(file["duration_ms"]);
  const durationSeconds = milliseconds && milliseconds / 1000;
  return [{ kind, ref, ...known({ mimeType, fileName, sizeBytes: toCount(file["size"]), durationSeconds }) }];
}

/** A message's time, which is its name in its channel: `1712345678.001200`. */
function toTs(value: unknown): string | undefined {
  return typeof value === "string" && /^\d{1,12}\.\d{1,9}$/.test(value) ? value : undefined;
}

function toCount(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}

/** The fields that are not undefined. */
function known<T extends object>(fields: T) {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
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

/** What a text holds; undefined for everything else. */
export function parseJson(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
