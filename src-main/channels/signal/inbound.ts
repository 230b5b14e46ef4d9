/**
 * What signal-cli tells of Signal, as the pipeline's events. Both services hand out the same envelope (signal-cli's
 * `JsonMessageEnvelope`). Pure. Must never throw, whatever comes, nor deliver what we wrote ourselves.
 */
import type { ChatRef, InboundEvent, InboundMessage, MediaKind, MediaRef, Sender } from "../contract.ts";
import { countOf, objectOf, objectsOf, textOf, type Json } from "./fields.ts";
import { addressOf, toPlatformId, type Address, type Self } from "./identifiers.ts";

export interface Mapped {
  event: InboundEvent;
  /** With an edit: the name of the new version, by which the next edit will call the message. */
  revision?: string;
}

/** What the parts of one envelope are mapped with. */
interface Frame {
  self: Self;
  sender: Sender;
  chat: ChatRef;
  /** The platform id of the first version of a message, from that of any. */
  originalOf(platformId: string): string;
}

/** Signal's placeholder for a mention. */
const PLACEHOLDER = "\uFFFC";

/** @returns undefined for what is no message of a person: receipts, typing, calls, our own, nonsense */
export function toInbound(payload: unknown, self: Self, originalOf: (id: string) => string): Mapped | undefined {
  const outer = objectOf(payload);
  // A subscription (`--receive-mode=manual`) wraps the same once more.
  const { envelope: told, account } = "result" in outer ? objectOf(outer["result"]) : outer;
  if (isOtherAccount(account, self.account)) return undefined;
  const envelope = objectOf(told);
  const source = addressOf(envelope, "source", self);
  if (source === undefined || source.isSelf) return undefined;
  const edit = objectOf(envelope["editMessage"]);
  const isEdit = "dataMessage" in edit;
  const data = objectOf(isEdit ? edit["dataMessage"] : envelope["dataMessage"]);
  const timestamp = countOf(data["timestamp"]) ?? countOf(envelope["timestamp"]);
  if (timestamp === undefined || timestamp === 0) return undefined;
  const name = nameOf(textOf(envelope["sourceName"]), source);
  const sender: Sender = { id: source.id, ...(name === undefined ? {} : { name }) };
  const frame: Frame = { self, sender, chat: toChat(data, sender), originalOf };
  return isEdit ? toEdit(edit, data, timestamp, frame) : toData(data, timestamp, frame);
}

function toData(data: Json, timestamp: number, frame: Frame): Mapped | undefined {
  const { sender, chat, originalOf } = frame;
  if ("reaction" in data) {
    const reaction = objectOf(data["reaction"]);
    const author = addressOf(reaction, "targetAuthor", frame.self)?.id;
    const target = countOf(reaction["targetSentTimestamp"]);
    if (author === undefined || target === undefined) return undefined;
    const platformId = originalOf(toPlatformId({ timestamp: target, author }));
    const emoji = reaction["isRemove"] === true ? undefined : textOf(reaction["emoji"]);
    return { event: { type: "reaction", chat, sender, platformId, ...(emoji === undefined ? {} : { emoji }) } };
  }
  if ("remoteDelete" in data) {
    const target = countOf(objectOf(data["remoteDelete"])["timestamp"]);
    if (target === undefined) return undefined;
    // Whatever else it says, one can take back only what one wrote oneself.
    const platformId = originalOf(toPlatformId({ timestamp: target, author: sender.id }));
    return { event: { type: "delete", chat, platformIds: [platformId] } };
  }
  const event = toMessage(data, timestamp, frame);
  return event.text === "" && event.media.length === 0 ? undefined : { event };
}

function toMessage(data: Json, timestamp: number, { self, sender, chat, originalOf }: Frame): InboundMessage {
  const quote = objectOf(data["quote"]);
  const author = addressOf(quote, "author", self);
  const quoted = countOf(quote["id"]);
  const quotedText = textOf(quote["text"]);
  return {
    type: "message",
    messageId: `${sender.id}:${timestamp}`,
    platformId: toPlatformId({ timestamp, author: sender.id }),
    chat,
    sender,
    at: timestamp,
    ...toText(data, self),
    ...(author === undefined || quoted === undefined
      ? {}
      : {
          replyTo: {
            platformId: originalOf(toPlatformId({ timestamp: quoted, author: author.id })),
            isToMe: author.isSelf,
            ...(quotedText === undefined ? {} : { text: quotedText }),
          },
        }),
    media: toMedia(data),
  };
}

function toEdit(edit: Json, data: Json, timestamp: number, { self, sender, chat, originalOf }: Frame) {
  const target = countOf(edit["targetSentTimestamp"]);
  if (target === undefined) return undefined;
  const platformId = originalOf(toPlatformId({ timestamp: target, author: sender.id }));
  const { text } = toText(data, self);
  const revision = toPlatformId({ timestamp, author: sender.id });
  return { event: { type: "edit" as const, chat, sender, platformId, text }, revision };
}

/** The text with names in place of mentions, and without the mentions of us. */
function toText(data: Json, self: Self): { text: string; mentionsMe: boolean } {
  let text = textOf(data["message"]) ?? "";
  let mentionsMe = false;
  const mentions = objectsOf(data["mentions"])
    .map((mention) => ({ mention, start: countOf(mention["start"]), length: countOf(mention["length"]) }))
    .sort((a, b) => (b.start ?? 0) - (a.start ?? 0));
  for (const { mention, start, length } of mentions) {
    // Only where Signal's own sign stands: a range over other words would hide them.
    if (start === undefined || length !== 1 || text[start] !== PLACEHOLDER) continue;
    const who = addressOf({ m: mention["name"], mNumber: mention["number"], mUuid: mention["uuid"] }, "m", self);
    mentionsMe ||= who?.isSelf === true;
    const shown = who?.isSelf === true ? "" : `@${textOf(mention["name"]) ?? who?.number ?? "someone"}`;
    text = text.slice(0, start) + shown + text.slice(start + 1);
  }
  return { text: mentionsMe ? text.trim() : text, mentionsMe };
}

function toChat(data: Json, sender: Sender): ChatRef {
  const group = objectOf(data["groupInfo"]);
  const id = textOf(group["groupId"]);
  const title = id === undefined ? sender.name : textOf(group["groupName"]);
  const named = title === undefined ? {} : { title };
  return id === undefined ? { id: sender.id, kind: "direct", ...named } : { id, kind: "group", ...named };
}

/** The ref: the attachment's id at the service, or `sticker:<pack>:<number>`. */
function toMedia(data: Json): MediaRef[] {
  const sticker = objectOf(data["sticker"]);
  const pack = /^[\da-f]{1,64}$/i.exec(textOf(sticker["packId"]) ?? "")?.[0];
  const number = countOf(sticker["stickerId"]);
  const files = objectsOf(data["attachments"]).flatMap((file): MediaRef[] => {
    // It becomes part of an address: a plain file name, as signal-cli makes them, and nothing else.
    const ref = /^\w[\w.-]{0,255}$/.exec(textOf(file["id"]) ?? "")?.[0];
    if (ref === undefined) return [];
    const mimeType = textOf(file["contentType"]);
    const fileName = textOf(file["filename"]);
    const sizeBytes = countOf(file["size"]);
    return [
      {
        kind: toKind(mimeType ?? "", fileName, file["voiceNote"] === true),
        ref,
        ...(mimeType === undefined ? {} : { mimeType }),
        ...(fileName === undefined ? {} : { fileName }),
        ...(sizeBytes === undefined ? {} : { sizeBytes }),
      },
    ];
  });
  if (pack === undefined || number === undefined) return files;
  return [...files, { kind: "sticker", ref: `sticker:${pack}:${number}` }];
}

function toKind(mimeType: string, fileName: string | undefined, isVoiceNote: boolean): MediaKind {
  // Most versions of signal-cli do not tell voice notes; Signal's apps record them as audio without a name.
  if (isVoiceNote || (mimeType.startsWith("audio/") && fileName === undefined)) return "voice";
  return (["image", "audio", "video"] as const).find((kind) => mimeType.startsWith(`${kind}/`)) ?? "document";
}

/** A daemon may hold several accounts. Only alike can be compared: a number and an ACI may be the same account. */
function isOtherAccount(told: unknown, account: string): boolean {
  return typeof told === "string" && told.startsWith("+") === account.startsWith("+") && told !== account;
}

function nameOf(name: string | undefined, { number }: Address): string | undefined {
  return name !== undefined && number !== undefined && name !== number ? `${name} (${number})` : (name ?? number);
}
