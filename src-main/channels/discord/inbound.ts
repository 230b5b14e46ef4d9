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

/** @returns undefined for what is our own, of no concern, or broken */
export function toInbound({ t, d }: Packet, perspective: Perspective): InboundEvent | undefined {
  const fields = fieldsOf(d);
  const chat = toChat(fields, perspective);
  if (chat === undefined) return undefined;
  if (t === "MESSAGE_DELETE" || t === "MESSAGE_DELETE_BULK") {
    const ids = Array.isArray(fields["ids"]) ? fields["ids"] : [fields["id"]];
    const platformIds = ids.map(idOf).filter((id) => id !== undefined);
    return platformIds.length === 0 ? undefined : { type: "delete", chat, platformIds };
  }
  const member = fieldsOf(fields["member"]);
  const author = { ...fieldsOf(member["user"]), id: fields["user_id"], ...fieldsOf(fields["author"]) };
  const sender = toSender(author, member);
  const platformId = idOf(fields["message_id"] ?? fields["id"]);
  if (sender === undefined || platformId === undefined || sender.id === perspective.me) return undefined;
  const origin = { chat, sender, platformId };
  if (t === "MESSAGE_CREATE") return toMessage(fields, origin, perspective);
  const { edited_timestamp: edited, content, mentions } = fields;
  // Discord also tells of an update when it has drawn a link's preview: only `edited_timestamp` means a person's hand.
  if (t === "MESSAGE_UPDATE" && typeof edited === "string" && typeof content === "string") {
    return { type: "edit", ...origin, text: toText(content, listOf(mentions), perspective.me) };
  }
  const emoji = fieldsOf(fields["emoji"])["name"];
  if (!t.startsWith("MESSAGE_REACTION_") || typeof emoji !== "string") return undefined;
  return { type: "reaction", ...origin, ...(t === "MESSAGE_REACTION_ADD" ? { emoji } : {}) };
}

/**
 * Where something happened. A thread is a channel with an id of its own on Discord, so it is a chat of its own here: what
 * is sent to that id lands in the thread.
 */
export function toChat(fields: Fields, { nameOf }: Perspective): ChatRef | undefined {
  const id = idOf(fields["channel_id"]);
  if (id === undefined) return undefined;
  const spaceId = idOf(fields["guild_id"]);
  const isDirect = spaceId === undefined && fields["channel_type"] !== GROUP_DM;
  return { id, kind: isDirect ? "direct" : "group", ...known({ title: nameOf(id), spaceId }) };
}

/** @param user a user object @param member the same person in a server, with the name used there */
export function toSender(user: Fields, member: Fields = {}): Sender | undefined {
  const id = idOf(user["id"]);
  const name = [member["nick"], user["global_name"], user["username"]].find((one) => typeof one === "string");
  return id === undefined ? undefined : { id, ...known({ name, isBot: user["bot"] === true || undefined }) };
}

/** When an id was made: its upper bits are milliseconds since 2015 ("API Reference", Snowflakes). */
export function timeOfId(id: string): number {
  return Number(BigInt(id) >> 22n) + DISCORD_EPOCH_MS;
}

/** Names of channels and threads that an event tells of. */
export function channelNames({ t, d }: Packet): (readonly [id: string, name: string])[] {
  const fields = fieldsOf(d);
  const told = t === "GUILD_CREATE" ? [...listOf(fields["channels"]), ...listOf(fields["threads"])] : [];
  if (/^(CHANNEL|THREAD)_(CREATE|UPDATE)$/.test(t)) told.push(fields);
  return told.flatMap(({ id, name }) =>
    typeof id === "string" && typeof name === "string" ? [[id, name] as const] : [],
  );
}

type Origin = Pick<InboundMessage, "chat" | "sender" | "platformId">;

function toMessage(fields: Fields, origin: Origin, perspective: Perspective): InboundMessage | undefined {
  const mentions = listOf(fields["mentions"]);
  // A forwarded message is empty itself; what it carries is a copy of the other one.
  const isForward = fieldsOf(fields["message_reference"])["type"] === FORWARD;
  const source = isForward ? fieldsOf(listOf(fields["message_snapshots"])[0]?.["message"]) : fields;
  const text = toText(source["content"], mentions, perspective.me);
  const media = toMedia(source);
  const isEmpty = text === "" && media.length === 0 && mentions.length === 0;
  if (isEmpty || !WRITTEN_TYPES.has(fields["type"])) return undefined;
  const { chat, sender, platformId } = origin;
  return {
    type: "message",
    messageId: platformId,
    platformId,
    chat,
    sender: fields["webhook_id"] == null ? sender : { ...sender, isBot: true },
    at: timeOfId(platformId),
    text,
    mentionsMe: mentions.some((user) => user["id"] === perspective.me),
    ...known({ replyTo: isForward ? undefined : toReply(fields, perspective) }),
    media,
  };
}

function toReply(fields: Fields, { me }: Perspective): InboundMessage["replyTo"] {
  const platformId = idOf(fieldsOf(fields["message_reference"])["message_id"]);
  if (platformId === undefined) return undefined;
  const answered = fieldsOf(fields["referenced_message"]);
  const author = toSender(fieldsOf(answered["author"]));
  const text = toText(answered["content"], listOf(answered["mentions"]), me) || undefined;
  return { platformId, isToMe: author?.id === me, ...known({ text, senderName: author?.name }) };
}

/** Takes mentions of us out and writes those of others by name. */
function toText(content: unknown, mentions: readonly Fields[], me: string): string {
  if (typeof content !== "string") return "";
  const read = (mark: string, id: string) => {
    const name = toSender(mentions.find((user) => user["id"] === id) ?? {})?.name;
    return name === undefined ? mark : `@${name}`;
  };
  return content.replace(/<@!?(\d{1,20})>/g, (mark, id: string) => (id === me ? "" : read(mark, id))).trim();
}

/** Files; stickers are left out. */
function toMedia(message: Fields): MediaRef[] {
  const isVoice = ((toAmount(message["flags"]) ?? 0) & IS_VOICE_MESSAGE) !== 0;
  return listOf(message["attachments"]).flatMap(
    ({ url, content_type: type, filename, size, duration_secs: seconds }) => {
      if (typeof url !== "string") return [];
      const mimeType = typeof type === "string" ? type : undefined;
      const [family] = /^(image|audio|video)(?=\/)/.exec(mimeType ?? "") ?? ["document"];
      const kind = isVoice ? "voice" : (family as MediaRef["kind"]);
      const fileName = typeof filename === "string" ? filename : undefined;
      return [
        {
          kind,
          ref: url,
          ...known({ mimeType, fileName, sizeBytes: toAmount(size), durationSeconds: toAmount(seconds) }),
        },
      ];
    },
  );
}

/** The fields that are not undefined. */
function known<T extends object>(fields: T) {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
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

function toAmount(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}
