/** What Slack's payloads become, in the shapes that its documentation shows, and what nonsense becomes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toInbound, type Inbound, type Self } from "#main/channels/slack/inbound.ts";

const SELF: Self = { userId: "U0GATE", botId: "B0GATE", teamId: "T0TEAM", name: "gatehouse" };
const NOW = 1_700_000_123_000;

function map(event: Record<string, unknown>): Inbound {
  return toInbound({ type: "event_callback", team_id: "T0TEAM", event_id: "Ev1", event }, SELF, NOW);
}

function eventOf(inbound: Inbound) {
  return inbound?.is === "event" ? inbound.event : undefined;
}

const message = {
  type: "message",
  channel: "C123ABC456",
  channel_type: "channel",
  user: "U061F7AUR",
  text: "Hello world",
  ts: "1355517523.000005",
  event_ts: "1355517523.000005",
};

describe("a message of slack", () => {
  it("is named by its channel and time", () => {
    expect(eventOf(map(message))).toEqual({
      type: "message",
      messageId: "C123ABC456:1355517523.000005",
      platformId: "1355517523.000005",
      chat: { id: "C123ABC456", kind: "group", spaceId: "T0TEAM" },
      sender: { id: "U061F7AUR" },
      at: 1_355_517_523_000,
      text: "Hello world",
      mentionsMe: false,
      media: [],
    });
  });

  it.each([
    ["im", "D024BE91L", "direct"],
    ["channel", "C024BE91L", "group"],
    ["group", "G024BE91L", "group"],
    ["mpim", "G024BE91M", "group"],
  ])("of channel type %s in %s is %s", (channel_type, channel, kind) => {
    expect(eventOf(map({ ...message, channel, channel_type }))).toMatchObject({ chat: { id: channel, kind } });
  });

  it("belongs to its thread, and answers the one that began it", () => {
    const below = { ...message, thread_ts: "1355517000.000001", parent_user_id: "U0GATE" };
    expect(eventOf(map(below))).toMatchObject({
      chat: { threadId: "1355517000.000001" },
      replyTo: { platformId: "1355517000.000001", isToMe: true },
    });
    expect(eventOf(map({ ...below, subtype: "thread_broadcast", parent_user_id: "U2" }))).toMatchObject({
      replyTo: { isToMe: false },
    });
    expect(eventOf(map({ ...message, thread_ts: message.ts }))).not.toHaveProperty("replyTo");
  });

  it.each([
    ["<@U0GATE> are you there?", "are you there?", true],
    ["hey <@U0GATE|gatehouse>, help", "hey , help", true],
    ["<@U0GATE> fix:\n    a  b", "fix:\n    a  b", true],
    ["<@U0GATE>", "", true],
    ["&lt;@U0GATE&gt; @gatehouse U0GATE", "<@U0GATE> @gatehouse U0GATE", false],
    ["<@U0GATEWAY> <@U2|bob>", "@U0GATEWAY @U2", false],
    ["`&lt;@U0GATE&gt;` &amp;lt;", "`<@U0GATE>` &lt;", false],
    [
      "<https://a.test/?x=1&amp;y=2|docs &amp; more> <https://b.test>",
      "docs & more (https://a.test/?x=1&y=2) https://b.test",
      false,
    ],
    ["<mailto:a@b.test|a@b.test> <tel:123>", "a@b.test tel:123", false],
    ["<#C1|general> <#C2> <!here> <!subteam^S1|@team> <!date^1^{date}|today>", "#general #C2 @here @team today", false],
    ["1 < 2 > 0 <", "1 < 2 > 0 <", false],
  ])("reads %j", (text, plain, mentionsMe) => {
    expect(eventOf(map({ ...message, text }))).toMatchObject({ text: plain, mentionsMe });
  });

  it("is the same when it comes as app_mention, without a channel type", () => {
    const text = "<@U0GATE> hi";
    const { channel_type: _, ...bare } = { ...message, text };
    expect(map({ ...bare, type: "app_mention" })).toEqual(map({ ...message, text }));
  });

  it("brings files by their id, and none that are gone", () => {
    const files = [
      { id: "F1", name: "a.png", mimetype: "image/png", size: 12, mode: "hosted" },
      { id: "F2", name: "clip", mimetype: "audio/webm", subtype: "slack_audio", duration_ms: 2500 },
      { id: "F3", name: "x.mp4", mimetype: "video/mp4", size: -1, duration_ms: { valueOf: 1, toString: 1 } },
      { id: "F4", mode: "tombstone" },
      { id: "F5", mode: "hidden_by_limit" },
      { id: "F6", mode: "hosted", file_access: "check_file_info" },
      { name: "no id" },
      "nonsense",
    ];
    expect(eventOf(map({ ...message, subtype: "file_share", text: "", files }))).toMatchObject({
      text: "",
      media: [
        { kind: "image", ref: "F1", fileName: "a.png", mimeType: "image/png", sizeBytes: 12 },
        { kind: "voice", ref: "F2", durationSeconds: 2.5 },
        { kind: "video", ref: "F3" },
        { kind: "document", ref: "F6" },
      ],
    });
  });

  it.each([
    ["by us", { user: "U0GATE" }],
    ["by our bot", { bot_id: "B0GATE", user: undefined }],
    ["by nobody", { user: undefined }],
    ["that is a notice", { subtype: "channel_join" }],
    ["without words", { text: "" }],
    ["without a channel", { channel: undefined }],
    ["with a time that is none", { ts: "1355517523" }],
    ["with a time full of tricks", { ts: "1.1:1.1" }],
  ])("%s is nothing", (_what, change) => {
    expect(map({ ...message, ...change })).toBeUndefined();
  });

  it("tells other bots", () => {
    const bot = { subtype: "bot_message", bot_id: "B9", username: "ci", user: undefined };
    expect(eventOf(map({ ...message, ...bot }))).toMatchObject({ sender: { id: "B9", name: "ci", isBot: true } });
    expect(eventOf(map({ ...message, bot_id: "B9" }))).toMatchObject({ sender: { id: "U061F7AUR", isBot: true } });
    expect(eventOf(map({ ...message, user: "USLACKBOT" }))).toMatchObject({ sender: { isBot: true } });
  });
});

describe("what else slack tells", () => {
  const change = {
    type: "message",
    subtype: "message_changed",
    channel: "D024BE91L",
    ts: "1358878755.000001",
    message: { type: "message", user: "U123ABC456", text: "Hello &amp; bye", ts: "1355517523.000005", edited: {} },
    previous_message: { type: "message", user: "U123ABC456", text: "Hello", ts: "1355517523.000005" },
  };

  it("is an edit when the text changed, and nothing when only a preview was added", () => {
    expect(eventOf(map(change))).toEqual({
      type: "edit",
      chat: { id: "D024BE91L", kind: "direct", spaceId: "T0TEAM" },
      sender: { id: "U123ABC456" },
      platformId: "1355517523.000005",
      text: "Hello & bye",
    });
    expect(map({ ...change, previous_message: { ...change.message } })).toBeUndefined();
    expect(map({ ...change, message: { ...change.message, user: "U0GATE" } })).toBeUndefined();
  });

  it("is a deletion, of a thread's first message too", () => {
    const deleted = { ...change, subtype: "message_deleted", message: undefined, deleted_ts: "1355517523.000005" };
    const expected = { type: "delete", platformIds: ["1355517523.000005"], chat: { id: "D024BE91L" } };
    expect(eventOf(map(deleted))).toMatchObject(expected);
    const tombstone = { subtype: "tombstone", user: "USLACKBOT", text: "deleted", ts: "1355517523.000005" };
    expect(eventOf(map({ ...change, message: tombstone }))).toMatchObject(expected);
    expect(map({ ...deleted, previous_message: { bot_id: "B0GATE" } })).toBeUndefined();
  });

  it("is a reaction, and its taking back", () => {
    const item = { type: "message", channel: "C1", ts: "1360782400.498405" };
    const reaction = { type: "reaction_added", user: "U1", reaction: "thumbsup::skin-tone-3", item, item_user: "U2" };
    const expected = { type: "reaction", chat: { id: "C1", kind: "group" }, platformId: "1360782400.498405" };
    expect(eventOf(map(reaction))).toMatchObject({ ...expected, emoji: "👍" });
    expect(eventOf(map({ ...reaction, reaction: "constructor" }))).toMatchObject({ emoji: ":constructor:" });
    expect(eventOf(map({ ...reaction, type: "reaction_removed" }))).not.toHaveProperty("emoji");
    expect(map({ ...reaction, item: { type: "file", file: "F1" } })).toBeUndefined();
    expect(map({ ...reaction, user: "U0GATE" })).toBeUndefined();
  });

  it.each(["app_uninstalled", "tokens_revoked"])("is a change of access: %s", (type) => {
    expect(map({ type })).toEqual({ is: "access" });
  });
});

describe("a slash command of slack", () => {
  const command = {
    token: "gIkuvaNzQIHg97ATvDxqgjtO",
    team_id: "T0001",
    channel_id: "C2147483705",
    channel_name: "test",
    user_id: "U2147483697",
    user_name: "Steve",
    command: "/gatehouse",
    text: "status now",
    response_url: "https://hooks.slack.com/commands/1234/5678",
    trigger_id: "13345224609.738474920.8088930838d88f008e0",
  };

  it("is a command to us, with an id of its own", () => {
    expect(eventOf(toInbound(command, SELF, NOW))).toMatchObject({
      messageId: "C2147483705:command:13345224609.738474920.8088930838d88f008e0",
      text: "/status now",
      mentionsMe: true,
      at: NOW,
      chat: { id: "C2147483705", kind: "group", spaceId: "T0001" },
      sender: { id: "U2147483697", name: "Steve" },
    });
  });

  it.each([
    ["", "/help"],
    ["  ", "/help"],
    ["//help", "/help"],
    ["ask &lt;b&gt;", "/ask <b>"],
  ])("with %j asks %j", (text, expected) => {
    expect(eventOf(toInbound({ ...command, text }, SELF, NOW))).toMatchObject({ text: expected });
  });
});

describe("a press in slack", () => {
  const press = {
    type: "block_actions",
    team: { id: "T9TK3CUKW", domain: "example" },
    user: { id: "UA8RXUSPL", username: "jtorrance", team_id: "T9TK3CUKW" },
    api_app_id: "AABA1ABCD",
    token: "9s8d9as89d8as9d8as989",
    container: {
      type: "message_attachment",
      message_ts: "1548261231.000200",
      attachment_id: 1,
      channel_id: "CBR2V3XEX",
    },
    trigger_id: "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
    message: {
      bot_id: "B0GATE",
      type: "message",
      text: "?",
      user: "U0GATE",
      ts: "1548261231.000200",
      thread_ts: "1548261000.000100",
    },
    actions: [
      {
        action_id: "button-0",
        block_id: "=qXel",
        value: "a:apr_1:once",
        type: "button",
        action_ts: "1548426417.840180",
      },
    ],
  };

  it("says who, where and what", () => {
    expect(toInbound(press, SELF, NOW)).toEqual({
      is: "press",
      press: {
        chat: { id: "CBR2V3XEX", kind: "group", threadId: "1548261000.000100", spaceId: "T9TK3CUKW" },
        sender: { id: "UA8RXUSPL", name: "jtorrance" },
        data: "a:apr_1:once",
        platformId: "1548261231.000200",
      },
    });
  });

  it.each([{ user: undefined }, { actions: [] }, { container: { type: "view" } }, { user: { id: "U0GATE" } }])(
    "that lacks something is nothing",
    (change) => {
      expect(toInbound({ ...press, ...change }, SELF, NOW)).toBeUndefined();
    },
  );
});

describe("nonsense from slack", () => {
  const keys = fc.constantFrom(
    ..."type event subtype channel channel_type user text ts thread_ts message previous_message files item".split(" "),
    ..."reaction command container actions deleted_ts bot_id __proto__ constructor".split(" "),
  );
  const leaf = fc.oneof(
    fc.constantFrom("event_callback", "block_actions", "message", "message_changed", "message_deleted", "1.1", "C1"),
    fc.constantFrom("app_mention", "reaction_added", "<@U0GATE", "<|>", "<!", "&", "\uD800", "\u0000"),
    fc.jsonValue(),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("tree"), { maxLength: 3 }), fc.dictionary(keys, tie("tree"))),
  }));

  it("never throws", () => {
    fc.assert(fc.property(tree, (payload) => void toInbound(payload, SELF, NOW)));
    fc.assert(fc.property(fc.dictionary(keys, tree), (event) => void map({ ...message, ...event })));
  });

  it("of great length is read in no time", () => {
    const text = "<@U0GATE ".repeat(40_000) + "&lt;".repeat(40_000);
    const begin = performance.now();
    map({ ...message, text });
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});
