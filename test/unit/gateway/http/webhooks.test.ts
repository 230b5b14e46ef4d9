import { afterEach, describe, expect, it } from "vitest";
import type { WebhookRequest } from "#main/channels/contract.ts";
import { startApp, type RunningApp } from "./start-app.ts";

const running: RunningApp[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

/** A plug that lets in who knows the word, and remembers the bodies it read. */
async function startWith(answer?: (body: string) => Promise<number>) {
  const bodies: string[] = [];
  const webhook = async ({ headers, readBody }: WebhookRequest) => {
    if (headers["x-secret"] !== "right") return { status: 401 };
    const body = Buffer.from(await readBody()).toString("utf8");
    bodies.push(body);
    return { status: (await answer?.(body)) ?? 200, body: "ok", headers: { "x-from": "plug" } };
  };
  const app = await startApp({ webhookOf: (channel) => (channel === "telegram" ? webhook : undefined) });
  running.push(app);
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(app.url + path, { method: "POST", body, headers });
  return { app, bodies, post };
}

describe("POST /channels/<id>/webhook", () => {
  it("[CH-01] hands the raw body to the plug, under whatever name it came, without a credential of ours", async () => {
    const { bodies, post } = await startWith();
    const answer = await post("/channels/telegram/webhook", "raw & body", {
      "x-secret": "right",
      "content-type": "x/y",
    });
    expect([answer.status, answer.headers.get("x-from"), await answer.text()]).toEqual([200, "plug", "ok"]);
    expect(bodies).toEqual(["raw & body"]);
  });

  it("[CH-01] [CH-08] refuses a wrong secret without reading the body, and slows down who keeps trying", async () => {
    const { app, bodies, post } = await startWith();
    for (let n = 0; n < 20; n++) {
      expect((await post("/channels/telegram/webhook", "x", { "x-secret": "wrong" })).status).toBe(401);
    }
    const late = await post("/channels/telegram/webhook", "x", { "x-secret": "wrong" });
    expect([late.status, Number(late.headers.get("retry-after")) > 0]).toEqual([429, true]);
    // The platform comes by the same tunnel: what is right passes.
    expect((await post("/channels/telegram/webhook", "now", { "x-secret": "right" })).status).toBe(200);
    await app.clock.advance(61_000);
    expect((await post("/channels/telegram/webhook", "x", { "x-secret": "wrong" })).status).toBe(401);
    expect(bodies).toEqual(["now"]);
  });

  it("[CH-12] asks for the message again when it could not be written down", async () => {
    const { post } = await startWith(() => Promise.reject(new Error("the disk is full")));
    expect((await post("/channels/telegram/webhook", "x", { "x-secret": "right" })).status).toBe(503);
  });

  it("refuses a channel that is not there, another method, and a body without end", async () => {
    const { app, post } = await startWith();
    expect((await post("/channels/slack/webhook", "x")).status).toBe(404);
    expect((await fetch(`${app.url}/channels/telegram/webhook`)).status).not.toBe(200);
    const huge = await post("/channels/telegram/webhook", "x".repeat(1_100_000), { "x-secret": "right" });
    expect(huge.status).toBe(413);
  });
});
