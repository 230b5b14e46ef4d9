/** A picture that is sent with a message, all the way to each service in that service's own shape. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Message } from "#main/protocol/messages.ts";
import { startFakeAnthropic } from "#test/fakes/anthropic.ts";
import { startTestGateway, type TestGateway } from "#test/fakes/gateway.ts";
import type { ScriptedServer } from "#test/fakes/scripted-http.ts";
import type { WireClient } from "#test/fakes/wire-client.ts";

/** The first bytes of each format, which is what the gateway believes; the rest does not matter to it. */
const PICTURES: readonly (readonly [string, readonly number[]])[] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]],
  ["image/jpeg", [0xff, 0xd8, 0xff, 0xe0, 1]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1]],
  ["image/webp", [0x52, 0x49, 0x46, 0x46, 1, 0, 0, 0, 0x57, 0x45, 0x42, 0x50]],
];

let world: TestGateway;
let claude: ScriptedServer;
let client: WireClient;

beforeAll(async () => {
  claude = await startFakeAnthropic();
  world = await startTestGateway();
  client = await world.connect();
  const anthropic = { kind: "anthropic", baseUrl: claude.url, apiKey: "sk-ant-fake-canary" };
  const { hash } = await client.call<{ hash: string }>("config.get");
  await client.call("config.patch", { raw: JSON.stringify({ llm: { providers: { anthropic } } }), baseHash: hash });
});
afterAll(async () => {
  await world.dispose();
  await claude.close();
});

let runs = 0;

/** Sends one message with attachments in a session of its own. @returns what the service was sent as that message */
async function send(model: string, server: ScriptedServer, attachments: readonly object[]): Promise<unknown> {
  const runId = `run-${(runs += 1)}`;
  const sessionKey = `agent:main:pictures-${runs}`;
  await client.call("sessions.create", { key: sessionKey });
  await client.call("sessions.patch", { key: sessionKey, model });
  await client.call("chat.send", { sessionKey, message: "what is this?", idempotencyKey: runId, attachments });
  await client.event(
    "chat",
    (chat: { runId: string; state: string }) => chat.runId === runId && chat.state === "final",
  );
  const { messages } = await client.call<{ messages: Message[] }>("chat.history", { sessionKey });
  expect(messages[0]?.content.some((block) => block.type === "image")).toBe(true);
  const body = server.requests.findLast((request) => request.method === "POST")?.body as {
    messages: { role: string; content: unknown }[];
  };
  return body.messages.findLast((message) => message.role === "user")?.content;
}

const toBase64 = (bytes: readonly number[]) => Buffer.from(bytes).toString("base64");

it.each(PICTURES)("[H23] %s reaches Anthropic as a base64 source, however it was sent", async (mimeType, bytes) => {
  const data = toBase64(bytes);
  for (const content of [data, `data:${mimeType};base64,${data}`, `data:text/plain;base64,${data}`]) {
    const sent = await send("anthropic/claude-sonnet-5-5", claude, [{ mimeType, fileName: "a", content }]);
    expect(sent).toContainEqual(
      expect.objectContaining({ type: "image", source: { type: "base64", media_type: mimeType, data } }),
    );
    expect(sent).toContainEqual(expect.objectContaining({ type: "text", text: "what is this?" }));
  }
});

it.each(PICTURES)("[H23] %s reaches an OpenAI-compatible service as a data URL", async (mimeType, bytes) => {
  const data = toBase64(bytes);
  for (const content of [data, `data:${mimeType};base64,${data}`]) {
    const sent = await send("fake/fake-model", world.model, [{ content }]);
    expect(sent).toContainEqual({ type: "image_url", image_url: { url: `data:${mimeType};base64,${data}` } });
    expect(sent).toContainEqual({ type: "text", text: "what is this?" });
  }
});

it("[H23] several pictures keep their order", async () => {
  const attachments = PICTURES.map(([, bytes]) => ({ content: toBase64(bytes) }));
  const sent = (await send("fake/fake-model", world.model, attachments)) as { image_url?: { url: string } }[];
  const types = sent.flatMap((part) => /^data:([^;]+)/.exec(part.image_url?.url ?? "")?.slice(1) ?? []);
  expect(types).toEqual(PICTURES.map(([mimeType]) => mimeType));
});

it("[H23] what only claims to be a picture is refused and reaches nobody", async () => {
  const before = world.model.requests.length;
  const attachments = [{ mimeType: "image/png", fileName: "fake.png", content: toBase64([0, 1, 2, 3]) }];
  const sending = client.call("chat.send", { sessionKey: "main", message: "x", idempotencyKey: "no", attachments });
  await expect(sending).rejects.toThrow(/fake\.png is neither a picture/);
  expect(world.model.requests).toHaveLength(before);
});
