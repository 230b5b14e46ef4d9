import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { MAX_BODY_BYTES } from "#main/gateway/http/body.ts";
import { authorized, postChat, sendRaw, startApp, TOKEN, type RunningApp } from "./start-app.ts";

let app: RunningApp;
afterEach(() => app.close());

const path = "/v1/chat/completions";

describe("the body of a request", () => {
  it("[HT-11] must be JSON by its content type, so that no form can send one", async () => {
    app = await startApp();
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]) {
      const headers = { ...authorized, "content-type": type };
      expect((await sendRaw(app, path, { method: "POST", headers, body: "{}" })).status).toBe(415);
    }
    const latin = { ...authorized, "content-type": "application/json; charset=latin1" };
    expect((await sendRaw(app, path, { method: "POST", headers: latin, body: "{}" })).status).toBe(415);
    const packed = { ...authorized, "content-type": "application/json", "content-encoding": "gzip" };
    expect((await sendRaw(app, path, { method: "POST", headers: packed, body: "{}" })).status).toBe(415);
  });

  it("answers 400 to what does not parse", async () => {
    app = await startApp();
    expect((await postChat(app, "{nope")).status).toBe(400);
    expect((await postChat(app, "")).status).toBe(400);
  });

  it("[HT-21] answers 413 to an announced length over the limit, before any of it has come", async () => {
    app = await startApp();
    const answer = await talk(`Content-Length: ${MAX_BODY_BYTES + 1}\r\n\r\n`, isLingering);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain("connection: close");
  });

  it("[HT-21] answers 413 once an unannounced body passes the limit", async () => {
    app = await startApp();
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    const answer = await talk(
      `Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(MAX_BODY_BYTES / 0x10000 + 1)}`,
      isLingering,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("[HT-22] answers 408 to a body that takes longer than 30 s", async () => {
    app = await startApp();
    const answer = talk("Content-Length: 10\r\n\r\n{", () => app.clock.pendingTimers > 0);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    await expect.poll(() => app.clock.pendingTimers).toBe(0);
  });

  it("accepts a body of exactly the limit", async () => {
    app = await startApp();
    const frame = JSON.stringify({ model: "demo/echo", messages: [{ role: "user", content: "" }] });
    const body = frame.replace('""', `"${"x".repeat(MAX_BODY_BYTES - frame.length)}"`);
    expect(Buffer.byteLength(body)).toBe(MAX_BODY_BYTES);
    expect((await postChat(app, body)).status).toBe(200);
  });

  it("[HT-21] lets a client finish that is refused while it sends, so that it reads the answer", async () => {
    app = await startApp();
    for (let round = 0; round < 5; round++) {
      expect((await postChat(app, "x".repeat(10 * MAX_BODY_BYTES))).status).toBe(413);
    }
    await expect.poll(() => app.clock.pendingTimers).toBe(0);
  });

  const isLingering = (text: string) => text.includes("413");

  /** Sends a request by hand and returns all that comes back; turns the clock on by 30 s whenever `isReady`. */
  function talk(rest: string, isReady?: (text: string) => boolean): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(app.port, "127.0.0.1", () => {
        socket.write(
          `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${app.port}\r\nAuthorization: Bearer ${TOKEN}\r\n` +
            `Content-Type: application/json\r\n${rest}`,
        );
      });
      let text = "";
      const poll = isReady
        ? setInterval(() => {
            if (!isReady(text)) return;
            void app.clock.advance(30_000);
          }, 1)
        : undefined;
      socket.setEncoding("utf8").on("data", (data: string) => (text += data));
      socket
        .on("error", () => {})
        .on("close", () => {
          clearInterval(poll);
          resolve(text);
        });
    });
  }
});
