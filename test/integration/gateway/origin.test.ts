/** What a web page, a rebound name and a forged proxy reach: nothing. Everything is refused before the upgrade. */
import { networkInterfaces } from "node:os";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { admit, type AdmissionRules } from "#main/gateway/admission.ts";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import {
  connectClient,
  openRaw,
  toUpgrade,
  UpgradeRefused,
  WireClient,
  type OpenOptions,
} from "#test/fakes/wire-client.ts";

let world: TestGateway;
beforeAll(async () => {
  world = await startTestGateway({
    config: {
      gateway: {
        allowedOrigins: ["https://chat.example"],
        allowedHosts: ["box.example"],
        trustedProxies: ["127.0.0.9"],
      },
    },
  });
});
afterAll(() => world.dispose());

async function statusOf(options: OpenOptions): Promise<number> {
  try {
    const client = await WireClient.open(world.wsUrl, options);
    await client.terminate();
    return 101;
  } catch (error) {
    return error instanceof UpgradeRefused ? error.status : 0;
  }
}

describe("origins", () => {
  it.each([
    "http://evil.example",
    "https://evil.example",
    "null",
    "file://",
    "chrome-extension://abcdefgh",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://localhost:3000",
    "http://[::1]:18789",
    "https://chat.example.evil.example",
    "https://chat.example:8443",
    "http://chat.example",
    "HTTPS://CHAT.EXAMPLE",
    "https://chat.example, https://evil.example",
    "gatehouse://evil",
    "",
    " ",
  ])(
    "[HT-01] [HT-02] [HT-03] the page %j is answered 403 before the upgrade, also with the right token",
    async (origin) => {
      if (origin.trim() === "") {
        const raw = await openRaw(world.port);
        raw.socket.write(toUpgrade(world.port, { Origin: origin }));
        const head = (await raw.until((all) => all.includes("\r\n\r\n"))).toString("latin1");
        expect(head).toMatch(/^HTTP\/1\.1 403 /);
        raw.socket.destroy();
        return raw.ended;
      }
      expect(await statusOf({ origin })).toBe(403);
      return expect(connectClient(world.wsUrl, { origin, auth: { token: TEST_TOKEN } })).rejects.toThrow(
        UpgradeRefused,
      );
    },
  );

  it("[HT-01] the answer tells the page nothing that it could read", async () => {
    const raw = await openRaw(world.port);
    raw.socket.write(toUpgrade(world.port, { Origin: "http://evil.example" }));
    await raw.ended;
    const text = raw.received().toString("latin1").toLowerCase();
    expect(text).not.toContain("access-control-allow");
    expect(text).not.toContain("connect.challenge");
  });

  it.each(["https://chat.example", "gatehouse://app"])("[HT-01] %s may open a connection", async (origin) => {
    expect(await statusOf({ origin })).toBe(101);
  });

  it("[HT-01] the served page's own address may", async () => {
    expect(await statusOf({ origin: world.url })).toBe(101);
    const host = `localhost:${world.port}`;
    expect(await statusOf({ origin: `http://${host}`, headers: { host } })).toBe(101);
  });

  it("[HT-01] on every path", async () => {
    for (const path of ["ws", "v1/models", "api/x", "health", "../ws", "%2e%2e"]) {
      const open = WireClient.open(`${world.wsUrl}${path}`, { origin: "http://evil.example" });
      await expect(open).rejects.toMatchObject({ status: 403 });
    }
  });
});

describe("hosts", () => {
  it.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "evil.example:18789",
    "localhost.evil.example",
    "0.0.0.0",
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "box.example.evil.example",
    "169.254.169.254",
    "[fe80::1]",
    "me.tail1234.ts.net",
  ])("[HT-04] [HT-05] the name %s is refused", async (host) => {
    expect(await statusOf({ headers: { host } })).toBe(421);
    expect(await statusOf({ headers: { host }, origin: `http://${host}` })).toBe(421);
  });

  it.each(["", "a b", "user@127.0.0.1", "127.0.0.1/x", "127.0.0.1:port", "[::1", "a,b", "127.0.0.1:1:2"])(
    "[HT-05] the malformed name %j is refused",
    async (host) => {
      const raw = await openRaw(world.port);
      raw.socket.write(toUpgrade(world.port, { Host: host }));
      const head = (await raw.until((all) => all.includes("\r\n"))).toString("latin1");
      expect(head).toMatch(/^HTTP\/1\.1 (?:400|421) /);
      raw.socket.destroy();
      await raw.ended;
    },
  );

  it.each(["localhost", "LOCALHOST:18789", "localhost.", "127.0.0.1", "127.8.8.8", "[::1]:9", "box.example"])(
    "[HT-04] [D04] the name %s is one of ours",
    async (host) => {
      expect(await statusOf({ headers: { host } })).toBe(101);
    },
  );

  it("[HT-05] of two Host headers none is believed", async () => {
    const raw = await openRaw(world.port);
    raw.socket.write(toUpgrade(world.port).replace("\r\n", `\r\nHost: evil.example\r\n`));
    const head = (await raw.until((all) => all.includes("\r\n"))).toString("latin1");
    expect(head).toMatch(/^HTTP\/1\.1 4\d\d /);
    raw.socket.destroy();
    await raw.ended;
  });
});

describe("forwarding headers", () => {
  it.each([
    { "x-forwarded-for": "127.0.0.1" },
    { "x-forwarded-for": "" },
    { "x-forwarded-host": "localhost" },
    { "x-forwarded-proto": "https" },
    { "x-real-ip": "127.0.0.1" },
    { forwarded: "for=127.0.0.1" },
    { "tailscale-user-login": "owner@example.com" },
    { "tailscale-user-name": "Owner" },
    { "cf-connecting-ip": "127.0.0.1" },
    { "true-client-ip": "127.0.0.1" },
    { via: "1.1 proxy" },
  ])("[HT-10] [D04] %j from a proxy that nobody named is refused", async (headers) => {
    expect(await statusOf({ headers: headers as Record<string, string> })).toBe(403);
    const response = await fetch(`${world.url}/v1/models`, {
      headers: { ...headers, authorization: `Bearer ${TEST_TOKEN}` } as Record<string, string>,
    });
    expect(response.status).toBe(403);
    await response.body?.cancel();
  });

  it("[HT-10] a trusted proxy's client is never this machine, whatever the header says", async () => {
    const options = {
      localAddress: "127.0.0.9",
      headers: { "x-forwarded-for": "127.0.0.1" },
      auth: { token: TEST_TOKEN },
    };
    await expect(connectClient(world.wsUrl, options)).rejects.toThrow(/device identity required/);
  });
});

describe("without the guards, the same requests are let in", () => {
  const rules: AdmissionRules = { boundHost: "127.0.0.1", allowedOrigins: [], allowedHosts: [], trustedProxies: [] };
  const request = (headers: Record<string, string>) => ({ headers, remoteAddress: "127.0.0.1", isLocalSocket: false });

  it("[HT-01] the origin counts only where it is asked for", () => {
    const foreign = request({ host: "localhost", origin: "http://evil.example" });
    expect(admit(foreign, rules, { needsOrigin: true })).toMatchObject({ ok: false, status: 403 });
    expect(admit(foreign, rules, { needsOrigin: false })).toMatchObject({ ok: true });
  });

  it("[HT-04] a name that the owner lists is ours", () => {
    const rebound = request({ host: "evil.example" });
    expect(admit(rebound, rules, { needsOrigin: true })).toMatchObject({ ok: false, status: 421 });
    expect(admit(rebound, { ...rules, allowedHosts: ["evil.example"] }, { needsOrigin: true })).toMatchObject({
      ok: true,
    });
  });

  it("[HT-10] a proxy that the owner lists may forward", () => {
    const forwarded = request({ host: "localhost", "x-forwarded-for": "203.0.113.7" });
    expect(admit(forwarded, rules, { needsOrigin: true })).toMatchObject({ ok: false, status: 403 });
    expect(admit(forwarded, { ...rules, trustedProxies: ["127.0.0.1"] }, { needsOrigin: true })).toEqual({
      ok: true,
      source: { address: "203.0.113.7", isLoopback: false },
    });
  });
});

it("[A02] listens on loopback and nowhere else", async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .filter((entry) => entry !== undefined && !entry.internal && entry.family === "IPv4");
  for (const entry of outside) {
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect({ port: world.port, host: entry?.address ?? "" });
      socket.once("connect", () => (socket.destroy(), resolve(true)));
      socket.once("error", () => resolve(false));
    });
    expect(reached, entry?.address).toBe(false);
  }
  expect(new URL(world.url).hostname).toBe("127.0.0.1");
});

it("[C32] [D03] answers the probes without a credential, and the API with one only", async () => {
  for (const path of ["/health", "/health/live", "/health/ready"]) {
    const response = await fetch(`${world.url}${path}`);
    expect(response.status, path).toBe(200);
    await response.body?.cancel();
  }
  const health = (await (await fetch(`${world.url}/health`)).json()) as Record<string, unknown>;
  expect(health).toMatchObject({ status: "ok", version: "1.2.3-test", uptime_seconds: expect.any(Number) });
  for (const [authorization, status] of [
    ["", 401],
    ["Bearer ", 401],
    [`Basic ${TEST_TOKEN}`, 401],
    [`Bearer ${TEST_TOKEN}`, 200],
  ] as const) {
    const response = await fetch(`${world.url}/v1/models`, { headers: authorization === "" ? {} : { authorization } });
    expect(response.status, authorization).toBe(status);
    await response.body?.cancel();
  }
});
