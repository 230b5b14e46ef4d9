/** The window's own pages: what is served, what never is, and under which policy. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPages, isOwnPage, toContentSecurityPolicy, toWebSocketUrl } from "#main/shell/pages.ts";

let root: string;
let rendererDir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gatehouse-pages-"));
  rendererDir = join(root, "renderer");
  mkdirSync(join(rendererDir, "assets"), { recursive: true });
  writeFileSync(join(root, "secret.txt"), "secret");
  writeFileSync(join(rendererDir, "index.html"), "<!doctype html><title>Gatehouse</title>");
  writeFileSync(join(rendererDir, "assets", "a b.js"), "export {}");
  writeFileSync(join(rendererDir, ".hidden"), "hidden");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function directive(policy: string, name: string): string | undefined {
  return policy.split("; ").find((part) => part.startsWith(`${name} `));
}

describe("createPages", () => {
  const get = (url: string, method = "GET") =>
    createPages({ rendererDir, gatewayOrigin: () => "http://127.0.0.1:1" }).handle({ method, url });

  it.each(["gatehouse://app/", "gatehouse://app/index.html", "gatehouse://app/index.html?x=1#y"])(
    "serves the start page at %s",
    async (url) => {
      const response = await get(url);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(await response.text()).toContain("<title>Gatehouse</title>");
    },
  );

  it("serves scripts with their type, so that nosniff lets them run", async () => {
    const response = await get("gatehouse://app/assets/a%20b.js");
    expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.text()).toBe("export {}");
  });

  it.each([
    "gatehouse://app/../secret.txt",
    "gatehouse://app/%2e%2e/secret.txt",
    "gatehouse://app/..%2fsecret.txt",
    "gatehouse://app/assets/..%2f..%2fsecret.txt",
    "gatehouse://app/..%5csecret.txt",
    "gatehouse://app//etc/passwd",
    "gatehouse://app/c:/windows/win.ini",
    "gatehouse://app/index.html%00.js",
    "gatehouse://app/%E0%A4%A",
    "gatehouse://app/.hidden",
    "gatehouse://app/assets",
    "gatehouse://app/missing.js",
    "gatehouse://other/index.html",
    "gatehouse://user@app/index.html",
    "file:///etc/passwd",
    "nonsense",
  ])("[EL-16] answers %s with not found", async (url) => {
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe("Not found");
  });

  it("[EL-16] does not follow a link that leads outside the folder", async () => {
    symlinkSync(join(root, "secret.txt"), join(rendererDir, "link.txt"));
    writeFileSync(join(rendererDir, "plain.txt"), "plain");
    symlinkSync(join(rendererDir, "plain.txt"), join(rendererDir, "inner.txt"));
    expect((await get("gatehouse://app/link.txt")).status).toBe(404);
    expect(await (await get("gatehouse://app/inner.txt")).text()).toBe("plain");
  });

  it("answers nothing but reading", async () => {
    expect((await get("gatehouse://app/index.html", "POST")).status).toBe(404);
    expect(await (await get("gatehouse://app/index.html", "HEAD")).text()).toBe("");
  });

  it("explains crashes with a page that loads no script", async () => {
    const text = await (await get("gatehouse://app/crashed.html")).text();
    expect(text).toContain("gatehouse://app/index.html");
    expect(text).not.toContain("<script");
  });

  it("remembers for which gateway the start page was made", async () => {
    let origin: string | undefined = "http://127.0.0.1:1";
    const pages = createPages({ rendererDir, gatewayOrigin: () => origin });
    expect(pages.wasServed).toBe(false);
    await pages.handle({ method: "GET", url: "gatehouse://app/index.html" });
    origin = "http://127.0.0.1:2";
    await pages.handle({ method: "GET", url: "gatehouse://app/assets/a%20b.js" });
    expect(pages.wasServed).toBe(true);
    expect(pages.allowedOrigin).toBe("http://127.0.0.1:1");
    origin = "http://127.0.0.1:3";
    const serving = pages.handle({ method: "GET", url: "gatehouse://app/" });
    expect(pages.allowedOrigin).toBe("http://127.0.0.1:3");
    await serving;
  });
});

describe("the content security policy", () => {
  it("[EL-07] lets the page talk to exactly one gateway", () => {
    const policy = toContentSecurityPolicy("http://127.0.0.1:18789");
    expect(directive(policy, "connect-src")).toBe("connect-src http://127.0.0.1:18789 ws://127.0.0.1:18789");
    expect(directive(toContentSecurityPolicy(undefined), "connect-src")).toBe("connect-src 'none'");
  });

  it("[EL-07] runs no script but the package's own", () => {
    const policy = toContentSecurityPolicy("http://127.0.0.1:18789");
    expect(directive(policy, "script-src")).toBe("script-src 'self'");
    expect(directive(policy, "default-src")).toBe("default-src 'none'");
    expect(policy).not.toContain("unsafe-eval");
    expect(policy).not.toContain("*");
  });

  it("[EL-07] stands on every answer, also on not found", async () => {
    const pages = createPages({ rendererDir, gatewayOrigin: () => undefined });
    for (const path of ["index.html", "crashed.html", "missing"]) {
      const response = await pages.handle({ method: "GET", url: `gatehouse://app/${path}` });
      expect(response.headers.get("content-security-policy")).toBe(toContentSecurityPolicy(undefined));
    }
  });
});

describe("isOwnPage", () => {
  it("[EL-01] knows its own pages from those that look like them", () => {
    expect(isOwnPage("gatehouse://app/index.html")).toBe(true);
    expect(isOwnPage("gatehouse://app")).toBe(true);
    for (const url of [
      "gatehouse://app.evil/",
      "gatehouse://evil@app/",
      "https://app/",
      "gatehouse:app",
      "file://app/",
    ]) {
      expect(isOwnPage(url)).toBe(false);
    }
  });
});

it("turns http into ws and https into wss", () => {
  expect(toWebSocketUrl("http://127.0.0.1:1")).toBe("ws://127.0.0.1:1");
  expect(toWebSocketUrl("https://127.0.0.1:1")).toBe("wss://127.0.0.1:1");
});
