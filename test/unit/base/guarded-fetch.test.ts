import { request as httpsRequest } from "node:https";
import { connect, Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "#main/base/clock.ts";
import { NetworkError, Refused } from "#main/base/errors.ts";
import { createGuardedFetch, type GuardedFetchWorld } from "#main/base/guarded-fetch.ts";
import { silentLogger } from "#main/base/logger.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createResolver } from "#test/fakes/resolver.ts";
import { createCertificate } from "#test/fakes/site-certificate.ts";
import { connectToSites, pages, startSite, type Site, type SiteHandler } from "#test/fakes/site.ts";

const ONE = "93.184.216.34";
const TWO = "93.184.216.35";
const DEAD = "93.184.216.36";
const sites: Site[] = [];
afterEach(async () => {
  await Promise.all(sites.splice(0).map((site) => site.close()));
});

async function site(handler: SiteHandler, tls?: { key: string; cert: string }): Promise<Site> {
  const started = await startSite(handler, tls === undefined ? {} : { tls });
  sites.push(started);
  return started;
}

/** A fetch in an internet where one.test and two.test are the given sites. */
function fetcher(one: Site, two: Site = one, world: Partial<GuardedFetchWorld> = {}) {
  const { resolve, asked } = createResolver({
    "one.test": [ONE],
    "two.test": [TWO],
    "half.test": [DEAD, ONE],
    "dead.test": [DEAD],
  });
  const base = connectToSites({ [ONE]: one, [TWO]: two });
  const connectIt: typeof base = Object.assign(
    (target: Parameters<typeof base>[0]) =>
      // Nothing listens on port 1 of this machine.
      target.address === DEAD ? connect({ host: "127.0.0.1", port: 1 }) : base(target),
    { targets: base.targets },
  );
  const guarded = createGuardedFetch({
    resolve,
    connect: connectIt,
    clock: createSystemClock(),
    log: silentLogger,
    ...world,
  });
  return { fetchIt: guarded, asked, targets: base.targets };
}

const text = (body: Uint8Array) => Buffer.from(body).toString("utf8");
const failure = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => expect.fail("this must not work"),
    (error: unknown) => error,
  );

describe("a guarded fetch", () => {
  it("[I13] fetches a public page, connected to the checked address under the name asked for", async () => {
    const one = await site(pages({ "/a?b=1": { body: "hello", headers: { "x-part": "1", "set-cookie": "a=b" } } }));
    const { fetchIt, asked, targets } = fetcher(one);
    const answer = await fetchIt("http://One.test/a?b=1#part", { headers: { accept: "text/html" } });
    expect(text(answer.body)).toBe("hello");
    expect(answer).toMatchObject({ url: "http://one.test/a?b=1", status: 200, truncated: false });
    expect(answer.headers).toMatchObject({ "x-part": "1", "content-type": "text/html" });
    expect(answer.headers).not.toHaveProperty("set-cookie");
    expect(asked).toEqual(["one.test"]);
    expect(targets).toEqual([`${ONE}:80`]);
    expect(one.requests[0]?.headers).toMatchObject({ host: "one.test", accept: "text/html" });
  });
  it("sends a body with POST and none with GET", async () => {
    const one = await site((request, response) => response.end(`${request.method} ${request.body}`));
    const { fetchIt } = fetcher(one);
    expect(text((await fetchIt("http://one.test/", { method: "POST", body: "données" })).body)).toBe("POST données");
    expect(await failure(fetchIt("http://one.test/", { body: "x" }))).toBeInstanceOf(Refused);
    expect(await failure(fetchIt("http://one.test/", { method: "PUT" as "GET" }))).toBeInstanceOf(Refused);
  });
  it("tries the next address of a name when one does not answer", async () => {
    const one = await site(pages({ "/": { body: "second" } }));
    const { fetchIt } = fetcher(one);
    expect(text((await fetchIt("http://half.test/")).body)).toBe("second");
    expect(await failure(fetchIt("http://dead.test/"))).toMatchObject({
      code: "NETWORK",
      message: expect.stringContaining("ECONNREFUSED"),
    });
    expect(await failure(fetchIt("http://nowhere.test/"))).toBeInstanceOf(NetworkError);
  });
  it("goes on to the next address after three seconds of silence", async () => {
    const clock = createManualClock();
    const one = await site(pages({ "/": { body: "second" } }));
    const silent: Socket[] = [];
    const toOne = connectToSites({ [ONE]: one });
    const connectIt: typeof toOne = Object.assign(
      (target: Parameters<typeof toOne>[0]) => {
        if (target.address !== DEAD) return toOne(target);
        const socket = new Socket();
        silent.push(socket);
        return socket;
      },
      { targets: [] },
    );
    const answer = fetcher(one, one, { clock, connect: connectIt }).fetchIt("http://half.test/");
    await until(() => silent.length === 1);
    await clock.advance(3_000);
    expect(text((await answer).body)).toBe("second");
    expect(silent[0]?.destroyed).toBe(true);
  });

  it.each([
    "ftp://one.test/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,x",
    "gopher://one.test:70/",
    "ws://one.test/",
    "http:one.test",
    "http:/one.test/",
    "//one.test/",
    "http:\\\\one.test\\",
    "http://user@one.test/",
    "http://user:pass@one.test/",
    "http://one.test:0/",
    "http://one.test:99999/",
    "http://",
    "http:///path",
    " http://one.test/",
    "http://one.test/\r\nHost: x",
    "http://one.te\u200bst/",
    `http://one.test/${"a".repeat(2048)}`,
  ])("[WB-09] refuses %j before it looks anything up", async (url) => {
    const one = await site(pages({}));
    const { fetchIt, asked } = fetcher(one);
    expect(await failure(fetchIt(url))).toBeInstanceOf(Refused);
    expect(asked).toEqual([]);
    expect(one.connections).toBe(0);
  });
  it("[I13] takes an address of exactly 2048 characters", async () => {
    const one = await site((_request, response) => response.end("ok"));
    const url = `http://one.test/${"a".repeat(2048 - "http://one.test/".length)}`;
    expect((await fetcher(one).fetchIt(url)).status).toBe(200);
  });

  it("does not let a caller set headers that are not theirs", async () => {
    const one = await site((_request, response) => response.end());
    await fetcher(one).fetchIt("http://one.test/", {
      headers: {
        Host: "inside",
        cookie: "a=b",
        "X-Forwarded-For": "127.0.0.1",
        "bad name": "x",
        ok: "a\r\nb: c",
        fine: "1",
      },
    });
    const { headers } = one.requests[0] ?? { headers: {} };
    expect(headers).toMatchObject({ host: "one.test", fine: "1" });
    for (const name of ["cookie", "x-forwarded-for", "bad name", "ok", "b"]) expect(headers).not.toHaveProperty(name);
  });
});

describe("redirects", () => {
  const to =
    (location: string, status = 302): SiteHandler =>
    (_request, response) =>
      void response.writeHead(status, { location }).end();

  it("[WB-05] are followed at most five times, and never in a circle", async () => {
    const count =
      (limit: number): SiteHandler =>
      (request, response) => {
        const at = Number(request.url.slice(1));
        if (at < limit) response.writeHead(302, { location: String(at + 1) });
        response.end(`at ${at}`);
      };
    const five = await fetcher(await site(count(5))).fetchIt("http://one.test/0");
    expect([five.url, text(five.body)]).toEqual(["http://one.test/5", "at 5"]);
    const six = await site(count(6));
    expect(await failure(fetcher(six).fetchIt("http://one.test/0"))).toMatchObject({
      message: expect.stringContaining("more than 5 times"),
    });
    expect(six.requests).toHaveLength(6);
    expect(await failure(fetcher(await site(to("/a"))).fetchIt("http://one.test/a"))).toMatchObject({
      message: expect.stringContaining("in a circle"),
    });
  });
  it.each([
    "http://169.254.169.254/latest/meta-data/",
    "//127.0.0.1/",
    "\\\\127.0.0.1\\",
    "http://0x7f.1/",
    "http://localhost/",
    "file:///etc/passwd",
    "http://a:b@two.test/",
    "https:one.test",
    "http://[::ffff:127.0.0.1]/",
  ])("[WB-05] do not lead to %s", async (location) => {
    const one = await site(to(location));
    const { fetchIt, targets } = fetcher(one);
    expect(await failure(fetchIt("http://one.test/"))).toBeInstanceOf(Refused);
    expect(targets).toEqual([`${ONE}:80`]);
  });
  it("[WB-06] carry credentials and bodies within an origin, and to no other", async () => {
    const two = await site((_request, response) => response.end("two"));
    const headers = {
      authorization: "Bearer abc",
      "x-api-key": "k",
      accept: "text/html",
      "content-type": "text/plain",
    };
    const send = async (location: string, status: number) => {
      const one = await site((request, response) => {
        if (request.url === "/") response.writeHead(status, { location });
        response.end("one");
      });
      await fetcher(one, two).fetchIt("http://one.test/", { method: "POST", headers, body: "secret text" });
      return one.requests[1] ?? two.requests.at(-1);
    };
    const same = await send("/next", 307);
    expect(same).toMatchObject({ method: "POST", body: "secret text", headers: { authorization: "Bearer abc" } });
    for (const status of [301, 302, 303]) {
      expect(await send("/next", status)).toMatchObject({ method: "GET", body: "", headers: { "x-api-key": "k" } });
    }
    for (const status of [301, 302, 303, 307, 308]) {
      const other = await send("http://two.test/next", status);
      expect(other).toMatchObject({ method: "GET", body: "", headers: { host: "two.test", accept: "text/html" } });
      for (const name of ["authorization", "x-api-key", "content-type"])
        expect(other?.headers).not.toHaveProperty(name);
    }
    const otherPort = await send("http://one.test:8080/next", 307);
    expect(otherPort?.headers).not.toHaveProperty("authorization");
  });
  it("look each name up again", async () => {
    const two = await site(pages({ "/": { body: "two" } }));
    const { fetchIt, asked } = fetcher(await site(to("http://two.test/")), two);
    expect(text((await fetchIt("http://one.test/")).body)).toBe("two");
    expect(asked).toEqual(["one.test", "two.test"]);
  });
});

describe("bodies", () => {
  const packed = (body: Uint8Array, coding: string) =>
    pages({ "/": { body, headers: { "content-encoding": coding } } });

  it.each([
    ["gzip", gzipSync("packed")],
    ["deflate", deflateSync("packed")],
    ["br", brotliCompressSync("packed")],
    ["gzip, br", brotliCompressSync(gzipSync("packed"))],
  ])("are unpacked from %s", async (coding, body) => {
    expect(text((await fetcher(await site(packed(body, coding))).fetchIt("http://one.test/")).body)).toBe("packed");
  });
  it("stop at a megabyte, or at what was asked for", async () => {
    const one = await site(pages({ "/": { body: "x".repeat(3_000_000) } }));
    const { fetchIt } = fetcher(one);
    const whole = await fetchIt("http://one.test/");
    expect([whole.body.length, whole.truncated]).toEqual([1_048_576, true]);
    const short = await fetchIt("http://one.test/", { maxBytes: 10 });
    expect([short.body.length, short.truncated]).toEqual([10, true]);
    const all = await fetchIt("http://one.test/", { maxBytes: 3_000_000 });
    expect([all.body.length, all.truncated]).toEqual([3_000_000, false]);
  });
  it("[WB-11] that unpack to far more are cut off, with little memory", async () => {
    const zeros = Buffer.alloc(100 * 1024 * 1024);
    const bombs: [string, Uint8Array][] = [
      ["gzip", gzipSync(zeros)],
      ["deflate", deflateSync(zeros)],
      ["br", brotliCompressSync(zeros, { params: { 1: 1 } })],
      ["gzip, gzip", gzipSync(gzipSync(zeros))],
    ];
    for (const [coding, bomb] of bombs) {
      const { fetchIt } = fetcher(await site(packed(bomb, coding)));
      globalThis.gc?.();
      const before = process.memoryUsage().rss;
      const answer = await fetchIt("http://one.test/");
      expect([coding, answer.body.length, answer.truncated]).toEqual([coding, 1_048_576, true]);
      expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
    }
  });
  it("[WB-11] packed too often or in an unknown way are refused", async () => {
    for (const coding of ["gzip, gzip, gzip", "zstd-x", "compress"]) {
      const one = await site(packed(Buffer.from("x"), coding));
      expect(await failure(fetcher(one).fetchIt("http://one.test/"))).toMatchObject({ code: "UNAVAILABLE" });
    }
  });
  it("that lie about their packing fail in words", async () => {
    const one = await site(packed(Buffer.from("not packed at all"), "gzip"));
    expect(await failure(fetcher(one).fetchIt("http://one.test/"))).toBeInstanceOf(NetworkError);
  });
});

describe("time", () => {
  it("[WB-12] ends a body that drips, by the total", async () => {
    const clock = createManualClock();
    const one = await site((_request, response) => {
      response.write("x");
      // One byte whenever the idle time is half over.
      const drip = clock.every(5_000, () => void response.write("x"));
      response.on("close", () => void drip.dispose());
    });
    const { fetchIt } = fetcher(one, one, { clock });
    const failed = failure(fetchIt("http://one.test/", { timeoutMs: 20_000 }));
    for (let turn = 0; turn < 8; turn++) await arrive(clock, 2_500);
    expect(await failed).toMatchObject({ code: "TIMEOUT", message: expect.stringContaining("within 20 s") });
  });
  it("[WB-12] ends a body that stands still, by the idle time", async () => {
    const clock = createManualClock();
    const one = await site((_request, response) => void response.write("x"));
    const failed = failure(fetcher(one, one, { clock }).fetchIt("http://one.test/"));
    await until(() => one.requests.length === 1);
    for (let turn = 0; turn < 12; turn++) await arrive(clock, 1_000);
    expect(await failed).toMatchObject({ code: "TIMEOUT", message: expect.stringContaining("nothing for 10 s") });
  });
  it("[WB-12] ends a look-up and a site that never answer", async () => {
    const clock = createManualClock();
    const one = await site(() => {});
    const silent = failure(fetcher(one, one, { clock }).fetchIt("http://one.test/"));
    const lost = failure(
      fetcher(one, one, { clock, resolve: () => new Promise(() => {}) }).fetchIt("http://one.test/"),
    );
    await until(() => one.requests.length === 1);
    await clock.advance(10_000);
    expect(await silent).toMatchObject({ code: "TIMEOUT" });
    expect(await lost).toMatchObject({ code: "TIMEOUT" });
    expect(clock.pendingTimers).toBe(0);
  });
  it("ends at once with the caller's reason when the signal aborts", async () => {
    const clock = createManualClock();
    for (const handler of [
      () => {},
      (_: unknown, response: { write(text: string): unknown }) => void response.write("x"),
    ]) {
      const one = await site(handler as SiteHandler);
      const stop = new AbortController();
      const reason = new DOMException("stopped", "AbortError");
      const failed = failure(fetcher(one, one, { clock }).fetchIt("http://one.test/", { signal: stop.signal }));
      await until(() => one.requests.length === 1);
      stop.abort(reason);
      expect(await failed).toBe(reason);
      expect(clock.pendingTimers).toBe(0);
    }
    const early = failure(
      fetcher(await site(() => {})).fetchIt("http://one.test/", { signal: AbortSignal.abort("x") }),
    );
    expect(await early).toBe("x");
  });
});

/** Lets bytes arrive, then moves time on. */
async function arrive(clock: ReturnType<typeof createManualClock>, ms: number): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(ms);
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !isSo(); turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(isSo()).toBe(true);
}

describe("secrets in addresses", () => {
  const KEY = `sk-ant-${"a1b2c3d4".repeat(4)}`;
  it.each([
    `http://one.test/?q=${KEY}`,
    `http://one.test/${KEY}`,
    `http://${KEY}.one.test/`,
    `http://one.test/?q=${encodeURIComponent(encodeURIComponent(KEY.replace("-", "%2D")))}`,
    `http://one.test/?q=${[...KEY].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("")}`,
    `http://one.test/?q=${Buffer.from(KEY).toString("base64url")}`,
    `http://one.test/?q=ghp_${"A1".repeat(15)}`,
    `http://one.test/?next=${encodeURIComponent("https://user:hunter2@two.test/")}`,
  ])("[WB-15] are not sent: %#", async (url) => {
    const one = await site((_request, response) => response.end());
    const { fetchIt, asked } = fetcher(one);
    const error = await failure(fetchIt(url));
    expect(error).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining("secret") });
    expect((error as Error).message).not.toContain("a1b2c3d4");
    expect(asked).toEqual([]);
    expect(one.connections).toBe(0);
  });
  it("do not hold up ordinary addresses", async () => {
    const one = await site((_request, response) => response.end());
    const { fetchIt } = fetcher(one);
    for (const url of [
      "http://one.test/wiki/Task-based_programming?id=0123456789abcdef0123456789abcdef",
      "http://one.test/%E6%97%A5%E6%9C%AC?q=100%",
      "http://one.test/a/b/c/bm90IGEgc2VjcmV0IGF0IGFsbCBqdXN0IHRleHQ",
    ]) {
      expect((await fetchIt(url)).status).toBe(200);
    }
  });
});

describe("TLS and the environment", () => {
  it("[WB-16] shows the name in SNI and takes a certificate it can verify", async () => {
    const tls = createCertificate(["one.test"]);
    const one = await site((_request, response) => response.end("secure"), tls);
    const { fetchIt, targets } = fetcher(one, one, { ca: [tls.cert] });
    expect(text((await fetchIt("https://one.test/")).body)).toBe("secure");
    expect(targets).toEqual([`${ONE}:443`]);
  });
  it("[WB-16] refuses unknown, wrong and expired certificates, whatever the environment says", async () => {
    const wrong = createCertificate(["two.test"]);
    const expired = createCertificate(["one.test"], { expired: true });
    const unknown = createCertificate(["one.test"]);
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      for (const [tls, ca] of [
        [wrong, wrong],
        [expired, expired],
        [unknown, undefined],
      ] as const) {
        const one = await site((_request, response) => response.end("insecure"), tls);
        const { fetchIt } = fetcher(one, one, ca === undefined ? {} : { ca: [ca.cert] });
        expect(await failure(fetchIt("https://one.test/"))).toBeInstanceOf(NetworkError);
        expect(one.requests).toEqual([]);
        // The same environment lets a plain client in.
        expect(await plainHttps(one.port)).toBe(200);
      }
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
  });
  it("[WB-08] asks no proxy of the environment", async () => {
    const proxy = await site((_request, response) => response.end("proxied"));
    const one = await site(pages({ "/": { body: "direct" } }));
    const names = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY", "NODE_USE_ENV_PROXY"];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names)
      process.env[name] = name === "NODE_USE_ENV_PROXY" ? "1" : `http://127.0.0.1:${proxy.port}`;
    try {
      expect(text((await fetcher(one).fetchIt("http://one.test/")).body)).toBe("direct");
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    expect(proxy.connections).toBe(0);
  });
});

function plainHttps(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ host: "127.0.0.1", port, agent: false }, (response) => {
      response.resume().on("close", () => resolve(response.statusCode));
    });
    request.on("error", reject);
    request.end();
  });
}
