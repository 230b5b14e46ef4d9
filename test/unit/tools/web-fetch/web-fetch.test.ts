import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "#main/base/clock.ts";
import { RemoteError, Refused } from "#main/base/errors.ts";
import { createGuardedFetch } from "#main/base/guarded-fetch.ts";
import { silentLogger } from "#main/base/logger.ts";
import { webFetchTool } from "#main/tools/web_fetch/index.ts";
import { MAX_READ_MS, readPageApart } from "#main/tools/web_fetch/read-page.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createResolver } from "#test/fakes/resolver.ts";
import { connectToSites, pages, startSite, type Site, type SiteHandler } from "#test/fakes/site.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

const ADDRESS = "93.184.216.34";
const sites: Site[] = [];
afterEach(async () => {
  await Promise.all(sites.splice(0).map((site) => site.close()));
});

async function world(handler: SiteHandler, signal = new AbortController().signal) {
  const site = await startSite(handler);
  sites.push(site);
  const guarded = createGuardedFetch({
    resolve: createResolver({ "site.test": [ADDRESS] }).resolve,
    connect: connectToSites({ [ADDRESS]: site }),
    clock: createSystemClock(),
    log: silentLogger,
  });
  const context = createToolContext({ fetch: (url, init) => guarded(url, { ...init, signal }), signal });
  const run = (args: Partial<Parameters<typeof webFetchTool.run>[0]> = {}) =>
    webFetchTool.run({ url: "http://site.test/", ...args }, context, { summary: "" });
  return { site, run, context };
}

describe("web_fetch", () => {
  it("[H10] gives a page as Markdown under its title, marked with its final address", async () => {
    const { run, site } = await world(
      pages({
        "/": { status: 302, headers: { location: "/final#part" } },
        "/final": {
          body: "<html><head><title>A page</title></head><body><h2>Head</h2><p>Some text.</p></body></html>",
        },
      }),
    );
    expect(await run()).toEqual({
      text: "# A page\nAddress: http://site.test/final\n\n## Head\n\nSome text.",
      untrusted: "http://site.test/final",
    });
    expect(site.requests[0]?.headers["user-agent"]).toContain("Gatehouse");
  });
  it("[H10] passes JSON and plain text through, and refuses other content by its type", async () => {
    const { run } = await world(
      pages({
        "/": { body: '{"a":"<b>"}', headers: { "content-type": "application/json" } },
        "/t": { body: "plain <b>", headers: { "content-type": "text/plain" } },
        "/p": { body: "%PDF-1.7", headers: { "content-type": "application/pdf" } },
      }),
    );
    expect((await run()).text).toBe('Address: http://site.test/\n\n{"a":"<b>"}');
    expect((await run({ url: "http://site.test/t" })).text).toContain("plain <b>");
    const refused: unknown = await run({ url: "http://site.test/p" }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect((refused as Error).message).toContain("application/pdf (8 bytes)");
  });
  it("[H10] cuts at max_chars, 10,000 unless told, and says so", async () => {
    const { run } = await world(
      pages({ "/": { body: "😀".repeat(30_000), headers: { "content-type": "text/plain" } } }),
    );
    const usual = (await run()).text;
    expect(usual).toContain("[cut here: 10000 of 60000 characters");
    expect(usual.length).toBeLessThan(10_200);
    expect((await run({ max_chars: 1001 })).text).toMatch(/😀\n\[cut here: 1001 of/u);
  });
  it("[H10] reads no more than a megabyte", async () => {
    const { run } = await world(
      pages({ "/": { body: "x".repeat(2_000_000), headers: { "content-type": "text/plain" } } }),
    );
    expect((await run()).text).toContain("[only the first 1024 KiB of the page were read]");
  });
  it("says what status a site answered with, and keeps its words short and marked", async () => {
    const { run } = await world(pages({ "/": { status: 404, body: `<p>${"not here ".repeat(500)}</p>` } }));
    const result = await run();
    expect(result).toMatchObject({ isError: true, untrusted: "http://site.test/" });
    expect(result.text).toMatch(/^The site answered with status 404\./);
    expect(result.text.length).toBeLessThan(1_300);
  });
  it("[H10] plans the host that it will contact, and contacts nobody for it", async () => {
    const { site, context } = await world(pages({}));
    const plan = await webFetchTool.plan?.({ url: "http://SITE.test:8080/a b" }, context);
    expect(plan).toEqual({ summary: "Fetch http://site.test:8080/a%20b", hosts: ["site.test"] });
    for (const url of [
      "ftp://site.test/",
      "http://0x7f.1/",
      "http://u:p@site.test/",
      `http://site.test/ghp_${"A1".repeat(15)}`,
    ]) {
      await expect(webFetchTool.plan?.({ url }, context)).rejects.toBeInstanceOf(Refused);
    }
    expect(site.connections).toBe(0);
    expect(webFetchTool.level({ url: "x" })).toBe(2);
  });
  it("[H10] [I13] reaches no address of this machine's network", async () => {
    const { run, site } = await world((_request, response) => {
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" }).end();
    });
    for (const url of [
      "http://site.test/",
      "http://169.254.169.254/",
      `http://127.0.0.1:${site.port}/`,
      "http://localhost/",
    ]) {
      await expect(run({ url })).rejects.toBeInstanceOf(Refused);
    }
    expect(site.connections).toBe(1);
  });
});

describe("reading apart", () => {
  const task = { html: "<p>x</p>", url: "https://a.test/", extractMain: true, includeLinks: false };
  const busy = () => new Worker("for (;;) {}", { eval: true });

  it("[WB-13] gives up after five seconds, while everything else goes on", async () => {
    const clock = createManualClock();
    const reading = readPageApart(task, { clock, signal: new AbortController().signal, start: busy });
    const failed = reading.catch((error: unknown) => error);
    await clock.advance(MAX_READ_MS - 1);
    await clock.advance(1);
    expect(await failed).toBeInstanceOf(RemoteError);
    expect(clock.pendingTimers).toBe(0);
  });
  it("[WB-13] ends with the signal's reason when it aborts", async () => {
    const stop = new AbortController();
    const reading = readPageApart(task, { clock: createManualClock(), signal: stop.signal, start: busy });
    stop.abort(new DOMException("stopped", "AbortError"));
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });
  it("[WB-13] survives a worker that breaks, runs out of memory, or says nothing", async () => {
    const workers = [
      () => new Worker("throw new Error('broken')", { eval: true }),
      () =>
        new Worker("const a = []; for (;;) a.push(new Array(1e5).fill(1))", {
          eval: true,
          resourceLimits: { maxOldGenerationSizeMb: 16 },
        }),
      () => new Worker("", { eval: true }),
    ];
    for (const start of workers) {
      const reading = readPageApart(task, { clock: createSystemClock(), signal: new AbortController().signal, start });
      await expect(reading).rejects.toBeInstanceOf(RemoteError);
    }
  });
  it("[WB-13] reads hostile pages or says that it cannot, within the time", async () => {
    const hostile = [
      `<body>${"<div>".repeat(60_000)}x`,
      `<body>${"<table><tr><td>".repeat(5_000)}x`,
      `<body>${"<p>a".repeat(50_000)}`,
      `<style>${".a{display:none}".repeat(5_000)}</style>${"<p class=a>x".repeat(20_000)}`,
      `<a ${'b="'.repeat(200_000)}`,
      `<p style="${"x:".repeat(200_000)}">x`,
      `<!--${"-->".slice(0, 2).repeat(300_000)}`,
      "&#x".repeat(100_000),
    ];
    for (const html of hostile) {
      const start = performance.now();
      const options = { clock: createSystemClock(), signal: new AbortController().signal };
      const outcome = await readPageApart({ ...task, html }, options).then(
        () => "read",
        (error: unknown) => (error instanceof RemoteError ? "given up" : "broken"),
      );
      expect([html.slice(0, 20), outcome]).not.toContain("broken");
      expect(performance.now() - start).toBeLessThan(MAX_READ_MS + 2_000);
    }
  }, 60_000);
});
