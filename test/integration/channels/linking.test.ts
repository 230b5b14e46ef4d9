/** WhatsApp linked from the window: a picture that a phone can read, drawn anew as it changes, and then messages. */
import jsQR from "jsqr";
import { PNG } from "pngjs";
import { expect, it, onTestFinished } from "vitest";
import { until } from "#test/fakes/channel-context.ts";
import { startTestGateway } from "#test/fakes/gateway.ts";
import { FAKE_OPENAI_ANSWER } from "#test/fakes/openai.ts";
import { startWhatsApp } from "#test/fakes/whatsapp-platform.ts";
import { sentTo } from "./world.ts";

/** What a phone's camera would read. */
function readPicture(dataUrl: string): string | undefined {
  const { width, height, data } = PNG.sync.read(Buffer.from(dataUrl.split(",")[1] ?? "", "base64"));
  return jsQR(new Uint8ClampedArray(data), width, height)?.data;
}

it("[G01] shows a code that can be scanned, links, keeps the link over a restart, and answers", async () => {
  const platform = await startWhatsApp();
  onTestFinished(() => platform.close());
  const gateway = await startTestGateway({
    env: { GATEHOUSE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64") },
    config: { secrets: { backend: "file" }, channels: { whatsapp: { ...platform.settings, dmPolicy: "open" } } },
  });
  onTestFinished(() => gateway.dispose());
  const client = await gateway.connect();
  const begun = await client.call("web.login.start", { channel: "whatsapp" });
  expect(readPicture(String(begun["qrDataUrl"]))).toBe(begun["qr"]);
  expect(Number(begun["expiresAtMs"])).toBeGreaterThan(Date.now());
  const linked = client.call("web.login.wait", { channel: "whatsapp", timeoutMs: 20_000 });
  platform.onLogin?.({ type: "qr", qr: String(begun["qr"]), expiresAtMs: Number(begun["expiresAtMs"]) });
  expect(await linked).toMatchObject({ connected: true });
  await platform.write({ text: "hello" });
  const chat = platform.directChat(platform.ann);
  expect(await sentTo(platform, chat, 1)).toEqual([FAKE_OPENAI_ANSWER]);
  await gateway.restart();
  await platform.write({ text: "still there?" });
  await until("the second answer", () => platform.sent().length === 2, 15_000);
}, 60_000);
