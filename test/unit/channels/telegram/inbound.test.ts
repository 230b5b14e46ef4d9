import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toCallbackQuery, toInbound } from "#main/channels/telegram/inbound.ts";

const ME = { id: "4242", username: "Gate_Bot" };
const ANN = { id: 501, is_bot: false, first_name: "Ann", last_name: "Bee", username: "annb" };
const DIRECT = { id: 501, type: "private", first_name: "Ann", last_name: "Bee" };
const GROUP = { id: -1001234567890, type: "supergroup", title: "Friends", is_forum: true };

const update = (message: object) => ({
  update_id: 1,
  message: { message_id: 7, date: 1_760_000_000, chat: DIRECT, from: ANN, ...message },
});
const mapped = (message: object) => toInbound(update(message), ME);
const file = (id: string, more: object = {}) => ({ file_id: id, file_unique_id: `u${id}`, file_size: 9, ...more });

describe("a message of Telegram", () => {
  it("is mapped with an id that holds its chat", () => {
    expect(mapped({ text: "hi" })).toEqual({
      type: "message",
      messageId: "501:7",
      platformId: "7",
      chat: { id: "501", kind: "direct", title: "Ann Bee" },
      sender: { id: "501", name: "Ann Bee" },
      at: 1_760_000_000_000,
      text: "hi",
      mentionsMe: false,
      media: [],
    });
  });

  it("has a thread only in a topic, not in a chain of replies", () => {
    const message = { chat: GROUP, text: "x", message_thread_id: 33 };
    expect(mapped(message)).toMatchObject({ chat: { id: "-1001234567890", kind: "group", title: "Friends" } });
    expect(mapped(message)).not.toHaveProperty("chat.threadId");
    expect(mapped({ ...message, is_topic_message: true })).toMatchObject({ chat: { threadId: "33" } });
  });

  it("does not answer the opening of its topic", () => {
    const opening = { message_id: 33, from: { id: 4242 }, forum_topic_created: { name: "News" } };
    const message = { chat: GROUP, text: "x", message_thread_id: 33, is_topic_message: true };
    expect(mapped({ ...message, reply_to_message: opening })).not.toHaveProperty("replyTo");
  });

  it("[CH-20] is that of the chat in whose name it was written, not of the stand-in that all groups share", () => {
    const from = { id: 1087968824, is_bot: true, first_name: "Group", username: "GroupAnonymousBot" };
    expect(mapped({ chat: GROUP, from, sender_chat: GROUP, text: "x" })).toMatchObject({
      sender: { id: "-1001234567890", name: "Friends" },
    });
  });

  it("[CH-28] is marked when a bot wrote it, and dropped when we did", () => {
    expect(mapped({ from: { ...ANN, is_bot: true }, text: "x" })).toMatchObject({ sender: { isBot: true } });
    expect(mapped({ from: { id: 4242, is_bot: true, first_name: "Gate" }, text: "x" })).toBeUndefined();
  });

  it("tells what it answers, and whether that was ours", () => {
    const reply = { message_id: 3, from: { id: 4242, is_bot: true, first_name: "Gate" }, text: "a long question" };
    expect(mapped({ text: "x", reply_to_message: reply })).toMatchObject({
      replyTo: { platformId: "3", isToMe: true, text: "a long question", senderName: "Gate" },
    });
    const quoted = { text: "x", reply_to_message: { ...reply, from: ANN }, quote: { text: "long" } };
    expect(mapped(quoted)).toMatchObject({ replyTo: { isToMe: false, text: "long", senderName: "Ann Bee" } });
  });

  it("is dropped when nobody says anything with it, or in a channel", () => {
    expect(mapped({ new_chat_members: [ANN] })).toBeUndefined();
    expect(mapped({ pinned_message: { message_id: 2 } })).toBeUndefined();
    expect(mapped({ text: "x", chat: { id: -100, type: "channel", title: "News" } })).toBeUndefined();
    expect(toInbound({ update_id: 1, channel_post: { message_id: 1, text: "x" } }, ME)).toBeUndefined();
  });

  it("holds a place, and the name of a venue", () => {
    const location = { latitude: 48.2, longitude: 16.37 };
    expect(mapped({ location })).toMatchObject({ text: "", location });
    expect(mapped({ location, venue: { location, title: "Café", address: "Ring 1" } })).toMatchObject({
      location: { ...location, name: "Café, Ring 1" },
    });
  });
});

describe("a mention in Telegram", () => {
  const entity = (type: string, offset: number, length: number, more: object = {}) => ({
    type,
    offset,
    length,
    ...more,
  });

  it.each([
    ["a name", "@gate_bot hey", [entity("mention", 0, 9)], "hey", true],
    ["a name in the middle", "hey @Gate_Bot, help", [entity("mention", 4, 9)], "hey , help", true],
    ["a name after an emoji", "\u{1F44B} @Gate_Bot", [entity("mention", 3, 9)], "\u{1F44B}", true],
    [
      "a person without a user name",
      "Gate, hey",
      [entity("text_mention", 0, 4, { user: { id: 4242 } })],
      ", hey",
      true,
    ],
    ["a command for us", "/new@Gate_Bot now", [entity("bot_command", 0, 13)], "/new now", true],
    ["a command for anyone", "/new now", [entity("bot_command", 0, 4)], "/new now", false],
    ["a command for another", "/new@other_bot", [entity("bot_command", 0, 14)], "/new@other_bot", false],
    ["[CH-23] text that looks like one", "@Gate_Bot hey", [], "@Gate_Bot hey", false],
    ["[CH-23] another's name", "@gate_bot2 hey", [entity("mention", 0, 10)], "@gate_bot2 hey", false],
    ["another person", "Gate hey", [entity("text_mention", 0, 4, { user: { id: 5 } })], "Gate hey", false],
    ["two of them", "@gate_bot @gate_bot x", [entity("mention", 0, 9), entity("mention", 10, 9)], "x", true],
  ])("%s", (_name, text, entities, expected, mentionsMe) => {
    expect(mapped({ chat: GROUP, text, entities })).toMatchObject({ text: expected, mentionsMe });
  });

  it("counts in a caption, and alone", () => {
    const photo = [file("p", { width: 9, height: 9 })];
    const caption = { caption: "@gate_bot look", caption_entities: [entity("mention", 0, 9)] };
    expect(mapped({ chat: GROUP, photo, ...caption })).toMatchObject({ text: "look", mentionsMe: true });
    expect(mapped({ chat: GROUP, text: "@gate_bot", entities: [entity("mention", 0, 9)] })).toMatchObject({
      text: "",
      mentionsMe: true,
    });
  });

  it("is not found outside the text", () => {
    const marks = [
      entity("mention", -1, 9),
      entity("mention", 5, 900),
      entity("mention", 0.5, 9),
      entity("mention", 0, 0),
      { type: "mention" },
      null,
      "mention",
    ];
    expect(mapped({ text: "@gate_bot hey", entities: marks })).toMatchObject({
      text: "@gate_bot hey",
      mentionsMe: false,
    });
  });

  it("is cut once when entities lie over each other", () => {
    const entities = [
      entity("mention", 0, 9),
      entity("mention", 0, 9),
      entity("text_mention", 3, 8, { user: { id: 4242 } }),
    ];
    expect(mapped({ text: "@gate_bot hello", entities })).toMatchObject({ mentionsMe: true });
  });
});

describe("a file from Telegram", () => {
  it("is the largest size of a photo", () => {
    const photo = [
      file("s", { width: 90, height: 60 }),
      file("l", { width: 1280, height: 853 }),
      file("m", { width: 320, height: 213 }),
    ];
    expect(mapped({ photo, media_group_id: "88" })).toMatchObject({
      media: [{ kind: "image", ref: "l", mimeType: "image/jpeg", sizeBytes: 9 }],
      albumId: "88",
    });
  });

  it.each([
    ["voice", { voice: file("f", { duration: 3 }) }, { kind: "voice", mimeType: "audio/ogg", durationSeconds: 3 }],
    [
      "audio",
      { audio: file("f", { file_name: "a.mp3", mime_type: "audio/mpeg" }) },
      { kind: "audio", fileName: "a.mp3" },
    ],
    ["video", { video: file("f", { mime_type: "video/mp4" }) }, { kind: "video", mimeType: "video/mp4" }],
    ["a round video", { video_note: file("f") }, { kind: "video", mimeType: "video/mp4" }],
    ["document", { document: file("f", { file_name: "x.pdf" }) }, { kind: "document", fileName: "x.pdf" }],
    ["animation", { animation: file("f"), document: file("f") }, { kind: "video", mimeType: "video/mp4" }],
    ["sticker", { sticker: file("f", { is_animated: false }) }, { kind: "sticker" }],
  ])("is mapped by its kind: %s", (_name, message, expected) => {
    const event = mapped(message);
    expect(event).toMatchObject({ media: [{ ref: "f", ...expected }] });
    expect(event?.type === "message" && event.media).toHaveLength(1);
  });
});

describe("what comes beside messages", () => {
  const place = { chat: DIRECT, message_id: 7, user: ANN, date: 1 };
  const reaction = (before: object[], after: object[]) =>
    toInbound({ message_reaction: { ...place, old_reaction: before, new_reaction: after } }, ME);
  const thumb = { type: "emoji", emoji: "\u{1F44D}" };
  const heart = { type: "emoji", emoji: "\u2764" };

  it("tells a new reaction, a changed one, and one taken back", () => {
    expect(reaction([], [thumb])).toMatchObject({ type: "reaction", platformId: "7", emoji: "\u{1F44D}" });
    expect(reaction([thumb], [heart])).toMatchObject({ emoji: "\u2764" });
    expect(reaction([thumb], [])).toEqual(expect.not.objectContaining({ emoji: expect.anything() }));
    expect(reaction([], [{ type: "custom_emoji", custom_emoji_id: "1" }])).toBeUndefined();
  });

  it("tells an edit by its new text, and not that a live location moved", () => {
    const edited = { message_id: 7, date: 1, edit_date: 2, chat: DIRECT, from: ANN };
    expect(toInbound({ edited_message: { ...edited, text: "new" } }, ME)).toMatchObject({ type: "edit", text: "new" });
    const location = { latitude: 1, longitude: 2, live_period: 60 };
    expect(toInbound({ edited_message: { ...edited, location } }, ME)).toBeUndefined();
  });

  it("tells a press with who pressed and under which message, however old that is", () => {
    const message = { message_id: 7, date: 0, chat: GROUP };
    const query = { id: "99", from: ANN, message, chat_instance: "1", data: "a:1:once" };
    expect(toCallbackQuery({ callback_query: query })).toEqual({
      id: "99",
      press: {
        chat: { id: "-1001234567890", kind: "group", title: "Friends" },
        sender: { id: "501", name: "Ann Bee" },
        data: "a:1:once",
        platformId: "7",
      },
    });
    expect(
      toCallbackQuery({ callback_query: { ...query, message: undefined, inline_message_id: "x" } }),
    ).toBeUndefined();
  });
});

describe("hostile updates", () => {
  it("never throw", () => {
    const keys = fc.constantFrom(
      ...[
        "message",
        "edited_message",
        "callback_query",
        "message_reaction",
        "chat",
        "from",
        "text",
        "entities",
        "photo",
      ],
      ...[
        "id",
        "type",
        "date",
        "message_id",
        "offset",
        "length",
        "user",
        "sender_chat",
        "reply_to_message",
        "location",
      ],
    );
    const anything = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 0, -1, 7, 1.5, 1e300, "", "private", "\ud800", "mention", true),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(keys, tie("value"), { maxKeys: 8 }),
      ),
    })).value;
    fc.assert(
      fc.property(anything, (value) => {
        for (const one of [value, { message: value }, { edited_message: value }, { message_reaction: value }]) {
          toInbound(one, ME);
          toCallbackQuery(one);
        }
        toCallbackQuery({ callback_query: value });
        toInbound(update(typeof value === "object" && value !== null ? value : {}), ME);
      }),
      { numRuns: 500 },
    );
  });

  it("lose halves of characters, and keep everything else", () => {
    expect(mapped({ text: "a\ud800b\u0000\u202e" })).toMatchObject({ text: "a\ufffdb\u0000\u202e" });
    expect(mapped({ text: "x", from: { id: 2 ** 60, first_name: "Big" } })).toBeUndefined();
  });
});
