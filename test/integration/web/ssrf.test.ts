/** Hundreds of spellings on four ways, counted at the listener: not by what an error says. */
import { get } from "node:http";
import { connect, type LookupFunction } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSystemClock } from "#main/base/clock.ts";
import { AppError } from "#main/base/errors.ts";
import { createGuardedFetch } from "#main/base/guarded-fetch.ts";
import { silentLogger } from "#main/base/logger.ts";
import { createResolver } from "#test/fakes/resolver.ts";
import { connectToSites, startSite, type Site } from "#test/fakes/site.ts";
import { PRIVATE_ANSWERS, spellingsOfThisMachine } from "#test/fakes/site-spellings.ts";

const PUBLIC = "93.184.216.34";
const { v4, v6 } = spellingsOfThisMachine();
/** Listeners of this machine on one port: what must not be reached. */
let listener: Site;
let listenerV6: Site | undefined;
/** A public site that redirects to whatever its query says. */
let site: Site;

beforeAll(async () => {
  listener = await startSite((_request, response) => response.end("inside"));
  listenerV6 = await startSite((_request, response) => response.end("inside"), { host: "::1" }).catch(() => undefined);
  site = await startSite((request, response) => {
    const to = new URL(request.url, "http://site.test").searchParams.get("to") ?? "";
    response.writeHead(302, { location: Buffer.from(to, "utf8").toString("latin1") });
    response.end();
  });
});
afterAll(() => Promise.all([listener.close(), listenerV6?.close(), site.close()]));

const reached = () => listener.connections + (listenerV6?.connections ?? 0);
/** A plain client keeps connections, so requests are counted where it is let through. */
const asked = () => listener.requests.length + (listenerV6?.requests.length ?? 0);
const portFor = (host: string) => (host.startsWith("[") ? (listenerV6?.port ?? listener.port) : listener.port);
/** Mapped forms lead to the IPv4 listener, the others to the IPv6 one: both ports are tried. */
const urlsOf = (host: string) => [...new Set([listener.port, portFor(host)])].map((port) => `http://${host}:${port}/`);

function guarded(table: Record<string, readonly string[] | readonly (readonly string[])[]> = {}) {
  const { resolve } = createResolver({ "site.test": [PUBLIC], ...table });
  const connectSite = connectToSites({ [PUBLIC]: site });
  const fetchIt = createGuardedFetch({ resolve, connect: connectSite, clock: createSystemClock(), log: silentLogger });
  return { fetchIt, targets: connectSite.targets };
}

async function outcome(work: Promise<unknown>): Promise<"answered" | "refused"> {
  try {
    await work;
    return "answered";
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    return "refused";
  }
}

/** What a fetch without a guard does with the same address. */
async function unguarded(url: string): Promise<void> {
  await fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.arrayBuffer(),
    () => undefined,
  );
}

/** Only what a plain client would connect to on this machine itself. */
function isLoopback(hostname: string): boolean {
  return /^(127\..*|localhost|\[::1\]|\[::ffff:7f00:1\])$/.test(hostname);
}

describe("addresses that mean this machine", () => {
  it("come in more than 400 spellings", () => {
    expect(v4.length + v6.length).toBeGreaterThanOrEqual(400);
    expect(v6.length).toBeGreaterThanOrEqual(80);
  });

  it("[I13] [WB-01] [WB-02] [WB-03] [WB-04] reach nothing when they are asked for directly", async () => {
    const { fetchIt, targets } = guarded();
    for (const url of [...v4, ...v6].flatMap(urlsOf))
      expect([url, await outcome(fetchIt(url))]).toEqual([url, "refused"]);
    expect(targets).toEqual([]);
    expect(reached()).toBe(0);
  });

  it("[I13] [WB-05] reach nothing behind a redirect", async () => {
    const { fetchIt, targets } = guarded();
    const before = site.connections;
    const urls = [...v4, ...v6].flatMap(urlsOf);
    // A redirect may leave the scheme out, or hide it behind slashes.
    const bare = urls.map((url) => url.replace("http:", ""));
    for (const to of [...urls, ...bare]) {
      const url = `http://site.test/?to=${encodeURIComponent(to)}`;
      if (url.length > 2048) continue;
      expect([to, await outcome(fetchIt(url))]).toEqual([to, "refused"]);
    }
    expect(site.connections - before).toBeGreaterThanOrEqual(urls.length);
    expect(targets.every((target) => target.startsWith(PUBLIC))).toBe(true);
    expect(reached()).toBe(0);
  });

  it("[I13] [WB-07] reach nothing behind a name, alone or among public answers", async () => {
    const answers = [...PRIVATE_ANSWERS, ...v4.slice(0, 200), ...v6.map((form) => form.slice(1, -1))];
    for (const address of answers) {
      for (const list of [[address], [PUBLIC, address], [address, PUBLIC]]) {
        const { fetchIt, targets } = guarded({ "evil.test": list });
        expect([list, await outcome(fetchIt(`http://evil.test:${listener.port}/`))]).toEqual([list, "refused"]);
        expect(targets).toEqual([]);
      }
    }
    expect(reached()).toBe(0);
  });

  it("[I13] [WB-07] are not reached by a name that changes its mind", async () => {
    const { fetchIt, targets } = guarded({ "evil.test": [[PUBLIC], ["127.0.0.1"]] });
    const to = encodeURIComponent(`http://evil.test:${listener.port}/again`);
    expect(await outcome(fetchIt(`http://evil.test:${listener.port}/?to=${to}`))).toBe("refused");
    expect(targets).toEqual([`${PUBLIC}:${listener.port}`]);
    expect(reached()).toBe(0);
  });

  it("are reached by the same addresses when nothing guards them", async () => {
    const before = asked();
    const urls = [...v4, ...v6].flatMap(urlsOf).filter((url) => URL.canParse(url) && isLoopback(new URL(url).hostname));
    await Promise.all(urls.map(unguarded));
    expect(urls.length).toBeGreaterThan(200);
    const direct = asked() - before;
    expect(direct).toBeGreaterThan(300);
    await unguarded(`http://127.0.0.1:${site.port}/?to=${encodeURIComponent(`http://0x7f.1:${listener.port}/`)}`);
    expect(asked() - before - direct).toBe(1);
    await new Promise<void>((resolve) => {
      const lookup: LookupFunction = (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]);
      const request = get({ host: "evil.test", port: listener.port, lookup, agent: false }, (response) => {
        response.resume().on("close", resolve);
      });
      request.on("error", () => resolve());
    });
    expect(asked() - before - direct).toBe(2);
  });

  it("[I13] are reached when the owner allows the one service by name, and no other", async () => {
    const { resolve } = createResolver({ "search.home": ["127.0.0.1"], "other.home": ["127.0.0.1"] });
    const allowPrivate = (authority: string) => authority === `search.home:${listener.port}`;
    const fetchIt = createGuardedFetch({
      resolve,
      connect: ({ address, port }) => connect({ host: address, port }),
      clock: createSystemClock(),
      log: silentLogger,
      allowPrivate,
    });
    const before = reached();
    expect(await outcome(fetchIt(`http://search.home:${listener.port}/`))).toBe("answered");
    expect(reached() - before).toBe(1);
    expect(await outcome(fetchIt(`http://other.home:${listener.port}/`))).toBe("refused");
    expect(await outcome(fetchIt(`http://search.home:${listener.port + 1}/`))).toBe("refused");
    expect(await outcome(fetchIt(`http://127.0.0.1:${listener.port}/`))).toBe("refused");
    expect(reached() - before).toBe(1);
  });
});
