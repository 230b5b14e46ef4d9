/** iMessage against a Messages of our own: what every channel promises, and what only this one can. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import BetterSqlite from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { ChannelError, type AnyChannel, type OutboundMessage } from "#main/channels/contract.ts";
import { imessage } from "#main/channels/imessage/imessage.ts";
import { createMemory, createTestContext } from "#test/fakes/channel-context.ts";
import { archive, withChatDb } from "#test/fakes/imessage-chat-db.ts";
import { OWN, startMessages, type FakeMessages } from "#test/fakes/imessage-platform.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { describeChannel, PNG, startChannel, type ChannelHarness } from "./channel.suite.ts";

const harness: ChannelHarness = {
  channel: imessage as unknown as AnyChannel,
  startPlatform: startMessages,
  incomplete: { settings: { pollSeconds: 0 }, says: /pollSeconds/ },
  rendered: { markdown: "**bold** a < b & c", text: "bold a < b & c" },
};

describeChannel(harness);

async function startImessage() {
  const { platform, connection, context } = await startChannel(harness);
  const messages = platform as FakeMessages;
  const send = (text: string, more: Partial<OutboundMessage> = {}) => {
    const chat = { id: messages.directChat(messages.ann), kind: "direct" as const };
    return connection.send({ chat, text, idempotencyKey: "k", ...more }, AbortSignal.timeout(10_000));
  };
  const texts = () => context.messages().map(({ text }) => text);
  return { platform: messages, connection, context, send, texts };
}

/** Starts the channel on a platform that is there already, with a memory that outlives it. */
async function startAgain(platform: FakeMessages, memory = createMemory()) {
  const context = createTestContext({
    settings: { pollSeconds: 5, ...platform.settings },
    dataDir: tempState(),
    memory,
  });
  const connection = await imessage.start(context);
  onTestFinished(async () => connection.dispose());
  await context.until("a state", () => context.statuses.length > 1);
  return { context, connection };
}

async function startPlatform(): Promise<FakeMessages> {
  const platform = await startMessages();
  onTestFinished(() => platform.close());
  return platform;
}

async function failureOf(sending: Promise<unknown>): Promise<ChannelError> {
  const thrown = await sending.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ChannelError);
  return thrown as ChannelError;
}

const HOSTILE = [
  'He said "hi" & bye',
  '" & do shell script "touch /tmp/owned" & "',
  "'; rm -rf ~; echo '",
  'back\\slash \\" \\n',
  "-e do shell script",
  "--help",
  "-",
  "$(id) `id` ${HOME} %s %n",
  "line one\nline two\n\ttabbed",
  "\u202Ereversed \u{1F980}\u{1F1E9}\u{1F1EA}",
  "end run\non run argv",
];

describe("imessage towards Messages", () => {
  it.each(HOSTILE)("[CH-35] gives a text to the script as one argument, as it is: %j", async (text) => {
    const { platform, send } = await startImessage();
    // A block of code is not rendered: what stands in it arrives byte for byte.
    await send("~~~\n" + text + "\n~~~");
    const [run] = platform.runs();
    expect(run?.argv.at(-1)).toBe(text);
    expect(run?.argv.slice(0, 4)).toEqual(["-l", "AppleScript", "-", "text"]);
    expect(run?.argv).toHaveLength(7);
  });

  it("[CH-35] runs the same script whatever it sends, to whomever", async () => {
    const { platform, send, connection } = await startImessage();
    await send("plain");
    const id = 'iMessage;-;" & do shell script "id';
    await connection.send(
      { chat: { id, kind: "direct" }, text: HOSTILE[1] ?? "", idempotencyKey: "k" },
      AbortSignal.timeout(9000),
    );
    const runs = platform.runs();
    expect(new Set(runs.map(({ script }) => script)).size).toBe(1);
    expect(runs[1]?.argv.slice(4, 6)).toEqual([id, '" & do shell script "id']);
  });

  it("[CH-35] lays a file down under a name that can do no harm, and takes it away at the end", async () => {
    const { platform, send, connection } = await startImessage();
    const media = { kind: "image" as const, bytes: PNG, mimeType: "image/png", fileName: '../../-x"; do $(id).png' };
    await send("", { media });
    const path = platform.runs()[0]?.argv.at(-1) ?? "";
    const outgoing = join(dirname(platform.chatDb), "Attachments", "gatehouse");
    expect(path.startsWith(`${outgoing}/`)).toBe(true);
    expect(path.slice(outgoing.length + 1)).toMatch(/^[0-9a-f-]{36}\/x__ do __id_\.png$/);
    expect(readdirSync(outgoing)).toHaveLength(1);
    await connection.dispose();
    expect(existsSync(outgoing)).toBe(false);
  });

  it("[CH-14] does not know about the whole when the file went out and the text did not", async () => {
    const { platform, send } = await startImessage();
    platform.script(null, { stderr: "execution error: Can’t get chat id. (-1728)" });
    const media = { kind: "image" as const, bytes: PNG, mimeType: "image/png", fileName: "a.png" };
    const error = await failureOf(send("words", { media }));
    expect(error).toMatchObject({ failure: "unknown", message: expect.stringMatching(/only the file/i) });
    expect(platform.sent()).toHaveLength(1);
    expect(platform.sendCalls).toBe(2);
  });

  it("[CH-36] says which permission is missing when macOS forbids to send, until it works again", async () => {
    const { platform, send, context } = await startImessage();
    platform.script({ stderr: "execution error: Not authorized to send Apple events to Messages. (-1743)" });
    expect((await failureOf(send("x"))).failure).toBe("auth");
    expect(context.status).toMatchObject({ state: "error", reason: expect.stringContaining("Automation") });
    await send("y");
    expect(context.status).toEqual({ state: "connected" });
  });

  it("sends nothing while the database is gone, and says where it was looked for", async () => {
    const { platform, send, context } = await startImessage();
    await platform.down();
    await context.until("disconnected", () => context.status?.state === "disconnected");
    expect(context.status?.reason).toContain(platform.chatDb);
    expect((await failureOf(send("x"))).failure).toBe("offline");
    expect(platform.sendCalls).toBe(0);
  });

  it("gives no id, and no error, when Messages does not write down what it sent", async () => {
    const { platform, connection } = await startImessage();
    const chat = { id: "any;-;+15559999999", kind: "direct" as const };
    const sent = await connection.send({ chat, text: "x", idempotencyKey: "k" }, AbortSignal.timeout(9000));
    expect(sent.platformIds).toEqual([]);
    expect(platform.runs()[0]?.argv.slice(4, 6)).toEqual(["any;-;+15559999999", "+15559999999"]);
  });

  it("refuses in words when there is no osascript", async () => {
    const platform = await startPlatform();
    platform.settings["osascript"] = "/no/such/osascript";
    const { context, connection } = await startAgain(platform);
    await context.until("connected", () => context.status?.state === "connected");
    const chat = { id: platform.directChat(platform.ann), kind: "direct" as const };
    const error = await failureOf(connection.send({ chat, text: "x", idempotencyKey: "k" }, AbortSignal.timeout(9000)));
    expect(error).toMatchObject({ failure: "rejected", message: expect.stringContaining("/no/such/osascript") });
  });
});

describe("imessage from Messages", () => {
  it("never hands over what was there before the first start, and goes on where it stopped", async () => {
    const platform = await startPlatform();
    const memory = createMemory();
    const first = await startAgain(platform, memory);
    await first.context.until("connected", () => first.context.status?.state === "connected");
    await first.context.until("the start", () => memory.get("cursor") !== undefined);
    await first.connection.dispose();
    for (let i = 0; i < 25; i++) await platform.write({ text: `m${i}` });
    const second = await startAgain(platform, memory);
    await second.context.until("all of them", () => second.context.messages().length >= 25);
    expect(second.context.messages().map(({ text }) => text)).toEqual(Array.from({ length: 25 }, (_, i) => `m${i}`));
    expect(first.context.messages()).toEqual([]);
  });

  it("[CH-15] takes up after the last message that was kept", async () => {
    const { platform, context, texts } = await startImessage();
    const receive = context.receive;
    let left = 2;
    context.receive = async (event) => {
      if (left-- === 0) throw new Error("the disk is full");
      await receive(event);
    };
    for (const text of ["1", "2", "3", "4"]) platform.insertMessage({ text });
    await context.until("all", () => texts().length >= 4);
    expect(texts()).toEqual(["1", "2", "3", "4"]);
  });

  it("begins at the end when the database was replaced by another", async () => {
    const platform = await startPlatform();
    const memory = createMemory(new Map([["cursor", "900"]]));
    const { context } = await startAgain(platform, memory);
    await context.until("the new end", () => memory.get("cursor") === "1");
    platform.insertMessage({ text: "new" });
    await context.until("the message", () => context.messages().length === 1);
  });

  it("reads the text from the attributes where the text is missing", async () => {
    const { platform, context, texts } = await startImessage();
    const long = "wörds \u{1F980} ".repeat(60).trim();
    platform.insertMessage({}, { text: null, attributedBody: archive("short") });
    platform.insertMessage({}, { text: null, attributedBody: archive(long) });
    await context.until("both", () => texts().length === 2);
    expect(texts()).toEqual(["short", long]);
  });

  it("[CH-23] takes a mention of another for none of us", async () => {
    const { platform, context } = await startImessage();
    const attributedBody = archive("hey Bob", { __kIMMentionConfirmedMention: "bob@example.com" });
    platform.insertMessage({ where: "group", text: "hey Bob" }, { attributedBody });
    await context.until("it", () => context.messages().length === 1);
    expect(context.messages()[0]?.mentionsMe).toBe(false);
  });

  it("hands over reactions, and that they were taken back", async () => {
    const { platform, context } = await startImessage();
    const associated_message_guid = "p:0/TARGET";
    platform.insertMessage({ text: "Liked" }, { associated_message_type: 2001, associated_message_guid });
    platform.insertMessage(
      { text: "Removed" },
      { associated_message_type: 3001, associated_message_guid: "bp:TARGET" },
    );
    await context.until("both", () => context.events.length === 2);
    const [given, taken] = context.events;
    expect(given).toMatchObject({
      type: "reaction",
      platformId: "TARGET",
      emoji: "👍",
      sender: { id: platform.ann.id },
    });
    expect(taken).toEqual(expect.not.objectContaining({ emoji: expect.anything() }));
    expect(taken).toMatchObject({ type: "reaction", platformId: "TARGET" });
  });

  it("hands over an edit and a retraction once each", async () => {
    const { platform, context } = await startImessage();
    const edited = platform.insertMessage({ text: "frist" });
    const gone = platform.insertMessage({ text: "oops" });
    await context.until("both", () => context.messages().length === 2);
    const now = () => BigInt(Date.now() - 978_307_200_000) * 1_000_000n;
    platform.update(edited, { text: null, attributedBody: archive("first"), date_edited: now() });
    await context.until("the edit", () => context.events.length === 3);
    expect(context.events[2]).toMatchObject({ type: "edit", platformId: edited, text: "first" });
    platform.update(gone, { text: null, attributedBody: null, date_edited: now() + 1_000_000n });
    await context.until("the retraction", () => context.events.length === 4);
    expect(context.events[3]).toMatchObject({ type: "delete", platformIds: [gone] });
    platform.insertMessage({ text: "after" });
    await context.until("the next", () => context.messages().length === 3);
    expect(context.events).toHaveLength(5);
  });

  it("waits for a message that Messages has not put into its chat yet", async () => {
    const { platform, context, texts } = await startImessage();
    const guid = platform.insertMessage({ text: "placed" }, {}, { chat: null });
    platform.insertMessage({ text: "after" });
    const looks = performance.now() + 300;
    await context.until("some looks", () => performance.now() > looks);
    expect(texts()).toEqual([]);
    platform.place(guid);
    await context.until("both", () => texts().length === 2);
    expect(texts()).toEqual(["placed", "after"]);
  });

  it("[CH-28] passes over its own messages, notes to itself, and what happens to a group", async () => {
    const { platform, context, texts } = await startImessage();
    withChatDb(platform.chatDb, (db) =>
      db.exec(`UPDATE handle SET id = 'GateHouse@Example.com' WHERE id = 'bob@example.com'`),
    );
    platform.insertMessage({ text: "mine" }, { is_from_me: 1 });
    platform.insertMessage({ text: "to myself" }, { handle_id: 2, destination_caller_id: OWN });
    platform.insertMessage({ text: "", where: "group" }, { item_type: 2, group_title: "New name" });
    platform.insertMessage({ text: "yours" });
    await context.until("it", () => texts().length > 0);
    expect(texts()).toEqual(["yours"]);
  });

  it("[CH-25] loads nothing from outside of Messages' folder", async () => {
    const { platform, connection, context } = await startImessage();
    await platform.write({ media: { kind: "document", bytes: PNG, fileName: "a.pdf" } });
    await context.until("it", () => context.messages().length === 1);
    const [media] = context.messages()[0]?.media ?? [];
    if (!media) throw new Error("no file");
    for (const filename of ["/etc/passwd", "../../../../../../etc/passwd", "~/../../etc/passwd", null]) {
      withChatDb(platform.chatDb, (db) => db.prepare("UPDATE attachment SET filename = ?").run(filename));
      const load = async () => {
        for await (const chunk of connection.download?.(media, AbortSignal.timeout(5000)) ?? []) void chunk;
      };
      await failureOf(load());
    }
  });

  it("shows no hidden file, and no preview of a link for one", async () => {
    const { platform, context } = await startImessage();
    const media = { kind: "image" as const, bytes: PNG, fileName: "x.pluginPayloadAttachment" };
    platform.insertMessage({ text: "https://example.com", media });
    platform.insertMessage({ text: "hidden", media: { ...media, fileName: "a.png" } }, {}, { hidden: true });
    await context.until("both", () => context.messages().length === 2);
    expect(context.messages().map((message) => message.media)).toEqual([[], []]);
  });

  it("waits while another program holds the database, and says so", async () => {
    const { platform, context } = await startImessage();
    const other = new BetterSqlite(platform.chatDb);
    other.pragma("journal_mode = DELETE");
    other.exec("BEGIN EXCLUSIVE");
    await context.until("degraded", () => context.status?.state === "degraded");
    other.exec("COMMIT");
    other.close();
    await context.until("connected", () => context.status?.state === "connected");
  });

  it("says so when the database is something else", async () => {
    const platform = await startPlatform();
    const other = join(tempState(), "chat.db");
    writeFileSync(other, "this is no database at all, however long it is made to be".repeat(20));
    platform.settings["chatDb"] = other;
    const { context } = await startAgain(platform);
    await context.until("an error", () => context.status?.state === "error");
    expect(context.status?.reason).toContain("cannot be read");
  });

  it("reads a database of an older system", async () => {
    const platform = await startPlatform();
    const columns = [
      "date_edited",
      "date_retracted",
      "thread_originator_guid",
      "destination_caller_id",
      "is_audio_message",
    ];
    const seconds = Math.round(Date.now() / 1000) - 978_307_200;
    const { context } = await startAgain(platform);
    await context.until("connected", () => context.status?.state === "connected");
    withChatDb(platform.chatDb, (db) => {
      for (const column of columns) db.exec(`ALTER TABLE message DROP COLUMN ${column}`);
      db.prepare("INSERT INTO message (guid, text, date, handle_id) VALUES ('G', 'from before', ?, 1)").run(seconds);
      db.exec("INSERT INTO chat_message_join (chat_id, message_id) SELECT 1, ROWID FROM message WHERE guid = 'G'");
    });
    await context.until("it", () => context.messages().length === 1);
    expect(Math.abs((context.messages()[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
  });
});
