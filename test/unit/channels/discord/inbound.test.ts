/** Payloads of Discord's gateway, sound and broken, as events. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelNames, timeOfId, toInbound, type Perspective } from "#main/channels/discord/inbound.ts";
import { toInteraction } from "#main/channels/discord/interactions.ts";

const ME = "100000000000000001";
const ANN = { id: "200000000000000002", username: "ann", global_name: "Ann" };
const perspective: Perspective = { me: ME, nameOf: (id) => (id === "5" ? "general" : undefined) };

/** A MESSAGE_CREATE of a direct chat, as Discord sends it. */
const direct = {
  id: "1441000000000000000",
  channel_id: "4",
  author: ANN,
  content: "hello",
  type: 0,
  flags: 0,
  mentions: [],
  attachments: [],
  edited_timestamp: null,
};
const map = (fields: object, t = "MESSAGE_CREATE") => toInbound({ t, d: { ...direct, ...fields } }, perspective);

describe("toInbound", () => {
  it("maps a direct message", () => {
    expect(map({})).toEqual({
      type: "message",
      messageId: direct.id,
      platformId: direct.id,
      chat: { id: "4", kind: "direct" },
      sender: { id: ANN.id, name: "Ann" },
      at: timeOfId(direct.id),
      text: "hello",
      mentionsMe: false,
      media: [],
    });
  });

  it("reads the time out of an id", () => {
    // The example of Discord's documentation, "Snowflakes".
    expect(timeOfId("175928847299117063")).toBe(1_462_015_105_796);
  });

  it("maps a message of a server with the name used there", () => {
    expect(map({ guild_id: "6", channel_id: "5", member: { nick: "Annie" } })).toMatchObject({
      chat: { id: "5", kind: "group", spaceId: "6", title: "general" },
      sender: { id: ANN.id, name: "Annie" },
    });
  });

  it("takes a mention of us out and writes others by name", () => {
    const mentions = [{ id: ME, username: "gatehouse" }, ANN];
    expect(map({ content: `<@${ME}> ask <@!${ANN.id}> or <@9>`, mentions })).toMatchObject({
      mentionsMe: true,
      text: "ask @Ann or <@9>",
    });
  });

  it("delivers a mention without words", () => {
    expect(map({ content: `<@${ME}>`, mentions: [{ id: ME }] })).toMatchObject({ text: "", mentionsMe: true });
  });

  it("maps files by what Discord says they are", () => {
    const url = "https://cdn.discordapp.com/attachments/1/2/x";
    const attachments = [
      { id: "1", url, filename: "a.png", content_type: "image/png", size: 7 },
      { id: "2", url, filename: "b.bin" },
      { id: "3" },
      null,
    ];
    expect(map({ content: "", attachments })).toMatchObject({
      media: [
        { kind: "image", ref: url, mimeType: "image/png", fileName: "a.png", sizeBytes: 7 },
        { kind: "document", ref: url, fileName: "b.bin" },
      ],
    });
    const voice = [{ id: "1", url, filename: "v.ogg", content_type: "audio/ogg", size: 7, duration_secs: 2.5 }];
    expect(map({ attachments: voice, flags: 1 << 13 })).toMatchObject({
      media: [{ kind: "voice", durationSeconds: 2.5 }],
    });
  });

  it("tells an answer to us from one to somebody else", () => {
    const message_reference = { type: 0, message_id: "7", channel_id: "4" };
    const answer = (author: object) =>
      map({ type: 19, message_reference, referenced_message: { author, content: "q" } });
    expect(answer({ id: ME, username: "gatehouse" })).toMatchObject({
      replyTo: { platformId: "7", isToMe: true, text: "q", senderName: "gatehouse" },
    });
    expect(answer(ANN)).toMatchObject({ replyTo: { isToMe: false } });
    expect(map({ type: 19, message_reference, referenced_message: null })).toMatchObject({
      replyTo: { platformId: "7", isToMe: false },
    });
  });

  it("reads what a forwarded message carries, and takes it for no answer", () => {
    const message_reference = { type: 1, message_id: "7", channel_id: "9" };
    const message_snapshots = [{ message: { content: "look at this", attachments: [] } }];
    const event = map({ content: "", message_reference, message_snapshots });
    expect(event).toMatchObject({ text: "look at this" });
    expect(event).not.toHaveProperty("replyTo");
  });

  it.each([
    ["our own", { author: { id: ME, bot: true } }],
    ["a notice of the platform", { type: 7 }],
    ["one without an author", { author: undefined }],
    ["one with an id that is none", { id: "../1" }],
    ["one without a channel", { channel_id: 4 }],
    ["one that holds nothing", { content: "", attachments: "none" }],
  ])("drops %s", (_what, fields) => {
    expect(map(fields)).toBeUndefined();
  });

  it("does not stumble over flags that are no number", () => {
    expect(map({ flags: { valueOf: 1, toString: 1 } })).toMatchObject({ text: "hello" });
  });

  it("takes an update for an edit only when a person edited", () => {
    expect(map({}, "MESSAGE_UPDATE")).toBeUndefined();
    expect(map({ edited_timestamp: "2026-01-01T00:00:00Z", content: "new" }, "MESSAGE_UPDATE")).toMatchObject({
      type: "edit",
      platformId: direct.id,
      text: "new",
    });
  });

  it("maps deletions, one or many", () => {
    expect(
      toInbound({ t: "MESSAGE_DELETE_BULK", d: { channel_id: "4", ids: ["1", 2, "x", "3"] } }, perspective),
    ).toEqual({
      type: "delete",
      chat: { id: "4", kind: "direct" },
      platformIds: ["1", "3"],
    });
  });

  it("maps a reaction and its end", () => {
    const d = { user_id: ANN.id, channel_id: "4", message_id: "1", emoji: { id: null, name: "🎉" } };
    const reaction = (t: string) => toInbound({ t, d }, perspective);
    expect(reaction("MESSAGE_REACTION_ADD")).toMatchObject({ sender: { id: ANN.id }, platformId: "1", emoji: "🎉" });
    expect(reaction("MESSAGE_REACTION_REMOVE")).not.toHaveProperty("emoji");
  });

  it("never throws, whatever comes", () => {
    const types = ["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE_BULK", "MESSAGE_REACTION_ADD", "GUILD_CREATE"];
    const fields = Object.fromEntries(
      ["id", "author", "content", "mentions", "attachments", "message_reference", "member", "emoji"].map((key) => [
        key,
        fc.anything(),
      ]),
    );
    const payload = fc.oneof(fc.anything(), fc.record({ ...fields, channel_id: fc.constant("4") }));
    fc.assert(
      fc.property(fc.constantFrom(...types), payload, (t, d) => {
        toInbound({ t, d }, perspective);
        channelNames({ t, d });
        toInteraction(d, perspective);
      }),
    );
  });
});

describe("toInteraction", () => {
  const base = { id: "1441000000000000000", application_id: "3", token: "t", channel_id: "4" };

  it("maps a command in a server to who gave it there", () => {
    const data = { name: "new", options: [{ type: 3, name: "text", value: "hi there" }] };
    const payload = { ...base, type: 2, guild_id: "6", member: { user: ANN, nick: "Annie" }, data };
    expect(toInteraction(payload, perspective)).toMatchObject({
      kind: "command",
      message: {
        text: "/new hi there",
        mentionsMe: true,
        sender: { id: ANN.id, name: "Annie" },
        chat: { spaceId: "6" },
      },
    });
  });

  it("maps a press to the button and its message", () => {
    const payload = { ...base, type: 3, user: ANN, message: { id: "8" }, data: { custom_id: "a:1" } };
    expect(toInteraction(payload, perspective)).toMatchObject({
      kind: "press",
      press: { data: "a:1", platformId: "8", sender: { id: ANN.id }, chat: { id: "4", kind: "direct" } },
    });
  });

  it.each([
    ["another kind", { ...base, type: 5, user: ANN, data: {} }],
    ["one of nobody", { ...base, type: 2, data: { name: "new" } }],
    ["one without a token", { ...base, token: 7, type: 2, user: ANN, data: { name: "new" } }],
    ["a press of no message", { ...base, type: 3, user: ANN, data: { custom_id: "a" } }],
  ])("drops %s", (_what, payload) => {
    expect(toInteraction(payload, perspective)).toBeUndefined();
  });
});
