import { existsSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempState } from "#test/fakes/temp-state.ts";
import { cliPath, serveGateway, type ServedGateway } from "./built-cli.ts";

const hasPage = existsSync(join(dirname(cliPath), "../renderer/index.html"));

/** A request whose target and headers go out as written. */
function ask(gateway: ServedGateway, target: string, headers: Record<string, string> = {}, method = "GET") {
  const { port } = new URL(gateway.url);
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, path: target, method, headers, agent: false },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => (body += text));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    request.on("error", reject).end();
  });
}

/** Everything that comes back for bytes sent by hand, until the other side closes. */
function talk(gateway: ServedGateway, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("utf8").on("data", (data: string) => (answer += data));
    socket.on("error", () => {}).on("close", () => resolve(answer));
  });
}

describe("the built gateway over HTTP", () => {
  it("[C32] answers its probes without a credential", async () => {
    const gateway = await serveGateway(tempState());
    for (const path of ["/health", "/health/live", "/health/ready", "/api/v1/health"]) {
      expect([path, (await ask(gateway, path)).status]).toEqual([path, 200]);
    }
    const health = JSON.parse((await ask(gateway, "/health")).body) as Record<string, unknown>;
    expect(Object.keys(health)).toEqual(["status", "version", "uptime_seconds"]);
    const more = JSON.parse((await ask(gateway, "/api/v1/health")).body) as Record<string, unknown>;
    expect(more).toMatchObject({ status: "ok", uptime_secs: expect.any(Number) as unknown });
    expect(JSON.stringify(more)).not.toContain(gateway.dir);
  });

  it("[HT-12] refuses foreign pages on the API and lets them load nothing but the page itself", async () => {
    const gateway = await serveGateway(tempState());
    const authorization = `Bearer ${gateway.token}`;
    for (const origin of ["https://evil.example", "null", "http://localhost:1"]) {
      const answer = await ask(gateway, "/v1/models", { origin, authorization });
      expect([origin, answer.status]).toEqual([origin, 403]);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      expect((await ask(gateway, "/", { origin })).status).toBe(hasPage ? 200 : 503);
    }
    expect((await ask(gateway, "/v1/models", { origin: gateway.url, authorization })).status).toBe(200);
  });

  it("[HT-04] refuses a foreign name and forged forwarding on every route", async () => {
    const gateway = await serveGateway(tempState());
    for (const path of ["/", "/health", "/v1/models"]) {
      expect([path, (await ask(gateway, path, { host: "evil.example" })).status]).toEqual([path, 421]);
      expect([path, (await ask(gateway, path, { "x-forwarded-for": "10.0.0.1" })).status]).toEqual([path, 403]);
    }
  });

  it("[C20] wants a credential for everything but the page and the probes", async () => {
    const gateway = await serveGateway(tempState());
    for (const path of ["/v1/models", "/v1/chat/completions", "/v1/x", "/api/v1/admin/plugins", "/api/x"]) {
      expect([path, (await ask(gateway, path)).status]).toEqual([path, 401]);
      expect([path, (await ask(gateway, `${path}?token=${gateway.token}`)).status]).toEqual([path, 401]);
    }
  });

  it("[HT-23] refuses an unknown caller before the body has come", async () => {
    const gateway = await serveGateway(tempState());
    const { host } = new URL(gateway.url);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
    expect(await talk(gateway, `${head}Content-Length: 1000000\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 401 /);
    const authorized = `${head}Authorization: Bearer ${gateway.token}\r\n`;
    expect(await talk(gateway, `${authorized}Content-Length: 3000000\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("[HT-19] answers no second request that was smuggled behind the first", async () => {
    const gateway = await serveGateway(tempState());
    const { host } = new URL(gateway.url);
    const both = "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG";
    const answer = await talk(gateway, `POST /v1/chat/completions HTTP/1.1\r\nHost: ${host}\r\n${both}`);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("[HT-16] serves nothing outside the page's folder", async () => {
    const gateway = await serveGateway(tempState());
    for (const path of ["/../main/cli.js", "/%2e%2e/main/cli.js", "/..%2fmain%2fcli.js", "/%252e%252e/main/cli.js"]) {
      expect([400, 404]).toContain((await ask(gateway, path)).status);
    }
  });

  it.skipIf(!hasPage)("[C28] serves the page with its policy, and its hashed files for ever", async () => {
    const gateway = await serveGateway(tempState());
    const page = await ask(gateway, "/");
    expect(page.headers["content-security-policy"]).toContain("script-src 'self';");
    const asset = /(?:src|href)="\.?\/?(assets\/[^"]+\.js)"/.exec(page.body)?.[1];
    expect(asset).toBeDefined();
    const script = await ask(gateway, `/${asset}`);
    expect([script.status, script.headers["cache-control"]]).toEqual([200, "public, max-age=31536000, immutable"]);
    expect(/<script(?![^>]*\bsrc=)[^>]*>/.test(page.body)).toBe(false);
  });
});
