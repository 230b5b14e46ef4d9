/** Rows of Messages' database as events. */
import { describe, expect, it } from "vitest";
import type { AttachmentRow, MessageRow } from "#main/channels/imessage/chat-db.ts";
import { toChange, toInbound, toMillis } from "#main/channels/imessage/inbound.ts";
import { archive } from "#test/fakes/imessage-chat-db.ts";

const ROW: MessageRow = {
  rowId: 7,
  guid: "G-1",
  text: "hello",
  attributedBody: null,
  date: 800_000_000_000_000_000,
  isFromMe: 0,
  itemType: 0,
  account: "E:me@example.com",
  destination: "+15557654321",
  handle: "+15550001111",
  chatGuid: "iMessage;-;+15550001111",
  chatStyle: 45,
  chatName: null,
  associatedType: 0,
  associatedGuid: null,
  associatedEmoji: null,
  isAudio: 0,
  repliedGuid: null,
  repliedIsFromMe: null,
  repliedText: null,
  retracted: 0,
  changed: 0,
};
const FILE: AttachmentRow = {
  guid: "at_0_G-1",
  fileName: "~/Library/Messages/Attachments/ab/IMG.HEIC",
  mimeType: "image/heic",
  shownName: "IMG.HEIC",
  sizeBytes: 12,
  isSticker: 0,
};
const map = (change: Partial<MessageRow>, files: AttachmentRow[] = []) => toInbound({ ...ROW, ...change }, files);

describe("a row", () => {
  it("is a message", () => {
    expect(map({})).toEqual({
      type: "message",
      messageId: "G-1",
      platformId: "G-1",
      chat: { id: "iMessage;-;+15550001111", kind: "direct" },
      sender: { id: "+15550001111" },
      at: Date.UTC(2026, 4, 9, 6, 13, 20),
      text: "hello",
      mentionsMe: false,
      media: [],
    });
  });

  it("of a group names it, and tells a mention of either of our addresses", () => {
    const group = { chatStyle: 43, chatGuid: "iMessage;+;chat1", chatName: "Both" };
    const mention = (handle: string) => ({
      ...group,
      attributedBody: archive("x", { __kIMMentionConfirmedMention: handle }),
    });
    expect(map(group)).toMatchObject({ chat: { kind: "group", title: "Both" }, mentionsMe: false });
    expect(map(mention("ME@example.com"))).toMatchObject({ mentionsMe: true });
    expect(map(mention("+15557654321"))).toMatchObject({ mentionsMe: true });
    expect(map(mention("+15550001111"))).toMatchObject({ mentionsMe: false });
  });

  it("tells whose message is answered", () => {
    const replied = { repliedGuid: "G-0", repliedIsFromMe: 1, repliedText: "question" };
    expect(map(replied)).toMatchObject({ replyTo: { platformId: "G-0", isToMe: true, text: "question" } });
    expect(map({ ...replied, repliedIsFromMe: 0, repliedText: null })).toMatchObject({ replyTo: { isToMe: false } });
  });

  it.each([
    [{}, {}, "image"],
    [{ mimeType: "video/quicktime" }, {}, "video"],
    [{ mimeType: "audio/mpeg" }, {}, "audio"],
    [{ mimeType: "audio/x-caf" }, { isAudio: 1 }, "voice"],
    [{ isSticker: 1 }, {}, "sticker"],
    [{ mimeType: null }, {}, "document"],
  ])("with a file %j is %s %s", (file, row, kind) => {
    expect(map({ text: "\uFFFC", ...row }, [{ ...FILE, ...file }])).toMatchObject({
      text: "",
      media: [{ kind, ref: "at_0_G-1" }],
    });
  });

  it.each([
    [2000, "❤️"],
    [2004, "‼️"],
    [2005, "❓"],
    [2006, "🫡"],
  ])("of association %i is a reaction with %s", (associatedType, emoji) => {
    const row = { associatedType, associatedGuid: "p:1/G-0", associatedEmoji: "🫡" };
    expect(map(row)).toMatchObject({ type: "reaction", platformId: "G-0", emoji });
  });

  it.each<[string, Partial<MessageRow>]>([
    ["of ours", { isFromMe: 1 }],
    ["without a sender", { handle: null }],
    ["without a chat", { chatGuid: null }],
    ["without an id", { guid: Buffer.from("x") }],
    ["about the group", { itemType: 1 }],
    ["from ourselves", { handle: "Me@Example.com" }],
    ["without a text", { text: null }],
    ["with a placeholder alone", { text: "\uFFFC" }],
    ["with a sticker put on another", { associatedType: 1000, associatedGuid: "p:0/G" }],
    ["with an unknown reaction", { associatedType: 2999, associatedGuid: "p:0/G" }],
    ["with a reaction to nothing", { associatedType: 2001 }],
    ["with an emoji missing", { associatedType: 2006, associatedGuid: "p:0/G" }],
    ["of odd types", { isFromMe: "0", text: 5, date: "x", itemType: "y" }],
  ])("is nothing: %s", (_what, change) => {
    expect(map(change)).toBeUndefined();
  });

  it("that changed is an edit, or a retraction when nothing is left", () => {
    expect(toChange({ ...ROW, text: "new" }, false)).toMatchObject({ type: "edit", text: "new", platformId: "G-1" });
    expect(toChange({ ...ROW, text: null }, false)).toMatchObject({ type: "delete", platformIds: ["G-1"] });
    expect(toChange({ ...ROW, retracted: 5 }, true)).toMatchObject({ type: "delete" });
    expect(toChange({ ...ROW, text: null }, true)).toMatchObject({ type: "edit", text: "" });
    expect(toChange({ ...ROW, isFromMe: 1 }, false)).toBeUndefined();
  });
});

it("reads dates in nanoseconds, in seconds, and none", () => {
  const at = Date.UTC(2026, 0, 1);
  const seconds = (at - Date.UTC(2001, 0, 1)) / 1000;
  expect(toMillis(seconds * 1e9)).toBe(at);
  expect(toMillis(seconds)).toBe(at);
  expect(toMillis(null)).toBe(Date.UTC(2001, 0, 1));
});
