/**
 * From Discord's gateway events to ours. Pure. Whatever the payload holds, nothing is thrown: what is sound is mapped,
 * the rest dropped. Shapes: Discord's developer documentation, "Gateway Events" and "Message Resource" (API v10).
 * Must never decide who may write.
 */
import type { ChatRef, InboundEvent, InboundMessage, MediaRef, Sender } from "../contract.ts";

/** A dispatch of the gateway, as it came. */
export interface Packet {
  t: string;
  d: unknown;
}

/** What mapping has to know beside the payload. */
export interface Perspective {
  /** User id of the bot. */
  me: string;
  /** Name of a server's channel or thread, where it is known. */
  nameOf(channelId: string): string | undefined;
}

export type Fields = Readonly<Record<string, unknown>>;

const DISCORD_EPOCH_MS = 1_420_070_400_000;
const GROUP_DM = 3;
/** Message types that a person wrote: a plain one and a reply. The others tell of pins, joins and the like. */
const WRITTEN_TYPES: ReadonlySet<unknown> = new Set([undefined, 0, 19]);
const FORWARD = 1;
const IS_VOICE_MESSAGE = 1 << 13;
const LOTTIE = 3;
const GIF = 4;

/** @returns undefined for what is our own, of no concern, or broken */
export function toInbound(packet: Packet, perspective: Perspective): InboundEvent | undefined {
  const fields = fieldsOf(packet.d);
  const chat = toChat(fields, perspective);
  if (chat === undefined) return undefined;
  switch (packet.t) {
    case "MESSAGE_CREATE":
      return toMessage(fields, chat, perspective);
    case "MESSAGE_UPDATE":
      return toEdit(fields, chat, perspective);
    case "MESSAGE_DELETE":
      return toDelete(chat, [fields["id"]]);
    case "MESSAGE_DELETE_BULK":
      return toDelete(chat, Array.isArray(fields["ids"]) ? fields["ids"] : []);
    case "MESSAGE_REACTION_ADD":
    case "MESSAGE_REACTION_REMOVE":
      return toReaction(packet.t, fields, chat, perspective);
    default:
      return undefined;
  }
}

/**
 * Where something happened. A thread is a channel with an id of its own on Discord, so it is a chat of its own here: what
 * is sent to that id lands in the thread.
 */
export function toChat(fields: Fields, { nameOf }: Pick<Perspective, "nameOf">): ChatRef | undefined {
  const id = idOf(fields["channel_id"]);
  if (id === undefined) return undefined;
  const spaceId = idOf(fields["guild_id"]);
  const title = nameOf(id);
  const isDirect = spaceId === undefined && fields["channel_type"] !== GROUP_DM;
  return {
    id,
    kind: isDirect ? "direct" : "group",
    ...(title === undefined ? {} : { title }),
    ...(spaceId === undefined ? {} : { spaceId }),
  };
}

/** @param user a user object @param member the same person in a server, with the name used there */
export function toSender(user: Fields, member: Fields = {}): Sender | undefined {
  const id = idOf(user["id"]);
  if (id === undefined) return undefined;
  const name = [member["nick"], user["global_name"], user["username"]].find((one) => typeof one === "string");
  return { id, ...(name === undefined ? {} : { name }), ...(user["bot"] === true ? { isBot: true } : {}) };
}

/** When an id was made: its upper bits are milliseconds since 2015 ("API Reference", Snowflakes). */
export function timeOfId(id: string): number {
  return Number(BigInt(id) >> 22n) + DISCORD_EPOCH_MS;
}

/** Names of channels and threads that an event tells of. */
export function channelNames({ t, d }: Packet): readonly (readonly [id: string, name: string])[] {
  const fields = fieldsOf(d);
  const told = t === "GUILD_CREATE" ? [...listOf(fields["channels"]), ...listOf(fields["threads"])] : [];
  if (/^(CHANNEL|THREAD)_(CREATE|UPDATE)$/.test(t)) told.push(fields);
  return told.flatMap((one) => {
    const id = idOf(one["id"]);
    return id !== undefined && typeof one["name"] === "string" ? [[id, one["name"]] as const] : [];
  });
}

function toMessage(fields: Fields, chat: ChatRef, perspective: Perspective): InboundMessage | undefined {
  const id = idOf(fields["id"]);
  const author = toSender(fieldsOf(fields["author"]), fieldsOf(fields["member"]));
  if (id === undefined || author === undefined || author.id === perspective.me) return undefined;
  if (!WRITTEN_TYPES.has(fields["type"])) return undefined;
  const mentions = listOf(fields["mentions"]);
  // A forwarded message is empty itself; what it carries is a copy of the other one.
  const isForward = fieldsOf(fields["message_reference"])["type"] === FORWARD;
  const source = isForward ? fieldsOf(listOf(fields["message_snapshots"])[0]?.["message"]) : fields;
  const text = toText(source["content"], mentions, perspective.me);
  const media = toMedia(source);
  if (text === "" && media.length === 0 && mentions.length === 0) return undefined;
  const replyTo = isForward ? undefined : toReply(fields, perspective);
  return {
    type: "message",
    messageId: id,
    platformId: id,
    chat,
    sender: fields["webhook_id"] == null ? author : { ...author, isBot: true },
    at: timeOfId(id),
    text,
    mentionsMe: mentions.some((user) => user["id"] === perspective.me),
    ...(replyTo === undefined ? {} : { replyTo }),
    media,
  };
}

function toReply(fields: Fields, { me }: Perspective): InboundMessage["replyTo"] {
  const platformId = idOf(fieldsOf(fields["message_reference"])["message_id"]);
  if (platformId === undefined) return undefined;
  const answered = fieldsOf(fields["referenced_message"]);
  const author = toSender(fieldsOf(answered["author"]));
  const text = toText(answered["content"], listOf(answered["mentions"]), me);
  return {
    platformId,
    isToMe: author?.id === me,
    ...(text === "" ? {} : { text }),
    ...(author?.name === undefined ? {} : { senderName: author.name }),
  };
}

/** Takes mentions of us out and writes those of others by name. */
function toText(content: unknown, mentions: readonly Fields[], me: string): string {
  if (typeof content !== "string") return "";
  const nameOf = (id: string) => toSender(mentions.find((user) => user["id"] === id) ?? {})?.name;
  return content
    .replace(/<@!?(\d{1,20})>/g, (mark, id: string) => {
      if (id === me) return "";
      const name = nameOf(id);
      return name === undefined ? mark : `@${name}`;
    })
    .trim();
}

function toMedia(message: Fields): MediaRef[] {
  const isVoice = (Number(message["flags"]) & IS_VOICE_MESSAGE) !== 0;
  return [
    ...listOf(message["attachments"]).flatMap((one) => toAttachment(one, isVoice)),
    ...listOf(message["sticker_items"]).flatMap(toSticker),
  ];
}

function toAttachment(one: Fields, isVoice: boolean): MediaRef[] {
  const { url, content_type: mimeType, filename, size, duration_secs: seconds } = one;
  if (typeof url !== "string") return [];
  const family = typeof mimeType === "string" ? /^(image|audio|video)\//.exec(mimeType)?.[1] : undefined;
  return [
    {
      kind: isVoice ? "voice" : ((family as "image" | "audio" | "video" | undefined) ?? "document"),
      ref: url,
      ...(typeof mimeType === "string" ? { mimeType } : {}),
      ...(typeof filename === "string" ? { fileName: filename } : {}),
      ...(isAmount(size) ? { sizeBytes: size } : {}),
      ...(isAmount(seconds) ? { durationSeconds: seconds } : {}),
    },
  ];
}

/** Stickers are pictures, but for those that are drawn by a program ("Sticker Resource", format types). */
function toSticker(one: Fields): MediaRef[] {
  const id = idOf(one["id"]);
  if (id === undefined || one["format_type"] === LOTTIE) return [];
  const ending = one["format_type"] === GIF ? "gif" : "png";
  return [
    { kind: "sticker", ref: `https://media.discordapp.net/stickers/${id}.${ending}`, mimeType: `image/${ending}` },
  ];
}

/** Discord also tells of an update when it has drawn a link's preview: only `edited_timestamp` means a person's hand. */
function toEdit(fields: Fields, chat: ChatRef, { me }: Perspective): InboundEvent | undefined {
  const platformId = idOf(fields["id"]);
  const sender = toSender(fieldsOf(fields["author"]), fieldsOf(fields["member"]));
  if (platformId === undefined || sender === undefined || sender.id === me) return undefined;
  if (typeof fields["edited_timestamp"] !== "string" || typeof fields["content"] !== "string") return undefined;
  return { type: "edit", chat, sender, platformId, text: toText(fields["content"], listOf(fields["mentions"]), me) };
}

function toDelete(chat: ChatRef, ids: readonly unknown[]): InboundEvent | undefined {
  const platformIds = ids.map(idOf).filter((id) => id !== undefined);
  return platformIds.length === 0 ? undefined : { type: "delete", chat, platformIds };
}

function toReaction(t: string, fields: Fields, chat: ChatRef, { me }: Perspective): InboundEvent | undefined {
  const platformId = idOf(fields["message_id"]);
  const member = fieldsOf(fields["member"]);
  const sender = toSender({ ...fieldsOf(member["user"]), id: fields["user_id"] }, member);
  const emoji = fieldsOf(fields["emoji"])["name"];
  if (platformId === undefined || sender === undefined || sender.id === me || typeof emoji !== "string")
    return undefined;
  return { type: "reaction", chat, sender, platformId, ...(t === "MESSAGE_REACTION_ADD" ? { emoji } : {}) };
}

/** An object, or an empty one. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** The objects of a list; nothing when it is none. */
export function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : [];
}

/** An id of Discord: digits, in a string. */
export function idOf(value: unknown): string | undefined {
  return typeof value === "string" && /^\d{1,20}$/.test(value) ? value : undefined;
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}
