/** WhatsApp through Twilio against a Twilio on loopback: what every channel promises, and what only this one can. */
import { describe, expect, it } from "vitest";
import { ChannelError, type AnyChannel, type ChannelConnection } from "#main/channels/contract.ts";
import { twilio } from "#main/channels/twilio/twilio.ts";
import { sign, startTwilio, WEBHOOK_URL, type FakeTwilio } from "#test/fakes/twilio-platform.ts";
import { describeChannel, PNG, startChannel, type ChannelHarness } from "./channel.suite.ts";

const harness: ChannelHarness = {
  channel: twilio as unknown as AnyChannel,
  startPlatform: startTwilio,
  incomplete: { settings: { accountSid: "SK12" }, says: /accountSid/ },
  rendered: { markdown: "**bold** a < b & c", text: "*bold* a < b & c" },
};

describeChannel(harness);

async function startTwilioChannel() {
  const { platform, ...running } = await startChannel(harness);
  return { ...running, platform: platform as FakeTwilio };
}

async function failureOf(sending: Promise<unknown>): Promise<ChannelError> {
  const thrown = await sending.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ChannelError);
  return thrown as ChannelError;
}

function sendTo(connection: ChannelConnection, id: string, text = "hi"): Promise<unknown> {
  return connection.send({ chat: { id, kind: "direct" }, text, idempotencyKey: "k" }, AbortSignal.timeout(5000));
}

describe("twilio beside the contract", () => {
  it("[CH-03] refuses a request whose signature does not fit, and believes no header about its address", async () => {
    const { platform, connection, context } = await startTwilioChannel();
    const params = platform.incoming({ text: "let me in" });
    const body = Buffer.from(new URLSearchParams(params).toString());
    let reads = 0;
    const readBody = async () => {
      reads += 1;
      return body;
    };
    const elsewhere = "https://evil.example/channels/twilio/webhook";
    const forged: Record<string, string>[] = [
      {},
      { "x-twilio-signature": "" },
      { "x-twilio-signature": "short" },
      { "x-twilio-signature": sign(WEBHOOK_URL, params, "another token") },
      { "x-twilio-signature": sign(WEBHOOK_URL, { ...params, Body: "other words" }) },
      { "x-twilio-signature": sign(elsewhere, params), host: "evil.example", "x-forwarded-host": "evil.example" },
    ];
    for (const headers of forged) {
      expect(await connection.webhook?.({ headers, query: "", readBody })).toMatchObject({ status: 403 });
    }
    // The first three hold no signature at all: their body is not even read.
    expect(reads).toBe(3);
    expect(context.events).toEqual([]);
  });

  it("[CH-03] answers a replayed request, and gives it the id that it had", async () => {
    const { platform, context } = await startTwilioChannel();
    const params = platform.incoming({ text: "once" });
    const answers = [await platform.post(params), await platform.post(params)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(context.messages().map(({ messageId }) => messageId))).toEqual(new Set([params["MessageSid"]]));
  });

  it("[CH-12] answers only once the message is kept, and with an empty reply", async () => {
    const { platform, context } = await startTwilioChannel();
    const kept = Promise.withResolvers<void>();
    let isReceiving = false;
    context.receive = () => {
      isReceiving = true;
      return kept.promise;
    };
    let status: number | undefined;
    const answered = platform.post(platform.incoming({ text: "wait" })).then((answer) => {
      status = answer.status;
      return answer;
    });
    await context.until("it is handed over", () => isReceiving);
    expect(status).toBeUndefined();
    kept.resolve();
    expect((await answered).body).toContain("<Response></Response>");
    expect(status).toBe(200);
  });

  it("[CH-12] asks for a message again that could not be kept", async () => {
    const { platform, context } = await startTwilioChannel();
    context.refuse(1);
    expect((await platform.post(platform.incoming({ text: "x" }))).status).toBe(503);
  });

  it("takes what became of a sent message for no message", async () => {
    const { platform, context } = await startTwilioChannel();
    const base = { MessageSid: "SM1", AccountSid: "AC1", To: "whatsapp:+15550001111", From: "whatsapp:+14155238886" };
    for (const status of ["sent", "delivered", "read", "failed"]) {
      const params = { ...base, SmsStatus: status, MessageStatus: status, ErrorCode: "63016" };
      expect((await platform.post(params)).status).toBe(200);
    }
    expect(context.events).toEqual([]);
  });

  it("[CH-28] takes a message to another number, or from its own, for none", async () => {
    const { platform, context } = await startTwilioChannel();
    const params = platform.incoming({ text: "hi" });
    await platform.post({ ...params, To: "whatsapp:+15559999999" });
    await platform.post({ ...params, From: "whatsapp:+14155238886" });
    expect(context.events).toEqual([]);
  });

  it("gives its credentials to Twilio, and not to the storage that Twilio sends it on to", async () => {
    const { platform, connection, context } = await startTwilioChannel();
    await platform.write({ media: { kind: "voice", bytes: PNG } });
    const [media] = context.messages()[0]?.media ?? [];
    if (!media || !connection.download) throw new Error("nothing to load");
    const chunks: Uint8Array[] = [];
    for await (const chunk of connection.download(media, AbortSignal.timeout(5000))) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(PNG)).toBe(true);
    expect(platform.downloads).toBe(1);
    expect(platform.strayCredentials).toEqual([]);
  });

  it("loads nothing from a place that is not Twilio's", async () => {
    const { platform, connection } = await startTwilioChannel();
    const load = async (ref: string) => {
      for await (const _ of connection.download?.({ kind: "image", ref }, AbortSignal.timeout(5000)) ?? []) void _;
    };
    for (const ref of ["http://127.0.0.1:1/x", "https://twilio.com.evil.example/x", "file:///etc/passwd", "nonsense"]) {
      expect(await load(ref).catch((error: unknown) => error)).toBeInstanceOf(ChannelError);
    }
    const { apiBase } = platform.settings as { apiBase: string };
    expect(await failureOf(load(`${apiBase}/no/such/file`))).toMatchObject({ failure: "rejected" });
  });

  it("[CH-18] says what to do when the person has not written for a day", async () => {
    const { platform, connection } = await startTwilioChannel();
    platform.refuse(400, 63016, "Failed to send freeform message because you are outside the allowed window.");
    const error = await failureOf(sendTo(connection, platform.ann.id));
    expect(error.failure).toBe("rejected");
    expect(error.message).toMatch(/outside the allowed window.*63016.*they have to write first/);
  });

  it("[CH-16] waits a second when Twilio does not say how long, for the whole account", async () => {
    const { platform, connection } = await startTwilioChannel();
    platform.refuse(429, 20429, "Too Many Requests");
    const error = await failureOf(sendTo(connection, platform.ann.id));
    expect(error).toMatchObject({ failure: "retry", retryAfterMs: 1000, isAccountWide: true });
  });

  it("[CH-36] tells refused credentials at the send, and lets nothing out from then on", async () => {
    const { platform, connection, context } = await startTwilioChannel();
    await platform.revoke?.();
    expect(await failureOf(sendTo(connection, platform.ann.id))).toMatchObject({ failure: "auth" });
    await context.until("an error", () => context.status?.state === "error");
    expect(context.status?.reason).toMatch(/authToken/);
    const calls = platform.sendCalls;
    expect(await failureOf(sendTo(connection, platform.ann.id))).toMatchObject({ failure: "auth" });
    expect(platform.sendCalls).toBe(calls);
  });

  it("[CH-36] does not say that it is connected while the account is suspended", async () => {
    const platform = await startTwilio();
    platform.setAccountStatus("suspended");
    const { context } = await startChannel({ ...harness, startPlatform: async () => platform }, { connected: false });
    await context.until("an error", () => context.status?.state === "error");
    expect(context.status?.reason).toMatch(/suspended/);
    expect(context.statuses.map(({ state }) => state)).not.toContain("connected");
  });

  it("notices at a send that the network is gone, and sends nothing until it is back", async () => {
    const { platform, connection, context } = await startTwilioChannel();
    await platform.down();
    expect(await failureOf(sendTo(connection, platform.ann.id))).toMatchObject({ failure: "retry" });
    await context.until("disconnected", () => context.status?.state === "disconnected");
    expect(await failureOf(sendTo(connection, platform.ann.id))).toMatchObject({ failure: "offline" });
    await platform.up();
    await context.until("connected", () => context.status?.state === "connected");
    await sendTo(connection, platform.ann.id, "back");
    expect(platform.sent().map(({ text }) => text)).toEqual(["back"]);
  });

  it("says that it cannot send files", async () => {
    const { platform, connection } = await startTwilioChannel();
    const media = { kind: "image" as const, bytes: PNG, mimeType: "image/png", fileName: "a.png" };
    const chat = { id: platform.ann.id, kind: "direct" as const };
    const sending = connection.send({ chat, text: "", media, idempotencyKey: "k" }, AbortSignal.timeout(5000));
    expect(await failureOf(sending)).toMatchObject({ failure: "rejected" });
    expect(platform.sendCalls).toBe(0);
  });

  it("asks Twilio to come again once it is stopped", async () => {
    const { platform, connection, context } = await startTwilioChannel();
    await connection.dispose();
    expect((await platform.post(platform.incoming({ text: "late" }))).status).toBe(503);
    expect(context.events).toEqual([]);
  });
});
