import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toAvatar } from "#main/gateway/http/avatar.ts";
import type { AgentSign } from "#main/gateway/http/deps.ts";
import { sendRaw, startApp, type RunningApp } from "./start-app.ts";

const agents: Record<string, AgentSign> = { main: { name: "Gatehouse" }, cook: { name: "cook", emoji: "🧑‍🍳" } };
const agent = (agentId: string) => (Object.hasOwn(agents, agentId) ? agents[agentId] : undefined);

let app: RunningApp;
beforeEach(async () => {
  app = await startApp({ agent });
});
afterEach(() => app.close());

describe("the avatar over HTTP", () => {
  it("[C28] is a picture of the agent's initial, or of its emoji", async () => {
    const main = await sendRaw(app, "/avatar/main");
    expect([main.status, main.headers["content-type"]]).toEqual([200, "image/svg+xml; charset=utf-8"]);
    expect(main.body).toContain(">G</text>");
    expect((await sendRaw(app, "/avatar/cook?v=2")).body).toContain(">🧑‍🍳</text>");
  });

  it("[C28] may be kept for a while and is not sent twice", async () => {
    const first = await sendRaw(app, "/avatar/main");
    expect(first.headers["cache-control"]).toBe("private, max-age=300");
    const again = await sendRaw(app, "/avatar/main", { headers: { "if-none-match": first.headers["etag"] ?? "" } });
    expect([again.status, again.body]).toEqual([304, ""]);
    expect((await sendRaw(app, "/avatar/cook")).headers["etag"]).not.toBe(first.headers["etag"]);
  });

  it("[C28] carries the policy that lets a browser do nothing with it but draw", async () => {
    const { headers } = await sendRaw(app, "/avatar/main");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  it.each([
    "/avatar",
    "/avatar/",
    "/avatar/nobody",
    "/avatar/__proto__",
    "/avatar/main/",
    "/avatar/main/x",
    "/avatar/%6dain",
    "/avatar/..%2fmain",
    "/avatar/../avatar/x",
    "/avatar/cook%00",
  ])("[C28] [HT-16] %s is not found, not even as the page", async (path) => {
    const answer = await sendRaw(app, path, { headers: { accept: "text/html", "sec-fetch-mode": "navigate" } });
    expect(answer.status).toBe(404);
  });

  it("[C28] is only read", async () => {
    const answer = await sendRaw(app, "/avatar/main", { method: "POST", body: "{}" });
    expect([answer.status, answer.headers["allow"]]).toEqual([405, "GET, HEAD"]);
    expect((await sendRaw(app, "/avatar/main", { method: "HEAD" })).body).toBe("");
  });
});

describe("the picture", () => {
  it("[C28] holds no markup of its owner's", () => {
    const svg = toAvatar("x", { name: "<script>alert(1)</script>" });
    expect(svg).toContain(">&lt;</text>");
    expect(svg).not.toContain("script");
    expect(toAvatar("x", { name: "a", emoji: "&quot;" })).toContain(">&amp;</text>");
    expect(svg).not.toMatch(/style=|href|on\w+=|<image|<foreignObject/);
  });

  it("[C28] shows one sign however much is configured, and a mark when there is none", () => {
    expect(toAvatar("x", { name: "écru" })).toContain(">É</text>");
    expect(toAvatar("x", { name: `a${"\u0301".repeat(500)}` }).length).toBeLessThan(500);
    expect(toAvatar("x", { name: "\u0000\u0007 ", emoji: " " })).toContain(">?</text>");
  });

  it("[C28] has the agent's own colour, the same each time", () => {
    const fill = (id: string) => /hsl\((\d+)/.exec(toAvatar(id, { name: "A" }))?.[1];
    expect(fill("main")).toBe(fill("main"));
    expect(fill("main")).not.toBe(fill("cook"));
  });
});
