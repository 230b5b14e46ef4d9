/**
 * What every channel promises, whichever platform it speaks to. Run for each entry of the list against the fake of its
 * platform, through the real client library. What a platform cannot do is in its capabilities, not skipped here.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { ChannelError, type AnyChannel, type ChannelConnection, type InboundMessage } from "#main/channels/contract.ts";
import { withDefaults } from "#main/channels/settings.ts";
import { createTestContext, until, type TestContext } from "#test/fakes/channel-context.ts";
import type { FakePlatform } from "#test/fakes/channel-platform.ts";
import { tempState } from "#test/fakes/temp-state.ts";

export interface ChannelHarness {
  channel: AnyChannel;
  startPlatform(): Promise<FakePlatform>;
  /** The operating system that the channel is told it runs on; absent: the real one. */
  platform?: NodeJS.Platform;
  /** Settings with which it must say that it cannot start, and a word that its reason holds. */
  incomplete: { settings: Record<string, unknown>; says: RegExp };
  /** How the platform writes **bold** and a `<` in the text: proves that Markdown is rendered and escaped. */
  rendered: { markdown: string; text: string };
}

/** A picture of one point, PNG. */
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

interface Running {
  platform: FakePlatform;
  context: TestContext;
  connection: ChannelConnection;
}

/** Starts platform and channel, both gone when the test is. */
export async function startChannel(harness: ChannelHarness, options: { connected?: boolean } = {}): Promise<Running> {
  const platform = await harness.startPlatform();
  onTestFinished(() => platform.close());
  const settings = withDefaults(harness.channel.settings, platform.settings);
  const context = createTestContext({
    settings,
    dataDir: tempState(),
    onLogin: (event) => platform.onLogin?.(event),
    ...(harness.platform === undefined ? {} : { platform: harness.platform }),
  });
  const connection = await harness.channel.start(context);
  onTestFinished(async () => {
    await connection.dispose();
  });
  await platform.begin?.(connection);
  if (options.connected !== false) {
    await until("connected", () => context.status?.state === "connected");
  }
  return { platform, context, connection };
}

const signal = () => AbortSignal.timeout(5000);

async function failureOf(promise: Promise<unknown>): Promise<ChannelError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ChannelError);
  return thrown as ChannelError;
}

/** Rows of the features that a channel is. */
const ROWS: Readonly<Record<string, string>> = {
  ...{ whatsapp: "G01", twilio: "G02", telegram: "G04", discord: "G05", slack: "G06", signal: "G07", imessage: "G08" },
};

/** What a platform cannot do is no case of its suite, and none that was skipped. */
const when = (can: boolean) => (can ? it : (_name: string, _test: () => Promise<void>) => {});

export function describeChannel(harness: ChannelHarness): void {
  const { channel } = harness;
  const { capabilities } = channel;
  const chatOf = (platform: FakePlatform) => ({ id: platform.directChat(platform.ann), kind: "direct" as const });
  const first = async ({ context }: Running, count = 1): Promise<InboundMessage> => {
    await context.until(`${count} messages`, () => context.messages().length >= count);
    return context.messages()[count - 1] as InboundMessage;
  };

  describe(`${channel.id} keeps the contract of a channel`, () => {
    it("[G18] says that it connects, and that it is connected only when the platform agreed", async () => {
      const { context } = await startChannel(harness);
      const states = context.statuses.map(({ state }) => state);
      expect(states[0]).toBe("connecting");
      expect(states.at(-1)).toBe("connected");
    });

    it("[G17] names what is missing in the settings, without starting", () => {
      const settings = withDefaults(channel.settings, harness.incomplete.settings);
      expect(channel.check(settings as never)).toMatch(harness.incomplete.says);
    });

    it(`[${ROWS[channel.id]}] maps a direct message: who, where, what, and an id of its own`, async () => {
      const running = await startChannel(harness);
      const { platform } = running;
      const before = Date.now();
      const platformId = await platform.write({ text: "hello & <world> *x* \u{1F44B}" });
      const message = await first(running);
      expect(message).toMatchObject({
        type: "message",
        platformId,
        text: "hello & <world> *x* \u{1F44B}",
        chat: { id: platform.directChat(platform.ann), kind: "direct" },
        sender: { id: platform.ann.id },
        media: [],
      });
      expect(message.messageId).not.toBe("");
      expect(Math.abs(message.at - before)).toBeLessThan(60_000);
    });

    it("[CH-10] gives a message that is delivered twice the same id", async () => {
      const running = await startChannel(harness);
      await running.platform.write({ text: "once" });
      const message = await first(running);
      await running.platform.repeatLast();
      await running.platform.write({ text: "after" });
      await running.context.until("the next message", () =>
        running.context.messages().some(({ text }) => text === "after"),
      );
      const ids = new Set(running.context.messages().map(({ messageId }) => messageId));
      expect(ids.size).toBe(2);
      expect(ids.has(message.messageId)).toBe(true);
    });

    it("keeps the order of one chat", async () => {
      const running = await startChannel(harness);
      for (let i = 0; i < 5; i++) await running.platform.write({ text: `m${i}` });
      await first(running, 5);
      expect(running.context.messages().map(({ text }) => text)).toEqual(["m0", "m1", "m2", "m3", "m4"]);
    });

    when(capabilities.groups)("[CH-23] tells a mention by the platform's mark, not by the text", async () => {
      const running = await startChannel(harness);
      const { platform } = running;
      await platform.write({ where: "group", text: "@gatehouse @bot gatehouse are you there" });
      await platform.write({ where: "group", text: "hey, help", mentionsBot: true, from: platform.bob });
      const plain = await first(running, 1);
      const marked = await first(running, 2);
      expect(plain).toMatchObject({ mentionsMe: false, chat: { kind: "group", id: platform.group } });
      expect(marked).toMatchObject({ mentionsMe: true, sender: { id: platform.bob.id } });
      expect(marked.text).toContain("hey, help");
    });

    when(capabilities.groups)("tells an answer to one of its own messages", async () => {
      const running = await startChannel(harness);
      const { platform, connection } = running;
      const chat = { id: platform.group, kind: "group" as const };
      const { platformIds } = await connection.send({ chat, text: "question", idempotencyKey: "k1" }, signal());
      await platform.write({ where: "group", text: "answer", replyTo: platformIds[0] ?? "" });
      expect((await first(running)).replyTo).toMatchObject({ isToMe: true });
    });

    it("[CH-25] loads what was sent along only when it is asked for", async () => {
      const running = await startChannel(harness);
      const { platform, connection } = running;
      await platform.write({ text: "look", media: { kind: "image", bytes: PNG, fileName: "a.png" } });
      const [media] = (await first(running)).media;
      expect(media).toMatchObject({ kind: "image" });
      expect(platform.downloads).toBe(0);
      if (!media || !connection.download) throw new Error("nothing to load");
      const chunks: Uint8Array[] = [];
      for await (const chunk of connection.download(media, signal())) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(PNG)).toBe(true);
    });

    it("[G20] writes Markdown in the platform's markup, and what looks like markup as text", async () => {
      const { platform, connection } = await startChannel(harness);
      const { markdown, text } = harness.rendered;
      await connection.send({ chat: chatOf(platform), text: markdown, idempotencyKey: "k" }, signal());
      expect(platform.sent().at(-1)?.text).toBe(text);
    });

    it("answers a send with the platform's id", async () => {
      const { platform, connection } = await startChannel(harness);
      const sent = await connection.send({ chat: chatOf(platform), text: "hi", idempotencyKey: "k" }, signal());
      expect(sent.platformIds).toEqual([platform.sent().at(-1)?.platformId]);
      expect(platform.sent().at(-1)?.chatId).toBe(platform.directChat(platform.ann));
    });

    when(capabilities.maxMediaBytes > 0)("sends a picture with words", async () => {
      const { platform, connection } = await startChannel(harness);
      const media = { kind: "image" as const, bytes: PNG, mimeType: "image/png", fileName: "a.png" };
      await connection.send({ chat: chatOf(platform), text: "look", media, idempotencyKey: "k" }, signal());
      const sent = platform.sent();
      expect(sent.some((one) => one.media && Buffer.from(one.media.bytes).equals(PNG))).toBe(true);
      expect(sent.some(({ text }) => text.includes("look"))).toBe(true);
    });

    it("[G20] [CH-26] splits a long text within the platform's limit, and loses nothing of it", async () => {
      const { platform, connection } = await startChannel(harness);
      const words = Array.from({ length: Math.ceil((capabilities.maxText * 2.5) / 8) }, (_, i) => `w${i}&\u{1F980}`);
      const parts = channel.split(words.join(" "));
      expect(parts.length).toBeGreaterThan(1);
      for (const [index, text] of parts.entries()) {
        await connection.send({ chat: chatOf(platform), text, idempotencyKey: `k${index}` }, signal());
      }
      const sent = platform.sent().slice(-parts.length);
      expect(parts.join(" ").split(/\s+/)).toEqual(words);
      for (const { text } of sent) expect(text.isWellFormed()).toBe(true);
      expect(sent).toHaveLength(parts.length);
    });

    it("[CH-16] passes on how long to wait, and does not try again by itself", async () => {
      const { platform, connection } = await startChannel(harness);
      platform.fail({ is: "rate-limit", seconds: 7 });
      const calls = platform.sendCalls;
      const error = await failureOf(
        connection.send({ chat: chatOf(platform), text: "x", idempotencyKey: "k" }, signal()),
      );
      expect(error.failure).toBe("retry");
      expect(error.retryAfterMs).toBeGreaterThanOrEqual(7000);
      expect(platform.sendCalls).toBe(calls + 1);
      expect(platform.sent()).toHaveLength(0);
    });

    it("[CH-17] tells a fault of the platform that may pass", async () => {
      const { platform, connection } = await startChannel(harness);
      platform.fail({ is: "server-error" });
      const calls = platform.sendCalls;
      const error = await failureOf(
        connection.send({ chat: chatOf(platform), text: "x", idempotencyKey: "k" }, signal()),
      );
      expect(error.failure).toBe("retry");
      expect(platform.sendCalls).toBe(calls + 1);
    });

    it("[CH-18] tells a refusal for good, in words", async () => {
      const { platform, connection } = await startChannel(harness);
      platform.fail({ is: "rejected" });
      const error = await failureOf(
        connection.send({ chat: chatOf(platform), text: "x", idempotencyKey: "k" }, signal()),
      );
      expect(error.failure).toBe("rejected");
      expect(error.message.length).toBeGreaterThan(8);
    });

    it("[CH-14] tells that it does not know, when the answer to a send is lost", async () => {
      const { platform, connection } = await startChannel(harness);
      platform.fail({ is: "answer-lost" });
      const calls = platform.sendCalls;
      const error = await failureOf(
        connection.send({ chat: chatOf(platform), text: "x", idempotencyKey: "k" }, signal()),
      );
      expect(error.failure).toBe("unknown");
      expect(platform.sendCalls).toBe(calls + 1);
    });

    it("[CH-12] lets a message come again that could not be written down", async () => {
      const running = await startChannel(harness);
      running.context.refuse(1);
      await running.platform.write({ text: "kept" });
      await running.context.until("it came again", () =>
        running.context.messages().some(({ text }) => text === "kept"),
      );
    });

    it("comes back when the network does, and brings what was written meanwhile", async () => {
      const running = await startChannel(harness);
      const { platform, context } = running;
      await platform.down();
      await context.until("it notices", () => context.status?.state !== "connected", 15_000);
      expect(context.status?.reason ?? "").not.toBe("");
      await platform.write({ text: "meanwhile" });
      await platform.up();
      await context.until("connected again", () => context.status?.state === "connected", 15_000);
      await context.until("the message", () => context.messages().some(({ text }) => text === "meanwhile"), 15_000);
    }, 45_000);

    it("[CH-36] says so when the credentials count no more, and does not knock on and on", async () => {
      const { platform, context } = await startChannel(harness);
      if (platform.revoke === undefined) return expect(capabilities.login).toBe("none");
      await platform.revoke();
      await context.until("an error", () => context.status?.state === "error", 15_000);
      expect(context.status?.reason ?? "").not.toBe("");
      const attempts = platform.attempts;
      // Two hundred turns of a hurried clock are a minute of the real one.
      const end = performance.now() + 1200;
      await until("a while", () => performance.now() > end);
      expect(platform.attempts - attempts).toBeLessThan(5);
      return undefined;
    }, 30_000);

    it("lives on when the platform sends nonsense", async () => {
      const running = await startChannel(harness);
      await running.platform.writeNonsense?.();
      await running.platform.write({ text: `${"x".repeat(3000)}\u0000\u202E end` });
      await running.platform.write({ text: "fine" });
      await running.context.until("the good message", () =>
        running.context.messages().some(({ text }) => text === "fine"),
      );
      expect(running.context.status?.state).toBe("connected");
    });

    when(capabilities.buttons)("[CH-22] hands over a press with who pressed, and takes the buttons away", async () => {
      const { platform, connection, context } = await startChannel(harness);
      const chat = chatOf(platform);
      const buttons = [
        { label: "Allow once", data: "a:apr_123:once", style: "primary" as const },
        { label: "Deny", data: "a:apr_123:deny", style: "danger" as const },
      ];
      const { platformIds } = await connection.send({ chat, text: "May I?", buttons, idempotencyKey: "k" }, signal());
      const shown = platform.sent().at(-1);
      expect(shown?.buttons?.map(({ data }) => data)).toEqual(["a:apr_123:once", "a:apr_123:deny"]);
      if (!shown || !platform.press) throw new Error("no buttons");
      await platform.press(shown, "a:apr_123:once", platform.bob);
      await context.until("the press", () => context.presses.length === 1);
      expect(context.presses[0]).toMatchObject({ data: "a:apr_123:once", sender: { id: platform.bob.id } });
      if (capabilities.edits) {
        await connection.edit?.(chat, platformIds[0] ?? "", { text: "Allowed." });
        expect(platform.sent().at(-1)?.buttons ?? []).toEqual([]);
      }
    });

    when(capabilities.edits)("changes a message that it sent", async () => {
      const { platform, connection } = await startChannel(harness);
      const chat = chatOf(platform);
      const { platformIds } = await connection.send({ chat, text: "first", idempotencyKey: "k" }, signal());
      await connection.edit?.(chat, platformIds[0] ?? "", { text: "second" });
      expect(platform.sent()).toHaveLength(1);
      expect(platform.sent()[0]).toMatchObject({ text: "second", edits: 1 });
    });

    when(capabilities.typing)("shows that it writes", async () => {
      const { platform, connection } = await startChannel(harness);
      await connection.typing?.(chatOf(platform));
      await until("typing", () => platform.typings > 0);
    });

    it("[CH-28] does not take its own messages for those of a person", async () => {
      const { platform, connection, context } = await startChannel(harness);
      await connection.send({ chat: chatOf(platform), text: "mine", idempotencyKey: "k" }, signal());
      await platform.write({ text: "yours" });
      await context.until("the person's", () => context.messages().length > 0);
      expect(context.messages().map(({ text }) => text)).toEqual(["yours"]);
    });

    it("says nothing more once it is stopped", async () => {
      const { platform, connection, context } = await startChannel(harness);
      await connection.dispose();
      const told = context.statuses.length;
      await platform.write({ text: "late" });
      const end = performance.now() + 150;
      await until("a while", () => performance.now() > end);
      expect(context.messages()).toEqual([]);
      expect(context.statuses).toHaveLength(told);
    });
  });
}
