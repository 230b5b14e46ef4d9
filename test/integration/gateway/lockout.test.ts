/** Guessing: who is locked out by it, for how long, and who is not. */
import { describe, expect, it, onTestFinished } from "vitest";
import { createDevice } from "#test/fakes/device.ts";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import { connectClient, expectRefused, type ConnectOptions } from "#test/fakes/wire-client.ts";

const PAGE = "http://a-page.example";
const OTHER = "http://another-page.example";

async function setUp(): Promise<TestGateway> {
  const world = await startTestGateway({
    config: { gateway: { allowedOrigins: [PAGE, OTHER], trustedProxies: ["127.0.0.3"] } },
  });
  onTestFinished(() => world.dispose());
  return world;
}

/** Wrong guesses, all at once: the answer to each is held back. */
async function guess(world: TestGateway, times: number, options: ConnectOptions): Promise<void> {
  await Promise.all(
    Array.from({ length: times }, (_, i) => expectRefused(world.wsUrl, { ...options, auth: { token: `guess-${i}` } })),
  );
}

const detail = (refusal: Awaited<ReturnType<typeof expectRefused>>) =>
  (refusal.error.details as { code?: string } | undefined)?.code;
const ui = { client: { id: "gatehouse-web", mode: "ui" } as const };

describe("a page that guesses", () => {
  it("[HT-06] [D01] is locked after ten, on loopback too, the right token included; programs and other pages are not", async () => {
    const world = await setUp();
    await guess(world, 9, { origin: PAGE });
    expect(detail(await expectRefused(world.wsUrl, { origin: PAGE, auth: { token: "x" } }))).toBe(
      "AUTH_TOKEN_MISMATCH",
    );
    const locked = await expectRefused(world.wsUrl, {
      ...ui,
      origin: PAGE,
      device: createDevice(),
      auth: { token: TEST_TOKEN },
    });
    expect(locked.error).toMatchObject({ code: "RATE_LIMITED", details: { code: "AUTH_RATE_LIMITED" } });
    expect(locked.error.retryAfterMs).toBeGreaterThan(290_000);
    expect(locked.closed.code).toBe(1008);

    const http = await fetch(`${world.url}/v1/models`, {
      headers: { origin: PAGE, authorization: `Bearer ${TEST_TOKEN}` },
    });
    expect(http.status).toBe(429);
    expect(Number(http.headers.get("retry-after"))).toBeGreaterThan(290);
    await http.body?.cancel();

    await (await world.connect()).close();
    const other = await expectRefused(world.wsUrl, {
      ...ui,
      origin: OTHER,
      device: createDevice(),
      auth: { token: TEST_TOKEN },
    });
    expect(detail(other)).toBe("PAIRING_REQUIRED");
    const own = await expectRefused(world.wsUrl, {
      ...ui,
      origin: world.url,
      device: createDevice(),
      auth: { token: TEST_TOKEN },
    });
    expect(detail(own)).toBe("PAIRING_REQUIRED");
  });

  it("[HT-07] does not lock out a paired device behind the same address and origin", async () => {
    const world = await setUp();
    const device = createDevice();
    const { code } = world.gateway.createBootstrapCode();
    const options: ConnectOptions = { ...ui, origin: PAGE, device, scopes: ["operator.read"] };
    const paired = await connectClient(world.wsUrl, { ...options, auth: { bootstrapToken: code } });
    const deviceToken = paired.hello?.auth.deviceToken ?? "";
    await paired.close();
    await guess(world, 10, { origin: PAGE });
    const again = await connectClient(world.wsUrl, { ...options, auth: { deviceToken } });
    expect(again.hello?.auth.method).toBe("device-token");
    await again.close();
    const http = await fetch(`${world.url}/v1/models`, {
      headers: { origin: PAGE, authorization: `Bearer ${deviceToken}` },
    });
    expect(http.status).toBe(200);
    await http.body?.cancel();
    // The token alone, without the key of its device, is still a guess like any other.
    const thief = await expectRefused(world.wsUrl, { ...options, device: createDevice(), auth: { deviceToken } });
    expect(detail(thief)).toBe("AUTH_RATE_LIMITED");
  });

  it("[HT-06] counts wrong signatures like wrong tokens", async () => {
    const world = await setUp();
    const wrong = () =>
      expectRefused(world.wsUrl, {
        ...ui,
        origin: PAGE,
        device: createDevice(),
        auth: { token: TEST_TOKEN },
        proof: { claim: { nonce: "x" } },
      });
    expect(new Set((await Promise.all(Array.from({ length: 10 }, wrong))).map(detail))).toEqual(
      new Set(["DEVICE_AUTH_SIGNATURE_INVALID"]),
    );
    expect(detail(await wrong())).toBe("AUTH_RATE_LIMITED");
  });
});

describe("a program that guesses", () => {
  it("[HT-07] on this machine is slowed down, never locked", async () => {
    const world = await setUp();
    const started = performance.now();
    await guess(world, 25, {});
    expect(performance.now() - started).toBeGreaterThanOrEqual(240);
    await (await world.connect()).close();
    const http = performance.now();
    const response = await fetch(`${world.url}/v1/models`, { headers: { authorization: "Bearer guess" } });
    expect(response.status).toBe(401);
    expect(performance.now() - http).toBeGreaterThanOrEqual(240);
    await response.body?.cancel();
  });

  it("[HT-10] [HT-07] behind a trusted proxy is locked by its own address, and nobody else is", async () => {
    const world = await setUp();
    const via = (address: string): ConnectOptions => ({
      localAddress: "127.0.0.3",
      headers: { "x-forwarded-for": address },
    });
    await guess(world, 10, via("203.0.113.7"));
    const again = await expectRefused(world.wsUrl, { ...via("203.0.113.7"), auth: { token: TEST_TOKEN } });
    expect(detail(again)).toBe("AUTH_RATE_LIMITED");
    const forged = await expectRefused(world.wsUrl, {
      ...via("198.51.100.1, 203.0.113.7"),
      auth: { token: TEST_TOKEN },
    });
    expect(detail(forged)).toBe("AUTH_RATE_LIMITED");
    const neighbour = await expectRefused(world.wsUrl, { ...via("203.0.113.8"), auth: { token: TEST_TOKEN } });
    expect(neighbour.error.code).toBe("NOT_PAIRED");
  });

  it("a missing credential is no guess", async () => {
    const world = await setUp();
    for (let i = 0; i < 12; i++) {
      expect(detail(await expectRefused(world.wsUrl, { origin: PAGE }))).toBe("AUTH_TOKEN_MISSING");
    }
  });
});
