/** WhatsApp against its fake, through the real client library: the suite of all channels, then what is special to it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { makeWASocket, initAuthCreds, proto, type AuthenticationCreds } from "@whiskeysockets/baileys";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ChannelConnection, ChannelMemory, InboundEvent } from "#main/channels/contract.ts";
import { toLibraryLog } from "#main/channels/whatsapp/library.ts";
import { whatsapp } from "#main/channels/whatsapp/whatsapp.ts";
import { silentLogger } from "#main/base/logger.ts";
import { createMemory, createTestContext, until, type TestContext } from "#test/fakes/channel-context.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { startWhatsApp, type WhatsAppOptions, type WhatsAppPlatform } from "#test/fakes/whatsapp-platform.ts";
import { describeChannel, PNG, startChannel, type ChannelHarness } from "./channel.suite.ts";

const harness: ChannelHarness = {
  channel: whatsapp,
  startPlatform: () => startWhatsApp(),
  incomplete: { settings: { webSocketUrl: "http://example.org" }, says: /webSocketUrl/ },
  rendered: {
    markdown: "**bold** and *soft* ~~gone~~ a < b, not *bold, `x_y`",
    text: "*bold* and _soft_ ~gone~ a < b, not *\u200Bbold, `x_y`",
  },
};

describeChannel(harness);

const signal = () => AbortSignal.timeout(8000);

/** The suite's start, with the fake as it is in this file. */
async function startLinked(options: WhatsAppOptions = {}) {
  const running = await startChannel({ ...harness, startPlatform: () => startWhatsApp(options) });
  return { ...running, platform: running.platform as WhatsAppPlatform };
}

interface Started {
  context: TestContext;
  connection: ChannelConnection;
}

/** A start that need not end connected, with a vault that outlives it. */
async function start(platform: WhatsAppPlatform, vault: ChannelMemory = createMemory()): Promise<Started> {
  const context = createTestContext({
    settings: platform.settings,
    dataDir: tempState(),
    vault,
    onLogin: (event) => platform.onLogin?.(event),
  });
  const connection = await whatsapp.start(context);
  onTestFinished(async () => {
    await connection.dispose();
  });
  return { context, connection };
}

async function openPlatform(options: WhatsAppOptions = {}): Promise<WhatsAppPlatform> {
  const platform = await startWhatsApp(options);
  onTestFinished(() => platform.close());
  return platform;
}

/** Links once and stops: leaves a vault with credentials. */
async function link(platform: WhatsAppPlatform, entries: Map<string, string>): Promise<void> {
  const { context, connection } = await start(platform, createMemory(entries));
  await connection.login?.({});
  await context.until("linked", () => context.status?.state === "connected");
  await connection.dispose();
}

const connected = ({ context }: Started) => context.until("connected", () => context.status?.state === "connected");
const inError = ({ context }: Started) => context.until("an error", () => context.status?.state === "error");

async function pass(ms: number): Promise<void> {
  const end = performance.now() + ms;
  await until("a while", () => performance.now() > end);
}

/** The client library alone, without what the channel puts before it. */
function startBare(platform: WhatsAppPlatform, onQr: (qr: string) => void = () => {}) {
  const creds: AuthenticationCreds = initAuthCreds();
  const sock = makeWASocket({
    waWebSocketUrl: String(platform.settings["webSocketUrl"]),
    auth: { creds, keys: { get: async () => ({}), set: async () => {} } },
    logger: toLibraryLog(silentLogger),
  });
  onTestFinished(() => sock.end(undefined));
  let isLinked = false;
  sock.ev.on("connection.update", ({ qr, isNewLogin }) => {
    if (qr !== undefined) onQr(qr);
    isLinked ||= isNewLogin === true;
  });
  return { isLinked: () => isLinked };
}

describe("a server that cannot prove to be WhatsApp", () => {
  const forgeries = ["foreign-root", "foreign-leaf", "forged-signature", "borrowed"] as const;

  it.each([...forgeries, "wrong-issuer"] as const)(
    "is refused before anything of ours is said: %s",
    async (certificate) => {
      const platform = await openPlatform({ certificate });
      const started = await start(platform);
      await started.connection.login?.({});
      await inError(started);
      expect(started.context.status?.reason).toMatch(/could not prove/);
      expect(started.context.logins.at(-1)).toMatchObject({ type: "failed" });
      expect(platform.attempts).toBe(1);
      expect(platform.logins).toEqual([]);
    },
  );

  it.each(forgeries)(
    "is believed by the client library alone, which shows that the check is needed: %s",
    async (certificate) => {
      const platform = await openPlatform({ certificate });
      startBare(platform);
      await until("the client says who it is", () => platform.logins.length === 1);
    },
  );

  it("does not learn the number of a linked account either", async () => {
    const options: WhatsAppOptions = {};
    const { platform, context } = await startLinked(options);
    options.certificate = "foreign-root";
    const before = platform.logins.length;
    await platform.down();
    await platform.up();
    await context.until("refused", () => context.status?.state === "error");
    expect(platform.logins).toHaveLength(before);
    options.certificate = "genuine";
    await context.until("back at the real one", () => context.status?.state === "connected", 20_000);
  });

  it("is refused without a root key of its own in the settings", async () => {
    const platform = await openPlatform();
    delete platform.settings["rootKey"];
    const started = await start(platform);
    await started.connection.login?.({});
    await inError(started);
    expect(platform.logins).toEqual([]);
  });
});

describe("an account that did not sign our key", () => {
  it("is not linked, and nothing of it is kept", async () => {
    const platform = await openPlatform({ forgesAccount: true });
    const entries = new Map<string, string>();
    const started = await start(platform, createMemory(entries));
    await started.connection.login?.({});
    await inError(started);
    expect(started.context.logins.at(-1)).toMatchObject({ type: "failed" });
    expect(entries.has("creds")).toBe(false);
  });

  it("is linked by the client library alone, which shows that the check is needed", async () => {
    const platform = await openPlatform({ forgesAccount: true });
    const bare = startBare(platform, (qr) => platform.onLogin?.({ type: "qr", qr, expiresAtMs: 0 }));
    await until("linked", () => bare.isLinked());
  });

  it("is not written to when a person's device key is signed by nobody", async () => {
    const { platform, connection } = await startLinked({ forgesKeys: true });
    const chat = { id: platform.ann.id, kind: "direct" as const };
    const sending = connection.send({ chat, text: "x", idempotencyKey: "k" }, signal());
    await expect(sending).rejects.toMatchObject({ failure: "retry" });
    expect(platform.sendCalls).toBe(0);
  });
});

describe("linking", () => {
  it("waits to be asked: without credentials nothing is connected", async () => {
    const platform = await openPlatform();
    const { context, connection } = await start(platform);
    await pass(100);
    expect(context.status).toMatchObject({ state: "disconnected" });
    expect(context.status?.reason).toMatch(/scan the code/i);
    expect(platform.attempts).toBe(0);
    const chat = { id: platform.ann.id, kind: "direct" as const };
    const sending = connection.send({ chat, text: "x", idempotencyKey: "k" }, signal());
    await expect(sending).rejects.toMatchObject({ failure: "offline" });
  });

  it("shows a code with the time until which it counts, then says who we are", async () => {
    const { context } = await startLinked();
    const [shown, linked] = context.logins;
    expect(shown).toMatchObject({ type: "qr" });
    expect(shown?.type === "qr" && shown.expiresAtMs).toBeGreaterThan(Date.now());
    expect(linked).toEqual({ type: "linked", identity: "+15550001111" });
    expect(context.status?.identity).toBe("+15550001111");
  });

  it("gives a code to type on the phone", async () => {
    const { context } = await startLinked({ phone: "+1 555 000-1111" });
    expect(context.logins.map(({ type }) => type)).toEqual(["code", "linked"]);
  });

  it("refuses a number that is none", async () => {
    const { connection } = await start(await openPlatform());
    await expect(connection.login?.({ phone: "my phone" })).rejects.toMatchObject({ failure: "rejected" });
  });

  it("shows a new code to whoever asks again, and ends when it is stopped in the middle", async () => {
    const platform = await openPlatform({ isUnattended: true });
    const { context, connection } = await start(platform);
    await connection.login?.({});
    await context.until("a code", () => context.logins.length === 1);
    await connection.login?.({});
    await context.until("a second code", () => context.logins.length === 2);
    await connection.dispose();
    expect(context.logins.map(({ type }) => type)).toEqual(["qr", "qr"]);
  });

  it("tells the phone when it is unlinked, and forgets everything", async () => {
    const platform = await openPlatform();
    const entries = new Map<string, string>();
    const { context, connection } = await start(platform, createMemory(entries));
    await connection.login?.({});
    await context.until("linked", () => context.status?.state === "connected");
    await connection.logout?.();
    expect([...entries.keys()]).toEqual([]);
    expect(context.status).toMatchObject({ state: "disconnected" });
    await connection.login?.({});
    await context.until("linked anew", () => context.status?.state === "connected");
  });
});

describe("the end of a connection", () => {
  const streamError = (code: string) => ({ tag: "stream:error", attrs: { code } });

  it("[CH-33] stops when it is unlinked on the phone, keeps the credentials, and links again when asked", async () => {
    const platform = await openPlatform();
    const entries = new Map<string, string>();
    const started = await start(platform, createMemory(entries));
    await started.connection.login?.({});
    await connected(started);
    await platform.revoke?.();
    await inError(started);
    expect(started.context.status?.reason).toMatch(/Link again/);
    expect(entries.has("creds")).toBe(true);
    await started.connection.login?.({});
    await connected(started);
  });

  it("[CH-33] lets go when another program uses the link", async () => {
    const { platform, context } = await startLinked();
    const attempts = platform.attempts;
    platform.endWith({ ...streamError("440"), content: [{ tag: "conflict", attrs: { type: "replaced" } }] });
    await context.until("an error", () => context.status?.state === "error");
    expect(context.status?.reason).toMatch(/another program/i);
    await pass(800);
    expect(platform.attempts).toBe(attempts);
  });

  it("[CH-33] connects at once when it is told to restart, and later after any other end", async () => {
    const { platform, context } = await startLinked();
    for (const code of ["515", "503", "500"]) {
      const attempts = platform.attempts;
      platform.endWith(streamError(code));
      await context.until(
        `again after ${code}`,
        () => platform.attempts > attempts && context.status?.state === "connected",
      );
    }
  });

  it("says so when no WebSocket is served at the address, and ends the try", async () => {
    const server = createServer().on("upgrade", (_request, socket) => socket.end("HTTP/1.1 503 No\r\n\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const platform = await openPlatform();
    platform.settings["webSocketUrl"] = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { context, connection } = await start(platform);
    await connection.login?.({});
    await context.until("the end", () => context.logins.at(-1)?.type === "failed");
    expect(context.status?.state).toBe("disconnected");
  });

  it("connects anew after a frame that nobody can read, and lives on after stanzas that nobody can use", async () => {
    const { platform, context } = await startLinked();
    const attempts = platform.attempts;
    const iq = { tag: "iq", attrs: { from: "s.whatsapp.net", type: "set", id: "x" } };
    platform.sendNode({ ...iq, content: [{ tag: "pair-device", attrs: {}, content: [{ tag: "ref", attrs: {} }] }] });
    platform.sendNode({ tag: "ib", attrs: { from: "s.whatsapp.net" }, content: [{ tag: "dirty", attrs: {} }] });
    platform.sendNode({ tag: "notification", attrs: { id: "y" } });
    platform.sendRubbish();
    await context.until("again", () => platform.attempts > attempts && context.status?.state === "connected");
  });

  it.each(["402", "403", "405", "411"])("[CH-33] stops with words at a refusal that stays: %s", async (reason) => {
    const { platform, context } = await startLinked();
    platform.sendNode({ tag: "failure", attrs: { reason } });
    await context.until("an error", () => context.status?.state === "error");
    expect(context.status?.reason?.length).toBeGreaterThan(20);
  });

  it("[CH-33] goes back to the credentials before when the last ones do not read", async () => {
    const platform = await openPlatform();
    const entries = new Map<string, string>();
    await link(platform, entries);
    expect(entries.has("creds.bak")).toBe(true);
    entries.set("creds", '{"half');
    await connected(await start(platform, createMemory(entries)));
    entries.set("creds", "x");
    entries.set("creds.bak", "{}");
    const lost = await start(platform, createMemory(entries));
    expect(lost.context.status).toMatchObject({ state: "disconnected" });
  });
});

describe("what was sent to us", () => {
  it("[CH-12] is acknowledged only when it is durable, and read after that", async () => {
    const { platform, context } = await startLinked();
    let release: (() => void) | undefined;
    const taken: InboundEvent[] = [];
    context.receive = async (event) => {
      await new Promise<void>((resolve) => (release = resolve));
      taken.push(event);
    };
    const id = await platform.write({ text: "hold on" });
    await until("it came", () => release !== undefined);
    await pass(50);
    expect(platform.delivered).not.toContain(id);
    release?.();
    await until("acknowledged", () => platform.delivered.includes(id) && platform.read.includes(id));
    expect(taken).toHaveLength(1);
  });

  it("[CH-12] comes again after a stop in the middle, and can be read then", async () => {
    const platform = await openPlatform();
    const entries = new Map<string, string>();
    await link(platform, entries);
    const first = await start(platform, createMemory(entries));
    await connected(first);
    let tries = 0;
    first.context.receive = async () => {
      tries += 1;
      throw new Error("the disk is full");
    };
    await platform.write({ text: "not lost" });
    await until("it was tried", () => tries > 0);
    await first.connection.dispose();
    const second = await start(platform, createMemory(entries));
    await second.context.until("the message", () => second.context.messages().some(({ text }) => text === "not lost"));
    await platform.write({ text: "and on" });
    await second.context.until("the next", () => second.context.messages().some(({ text }) => text === "and on"));
    expect(second.context.messages()).toHaveLength(2);
  });

  it("names people by their number where the platform tells it beside the hidden address", async () => {
    const { platform, context } = await startLinked({ hidesNumbers: true });
    await platform.write({ text: "direct" });
    await platform.write({ text: "group", where: "group", from: platform.bob });
    await context.until("both", () => context.messages().length === 2);
    expect(context.messages()).toMatchObject([
      { sender: { id: platform.ann.id }, chat: { id: platform.ann.id } },
      { sender: { id: platform.bob.id }, chat: { id: platform.group } },
    ]);
  });

  it("keeps its voice: voice messages and documents load, changed and foreign files do not", async () => {
    const { platform, context, connection } = await startLinked();
    await platform.write({ media: { kind: "voice", bytes: Buffer.from("ogg") } });
    await platform.write({ media: { kind: "document", bytes: PNG, fileName: "b.txt" }, text: "see" });
    await context.until("both", () => context.messages().length === 2);
    const [voice, document] = context.messages().map(({ media }) => media[0]);
    if (!voice || !document || !connection.download) throw new Error("no media");
    const load = async (media: typeof voice) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of connection.download?.(media, signal()) ?? []) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    expect(voice).toMatchObject({ kind: "voice", durationSeconds: 3 });
    expect(String(await load(voice))).toBe("ogg");
    expect(document).toMatchObject({ kind: "document", fileName: "b.txt" });
    const path = [...platform.media.files.keys()].at(-1) ?? "";
    const bytes = platform.media.files.get(path) ?? Buffer.alloc(0);
    platform.media.files.set(path, Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1)]));
    await expect(load(document)).rejects.toMatchObject({ failure: "rejected" });
    platform.media.files.delete(path);
    await expect(load(document)).rejects.toThrow(/no longer/);
    const foreign = { ...voice, ref: voice.ref.replace(/^[^#]*/, "http://127.0.0.1:9/x") };
    await expect(load(foreign)).rejects.toThrow(/WhatsApp's servers/);
  });

  it("[CH-28] is not what the account's own phone writes, but what that phone brings of others", async () => {
    const { platform, context } = await startLinked();
    const { ann, self } = platform.people;
    const destinationJid = ann.id;
    await platform.writeRaw(
      { deviceSentMessage: { destinationJid, message: { conversation: "mine" } } },
      { from: self },
    );
    const late = {
      key: { remoteJid: ann.id, fromMe: false, id: "3ALATE" },
      message: { conversation: "could not be read at first" },
      messageTimestamp: 1_700_000_000,
    };
    const webMessageInfoBytes = proto.WebMessageInfo.encode(late).finish();
    const peerDataOperationResult = [{ placeholderMessageResendResponse: { webMessageInfoBytes } }];
    const answer = { stanzaId: "3AASKED", peerDataOperationResult };
    await platform.writeRaw(
      { protocolMessage: { type: 17, peerDataOperationRequestResponseMessage: answer } },
      { from: self },
    );
    await context.until("the late one", () => context.messages().length > 0);
    expect(context.messages()).toMatchObject([
      { messageId: `${ann.id}:3ALATE`, text: "could not be read at first", at: 1_700_000_000_000 },
    ]);
  });

  it("tells of edits, deletions and reactions", async () => {
    const { platform, context } = await startLinked();
    const id = await platform.write({ text: "frist" });
    const key = { remoteJid: "15550001111@s.whatsapp.net", fromMe: true, id };
    await platform.writeRaw({ protocolMessage: { key, type: 14, editedMessage: { conversation: "first" } } });
    await platform.writeRaw({ reactionMessage: { key, text: "👍" } });
    await platform.writeRaw({ protocolMessage: { key, type: 0 } });
    await context.until("all four", () => context.events.length === 4);
    expect(context.events.slice(1)).toMatchObject([
      { type: "edit", platformId: id, text: "first" },
      { type: "reaction", platformId: id, emoji: "👍" },
      { type: "delete", platformIds: [id] },
    ]);
  });
});

describe("what we send", () => {
  it("may begin while a message is being taken in, without harm to either's encryption", async () => {
    const { platform, context, connection } = await startLinked();
    const chat = { id: platform.ann.id, kind: "direct" as const };
    const sending: Promise<unknown>[] = [];
    const { receive } = context;
    context.receive = async (event) => {
      const idempotencyKey = `k${sending.length}`;
      sending.push(connection.send({ chat, text: `re ${sending.length}`, idempotencyKey }, signal()));
      await pass(30);
      await receive(event);
    };
    for (let i = 0; i < 6; i++) await platform.write({ text: `m${i}` });
    await context.until("all came", () => context.messages().length === 6);
    await Promise.all(sending);
    expect(platform.sent().map(({ text }) => text)).toEqual(["re 0", "re 1", "re 2", "re 3", "re 4", "re 5"]);
    context.receive = receive;
    await platform.write({ text: "last" });
    await context.until("the last", () => context.messages().at(-1)?.text === "last");
  });

  it("has the same id at a second try", async () => {
    const { platform, connection } = await startLinked();
    const chat = { id: platform.ann.id, kind: "direct" as const };
    const send = (idempotencyKey: string) => connection.send({ chat, text: "x", idempotencyKey }, signal());
    const [one, again, other] = [await send("k1"), await send("k1"), await send("k2")];
    expect(one.platformIds).toEqual(again.platformIds);
    expect(other.platformIds).not.toEqual(one.platformIds);
    expect(one.platformIds[0]).toMatch(/^3EB0[0-9A-F]{18}$/);
  });

  it("quotes what it answers and reacts to it, in a group too", async () => {
    const { platform, context, connection } = await startLinked();
    const chat = { id: platform.group, kind: "group" as const };
    const id = await platform.write({ text: "question", where: "group", from: platform.bob });
    await context.until("the question", () => context.messages().length === 1);
    await connection.send({ chat, text: "answer", replyTo: id, idempotencyKey: "k" }, signal());
    expect(platform.sent().at(-1)).toMatchObject({ text: "answer", replyTo: id, chatId: platform.group });
    await connection.react?.(chat, id, "👀");
    expect(platform.reactions).toEqual([{ platformId: id, emoji: "👀" }]);
    const unknown = connection.react?.(chat, "3A00", "👀");
    await expect(unknown).rejects.toMatchObject({ failure: "rejected" });
  });

  it("puts words that do not fit under a file behind it", async () => {
    const { platform, connection } = await startLinked();
    const chat = { id: platform.ann.id, kind: "direct" as const };
    const media = { kind: "voice" as const, bytes: Buffer.from("ogg"), mimeType: "audio/ogg", fileName: "a.ogg" };
    const { platformIds } = await connection.send({ chat, text: "words", media, idempotencyKey: "k" }, signal());
    expect(platformIds).toEqual(platform.sent().map(({ platformId }) => platformId));
    expect(platform.sent().map(({ text }) => text)).toEqual(["", "words"]);
  });
});
