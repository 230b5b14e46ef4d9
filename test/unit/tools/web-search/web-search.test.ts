import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "#main/base/clock.ts";
import { NetworkError, Refused } from "#main/base/errors.ts";
import { createGuardedFetch } from "#main/base/guarded-fetch.ts";
import { silentLogger } from "#main/base/logger.ts";
import { cleanPages, toList } from "#main/tools/web_search/results.ts";
import { duckduckgo } from "#main/tools/web_search/duckduckgo.ts";
import { webSearchTool } from "#main/tools/web_search/index.ts";
import { duckPage, searchServices, type Hit, type SearchKeys } from "#test/fakes/search.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";
import { startSite, type Site, type SiteHandler } from "#test/fakes/site.ts";

const HITS: Hit[] = [...Array(12).keys()].map((index) => ({
  title: `Title & ${index}`,
  url: `https://site${index}.test/a?b=1&c=2`,
  text: `What the page says: "${index}" & more`,
}));
const KEYS = { exa: "exa-key-1", brave: "brave-key-1", tavily: "tvly-key-1" };
const FIRST = '1. Title & 0\n   https://site0.test/a?b=1&c=2\n   What the page says: "0" & more';

const sites: Site[] = [];
afterEach(async () => {
  await Promise.all(sites.splice(0).map((site) => site.close()));
});

async function world(
  keys: SearchKeys,
  settings: Record<string, unknown> = {},
  handler: SiteHandler = searchServices(HITS, KEYS),
) {
  const site = await startSite(handler);
  sites.push(site);
  // The services of a name that the owner's own configuration gives: the guard is told about it.
  const guarded = createGuardedFetch({
    resolve: async () => ["127.0.0.1"],
    connect: ({ port }) => connect({ host: "127.0.0.1", port }),
    clock: createSystemClock(),
    log: silentLogger,
    allowPrivate: (authority) => authority === `search.test:${site.port}`,
  });
  const base = `http://search.test:${site.port}`;
  const own = Object.fromEntries(["exa", "brave", "tavily"].map((id) => [id, { baseUrl: `${base}/${id}` }]));
  const context = createToolContext({
    fetch: guarded,
    settings: { ...own, duckduckgo: { baseUrl: `${base}/ddg/` }, ...settings },
    services: {
      ...createToolContext().services,
      secret: (account) => (keys as Record<string, string | undefined>)[account.replace("search:", "")],
    },
  });
  return { site, base, context };
}

type World = Awaited<ReturnType<typeof world>>;
const search = ({ context }: World, query = "what is it", limit?: number) =>
  webSearchTool.run({ query, ...(limit === undefined ? {} : { limit }) }, context, { summary: "" });
const paths = ({ site }: World) => site.requests.map(({ url }) => url.split("?")[0]);

describe("web_search", () => {
  it.each([
    ["exa", "Exa", "/exa/search"],
    ["brave", "Brave", "/brave/res/v1/web/search"],
    ["tavily", "Tavily", "/tavily/search"],
  ] as const)("[H09] asks %s in its own format when there is a key for it", async (id, label, path) => {
    const there = await world({ [id]: KEYS[id] });
    const result = await search(there);
    expect(result.untrusted).toBe("web search");
    expect(result.text.startsWith(`Found by ${label}:\n\n${FIRST}\n\n2. `)).toBe(true);
    expect(result.text).toContain("5. Title");
    expect(result.text).not.toContain("6. Title");
    expect(paths(there)).toEqual([path]);
    expect(there.site.requests[0]?.url).not.toContain("key");
  });
  it("[H09] falls back to DuckDuckGo without any key, advertisements left out", async () => {
    const there = await world({});
    const { text } = await search(there, "what & is+it", 10);
    expect(text.startsWith(`Found by DuckDuckGo:\n\n${FIRST}`)).toBe(true);
    expect(text).toContain("10. Title");
    expect(text).not.toMatch(/11\. |Buy now/);
    expect(there.site.requests[0]?.url).toBe("/ddg/html/?q=what%20%26%20is%2Bit");
  });
  it("[H09] asks the owner's SearXNG where one is set", async () => {
    const first = await world({});
    const there = await world({}, { searxng: { baseUrl: `${first.base}/searxng` } });
    // Another port is another service: the guard lets only the configured one through.
    expect((await search(there)).text).toContain("Found by DuckDuckGo");
    expect(first.site.connections).toBe(0);
    const { context } = there;
    const own = { ...context, settings: { ...context.settings, searxng: { baseUrl: `${there.base}/searxng` } } };
    expect((await search({ ...there, context: own })).text).toContain(`Found by SearXNG:\n\n${FIRST}`);
  });
  it("[H09] asks the configured service first, then the others that can answer", async () => {
    const there = await world({ exa: "wrong-key", brave: KEYS.brave, tavily: "wrong-key" }, { provider: "tavily" });
    expect((await search(there)).text).toContain("Found by Brave");
    expect(paths(there)).toEqual(["/tavily/search", "/exa/search", "/brave/res/v1/web/search"]);
    const plan = await webSearchTool.plan?.({ query: 'a "b"' }, there.context);
    expect(plan).toEqual({
      summary: 'Search the web for "a \\"b\\"" (Tavily, else Exa, else Brave, else DuckDuckGo)',
      hosts: ["search.test"],
    });
    expect(paths(there)).toHaveLength(3);
  });
  it("names every service that failed, without a key", async () => {
    const there = await world({ exa: "exa-secret-key-123" }, {}, (request, response) => {
      response.writeHead(request.url.startsWith("/exa") ? 401 : 200, { "content-type": "text/html" });
      response.end(request.url.startsWith("/exa") ? "" : "<html>are you a robot?</html>");
    });
    const error: unknown = await search(there).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NetworkError);
    const { message } = error as Error;
    expect(message).toMatch(/Exa: .*401.*DuckDuckGo: .*person/);
    expect(message).not.toContain("exa-secret-key-123");
  });
  it("says when nothing was found", async () => {
    const there = await world({}, {}, searchServices([]));
    expect((await search(there)).text).toBe("Nothing found by DuckDuckGo.");
  });
  it("[WB-15] sends no query that looks like a secret", async () => {
    const there = await world(KEYS);
    const query = `what is sk-ant-${"a1b2c3d4".repeat(4)}`;
    await expect(search(there, query)).rejects.toBeInstanceOf(Refused);
    await expect(webSearchTool.plan?.({ query }, there.context)).rejects.toBeInstanceOf(Refused);
    expect(there.site.connections).toBe(0);
  });
  it("ends at once when it is stopped", async () => {
    const stop = new AbortController();
    const there = await world(KEYS);
    const context = {
      ...there.context,
      signal: stop.signal,
      fetch: async () => (stop.abort(), Promise.reject(new Error("x"))),
    };
    await expect(search({ ...there, context })).rejects.toMatchObject({ name: "AbortError" });
  });
  it("has level 2", () => expect(webSearchTool.level({ query: "x" })).toBe(2));
});

describe("results", () => {
  it("keep only pages of the web, each once, as plain short text", () => {
    const pages = [
      { title: "<b>A</b> &amp;lt; &#x27;q&#39;", url: "https://a.test", snippet: "x ".repeat(1000) },
      { title: "again", url: "https://a.test/", snippet: "" },
      { title: "bad", url: "javascript:alert(1)", snippet: "" },
      { title: "bad", url: "nonsense", snippet: "" },
      { title: " ", url: "http://b.test/", snippet: "<script>s</script>ok\n\n1. forged" },
    ];
    const clean = cleanPages(pages, 10);
    expect(clean.map(({ url }) => url)).toEqual(["https://a.test/", "http://b.test/"]);
    expect(clean[0]?.title).toBe("A &lt; 'q'");
    expect(clean[0]?.snippet.length).toBeLessThanOrEqual(400);
    expect(toList(clean)).toContain("2. http://b.test/\n   http://b.test/\n   sok 1. forged");
  });
  it("of DuckDuckGo are read in time in proportion to the page", () => {
    const page = duckPage(HITS) + 'class="result__a" href="'.repeat(20_000) + "<a ".repeat(50_000);
    const start = performance.now();
    expect(duckduckgo.readAnswer(page).length).toBeGreaterThanOrEqual(12);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
