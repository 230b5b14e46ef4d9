import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Scope } from "#main/protocol/scopes.ts";
import { authorized, postChat, sendRaw, startApp, type RunningApp } from "./start-app.ts";

let app: RunningApp;
afterEach(() => app.close());

const question = { model: "demo/echo", messages: [{ role: "user", content: "hello" }] };

describe("the guard of the routes", () => {
  it("[C20] refuses a missing credential with OpenAI's shape below /v1", async () => {
    app = await startApp();
    const answer = await sendRaw(app, "/v1/models");
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
    expect(JSON.parse(answer.body)).toEqual({
      error: {
        message: "unauthorized: send the gateway's token as a Bearer token",
        type: "invalid_request_error",
        param: null,
        code: "invalid_api_key",
      },
    });
  });

  it("[C20] refuses with the envelope of the other routes elsewhere", async () => {
    app = await startApp();
    const answer = await sendRaw(app, "/api/v1/admin/plugins");
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "UNAUTHORIZED", retryable: false } });
  });

  it("[C20] answers an unknown path of the API with 404 only to those with a credential", async () => {
    app = await startApp();
    for (const path of ["/v1/nothing", "/api/nothing"]) {
      expect((await sendRaw(app, path)).status).toBe(401);
      expect((await sendRaw(app, path, { headers: authorized })).status).toBe(404);
    }
  });

  it("[HT-12] refuses a foreign origin on the API and never allows one by a header", async () => {
    app = await startApp();
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
      for (const method of ["GET", "OPTIONS"]) {
        const answer = await sendRaw(app, "/v1/models", { method, headers: { ...authorized, origin } });
        expect(answer.status).toBe(403);
        expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      }
    }
    const own = await sendRaw(app, "/v1/models", { headers: { ...authorized, origin: app.url } });
    expect(own.status).toBe(200);
    expect(own.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("[HT-12] tells probes and the page to any origin, since they tell it nothing", async () => {
    app = await startApp();
    for (const path of ["/health", "/missing.js"]) {
      const answer = await sendRaw(app, path, { headers: { origin: "https://evil.example" } });
      expect([200, 404]).toContain(answer.status);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  it("[HT-12] lets a foreign origin through where the check is taken away", async () => {
    app = await startApp({ checkOrigin: () => ({ ok: true }) });
    const answer = await sendRaw(app, "/v1/models", { headers: { ...authorized, origin: "https://evil.example" } });
    expect(answer.status).toBe(200);
  });

  it("[HT-04] refuses a foreign Host on every route, probes and page included", async () => {
    app = await startApp();
    for (const path of ["/", "/health", "/v1/models", "/assets/x.js"]) {
      const answer = await sendRaw(app, path, { headers: { ...authorized, host: "evil.example" } });
      expect(answer.status).toBe(421);
    }
  });

  it("[HT-23] refuses before the body has come", async () => {
    app = await startApp();
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(app.port, "127.0.0.1", () => {
        socket.write(
          `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:${app.port}\r\n` +
            "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n",
        );
      });
      let text = "";
      socket.setEncoding("utf8").on("data", (data: string) => (text += data));
      socket.on("close", () => resolve(text)).on("error", reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer.toLowerCase()).toContain("connection: close");
  });

  it("[HT-29] takes scopes from the credential, not from the request", async () => {
    const scopes = new Set<Scope>(["operator.read"]);
    app = await startApp({ authenticate: () => ({ ok: true, scopes }) });
    const answer = await postChat(app, question, { "x-openclaw-scopes": "operator.admin" });
    expect(answer.status).toBe(403);
    expect((await sendRaw(app, "/v1/models")).status).toBe(200);
  });

  it("[HT-25] passes on 429 with Retry-After in whole seconds", async () => {
    app = await startApp({
      authenticate: () => ({ ok: false, status: 429, message: "too many wrong credentials", retryAfterMs: 1500 }),
    });
    const answer = await sendRaw(app, "/v1/models");
    expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "2"]);
  });

  it("[HT-14] ignores a token in the address", async () => {
    app = await startApp();
    expect((await sendRaw(app, "/v1/models?token=test-token")).status).toBe(401);
  });

  it("[HT-18] keeps protected paths protected however they are spelled", async () => {
    app = await startApp();
    const spellings = [
      "/%76%31/models",
      "/v1%2fmodels",
      "/v1%252fmodels",
      "//v1/models",
      "/./v1/models",
      "/x/../v1/models",
      "/x/%2e%2e/v1/models",
      "/V1/models",
      "/v1/models/",
      "/v1;/models",
      "/v1/models?x=/health",
      "/v1/./models",
      "/v1\\models",
      "/health/../v1/models",
      "/health/%2e%2e/v1/models",
    ];
    for (const spelling of spellings) {
      const answer = await sendRaw(app, spelling);
      expect([400, 401, 404], spelling).toContain(answer.status);
      expect(answer.body, spelling).not.toContain("object");
    }
  });
});
