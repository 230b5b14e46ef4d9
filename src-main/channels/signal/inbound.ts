/**
 * What signal-cli tells of Signal, as the pipeline's events. Both services hand out the same envelope (signal-cli's
 * `JsonMessageEnvelope`). Pure. Must never throw, whatever comes, nor deliver what we wrote ourselves.
 */
import type { ChatRef, InboundEvent, InboundMessage, MediaKind, MediaRef, Sender } from "../contract.ts";
import { countOf, objectOf, objectsOf, present, textOf, type Json } from "./fields.ts";
import { addressOf, toPlatformId, type Address, type Self } from "./identifiers.ts";

/** Signal's placeholder for a mention. */
const PLACEHOLDER = "\uFFFC";

/** @returns undefined for what is no message of a person: receipts, typing, calls, stickers, our own, nonsense */
export function toInbound(payload: unknown, self: Self): InboundEvent | undefined {
  const { envelope: told, account } = objectOf(payload);
  if (isOtherAccount(account, self.account)) return undefined;
  const envelope = objectOf(told);
  const source = addressOf(envelope, "source", self);
  if (source === undefined || source.isSelf) return undefined;
  const sender = toSender(source, textOf(envelope["sourceName"]));
  const edit = objectOf(envelope["editMessage"]);
  if ("dataMessage" in edit) return toEdit(edit, sender, self);
  const data = objectOf(envelope["dataMessage"]);
  const timestamp = countOf(data["timestamp"]) ?? countOf(envelope["timestamp"]) ?? 0;
  return timestamp === 0 ? undefined : toEvent(data, timestamp, sender, self);
}

/** Only the first change of a message names it as the pipeline knows it: later ones name the version before. */
function toEdit(edit: Json, sender: Sender, self: Self): InboundEvent | undefined {
  const data = objectOf(edit["dataMessage"]);
  const platformId = nameOf(sender.id, edit["targetSentTimestamp"]);
  if (platformId === undefined) return undefined;
  return { type: "edit", chat: toChat(data, sender), sender, platformId, text: toText(data, self).text };
}

function toEvent(data: Json, at: number, sender: Sender, self: Self): InboundEvent | undefined {
  const chat = toChat(data, sender);
  if ("reaction" in data) {
    const reaction = objectOf(data["reaction"]);
    const platformId = nameOf(addressOf(reaction, "targetAuthor", self)?.id, reaction["targetSentTimestamp"]);
    const emoji = reaction["isRemove"] === true ? undefined : textOf(reaction["emoji"]);
    return platformId === undefined ? undefined : { type: "reaction", chat, sender, platformId, ...present({ emoji }) };
  }
  if ("remoteDelete" in data) {
    // Whatever else it says, one can take back only what one wrote oneself.
    const platformId = nameOf(sender.id, objectOf(data["remoteDelete"])["timestamp"]);
    return platformId === undefined ? undefined : { type: "delete", chat, platformIds: [platformId] };
  }
  const { text, mentionsMe } = toText(data, self);
  const media = objectsOf(data["attachments"]).flatMap(toMedia);
  if (text === "" && media.length === 0) return undefined;
  return {
    type: "message",
    messageId: `${sender.id}:${at}`,
    platformId: toPlatformId({ timestamp: at, author: sender.id }),
    chat,
    sender,
    at,
    text,
    mentionsMe,
    ...present({ replyTo: toReply(objectOf(data["quote"]), self) }),
    media,
  };
}

/** The platform id of a message, as far as author and time are told. */
function nameOf(author: string | undefined, at: unknown): string | undefined {
  const timestamp = countOf(at);
  return author === undefined || timestamp === undefined ? undefined : toPlatformId({ timestamp, author });
}

function toReply(quote: Json, self: Self): InboundMessage["replyTo"] {
  const author = addressOf(quote, "author", self);
  const platformId = nameOf(author?.id, quote["id"]);
  if (author === undefined || platformId === undefined) return undefined;
  return { platformId, isToMe: author.isSelf, ...present({ text: textOf(quote["text"]) }) };
}

/** The text with names in place of mentions, and without the mentions of us. */
function toText(data: Json, self: Self): { text: string; mentionsMe: boolean } {
  let text = textOf(data["message"]) ?? "";
  let mentionsMe = false;
  const mentions = objectsOf(data["mentions"])
    .map((mention) => ({ mention, start: countOf(mention["start"]) ?? -1 }))
    .sort((a, b) => b.start - a.start);
  for (const { mention, start } of mentions) {
    // Only where Signal's own sign stands: a range over other words would hide them.
    if (mention["length"] !== 1 || text[start] !== PLACEHOLDER) continue;
    const name = textOf(mention["name"]);
    const who = addressOf({ mNumber: mention["number"], mUuid: mention["uuid"], m: name }, "m", self);
    mentionsMe ||= who?.isSelf === true;
    const shown = who?.isSelf === true ? "" : `@${name ?? who?.number ?? "someone"}`;
    text = text.slice(0, start) + shown + text.slice(start + 1);
  }
  return { text: mentionsMe ? text.trim() : text, mentionsMe };
}

function toSender({ id, number }: Address, profile: string | undefined): Sender {
  const isBoth = profile !== undefined && number !== undefined && profile !== number;
  return { id, ...present({ name: isBoth ? `${profile} (${number})` : (profile ?? number) }) };
}

function toChat(data: Json, sender: Sender): ChatRef {
  const group = objectOf(data["groupInfo"]);
  const id = textOf(group["groupId"]);
  if (id === undefined) return { id: sender.id, kind: "direct", ...present({ title: sender.name }) };
  return { id, kind: "group", ...present({ title: textOf(group["groupName"]) }) };
}

function toMedia(file: Json): MediaRef[] {
  // It becomes part of an address: a plain file name, as signal-cli makes them, and nothing else.
  const ref = /^\w[\w.-]{0,255}$/.exec(textOf(file["id"]) ?? "")?.[0];
  if (ref === undefined) return [];
  const mimeType = textOf(file["contentType"]);
  const fileName = textOf(file["filename"]);
  const kind = toKind(mimeType ?? "", fileName, file["voiceNote"] === true);
  return [{ kind, ref, ...present({ mimeType, fileName, sizeBytes: countOf(file["size"]) }) }];
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
