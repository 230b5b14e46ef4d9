/** Discord keeps the contract of a channel, and what is special to it: sessions, intents, interactions, nonces. */
import { describe, expect, it, onTestFinished } from "vitest";
import type { ChannelConnection, ChannelMemory, OutboundMessage } from "#main/channels/contract.ts";
import { discord } from "#main/channels/discord/discord.ts";
import { withDefaults } from "#main/channels/settings.ts";
import { createMemory, createTestContext, until, type TestContext } from "#test/fakes/channel-context.ts";
import { startFakeDiscord, type FakeDiscord } from "#test/fakes/discord-platform.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { describeChannel } from "./channel.suite.ts";

describeChannel({
  channel: discord,
  startPlatform: startFakeDiscord,
  incomplete: { settings: {}, says: /channels\.discord\.token/ },
  rendered: { markdown: "**bold** a<b [x] snake_case", text: "**bold** a\\<b \\[x\\] snake\\_case" },
});

interface Running {
  platform: FakeDiscord;
  context: TestContext;
  connection: ChannelConnection;
}

async function startPlatform(): Promise<FakeDiscord> {
  const platform = await startFakeDiscord();
  onTestFinished(() => platform.close());
  return platform;
}

async function startOn(
  platform: FakeDiscord,
  memory: ChannelMemory = createMemory(),
  prepare: (context: TestContext) => void = () => {},
): Promise<Running> {
  const settings = withDefaults(discord.settings, platform.settings);
  const context = createTestContext({ settings, dataDir: tempState(), memory });
  prepare(context);
  const connection = await discord.start(context);
  onTestFinished(async () => {
    await connection.dispose();
  });
  return { platform, context, connection };
}

async function start(prepare: (platform: FakeDiscord) => void = () => {}): Promise<Running> {
  const platform = await startPlatform();
  prepare(platform);
  const running = await startOn(platform);
  await running.context.until("connected", () => running.context.status?.state === "connected");
  return running;
}

/** Nothing that Ann writes can be taken, until `relieve`. */
async function startWithAnnRefused(): Promise<{ running: Running; relieve(): void }> {
  const platform = await startPlatform();
  let isFull = true;
  const running = await startOn(platform, createMemory(), (context) => {
    const receive = context.receive.bind(context);
    context.receive = async (event) => {
      if (isFull && event.chat.id === platform.directChat(platform.ann)) throw new Error("the disk is full");
      await receive(event);
    };
  });
  await running.context.until("connected", () => running.context.status?.state === "connected");
  return { running, relieve: () => void (isFull = false) };
}

const texts = ({ context }: Running) => context.messages().map(({ text }) => text);
const toAnn = ({ platform }: Running, fields: Partial<OutboundMessage> = {}): OutboundMessage => ({
  chat: { id: platform.directChat(platform.ann), kind: "direct" },
  text: "hello",
  idempotencyKey: "k",
  ...fields,
});
const signal = () => AbortSignal.timeout(5000);
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("discord: sessions of the gateway", () => {
  it("[CH-32] resumes a session after a cut and gets what was said meanwhile, without a second identify", async () => {
    const running = await start();
    const { platform, context } = running;
    await platform.write({ text: "before" });
    await context.until("the first", () => texts(running).length === 1);
    platform.gateway.cut();
    await platform.write({ text: "during" });
    await context.until("the second", () => texts(running).length === 2);
    expect(texts(running)).toEqual(["before", "during"]);
    expect(platform.gateway.seen).toMatchObject({ identifies: 1, resumes: [{ seq: 3 }] });
  });

  it("[CH-32] resumes after the network was gone for some tries, and gets a first message of someone new", async () => {
    const running = await start();
    const { platform, context } = running;
    const tries = () => context.statuses.filter(({ state }) => state === "disconnected").length;
    await platform.down();
    await context.until("three tries failed", () => tries() >= 3);
    await platform.write({ text: "nobody knows this chat", from: platform.bob });
    await platform.up();
    await context.until("it", () => texts(running).length === 1);
    expect(platform.gateway.seen).toMatchObject({ identifies: 1, resumes: [{ seq: 2 }] });
  });

  it("[CH-32] resumes when Discord asks it to reconnect", async () => {
    const { platform, context } = await start();
    platform.gateway.raw(JSON.stringify({ op: 7, d: null }));
    await context.until("a resume", () => platform.gateway.seen.resumes.length === 1);
    await context.until("connected", () => context.status?.state === "connected");
    expect(platform.gateway.seen.identifies).toBe(1);
  });

  it("[CH-32] identifies anew when Discord forgot the session, and loads what it missed in order", async () => {
    const running = await start();
    const { platform, context } = running;
    await platform.write({ where: "group", text: "m0" });
    await context.until("the first", () => texts(running).length === 1);
    platform.gateway.forgetSessions();
    platform.gateway.cut();
    await platform.write({ where: "group", text: "m1" });
    await platform.write({ where: "group", text: "m2" });
    await context.until("a new session", () => platform.gateway.seen.identifies === 2);
    await platform.write({ where: "group", text: "m3" });
    await context.until("all", () => texts(running).includes("m3"));
    expect([...new Set(texts(running))]).toEqual(["m0", "m1", "m2", "m3"]);
    expect(context.messages().at(-1)?.chat.spaceId).toBe(platform.world.guild);
    expect(context.messages()[1]?.chat.spaceId).toBe(platform.world.guild);
  });

  it("loads after a restart what was written while it was off", async () => {
    const memory = createMemory();
    const platform = await startPlatform();
    const first = await startOn(platform, memory);
    await first.context.until("connected", () => first.context.status?.state === "connected");
    await platform.write({ text: "seen" });
    await first.context.until("the first", () => texts(first).length === 1);
    await first.connection.dispose();
    for (let i = 0; i < 120; i++) await platform.write({ text: `m${i}` });
    const second = await startOn(platform, memory);
    await second.context.until("all", () => texts(second).length === 120);
    expect(texts(second)).toEqual(Array.from({ length: 120 }, (_, i) => `m${i}`));
  });

  it.each([
    [4004, "auth", /Reset Token/],
    [4014, "offline", /Message Content Intent/],
  ])("[CH-32] stops at close code %i and says what to change", async (code, kind, advice) => {
    const platform = await startPlatform();
    platform.gateway.refuseWith = code;
    const running = await startOn(platform);
    const { context, connection } = running;
    await context.until("an error", () => context.status?.state === "error");
    expect(context.status?.reason).toMatch(advice);
    const { connections } = platform.gateway.seen;
    const end = performance.now() + 800;
    await until("a while", () => performance.now() > end);
    expect(platform.gateway.seen.connections).toBe(connections);
    expect(await failure(connection.send(toAnn(running), signal()))).toMatchObject({ failure: kind });
  });

  it("stops at once when Discord does not know the token, before any session", async () => {
    const platform = await startPlatform();
    await platform.revoke?.();
    const { context } = await startOn(platform);
    await context.until("an error", () => context.status?.state === "error");
    expect(context.status?.reason).toMatch(/Reset Token/);
    expect(platform.gateway.seen.connections).toBe(0);
  });

  it("[CH-32] begins no session once the budget of the day is spent", async () => {
    const memory = createMemory(new Map([["identifies", `${Date.now()}:500`]]));
    const platform = await startPlatform();
    const { context } = await startOn(platform, memory);
    await context.until("words", () => /too many sessions/.test(context.status?.reason ?? ""));
    expect(platform.gateway.seen).toMatchObject({ connections: 0, identifies: 0 });
  });

  it("[CH-32] counts each session that it begins", async () => {
    const memory = createMemory();
    const platform = await startPlatform();
    const { context } = await startOn(platform, memory);
    await context.until("connected", () => context.status?.state === "connected");
    expect(memory.get("identifies")).toMatch(/^\d+:1$/);
    platform.gateway.forgetSessions();
    platform.gateway.cut();
    await context.until("again", () => platform.gateway.seen.identifies === 2);
    expect(memory.get("identifies")).toMatch(/^\d+:2$/);
  });

  it("[CH-32] sends the first heartbeat after a random part of the interval", async () => {
    const { platform, context } = await start((fake) => (fake.gateway.heartbeatMs = 300));
    for (let beats = 1; beats <= 3; beats++) {
      await context.until("a beat", () => platform.gateway.seen.firstBeats.length === beats);
      platform.gateway.cut();
    }
    const { firstBeats } = platform.gateway.seen;
    expect(Math.max(...firstBeats)).toBeLessThan(900);
    expect(Math.max(...firstBeats) - Math.min(...firstBeats)).toBeGreaterThan(1);
  }, 15_000);

  it("leaves a connection whose heartbeats are not answered, and resumes", async () => {
    const { platform, context } = await start((fake) => {
      fake.gateway.heartbeatMs = 60;
      fake.gateway.mute = true;
    });
    await context.until("a resume", () => platform.gateway.seen.resumes.length > 0);
    expect(platform.gateway.seen.identifies).toBe(1);
  });

  it("can be stopped while nothing answers", async () => {
    const platform = await startPlatform();
    await platform.down();
    const { context, connection } = await startOn(platform);
    await context.until("it notices", () => context.status?.state === "disconnected");
    expect(context.status?.reason).toMatch(/ECONNREFUSED.*Trying again/);
    await connection.dispose();
    await platform.up();
  });

  it("can be stopped while a connection hangs, and makes no other when that one breaks", async () => {
    const platform = await startPlatform();
    platform.gateway.stall = true;
    const { context, connection } = await startOn(platform);
    await until("a connection hangs", () => platform.stalled === 1);
    await connection.dispose();
    await platform.down();
    platform.gateway.stall = false;
    await platform.up();
    const end = performance.now() + 800;
    await until("a while", () => performance.now() > end);
    expect(platform.gateway.seen.connections).toBe(0);
    expect(context.statuses).toEqual([{ state: "connecting" }]);
  });

  it("stops when Discord refuses the token in a call", async () => {
    const running = await start();
    const { platform, context, connection } = running;
    const close = platform.gateway.close.bind(platform.gateway);
    platform.gateway.close = () => {};
    await platform.revoke?.();
    expect(await failure(connection.send(toAnn(running), signal()))).toMatchObject({ failure: "auth" });
    expect(context.status).toMatchObject({ state: "error", reason: expect.stringMatching(/Reset Token/) });
    close(1000);
  });
});

describe("discord: what comes in", () => {
  it("takes neither @everyone nor a role nor another's mention for one of us", async () => {
    const running = await start();
    const { platform, context } = running;
    const { group, bob, world } = platform;
    const me = world.botUser.id;
    platform.writeIn(group, bob, "@everyone look", { mention_everyone: true });
    platform.writeIn(group, bob, `<@&${me}> look`, { mention_roles: [me] });
    platform.writeIn(group, bob, `<@${platform.ann.id}> look`, { mentions: [world.userOf(platform.ann)] });
    platform.writeIn(group, bob, `\`<@${me}>\` look`);
    await context.until("four", () => context.messages().length === 4);
    expect(context.messages().map(({ mentionsMe }) => mentionsMe)).toEqual([false, false, false, false]);
    expect(context.messages()[2]?.text).toBe("@ann look");
  });

  it("makes a thread a chat of its own and answers into it", async () => {
    const { platform, context, connection } = await start();
    platform.writeIn(platform.world.thread, platform.ann, "in the thread");
    await context.until("it", () => context.messages().length === 1);
    const [message] = context.messages();
    expect(message?.chat).toEqual({
      id: platform.world.thread,
      kind: "group",
      title: "plans",
      spaceId: platform.world.guild,
    });
    if (message === undefined) return;
    const answer = { chat: message.chat, text: "here", replyTo: message.platformId, idempotencyKey: "k" };
    await connection.send(answer, signal());
    expect(platform.sent().at(-1)).toMatchObject({ chatId: platform.world.thread, replyTo: message.platformId });
  });

  it("[CH-28] says when a bot or a webhook writes", async () => {
    const { platform, context } = await start();
    platform.writeIn(platform.group, platform.bob, "beep", {
      author: { ...platform.world.userOf(platform.bob), bot: true },
    });
    platform.writeIn(platform.group, platform.bob, "hook", { webhook_id: platform.world.nextId() });
    await context.until("both", () => context.messages().length === 2);
    expect(context.messages().map(({ sender }) => sender.isBot)).toEqual([true, true]);
  });

  it("passes on edits, deletions and reactions", async () => {
    const { platform, context } = await start();
    const platformId = await platform.write({ text: "frist" });
    await platform.edit?.(platformId, "first", platform.ann);
    await platform.react?.(platformId, "👍", platform.bob);
    platform.gateway.emit("MESSAGE_DELETE", { id: platformId, channel_id: platform.directChat(platform.ann) });
    await context.until("four", () => context.events.length === 4);
    expect(context.events.slice(1)).toMatchObject([
      { type: "edit", platformId, text: "first", sender: { id: platform.ann.id } },
      { type: "reaction", platformId, emoji: "👍", sender: { id: platform.bob.id } },
      { type: "delete", platformIds: [platformId] },
    ]);
  });

  it("[CH-12] keeps the order of a chat whose message could not be taken, and holds up no other chat", async () => {
    const { running, relieve } = await startWithAnnRefused();
    const { platform, context } = running;
    await platform.write({ text: "a1" });
    await platform.write({ text: "a2" });
    await platform.write({ text: "b1", from: platform.bob });
    await context.until("the other chat's", () => texts(running).length === 1);
    relieve();
    await context.until("three", () => texts(running).length === 3);
    expect(texts(running)).toEqual(["b1", "a1", "a2"]);
  });

  it("loads later what is more than it keeps waiting", async () => {
    const { running, relieve } = await startWithAnnRefused();
    const { platform, context } = running;
    const count = 610;
    for (let i = 0; i < count; i++) await platform.write({ text: `m${i}` });
    await platform.write({ text: "b1", from: platform.bob });
    await context.until("the other chat's", () => texts(running).length === 1);
    relieve();
    await context.until("all", () => texts(running).includes(`m${count - 1}`));
    expect(texts(running).slice(1)).toEqual(Array.from({ length: count }, (_, i) => `m${i}`));
    expect(platform.rest.fetched.length).toBeGreaterThan(0);
  });

  it("[CH-25] loads a file from Discord's servers alone", async () => {
    const { platform, connection } = await start();
    for (const ref of [
      "http://127.0.0.1:1/x",
      "https://example.org/x",
      "file:///etc/passwd",
      "x",
      "http://cdn.discordapp.com/x",
    ]) {
      const stream = connection.download?.({ kind: "image", ref }, signal());
      const read = async () => {
        for await (const chunk of stream ?? []) expect(chunk).toBeUndefined();
      };
      expect(await failure(read())).toMatchObject({ failure: "rejected" });
    }
    expect(platform.downloads).toBe(0);
  });
});

describe("discord: commands and buttons", () => {
  it("registers its commands once", async () => {
    const memory = createMemory();
    const platform = await startPlatform();
    const first = await startOn(platform, memory);
    await until("registered", () => memory.get("commands") !== undefined);
    const names = (platform.rest.commands as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["help", "status", "new", "approve"]));
    await first.connection.dispose();
    platform.rest.commands = undefined;
    const second = await startOn(platform, memory);
    await second.context.until("connected", () => second.context.status?.state === "connected");
    await platform.write({ text: "x" });
    await second.context.until("a message", () => second.context.messages().length === 1);
    expect(platform.rest.commands).toBeUndefined();
  });

  it("acknowledges a slash command at once and delivers it as a message", async () => {
    const { platform, context } = await start();
    await platform.command("model", platform.ann, "big one");
    await context.until("the message", () => context.messages().length === 1);
    expect(context.messages()[0]).toMatchObject({
      text: "/model big one",
      sender: { id: platform.ann.id },
      chat: { id: platform.directChat(platform.ann), kind: "direct" },
    });
    await until("cleared", () => platform.rest.cleared === 1);
    expect(platform.rest.callbacks).toEqual([{ type: 5, data: { flags: 64 } }]);
  });

  it("acknowledges a command in time although it cannot be taken yet", async () => {
    const { platform, context } = await start();
    context.refuse(1_000_000);
    await platform.command("status", platform.ann);
    await until("acknowledged", () => platform.rest.callbacks.length === 1);
    expect(platform.rest.cleared).toBe(0);
    context.refuse(0);
    await until("cleared", () => platform.rest.cleared === 1);
  });

  it("[CH-22] tells the one who pressed, and nobody else", async () => {
    const running = await start();
    const { platform, connection } = running;
    await connection.send(toAnn(running, { buttons: [{ label: "Yes", data: "y" }] }), signal());
    const [shown] = platform.sent();
    if (shown === undefined) throw new Error("nothing was sent");
    await platform.press?.(shown, "y", platform.bob);
    await until("words", () => platform.rest.followups.length === 1);
    expect(platform.rest.callbacks).toEqual([{ type: 6 }]);
    expect(platform.rest.followups[0]).toMatchObject({ content: "noted", flags: 64 });
  });
});

describe("discord: what goes out", () => {
  it("[CH-14] sends the same message twice as one", async () => {
    const running = await start();
    const { platform, connection } = running;
    platform.fail({ is: "answer-lost" });
    expect(await failure(connection.send(toAnn(running), signal()))).toMatchObject({ failure: "unknown" });
    const again = await connection.send(toAnn(running), signal());
    expect(platform.sent()).toHaveLength(1);
    expect(again.platformIds).toEqual([platform.sent()[0]?.platformId]);
    expect(String(platform.rest.posted[0]?.["nonce"]).length).toBeLessThanOrEqual(25);
  });

  it("notifies nobody, whatever the text says", async () => {
    const running = await start();
    const { platform, connection } = running;
    const { platformIds } = await connection.send(toAnn(running, { text: "@everyone <@123> @here" }), signal());
    await connection.edit?.(toAnn(running).chat, platformIds[0] ?? "", { text: "@everyone" });
    expect(platform.rest.posted[0]).toMatchObject({ allowed_mentions: { parse: [] } });
    expect(platform.world.find(platformIds[0] ?? "")).toMatchObject({ allowed_mentions: { parse: [] } });
  });

  it("sets a reaction and takes its own back", async () => {
    const running = await start();
    const { platform, connection } = running;
    const message = platform.writeIn(platform.group, platform.ann, "x", {
      reactions: [
        { me: false, emoji: { id: null, name: "🎉" } },
        { me: true, emoji: { id: null, name: "👀" } },
      ],
    });
    const chat = { id: platform.group, kind: "group" as const };
    await connection.react?.(chat, message.id, "👀");
    await connection.react?.(chat, message.id, undefined);
    expect(platform.rest.reactions).toEqual([
      { method: "PUT", messageId: message.id, emoji: "👀" },
      { method: "DELETE", messageId: message.id, emoji: "👀" },
    ]);
  });

  it.each(["../../users/@me", "1/messages", "", "abc"])("refuses the chat id %j without a call", async (id) => {
    const running = await start();
    const { platform, connection } = running;
    const sent = connection.send(toAnn(running, { chat: { id, kind: "direct" } }), signal());
    expect(await failure(sent)).toMatchObject({ failure: "rejected" });
    expect(platform.sendCalls).toBe(0);
  });

  it("refuses a channel that Discord does not know, in words", async () => {
    const running = await start();
    const chat = { id: running.platform.world.nextId(), kind: "group" as const };
    const sent = running.connection.send(toAnn(running, { chat }), signal());
    expect(await failure(sent)).toMatchObject({
      failure: "rejected",
      message: expect.stringMatching(/no such channel/),
    });
  });

  it("sends nothing while it is not connected", async () => {
    const running = await start();
    await running.platform.down();
    await running.context.until("it notices", () => running.context.status?.state === "disconnected");
    expect(await failure(running.connection.send(toAnn(running), signal()))).toMatchObject({ failure: "offline" });
    await running.platform.up();
  });
});
