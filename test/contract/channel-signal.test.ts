/** Signal through both of its services, each a fake on loopback: the suite, and what is special to Signal. */
import { describe, expect, it, onTestFinished } from "vitest";
import type { ChannelError } from "#main/channels/contract.ts";
import { signal as channel } from "#main/channels/signal/signal.ts";
import { createMemory, createTestContext, until, type TestContext } from "#test/fakes/channel-context.ts";
import { ANN, BOB, GROUP } from "#test/fakes/signal-account.ts";
import { startSignalPlatform, type FakeSignalPlatform } from "#test/fakes/signal-platform.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { describeChannel, startChannel, type ChannelHarness } from "./channel.suite.ts";

type Kind = "jsonrpc" | "rest";

const harness = (kind: Kind): ChannelHarness => ({
  channel,
  startPlatform: () => startSignalPlatform(kind),
  incomplete: { settings: {}, says: /signal\.account/ },
  rendered: { markdown: "**bold** & <b>", text: "bold & <b> ⟦0:4:BOLD⟧" },
});

const direct = { id: ANN.id, kind: "direct" as const };
const group = { id: GROUP, kind: "group" as const };
const limit = () => AbortSignal.timeout(5000);

async function start(kind: Kind) {
  const running = await startChannel(harness(kind));
  return { ...running, platform: running.platform as FakeSignalPlatform };
}

/** Starts without waiting for `connected`, with settings and memory of its own. */
async function startWith(platform: FakeSignalPlatform, settings: object, memory = createMemory()) {
  const all = { ...platform.settings, ...settings };
  const context = createTestContext({ settings: all, dataDir: tempState(), memory });
  const connection = await channel.start(context);
  onTestFinished(() => connection.dispose());
  return { context, connection };
}

async function startPlatform(kind: Kind): Promise<FakeSignalPlatform> {
  const platform = await startSignalPlatform(kind);
  onTestFinished(() => platform.close());
  return platform;
}

const failureOf = (promise: Promise<unknown>): Promise<ChannelError> =>
  promise.then(
    () => expect.fail("it worked"),
    (thrown: unknown) => thrown as ChannelError,
  );

const seen = (context: TestContext, text: string) =>
  context.until(text, () => context.messages().some((message) => message.text === text));

describe.each(["jsonrpc", "rest"] as const)("with %s", (kind) => {
  describeChannel(harness(kind));

  it("[CH-20] names people by their account id, and shows name and number", async () => {
    const { platform, context } = await start(kind);
    await platform.write({ text: "hi" });
    await platform.write({ text: "ho", from: BOB });
    await seen(context, "ho");
    expect(context.messages().map(({ sender }) => sender)).toEqual([
      { id: ANN.id, name: "Ann (+491700000002)" },
      { id: BOB.id, name: "Bob" },
    ]);
  });

  it("writes into a group, quotes, and sends a file there", async () => {
    const { platform, context, connection } = await start(kind);
    const platformId = await platform.write({ text: "ask", where: "group", from: BOB });
    await seen(context, "ask");
    const media = {
      kind: "document" as const,
      bytes: Buffer.from("x"),
      mimeType: "text/plain",
      fileName: "../a;b.txt",
    };
    await connection.send({ chat: group, text: "told", replyTo: platformId, media, idempotencyKey: "k" }, limit());
    expect(platform.sent()[0]).toMatchObject({
      chatId: GROUP,
      replyTo: platformId,
      media: { fileName: "_a_b.txt", mimeType: "text/plain" },
    });
  });

  it("[G20] sends words that look like Signal's styles as they are", async () => {
    const { platform, connection } = await start(kind);
    const text = "2\\*3 **bold** a\\|\\|b ~x \\`y";
    await connection.send({ chat: direct, text, idempotencyKey: "k" }, limit());
    expect(platform.sent()[0]?.text).toMatch(/^2\*3 bold a\|\|b ~x `y/);
  });

  it("tells a change of a message", async () => {
    const { platform, context } = await start(kind);
    const first = await platform.write({ text: "a" });
    await platform.edit?.(first, "b", ANN);
    await context.until("the edit", () => context.events.length === 2);
    expect(context.events[1]).toMatchObject({ type: "edit", platformId: first, text: "b" });
  });

  it("sends and takes back reactions, and tells those of others", async () => {
    const { platform, context, connection } = await start(kind);
    const platformId = await platform.write({ text: "a" });
    await connection.react?.(direct, platformId, "\u{1F389}");
    await connection.react?.(direct, platformId, undefined);
    const target = { targetAuthor: ANN.id, targetTimestamp: Number.parseInt(platformId, 10) };
    expect(platform.account.reactions).toMatchObject([
      { ...target, emoji: "\u{1F389}", remove: false },
      { ...target, remove: true },
    ]);
    const { platformIds } = await connection.send({ chat: direct, text: "b", idempotencyKey: "k" }, limit());
    await platform.react?.(platformIds[0] ?? "", "\u2764\uFE0F", ANN);
    await context.until("the reaction", () => context.events.some(({ type }) => type === "reaction"));
    expect(context.events.at(-1)).toMatchObject({ platformId: platformIds[0], emoji: "\u2764\uFE0F" });
  });

  it("[CH-12] holds what could not be written down, and brings it in order", async () => {
    const { platform, context } = await start(kind);
    context.refuse(4);
    for (let i = 0; i < 4; i++) await platform.write({ text: `m${i}` });
    await context.until("degraded", () => context.status?.state === "degraded");
    await seen(context, "m3");
    expect(context.messages().map(({ text }) => text)).toEqual(["m0", "m1", "m2", "m3"]);
    await context.until("connected again", () => context.status?.state === "connected");
  });

  it("[CH-36] says so at a send when the account is gone, and tries nothing more", async () => {
    const { platform, context, connection } = await start(kind);
    const send = () => failureOf(connection.send({ chat: direct, text: "x", idempotencyKey: "k" }, limit()));
    platform.account.refuse(-32602, "Specified account does not exist");
    expect(await send()).toMatchObject({ failure: "auth" });
    expect(context.status).toMatchObject({ state: "error", reason: expect.stringMatching(/[Ll]ink/) });
    const calls = platform.sendCalls;
    expect(await send()).toMatchObject({ failure: "auth" });
    expect(platform.sendCalls).toBe(calls);
    await until("it hung up", () => platform.service.listeners === 0);
  });

  it("[CH-18] says what to do when a safety number changed", async () => {
    const { platform, context, connection } = await start(kind);
    platform.account.refuse(-4, "Failed to send message due to untrusted identities");
    const error = await failureOf(connection.send({ chat: direct, text: "x", idempotencyKey: "k" }, limit()));
    expect(error).toMatchObject({ failure: "rejected", message: expect.stringMatching(/trust/) });
    expect(context.status?.state).toBe("connected");
  });

  it("keeps messages for later while it is not connected", async () => {
    const { platform, context, connection } = await start(kind);
    await platform.down();
    await context.until("it notices", () => context.status?.state === "disconnected");
    const calls = platform.sendCalls;
    const error = await failureOf(connection.send({ chat: direct, text: "x", idempotencyKey: "k" }, limit()));
    expect(error.failure).toBe("offline");
    expect(platform.sendCalls).toBe(calls);
  });

  it("connects anew when the service has gone silent", async () => {
    const { platform, context } = await start(kind);
    platform.service.isSilent = true;
    await context.until("it notices", () => context.statuses.some(({ reason }) => /silent/.test(reason ?? "")), 9000);
    await context.until("connected again", () => context.status?.state === "connected");
  }, 20_000);
});

it("goes on after a restart with the event that it had not finished", async () => {
  const platform = await startPlatform("jsonrpc");
  const memory = createMemory();
  const first = await startWith(platform, {}, memory);
  await first.context.until("connected", () => first.context.status?.state === "connected");
  await platform.write({ text: "done" });
  await seen(first.context, "done");
  first.context.refuse(1_000_000);
  await platform.write({ text: "not done" });
  await first.context.until("degraded", () => first.context.status?.state === "degraded");
  await first.connection.dispose();
  const second = await startWith(platform, {}, memory);
  await seen(second.context, "not done");
  expect(second.context.messages().map(({ text }) => text)).toEqual(["not done"]);
});

it("says how signal-cli-rest-api must run, and connects once it does", async () => {
  const platform = await startPlatform("rest");
  platform.service.mode = "normal";
  const { context } = await startWith(platform, {});
  await context.until("an error", () => context.status?.state === "error");
  expect(context.status?.reason).toMatch(/MODE=json-rpc/);
  platform.service.mode = "json-rpc";
  await context.until("connected", () => context.status?.state === "connected");
});

it("says so when something else answers at the address", async () => {
  const platform = await startPlatform("rest");
  const { context } = await startWith(platform, { url: `${String(platform.settings["url"])}/elsewhere` });
  await context.until("an error", () => context.status?.state === "error");
  expect(context.status?.reason).toMatch(/signal\.url/);
});
