/** Telegram keeps the contract of a channel, polled and by webhook, and its own rows. */
import { describe, expect, it, onTestFinished } from "vitest";
import { ChannelError, type ChannelMemory } from "#main/channels/contract.ts";
import { withDefaults } from "#main/channels/settings.ts";
import { telegram } from "#main/channels/telegram/telegram.ts";
import { createMemory, createTestContext, until } from "#test/fakes/channel-context.ts";
import { startTelegram, WEBHOOK_SECRET } from "#test/fakes/telegram-platform.ts";
import { ok, refusal } from "#test/fakes/telegram-updates.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { describeChannel, PNG, type ChannelHarness } from "./channel.suite.ts";

const POLLING: ChannelHarness = {
  channel: telegram,
  startPlatform: () => startTelegram(),
  incomplete: { settings: {}, says: /token/ },
  rendered: { markdown: "**bold** <i>5 & 6</i>", text: "<b>bold</b> &lt;i&gt;5 &amp; 6&lt;/i&gt;" },
};

describeChannel(POLLING);
describeChannel({
  ...POLLING,
  startPlatform: () => startTelegram({ mode: "webhook" }),
  incomplete: { settings: { token: "1:x", mode: "webhook", webhookUrl: "https://a.example" }, says: /webhookSecret/ },
});

interface StartOptions {
  mode?: "polling" | "webhook";
  memory?: ChannelMemory;
  refuse?: number;
  /** Done to the platform before the channel starts. */
  prepare?(platform: Awaited<ReturnType<typeof startTelegram>>): void | Promise<void>;
  awaits?: "connected" | "error" | "disconnected";
  settings?: Record<string, unknown>;
}

async function start({ mode = "polling", awaits = "connected", ...options }: StartOptions = {}) {
  const platform = await startTelegram({ mode });
  onTestFinished(() => platform.close());
  await options.prepare?.(platform);
  const context = createTestContext({
    settings: withDefaults(telegram.settings, { ...platform.settings, ...options.settings }),
    dataDir: tempState(),
    ...(options.memory && { memory: options.memory }),
  });
  context.refuse(options.refuse ?? 0);
  const connection = await telegram.start(context);
  onTestFinished(async () => {
    await connection.dispose();
  });
  await until(awaits, () => context.status?.state === awaits);
  const callsOf = (method: string) => platform.api.calls.filter((call) => call.method === method);
  const texts = () => context.messages().map(({ text }) => text);
  const chat = { id: platform.directChat(platform.ann), kind: "direct" as const };
  const send = (text: string, more: object = {}) =>
    connection.send({ chat, text, idempotencyKey: "k", ...more }, AbortSignal.timeout(5000));
  return { platform, context, connection, callsOf, texts, chat, send };
}

async function failureOf(promise: Promise<unknown>): Promise<ChannelError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ChannelError);
  return error as ChannelError;
}

describe("what Telegram's webhook promises", () => {
  it("[CH-01] answers 401 to a wrong or missing secret, and does not read the body", async () => {
    const { platform, connection, context } = await start({ mode: "webhook" });
    const update = { update_id: 1, message: platform.compose({ text: "forged" }) };
    for (const secret of ["", "wrong", `${WEBHOOK_SECRET}x`, "ключ"]) {
      const readBody = () => Promise.reject(new Error("the body was read"));
      const request = { ...platform.toRequest(update, secret), readBody };
      expect((await connection.webhook?.(request))?.status).toBe(401);
    }
    expect((await connection.webhook?.({ ...platform.toRequest(update), headers: {} }))?.status).toBe(401);
    expect(context.events).toEqual([]);
  });

  it("[CH-01] takes what proves itself, and refuses what is no JSON", async () => {
    const { platform, connection, texts } = await start({ mode: "webhook" });
    const update = { update_id: 1, message: platform.compose({ text: "genuine" }) };
    const request = platform.toRequest(update);
    expect((await connection.webhook?.(request))?.status).toBe(200);
    expect(texts()).toEqual(["genuine"]);
    expect((await connection.webhook?.({ ...request, readBody: async () => Buffer.from("{") }))?.status).toBe(400);
  });

  it("[CH-01] does not start a webhook without a sound secret", async () => {
    const platform = await startTelegram({ mode: "webhook" });
    onTestFinished(() => platform.close());
    for (const webhookSecret of ["", "two words", "é", "x".repeat(257)]) {
      const settings = withDefaults(telegram.settings, { ...platform.settings, webhookSecret });
      expect(telegram.check(settings as never)).toMatch(/webhookSecret/);
      const context = createTestContext({ settings, dataDir: tempState() });
      expect((await failureOf(telegram.start(context))).message).toMatch(/webhookSecret/);
    }
    expect(platform.attempts).toBe(0);
  });

  it("[CH-11] takes updates in whatever order they come, each once", async () => {
    const { platform, connection, texts } = await start({ mode: "webhook" });
    for (const update_id of [900, 12]) {
      const update = { update_id, message: platform.compose({ text: `u${update_id}` }) };
      expect((await connection.webhook?.(platform.toRequest(update)))?.status).toBe(200);
    }
    expect(texts()).toEqual(["u900", "u12"]);
  });

  it("is not there when Telegram is polled", async () => {
    expect((await start()).connection.webhook).toBeUndefined();
  });

  it("[CH-12] answers 200 only when the message is kept", async () => {
    const { platform, connection, context, texts } = await start({ mode: "webhook" });
    context.refuse(1);
    const request = platform.toRequest({ update_id: 1, message: platform.compose({ text: "kept" }) });
    expect((await connection.webhook?.(request))?.status).toBe(503);
    expect(context.status).toMatchObject({ state: "degraded", reason: expect.stringContaining("disk is full") });
    expect((await connection.webhook?.(request))?.status).toBe(200);
    expect(texts()).toEqual(["kept"]);
    await connection.dispose();
    expect((await connection.webhook?.(request))?.status).toBe(503);
  });

  it("tells when Telegram cannot reach the address, and when another took the webhook away", async () => {
    const { platform, context } = await start({ mode: "webhook" });
    platform.api.webhookError = "Wrong response from the webhook: 502 Bad Gateway";
    await context.until("trouble", () => context.status?.state === "degraded");
    expect(context.status?.reason).toContain("502 Bad Gateway");
    platform.api.webhookError = undefined;
    await context.until("none", () => context.status?.state === "connected");
    platform.api.webhook = { url: "https://other.example", secret: "x" };
    await context.until("taken away", () => context.status?.state === "error");
    expect(context.status?.reason).toContain("Another program");
  });

  it("takes a webhook that was left behind away when it polls", async () => {
    const { platform } = await start({
      prepare: ({ api }) => void (api.webhook = { url: "https://old.example", secret: "x" }),
    });
    expect(platform.api.webhook).toBeUndefined();
  });
});

/** The same account in a process that is new. */
async function startAgain({ settings }: { settings: never }, memory: ReturnType<typeof createMemory>) {
  const again = createTestContext({ settings, dataDir: tempState(), memory });
  const second = await telegram.start(again);
  onTestFinished(async () => {
    await second.dispose();
  });
  return again;
}

describe("how Telegram is polled", () => {
  it("[CH-12] confirms an update only when it is kept", async () => {
    const { platform, context, callsOf, texts } = await start();
    context.refuse(2);
    const before = callsOf("getUpdates").at(-1)?.fields["offset"];
    await platform.write({ text: "kept" });
    await context.until("it came again", () => texts().includes("kept"));
    const offsets = callsOf("getUpdates").map(({ fields }) => fields["offset"]);
    expect(offsets.filter((offset) => offset === before).length).toBeGreaterThanOrEqual(3);
    expect(context.statuses.some(({ state, reason }) => state === "degraded" && reason?.includes("disk"))).toBe(true);
    await context.until("well again", () => context.status?.state === "connected");
  });

  it("[CH-15] goes on in the middle of a batch, and repeats nothing before it", async () => {
    const running = start({
      refuse: 0,
      prepare: async (platform) => {
        for (let i = 1; i <= 5; i++) await platform.write({ text: `m${i}` });
      },
    });
    const { platform, context, texts } = await running;
    await context.until("all", () => texts().length === 5);
    // The next five arrive together, too: they were written while nobody looked.
    await platform.down();
    await context.until("down", () => context.status?.state === "disconnected");
    for (let i = 6; i <= 10; i++) await platform.write({ text: `m${i}` });
    const { receive } = context;
    let isRefused = false;
    context.receive = async (event) => {
      if (event.type === "message" && event.text === "m8" && !isRefused) {
        isRefused = true;
        throw new Error("the disk is full");
      }
      await receive(event);
    };
    await platform.up();
    await context.until("all ten", () => texts().length >= 10);
    expect(texts()).toEqual(Array.from({ length: 10 }, (_, i) => `m${i + 1}`));
  });

  it("[CH-34] stops with a clear message when another program polls, and comes back slowly", async () => {
    const conflict = refusal(409, "Conflict: terminated by other getUpdates request");
    const { platform, context, callsOf } = await start({
      prepare: ({ api }) => {
        for (let i = 0; i < 2; i++) api.script("getUpdates", conflict);
      },
      awaits: "error",
    });
    expect(context.status?.reason).toMatch(/Another program .*Stop that program.*@BotFather/s);
    const began = performance.now();
    const polls = callsOf("getUpdates").length;
    await context.until("connected", () => context.status?.state === "connected");
    // Thirty seconds and then a minute, on a clock fifty times as fast, less the jitter.
    expect(performance.now() - began).toBeGreaterThan(1000);
    expect(callsOf("getUpdates").length - polls).toBeLessThanOrEqual(3);
    expect(platform.sendCalls).toBe(0);
  });

  it("goes on after a restart where it stopped, and confirms nothing before it has read", async () => {
    const memory = createMemory();
    const { platform, context, connection, callsOf, texts } = await start({ memory });
    const polledBefore = callsOf("getUpdates").length;
    await platform.write({ text: "before" });
    await context.until("the message", () => texts().length === 1);
    await context.until("its confirmation", () => callsOf("getUpdates").length > polledBefore);
    await connection.dispose();
    const polled = callsOf("getUpdates").length;
    const again = await startAgain(context, memory);
    await platform.write({ text: "after" });
    await again.until("the next", () => again.messages().length === 1);
    expect(again.messages()[0]?.text).toBe("after");
    const offsets = callsOf("getUpdates").map(({ fields }) => Number(fields["offset"]));
    expect(offsets.slice(polled)).toContain(0);
  });

  it("asks for an answer at once until it is connected, and then for one that is held", async () => {
    const { context, callsOf } = await start();
    await context.until("a second poll", () => callsOf("getUpdates").length > 1);
    expect(callsOf("getUpdates").map(({ fields }) => fields["timeout"])).toEqual([0, 30]);
  });

  it("does not spin when polls that are to be held come back empty at once", async () => {
    const { context, platform, callsOf } = await start();
    for (let i = 0; i < 1000; i++) platform.api.script("getUpdates", ok([]));
    await context.until("the first of them", () => callsOf("getUpdates").length >= 4);
    const polls = callsOf("getUpdates").length;
    const end = performance.now() + 200;
    await until("a while", () => performance.now() > end);
    expect(callsOf("getUpdates").length - polls).toBeLessThan(20);
  });

  it("stops between two messages of a batch, and loses neither", async () => {
    const memory = createMemory();
    const { platform, context, connection } = await start({ memory });
    await platform.down();
    await context.until("down", () => context.status?.state === "disconnected");
    for (const text of ["one", "two"]) await platform.write({ text });
    const { receive } = context;
    const stops: unknown[] = [];
    context.receive = async (event) => {
      await receive(event);
      stops.push(connection.dispose());
    };
    await platform.up();
    await context.until("the first", () => context.messages().length === 1);
    await Promise.all(stops);
    expect(context.messages().map(({ text }) => text)).toEqual(["one"]);
    const again = await startAgain(context, memory);
    // The inbox knows the first: it is in the store with its id.
    await again.until("both", () => again.messages().length === 2);
    expect(again.messages().map(({ text }) => text)).toEqual(["one", "two"]);
  });

  it("[CH-36] asks no more once Telegram does not know the token", async () => {
    const { platform, context } = await start();
    await platform.revoke?.();
    await context.until("an error", () => context.status?.state === "error");
    const { attempts } = platform;
    const end = performance.now() + 1000;
    await until("a while", () => performance.now() > end);
    expect(platform.attempts).toBe(attempts);
  });

  it("notices a poll that nobody answers", async () => {
    const { context, platform } = await start();
    platform.api.script("getUpdates", new Promise(() => {}));
    await context.until("the silence", () => context.status?.state === "disconnected");
    await context.until("connected", () => context.status?.state === "connected");
  });

  it("waits as long as Telegram asks before it polls again", async () => {
    const { context, platform } = await start();
    const wait = { retry_after: 30 };
    for (let i = 0; i < 2; i++) platform.api.script("getUpdates", refusal(429, "Too Many Requests", wait));
    await context.until("the request", () => context.status?.state === "degraded");
    const began = performance.now();
    await context.until("connected", () => context.status?.state === "connected");
    expect(performance.now() - began).toBeGreaterThan(500);
  });

  it("tells edits and reactions, and shows its commands", async () => {
    const { platform, context, callsOf } = await start();
    const platformId = await platform.write({ text: "first" });
    await platform.edit?.(platformId, "second", platform.ann);
    await platform.react?.(platformId, "\u{1F44D}", platform.bob);
    await context.until("all", () => context.events.length === 3);
    expect(context.events.slice(1)).toMatchObject([
      { type: "edit", platformId, text: "second", sender: { id: platform.ann.id } },
      { type: "reaction", platformId, emoji: "\u{1F44D}", sender: { id: platform.bob.id } },
    ]);
    const commands = callsOf("setMyCommands")[0]?.fields["commands"] as { command: string }[];
    expect(commands.map(({ command }) => command)).toEqual(["help", "status", "new", "stop", "whoami"]);
  });

  it("[CH-22] answers a press with the words for the one who pressed", async () => {
    const { platform, context, callsOf, send } = await start();
    await send("May I?", { buttons: [{ label: "Yes", data: "y" }] });
    const shown = platform.sent().at(-1);
    if (shown) await platform.press?.(shown, "y", platform.bob);
    await context.until("the answer", () => callsOf("answerCallbackQuery").length === 1);
    expect(callsOf("answerCallbackQuery")[0]?.fields).toEqual({ callback_query_id: "8123", text: "noted" });
  });
});

describe("what becomes of a message to Telegram", () => {
  it("sends into the topic, and as an answer, even when what it answers is gone", async () => {
    const { platform, connection, callsOf } = await start();
    const chat = { id: platform.group, kind: "group" as const, threadId: "77" };
    await connection.send({ chat, text: "x", replyTo: "5", idempotencyKey: "k" }, AbortSignal.timeout(5000));
    expect(callsOf("sendMessage")[0]?.fields).toMatchObject({
      chat_id: platform.group,
      message_thread_id: 77,
      reply_parameters: { message_id: 5, allow_sending_without_reply: true },
      parse_mode: "HTML",
    });
  });

  it("sends words that are too long for a caption after the file, and tells both ids", async () => {
    const { platform, send } = await start();
    const media = { kind: "image", bytes: PNG, mimeType: "image/png", fileName: "a;b\n.png" };
    const { platformIds } = await send(`**${"long ".repeat(300)}**`, { media, buttons: [{ label: "Ok", data: "o" }] });
    expect(platformIds).toEqual(platform.sent().map((one) => one.platformId));
    expect(platform.sent()).toMatchObject([
      { text: "", media: { fileName: "a_b_.png" } },
      { buttons: [{ data: "o" }] },
    ]);
  });

  it("[CH-14] calls it unknown when the file came through and its words did not", async () => {
    const { platform, send } = await start();
    platform.api.script("sendMessage", refusal(429, "Too Many Requests", { retry_after: 5 }));
    const media = { kind: "voice", bytes: PNG, mimeType: "audio/ogg", fileName: "a.ogg" };
    const error = await failureOf(send("long ".repeat(300), { media }));
    expect(error.failure).toBe("unknown");
    expect(error.message).toContain("The file reached Telegram");
    expect(platform.sendCalls).toBe(2);
  });

  it("[CH-18] says the new id of a group that became a supergroup", async () => {
    const { platform, send } = await start();
    const parameters = { migrate_to_chat_id: -1009 };
    const words = "Bad Request: group chat was upgraded to a supergroup chat";
    platform.api.script("sendMessage", refusal(400, words, parameters));
    const error = await failureOf(send("x"));
    expect(error.failure).toBe("rejected");
    expect(error.message).toContain("-1009");
  });

  it("[CH-17] takes a proxy's error page for a fault that may pass", async () => {
    const { platform, send } = await start();
    platform.api.script("sendMessage", { status: 502, body: "<html>Bad Gateway</html>" });
    expect((await failureOf(send("x"))).failure).toBe("retry");
    platform.api.script("sendMessage", { status: 200, body: "<html>Welcome to the hotel</html>" });
    expect((await failureOf(send("x"))).failure).toBe("unknown");
  });

  it("[CH-17] keeps what cannot be sent until it is connected again", async () => {
    const { platform, context, send } = await start();
    await platform.down();
    await context.until("down", () => context.status?.state === "disconnected");
    expect((await failureOf(send("x"))).failure).toBe("offline");
    expect(platform.sendCalls).toBe(0);
  });

  it("sends nothing when it was stopped before", async () => {
    const { platform, connection, chat, send } = await start();
    const message = { chat, text: "x", idempotencyKey: "k" };
    expect((await failureOf(connection.send(message, AbortSignal.abort()))).failure).toBe("retry");
    await connection.dispose();
    expect((await failureOf(send("x"))).failure).toBe("retry");
    expect(platform.sendCalls).toBe(0);
  });

  it("takes a change that changes nothing for done, and no other refusal", async () => {
    const { connection, chat, send } = await start();
    const { platformIds } = await send("same");
    await connection.edit?.(chat, platformIds[0] ?? "", { text: "same" });
    const error = await failureOf(Promise.resolve(connection.edit?.(chat, "999", { text: "other" })));
    expect(error.failure).toBe("rejected");
  });

  it("reacts, and takes the reaction back", async () => {
    const { connection, chat, callsOf } = await start();
    await connection.react?.(chat, "12", "\u{1F440}");
    await connection.react?.(chat, "12", undefined);
    expect(callsOf("setMessageReaction").map(({ fields }) => fields["reaction"])).toEqual([
      [{ type: "emoji", emoji: "\u{1F440}" }],
      [],
    ]);
  });

  it("says in words why a file cannot be loaded", async () => {
    const { platform, connection } = await start();
    platform.api.files.set("huge", { path: "documents/huge.bin", bytes: PNG, size: 21 * 1024 * 1024 });
    platform.api.files.set("gone", { path: "documents/gone.bin", bytes: PNG });
    const load = async (ref: string) => {
      const chunks = connection.download?.({ kind: "document", ref }, AbortSignal.timeout(5000));
      for await (const _chunk of chunks ?? []) platform.api.files.clear();
    };
    expect((await failureOf(load("huge"))).message).toContain("file is too big");
    expect((await failureOf(load("unknown"))).failure).toBe("rejected");
    expect(platform.downloads).toBe(0);
  });

  it("[CH-36] never says the token, whatever fails", async () => {
    const { platform, connection, context, chat, send } = await start();
    const said: string[] = [];
    const note = async (promise: Promise<unknown>) => {
      const error = await failureOf(promise);
      said.push(error.message, error.stack ?? "", JSON.stringify(error), String(error.cause));
    };
    platform.api.script("sendMessage", refusal(400, `Bad Request: no such path bot${platform.token}/x`));
    await note(send("x"));
    platform.fail({ is: "answer-lost" });
    await note(send("x"));
    await platform.down();
    await note(send("x"));
    await note(Promise.resolve(connection.edit?.(chat, "1", { text: "x" })));
    await platform.up();
    await platform.revoke?.();
    await context.until("an error", () => context.status?.state === "error", 15_000);
    await note(send("x"));
    said.push(...context.statuses.map(({ reason }) => reason ?? ""));
    expect(said.filter((words) => words.includes(platform.token))).toEqual([]);
    expect(context.status?.reason).toContain("@BotFather");
  });
});
