import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseEncoding, matchesTag } from "#main/gateway/http/site.ts";
import { sendRaw, startApp, type RunningApp } from "./start-app.ts";

let app: RunningApp;
let folder: string;
let rendererDir: string;

const html =
  '<!doctype html><html><head><title>x</title></head><body><script src="./assets/a.js"></script></body></html>';
const script = "console.log('hello');\n".repeat(200);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatehouse-site-"));
  rendererDir = join(folder, "renderer");
  mkdirSync(join(rendererDir, "assets"), { recursive: true });
  writeFileSync(join(rendererDir, "index.html"), html);
  writeFileSync(join(rendererDir, "assets", "index-B1x9_k2Q.js"), script);
  writeFileSync(join(rendererDir, "logo.svg"), "<svg/>");
  writeFileSync(join(folder, "secret.txt"), "secret");
});
afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const navigate = { accept: "text/html,*/*" };

describe("the page over HTTP", () => {
  it("[C28] is served at the root, revalidated each time", async () => {
    app = await startApp({ rendererDir });
    const answer = await sendRaw(app, "/");
    expect([answer.status, answer.body]).toEqual([200, html]);
    expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(answer.headers["cache-control"]).toBe("no-cache");
    const again = await sendRaw(app, "/", { headers: { "if-none-match": answer.headers["etag"] ?? "" } });
    expect([again.status, again.body]).toEqual([304, ""]);
  });

  it("[C28] answers HEAD with the length and no body", async () => {
    app = await startApp({ rendererDir });
    const answer = await sendRaw(app, "/logo.svg", { method: "HEAD" });
    expect([answer.status, answer.headers["content-length"], answer.body]).toEqual([200, "6", ""]);
  });

  it("[C28] lets hashed files be kept for ever", async () => {
    app = await startApp({ rendererDir });
    const answer = await sendRaw(app, "/assets/index-B1x9_k2Q.js");
    expect(answer.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(answer.headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect((await sendRaw(app, "/logo.svg")).headers["cache-control"]).toBe("no-cache");
  });

  it("[C28] sends the page for a navigation to any address, with a base for its links", async () => {
    app = await startApp({ rendererDir });
    for (const headers of [navigate, { "sec-fetch-mode": "navigate" }]) {
      const answer = await sendRaw(app, "/sessions/agent:main:main", { headers });
      expect(answer.status).toBe(200);
      expect(answer.body).toContain('<head><base href="/"><title>');
    }
  });

  it("[C28] answers 404 to a missing file that is not a navigation", async () => {
    app = await startApp({ rendererDir });
    expect((await sendRaw(app, "/assets/missing.js")).status).toBe(404);
    const fetched = await sendRaw(app, "/missing", { headers: { ...navigate, "sec-fetch-mode": "cors" } });
    expect(fetched.status).toBe(404);
  });

  it("[C28] redirects the bare base path and serves below it only", async () => {
    app = await startApp({ rendererDir, basePath: "/chat" });
    for (const path of ["/", "/chat"]) {
      const answer = await sendRaw(app, path);
      expect([answer.status, answer.headers["location"]]).toEqual([302, "/chat/"]);
    }
    expect((await sendRaw(app, "/chat/")).body).toBe(html);
    expect((await sendRaw(app, "/chat/logo.svg")).body).toBe("<svg/>");
    expect((await sendRaw(app, "/logo.svg")).status).toBe(404);
    expect((await sendRaw(app, "/chat/deep/er", { headers: navigate })).body).toContain('<base href="/chat/">');
  });

  it("[C28] says in words that the page is not built", async () => {
    app = await startApp({ rendererDir: join(folder, "nothing") });
    const answer = await sendRaw(app, "/");
    expect(answer.status).toBe(503);
    expect(answer.body).toContain("npm run build");
    expect((await sendRaw(app, "/assets/x.js")).status).toBe(404);
  });

  it("[C28] refuses to be written to", async () => {
    app = await startApp({ rendererDir });
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      expect((await sendRaw(app, "/index.html", { method })).status).toBe(405);
    }
  });

  it("[HT-16] never leaves its folder", async () => {
    app = await startApp({ rendererDir });
    for (const path of [
      "/../secret.txt",
      "/%2e%2e/secret.txt",
      "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
      "/..%5csecret.txt",
    ]) {
      const answer = await sendRaw(app, path);
      expect([400, 404], path).toContain(answer.status);
      expect(answer.body).not.toContain("secret");
    }
  });

  it("[HT-17] follows no link out of its folder, and shows no folder", async () => {
    symlinkSync(join(folder, "secret.txt"), join(rendererDir, "link.txt"));
    symlinkSync(folder, join(rendererDir, "up"));
    app = await startApp({ rendererDir });
    for (const path of ["/link.txt", "/up/secret.txt", "/assets", "/assets/"]) {
      expect((await sendRaw(app, path)).status, path).toBe(404);
    }
  });

  it("serves a changed file anew, and a link inside the folder", async () => {
    app = await startApp({ rendererDir });
    expect((await sendRaw(app, "/logo.svg")).body).toBe("<svg/>");
    writeFileSync(join(rendererDir, "logo.svg"), "<svg></svg>");
    utimesSync(join(rendererDir, "logo.svg"), 1, 1);
    expect((await sendRaw(app, "/logo.svg")).body).toBe("<svg></svg>");
    symlinkSync(join(rendererDir, "logo.svg"), join(rendererDir, "other.svg"));
    expect((await sendRaw(app, "/other.svg")).status).toBe(200);
  });

  it("compresses what the browser accepts, each form with its own tag", async () => {
    app = await startApp({ rendererDir });
    const ask = async (encoding: string) => {
      const answer = await fetch(`${app.url}/assets/index-B1x9_k2Q.js`, {
        headers: { "accept-encoding": encoding },
        method: "HEAD",
      });
      return answer.headers;
    };
    const tags = new Set<string | null>();
    for (const [accepted, sent] of [
      ["br, gzip", "br"],
      ["gzip", "gzip"],
      ["identity", null],
    ] as const) {
      const headers = await ask(accepted);
      expect(headers.get("content-encoding")).toBe(sent);
      tags.add(headers.get("etag"));
      if (sent) expect(Number(headers.get("content-length"))).toBeLessThan(script.length / 4);
    }
    expect(tags.size).toBe(3);
    const body = await (await fetch(`${app.url}/assets/index-B1x9_k2Q.js`)).text();
    expect(body).toBe(script);
  });

  it("[HT-26] carries the page's headers: own scripts only, own sockets only, no frame", async () => {
    app = await startApp({ rendererDir });
    const { headers } = await sendRaw(app, "/");
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${app.port} wss://127.0.0.1:${app.port};`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
    expect(headers["permissions-policy"]).toContain("geolocation=()");
    expect([headers["server"], headers["x-powered-by"]]).toEqual([undefined, undefined]);
  });

  it("[C29] carries the headers on refusals and answers of the API too", async () => {
    app = await startApp({ rendererDir });
    for (const path of ["/v1/models", "/health", "/nothing.js", "/..%5cx"]) {
      const { headers } = await sendRaw(app, path);
      expect(headers["x-content-type-options"], path).toBe("nosniff");
      expect(headers["content-security-policy"], path).toContain("default-src 'none'");
      expect(headers["x-frame-options"], path).toBe("DENY");
    }
  });
});

describe("the choice of an encoding", () => {
  it("prefers brotli, then gzip, and respects a weight of zero", () => {
    expect(chooseEncoding("gzip, deflate, br")).toBe("br");
    expect(chooseEncoding("gzip;q=0.5, br;q=0")).toBe("gzip");
    expect(chooseEncoding("br;q=0.0, gzip; q=0")).toBe("identity");
    expect(chooseEncoding(undefined)).toBe("identity");
  });
});

describe("the comparison of tags", () => {
  it("is weak, takes lists and the star", () => {
    expect(matchesTag('"a", W/"b"', '"b"')).toBe(true);
    expect(matchesTag("*", '"b"')).toBe(true);
    expect(matchesTag('"a"', '"b"')).toBe(false);
    expect(matchesTag(undefined, '"b"')).toBe(false);
  });
});
