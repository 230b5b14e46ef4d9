/** Slack keeps the contract of a channel, and what is special to it. */
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { ChannelError, type ChannelConnection, type WebhookRequest } from "#main/channels/contract.ts";
import { withDefaults } from "#main/channels/settings.ts";
import { slack } from "#main/channels/slack/slack.ts";
import { createTestContext, until, type TestContext } from "#test/fakes/channel-context.ts";
import { startSlackPlatform, type SlackPlatform } from "#test/fakes/slack-platform.ts";
import { APP_TOKEN, BOT } from "#test/fakes/slack-web-api.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { describeChannel, PNG, startChannel, type ChannelHarness } from "./channel.suite.ts";

const harness: ChannelHarness = {
  channel: slack,
  startPlatform: startSlackPlatform,
  incomplete: { settings: { botToken: "xoxb-1" }, says: /appToken/ },
  rendered: { markdown: "**bold** 1 < 2 & 3", text: "*bold* 1 &lt; 2 &amp; 3" },
};

describeChannel(harness);

interface Running {
  platform: SlackPlatform;
  context: TestContext;
  connection: ChannelConnection;
}

/** Starts with other settings than the platform's own. */
async function start(settings: Record<string, unknown> = {}, connected = true): Promise<Running> {
  const platform = await startSlackPlatform();
  const startPlatform = async () => ({ ...platform, settings: { ...platform.settings, ...settings } });
  const { context, connection } = await startChannel({ ...harness, startPlatform }, { connected });
  return { platform, context, connection };
}

const signal = () => AbortSignal.timeout(5000);
const group = { id: "C0GROUP", kind: "group" as const };
const direct = { id: "D0ANN", kind: "direct" as const };

async function failureOf(promise: Promise<unknown>): Promise<ChannelError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ChannelError);
  return thrown as ChannelError;
}

/** A request as Slack signs it. */
function signed(body: string | Uint8Array, options: { secret?: string; at?: number; type?: string } = {}) {
  const { secret = "shh", at = Date.now(), type = "application/json" } = options;
  const stamp = String(Math.floor(at / 1000));
  const bytes = Buffer.from(body as string);
  const mac = createHmac("sha256", secret).update(`v0:${stamp}:`).update(bytes).digest("hex");
  const headers = {
    "content-type": type,
    "x-slack-request-timestamp": stamp,
    "x-slack-signature": `v0=${mac}`,
  };
  return { headers, query: "", readBody: async () => new Uint8Array(bytes) } satisfies WebhookRequest;
}

const eventBody = (text: string, ts = "1700000000.000100") =>
  JSON.stringify({
    type: "event_callback",
    team_id: BOT.teamId,
    event_id: "Ev1",
    event: { type: "message", channel: "D0ANN", channel_type: "im", user: "U0ANN", text, ts, event_ts: ts },
  });

describe("slack over HTTP", () => {
  const http = { mode: "http", appToken: undefined };

  it("[CH-02] refuses a wrong, stale, future or missing signature with 401, and reads nothing of it", async () => {
    const { context, connection } = await start(http);
    const good = signed(eventBody("x"));
    const changed = { ...good, readBody: async () => new Uint8Array(Buffer.from(eventBody("y"))) };
    const requests = [
      signed(eventBody("x"), { secret: "other" }),
      signed(eventBody("x"), { at: Date.now() - 301_000 }),
      signed(eventBody("x"), { at: Date.now() + 302_000 }),
      changed,
      { ...good, headers: { "content-type": "application/json" } },
      { ...good, headers: { ...good.headers, "x-slack-signature": "v0=" } },
      { ...good, headers: { ...good.headers, "x-slack-request-timestamp": `${Date.now()}e-3` } },
    ];
    for (const request of requests) expect((await connection.webhook?.(request))?.status).toBe(401);
    expect(context.events).toEqual([]);
    const stale = signed(eventBody("x"), { at: 0 });
    const readBody = () => Promise.reject(new Error("it was read"));
    expect((await connection.webhook?.({ ...stale, readBody }))?.status).toBe(401);
  });

  it("[CH-02] answers a challenge only when it is signed", async () => {
    const { connection } = await start(http);
    const body = JSON.stringify({ type: "url_verification", token: "old", challenge: "3eZbrw1aB" });
    expect(await connection.webhook?.(signed(body))).toMatchObject({ status: 200, body: "3eZbrw1aB" });
    const forged = await connection.webhook?.(signed(body, { secret: "guess" }));
    expect(forged?.status).toBe(401);
    expect(forged?.body).not.toContain("3eZbrw1aB");
  });

  it("[CH-02] checks the bytes that came, not a text made of them", async () => {
    const { connection } = await start(http);
    const bytes = new Uint8Array([...Buffer.from('{"type":"x","y":"'), 0xff, 0xfe, ...Buffer.from('"}')]);
    expect((await connection.webhook?.(signed(bytes)))?.status).toBe(200);
    expect((await connection.webhook?.(signed("{")))?.status).toBe(400);
  });

  it("[CH-12] answers 200 only when the event is kept, and takes it again under the same id", async () => {
    const { context, connection } = await start(http);
    context.refuse(1);
    expect((await connection.webhook?.(signed(eventBody("kept"))))?.status).toBe(503);
    expect(context.events).toEqual([]);
    for (let i = 0; i < 2; i++) expect((await connection.webhook?.(signed(eventBody("kept"))))?.status).toBe(200);
    expect(context.messages().map(({ messageId }) => messageId)).toEqual(
      Array.from({ length: 2 }, () => "D0ANN:1700000000.000100"),
    );
  });

  it("takes a slash command and a press", async () => {
    const { context, connection } = await start(http);
    const type = "application/x-www-form-urlencoded";
    const command = new URLSearchParams({
      command: "/gatehouse",
      text: "status",
      user_id: "U0ANN",
      user_name: "ann",
      channel_id: "D0ANN",
      team_id: BOT.teamId,
      trigger_id: "1.2.3",
    });
    expect((await connection.webhook?.(signed(String(command), { type })))?.status).toBe(200);
    expect(context.messages()[0]).toMatchObject({ text: "/status", sender: { id: "U0ANN", name: "ann" } });
    const payload = JSON.stringify({
      type: "block_actions",
      user: { id: "U0BOB", username: "bob" },
      container: { type: "message", message_ts: "1.1", channel_id: "D0ANN" },
      actions: [{ type: "button", value: "a:1:once" }],
    });
    const press = String(new URLSearchParams({ payload }));
    expect((await connection.webhook?.(signed(press, { type })))?.status).toBe(200);
    expect(context.presses[0]).toMatchObject({ data: "a:1:once", sender: { id: "U0BOB" }, platformId: "1.1" });
  });

  it("has no webhook in Socket Mode", async () => {
    const { connection } = await start();
    expect(connection.webhook).toBeUndefined();
  });
});

describe("slack over Socket Mode", () => {
  it("[CH-12] acknowledges an envelope only once it is kept", async () => {
    const { platform, context } = await start();
    const kept = Promise.withResolvers<void>();
    const { receive } = context;
    context.receive = async (event) => {
      await kept.promise;
      await receive(event);
    };
    const ts = platform.workspace.nextTs();
    const envelope = platform.event({ type: "message", channel: "D0ANN", user: "U0ANN", text: "x", ts, event_ts: ts });
    await until("it is sent again", () => platform.socket.tries(envelope) > 1);
    expect(platform.socket.acks).not.toContain(envelope);
    kept.resolve();
    await until("it is acknowledged", () => platform.socket.acks.includes(envelope));
  });

  it("[CH-10] gives a mention that is told twice one id", async () => {
    const { platform, context } = await start();
    await platform.write({ where: "group", text: "hello", mentionsBot: true });
    await until("both", () => context.messages().length >= 2);
    const [one, two] = context.messages();
    expect(two).toEqual(one);
    expect(one).toMatchObject({ mentionsMe: true, text: "hello", chat: { kind: "group", spaceId: BOT.teamId } });
  });

  it("goes and comes back at once when Slack asks for it, and loses nothing", async () => {
    const { platform, context } = await start();
    const before = performance.now();
    platform.socket.requestDisconnect("refresh_requested");
    await platform.write({ text: "in between" });
    await until("it left", () => context.status?.state !== "connected");
    await until("it is back", () => context.status?.state === "connected");
    expect(performance.now() - before).toBeLessThan(5000);
    await until("the message", () => context.messages().some(({ text }) => text === "in between"));
  });

  it("leaves no connection behind when it is stopped just as Slack names the address", async () => {
    const platform = await startSlackPlatform();
    onTestFinished(() => platform.close());
    const context = createTestContext({
      settings: withDefaults(slack.settings, platform.settings),
      dataDir: tempState(),
    });
    const stopped = Promise.withResolvers<void>();
    context.fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).endsWith("apps.connections.open")) return response;
      const body = await response.text();
      stopped.resolve(connection.dispose());
      return new Response(body, { headers: response.headers });
    };
    const connection = await slack.start(context);
    await stopped.promise;
    expect(platform.socket.connections).toBe(0);
    expect(context.statuses.map(({ state }) => state)).toEqual(["connecting"]);
  });

  it("stops with what to do when Socket Mode is switched off", async () => {
    const { platform, context } = await start();
    platform.socket.requestDisconnect("link_disabled");
    await until("an error", () => context.status?.state === "error");
    expect(context.status?.reason).toContain("Socket Mode is switched off");
    expect(platform.attempts).toBe(2);
  });

  it("stops with what to do when a token is wrong, and tells no token", async () => {
    const { platform, context } = await start({ appToken: `${APP_TOKEN}-wrong` }, false);
    await until("an error", () => context.status?.state === "error");
    expect(context.status?.reason).toContain("does not accept appToken");
    expect(JSON.stringify(context.statuses)).not.toMatch(/x(oxb|app)-\d/);
    expect(platform.attempts).toBe(2);
  });

  it("tries anew when Slack does not say hello", async () => {
    const platform = await startSlackPlatform();
    platform.socket.muteHello();
    const { context } = await startChannel({ ...harness, startPlatform: async () => platform }, { connected: false });
    await until("a second try", () => platform.attempts >= 4);
    expect(context.statuses.map(({ state }) => state)).not.toContain("connected");
  });

  it("tries again when Slack is busy while it connects", async () => {
    const { platform, context } = await start();
    platform.refuse("auth.test", "ratelimited");
    platform.socket.drop();
    await until("it is back", () => context.status?.state === "connected" && context.statuses.length >= 4);
    expect(context.statuses.map(({ state }) => state)).toEqual([
      "connecting",
      "connected",
      "disconnected",
      "disconnected",
      "connected",
    ]);
  });

  it.each(["auth.test", "apps.connections.open"])("can be stopped while %s has no answer", async (method) => {
    const platform = await startSlackPlatform();
    platform.hang(method);
    const running = await startChannel({ ...harness, startPlatform: async () => platform }, { connected: false });
    await until("the call", () => platform.calls.some((call) => call.method === method));
    await running.connection.dispose();
    expect(platform.socket.connections).toBe(0);
  });

  it("[CH-36] asks again when Slack tells that tokens were taken back", async () => {
    const { platform, context } = await start();
    platform.revokeToken();
    platform.event({ type: "tokens_revoked", tokens: { bot: [BOT.userId] }, event_ts: platform.workspace.nextTs() });
    await until("an error", () => context.status?.state === "error");
    expect(context.status?.reason).toContain("taken back");
  });

  it("[CH-36] says so when a send finds that the token counts no more", async () => {
    const { platform, context, connection } = await start();
    platform.revokeToken();
    const error = await failureOf(connection.send({ chat: direct, text: "x", idempotencyKey: "k" }, signal()));
    expect(error.failure).toBe("auth");
    await until("an error", () => context.status?.state === "error");
    await until("it hung up", () => platform.socket.connections === 0);
  });

  it("keeps a press that was not taken unacknowledged, and shows the answer to the one who pressed alone", async () => {
    const { platform, connection, context } = await start();
    const buttons = [{ label: "Yes", data: "a:1:yes" }];
    await connection.send({ chat: group, text: "?", buttons, idempotencyKey: "k" }, signal());
    const [message] = platform.sent();
    if (!message) throw new Error("nothing sent");
    await platform.press?.(message, "a:1:yes", platform.bob);
    await until("the words", () => platform.workspace.ephemerals.length === 1);
    expect(platform.workspace.ephemerals[0]).toEqual({ channel: "C0GROUP", user: "U0BOB", text: "noted" });
    const acks = platform.socket.acks.length;
    context.press = () => Promise.reject(new Error("the disk is full"));
    await platform.press?.(message, "a:1:yes", platform.bob);
    await platform.write({ text: "after" });
    await until("the message", () => platform.socket.acks.length > acks);
    expect(platform.socket.acks).toHaveLength(acks + 1);
  });
});

describe("slack", () => {
  it("answers in the thread that it was asked in, and elsewhere in none", async () => {
    const { platform, connection, context } = await start();
    const root = await platform.write({ where: "group", text: "top" });
    await platform.write({ where: "group", text: "below", replyTo: root });
    await until("both", () => context.messages().length >= 2);
    const [top, below] = context.messages();
    expect(top?.chat).toEqual({ id: "C0GROUP", kind: "group", spaceId: BOT.teamId });
    expect(below?.chat.threadId).toBe(root);
    expect(below?.replyTo).toEqual({ platformId: root, isToMe: false });
    for (const message of [top, below]) {
      if (!message) continue;
      const { chat, platformId } = message;
      await connection.send({ chat, text: "ok", replyTo: platformId, idempotencyKey: "k" }, signal());
    }
    expect(platform.sent().map(({ replyTo }) => replyTo)).toEqual([undefined, root]);
  });

  it("tells edits, deletions and reactions, and names people for display", async () => {
    const { platform, context } = await start();
    const ts = await platform.write({ text: "first" });
    await platform.edit?.(ts, "second &amp; last", platform.ann);
    await platform.react?.(ts, "+1", platform.ann);
    await until("all", () => context.events.length >= 3);
    expect(context.events.slice(1)).toMatchObject([
      { type: "edit", platformId: ts, text: "second & last" },
      { type: "reaction", platformId: ts, emoji: "👍" },
    ]);
    expect(platform.calls.filter(({ method }) => method === "users.info")).toHaveLength(1);
    // A name that comes late is there with the next message.
    await platform.write({ text: "third" });
    await until("the next", () => context.messages().length >= 2);
    expect(context.messages()[1]?.sender).toEqual({ id: "U0ANN", name: "Name of U0ANN" });
  });

  it("reacts, does not mind that it already did, and takes its reactions back", async () => {
    const { platform, connection } = await start();
    for (let i = 0; i < 2; i++) await connection.react?.(direct, "1.1", "👀");
    const users = platform.workspace.reactions.get("D0ANN:1.1")?.get("eyes");
    expect(users).toEqual(new Set([BOT.userId]));
    await connection.react?.(direct, "1.1", undefined);
    expect(users?.size).toBe(0);
    expect((await failureOf(connection.react?.(direct, "1.1", "🦀") ?? Promise.resolve())).failure).toBe("rejected");
  });

  it("hangs buttons on a text that is too long for a section", async () => {
    const { platform, connection } = await start();
    const text = "long ".repeat(700).trim();
    await connection.send(
      { chat: direct, text, buttons: [{ label: "Yes", data: "y" }], idempotencyKey: "k" },
      signal(),
    );
    expect(platform.sent()[0]).toMatchObject({ text, buttons: [{ label: "Yes", data: "y" }] });
  });

  it("[G20] says why a long text cannot replace another", async () => {
    const { connection } = await start();
    const { platformIds } = await connection.send({ chat: direct, text: "x", idempotencyKey: "k" }, signal());
    const error = await failureOf(
      connection.edit?.(direct, platformIds[0] ?? "", { text: "y".repeat(5000) }) ?? Promise.resolve(),
    );
    expect(error).toMatchObject({ failure: "rejected", message: expect.stringContaining("4,000") as string });
  });

  it("[CH-16] holds a pause for posting to the channel that has it", async () => {
    const { platform, connection } = await start();
    platform.fail({ is: "rate-limit", seconds: 3 });
    const error = await failureOf(connection.send({ chat: direct, text: "x", idempotencyKey: "k" }, signal()));
    expect(error).toMatchObject({ retryAfterMs: 3000, isAccountWide: false });
  });

  it("tells that nothing can be sent without a network, and that it does not know when a send is cut off", async () => {
    const { platform, connection, context } = await start();
    const message = { chat: direct, text: "x", idempotencyKey: "k" };
    platform.hang("chat.postMessage");
    expect((await failureOf(connection.send(message, AbortSignal.timeout(50)))).failure).toBe("unknown");
    expect((await failureOf(connection.send(message, AbortSignal.abort()))).failure).toBe("retry");
    await platform.down();
    await until("it notices", () => context.status?.state === "disconnected");
    expect((await failureOf(connection.send(message, signal()))).failure).toBe("offline");
    await platform.up();
    await connection.dispose();
    expect((await failureOf(connection.send(message, signal()))).failure).toBe("offline");
  });

  it("takes messages of people whose names it cannot learn", async () => {
    const { platform, context } = await start();
    platform.hang("users.info");
    await platform.write({ text: "hello" });
    await until("the message", () => context.messages().length >= 1);
    expect(context.messages()[0]?.sender).toEqual({ id: "U0ANN" });
  });

  it.each(["internal_error", "fatal_error"])("does not know what became of a send after %s", async (code) => {
    const { platform, connection } = await start();
    platform.refuse("chat.postMessage", code);
    const error = await failureOf(connection.send({ chat: direct, text: "x", idempotencyKey: "k" }, signal()));
    expect(error.failure).toBe("unknown");
  });

  it("names the right that the app lacks", async () => {
    const { platform, connection } = await start();
    platform.refuse("chat.postMessage", "missing_scope", { needed: "chat:write" });
    const error = await failureOf(connection.send({ chat: direct, text: "x", idempotencyKey: "k" }, signal()));
    expect(error).toMatchObject({ failure: "rejected", message: expect.stringContaining("chat:write") as string });
  });
});

describe("files of slack", () => {
  const media = { kind: "image" as const, bytes: PNG, mimeType: "image/png", fileName: "a.png" };

  async function load(connection: ChannelConnection, ref: string): Promise<Buffer> {
    if (!connection.download) throw new Error("cannot load");
    const chunks: Uint8Array[] = [];
    for await (const chunk of connection.download({ kind: "image", ref }, signal())) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** Another server, and the headers of what it is asked. */
  async function startElsewhere() {
    const asked: Record<string, unknown>[] = [];
    const server = createServer((request, response) => {
      asked.push({ ...request.headers });
      response.end("elsewhere");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return { asked, url: `http://localhost:${(server.address() as AddressInfo).port}/f` };
  }

  it("never asks another server than Slack's for a file", async () => {
    const { platform, connection } = await start();
    const elsewhere = await startElsewhere();
    const file = { name: "a.png", mimetype: "image/png", bytes: PNG };
    platform.workspace.files.set("F1", { id: "F1", ...file, url: elsewhere.url });
    expect((await failureOf(load(connection, "F1"))).failure).toBe("rejected");
    expect(elsewhere.asked).toEqual([]);
  });

  it("gives no token to where Slack sends it on", async () => {
    const { platform, connection } = await start();
    const elsewhere = await startElsewhere();
    const file = { name: "a.png", mimetype: "image/png", bytes: PNG };
    platform.workspace.files.set("F1", { id: "F1", ...file, redirect: elsewhere.url });
    await load(connection, "F1");
    expect(platform.fileRequests[0]?.["authorization"]).toMatch(/^Bearer xoxb-/);
    expect(elsewhere.asked).toHaveLength(1);
    expect(elsewhere.asked[0]?.["authorization"]).toBeUndefined();
  });

  it("says which right is missing when Slack shows its sign-in page instead of the file", async () => {
    const { platform, connection } = await start();
    const file = { id: "F1", name: "a.png", bytes: PNG, mimetype: "image/png" };
    platform.workspace.files.set("F1", { ...file, redirect: `${platform.base}/files-pri/T0TEAM-F2/page` });
    platform.workspace.files.set("F2", { ...file, id: "F2", mimetype: "text/html" });
    expect(await failureOf(load(connection, "F1"))).toMatchObject({
      failure: "rejected",
      message: expect.stringContaining("files:read") as string,
    });
    platform.workspace.files.set("F3", { ...file, id: "F3", redirect: `${platform.base}/files-pri/T0TEAM-GONE/x` });
    for (const id of ["F3", "F0NONE"]) expect((await failureOf(load(connection, id))).failure).toBe("rejected");
  });

  it("sends a file into its thread, with rendered words or none", async () => {
    const { platform, connection } = await start();
    const chat = { ...group, threadId: "1700000000.000100" };
    await connection.send({ chat, text: "**see** <", media, idempotencyKey: "k" }, signal());
    await connection.send({ chat: direct, text: "", media, idempotencyKey: "k2" }, signal());
    expect(platform.sent()).toMatchObject([
      { chatId: "C0GROUP", text: "*see* &lt;", replyTo: "1700000000.000100", media: { fileName: "a.png" } },
      { chatId: "D0ANN", text: "", media: { fileName: "a.png" } },
    ]);
  });

  it("tries a file again when it was lost on the way, since nobody saw it", async () => {
    const { platform, connection } = await start();
    const send = () => failureOf(connection.send({ chat: direct, text: "x", media, idempotencyKey: "k" }, signal()));
    platform.refuse("files.getUploadURLExternal", "internal_error");
    expect((await send()).failure).toBe("retry");
    platform.refuse("files.getUploadURLExternal", "invalid", {
      ok: true,
      file_id: "F9",
      upload_url: "http://evil.test/",
    });
    expect((await send()).failure).toBe("rejected");
    platform.fail({ is: "answer-lost" });
    expect((await send()).failure).toBe("unknown");
  });
});
