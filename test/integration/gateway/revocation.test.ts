/** Credentials that no longer count: whoever holds one is out within a second, everywhere, and stays out. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDevice } from "#test/fakes/device.ts";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import { connectClient, expectRefused, type ConnectOptions, type WireClient } from "#test/fakes/wire-client.ts";

const READ = ["operator.read"];
const asProgram = (options: ConnectOptions): ConnectOptions => ({
  client: { id: "test", mode: "test" },
  scopes: READ,
  ...options,
});

/** How long until the connection was closed, with what. */
async function timeToClose(client: WireClient, act: () => Promise<unknown>) {
  const started = performance.now();
  await act();
  const closed = await client.closed;
  return { ...closed, ms: performance.now() - started };
}

async function bearer(world: TestGateway, token: string): Promise<number> {
  const response = await fetch(`${world.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
  await response.body?.cancel();
  return response.status;
}

describe("a device token", () => {
  let world: TestGateway;
  beforeAll(async () => {
    world = await startTestGateway();
  });
  afterAll(() => world.dispose());

  async function setUp() {
    const device = createDevice();
    const first = await connectClient(world.wsUrl, asProgram({ device, auth: { token: TEST_TOKEN } }));
    const deviceToken = first.hello?.auth.deviceToken ?? "";
    await first.close();
    const options = asProgram({ device, auth: { deviceToken } });
    const [live, owner] = [await connectClient(world.wsUrl, options), await world.connect()];
    return { device, deviceToken, options, live, owner };
  }

  it.each([
    ["device.token.revoke", { role: "operator" }],
    ["device.token.rotate", { role: "operator" }],
    ["device.pair.remove", {}],
  ])("[HS-38] [D08] [PR-07] after %s the live socket is closed with 4001, the token refused", async (method, more) => {
    const { device, deviceToken, options, live, owner } = await setUp();
    expect(await bearer(world, deviceToken)).toBe(200);
    const closed = await timeToClose(live, () => owner.call(method, { deviceId: device.id, ...more }));
    expect(closed).toMatchObject({ code: 4001, reason: "credentials rotated or revoked" });
    expect(closed.ms).toBeLessThan(1000);
    const refusal = await expectRefused(world.wsUrl, options);
    expect(refusal.error.details).toMatchObject({ code: "AUTH_DEVICE_TOKEN_MISMATCH" });
    expect(await bearer(world, deviceToken)).toBe(401);
    expect((await owner.request("health")).ok).toBe(true);
    await owner.close();
  });

  it("[HS-38] cuts a connection that stops reading as well", async () => {
    const { device, live, owner } = await setUp();
    live.pause();
    await owner.call("device.token.revoke", { deviceId: device.id, role: "operator" });
    type List = { paired: { deviceId: string; connected: boolean }[] };
    const isGone = async () => {
      const { paired } = await owner.call<List>("device.pair.list");
      return paired.find((row) => row.deviceId === device.id)?.connected === false;
    };
    while (!(await isGone())) await owner.request("health");
    live.resume();
    await live.closed;
    await owner.close();
  });

  it("[D08] a device that rotates its own token is handed the new one, and only that one counts", async () => {
    const { device, live, owner } = await setUp();
    await owner.close();
    const device2 = createDevice();
    const page = { client: { id: "gatehouse-web", mode: "ui" } as const, origin: world.url, device: device2 };
    const { code } = world.gateway.createBootstrapCode();
    const scopes = ["operator.read", "operator.pairing"];
    const own = await connectClient(world.wsUrl, { ...page, scopes, auth: { bootstrapToken: code } });
    const rotated = await own.call<{ token: string; tokenDelivery: string }>("device.token.rotate", {
      deviceId: device2.id,
      role: "operator",
    });
    expect(rotated).toMatchObject({ tokenDelivery: "in-band", token: expect.stringMatching(/^[\w-]{43}$/) });
    expect((await own.closed).code).toBe(4001);
    const again = await connectClient(world.wsUrl, { ...page, scopes, auth: { deviceToken: rotated.token } });
    expect(again.hello?.auth.method).toBe("device-token");
    expect(device.id).not.toBe(device2.id);
    await Promise.all([again.close(), live.close()]);
  });

  it("[D08] [PR-05] [PR-06] is kept as a hash only, counts after a restart, and has 256 bits", async () => {
    const { deviceToken, options, live, owner } = await setUp();
    await Promise.all([live.close(), owner.close()]);
    expect(Buffer.from(deviceToken, "base64url")).toHaveLength(32);
    await world.restart();
    const again = await connectClient(world.wsUrl, options);
    expect(again.hello?.auth).toMatchObject({ method: "device-token", scopes: READ });
    expect(again.hello?.auth.deviceToken).toBeUndefined();
    await again.close();
    for (const name of readdirSync(world.stateDir)) {
      const path = join(world.stateDir, name);
      if (!statSync(path).isFile()) continue;
      expect(readFileSync(path).includes(deviceToken), name).toBe(false);
    }
    expect(world.log.join("\n")).not.toContain(deviceToken);
  });

  it("[E08] lies in files that only this account can read", async () => {
    for (const name of readdirSync(world.stateDir)) {
      expect(statSync(join(world.stateDir, name)).mode & 0o077, name).toBe(0);
    }
  });
});

describe("the shared token", () => {
  it("[HS-39] changed in the file: old sessions end with 4001, the old one is refused, the new one counts, without a restart", async () => {
    const world = await startTestGateway({ tokenInFile: true });
    const old = await world.connect();
    const device = createDevice();
    const paired = await connectClient(world.wsUrl, asProgram({ device, auth: { token: TEST_TOKEN } }));
    const deviceToken = paired.hello?.auth.deviceToken ?? "";
    await paired.close();
    const byDevice = await connectClient(world.wsUrl, asProgram({ device, auth: { deviceToken } }));
    const bySocket = await connectClient("ws://localhost/", { socketPath: world.socketPath });

    const text = readFileSync(world.configPath, "utf8");
    const changed = text.replace(TEST_TOKEN, "another-token-of-the-owner");
    const closed = await timeToClose(old, async () => writeFileSync(world.configPath, changed));
    expect(closed.code).toBe(4001);
    expect(closed.ms).toBeLessThan(2000);

    const refusal = await expectRefused(world.wsUrl, { auth: { token: TEST_TOKEN } });
    expect(refusal.error.details).toMatchObject({ code: "AUTH_TOKEN_MISMATCH" });
    expect(await bearer(world, TEST_TOKEN)).toBe(401);
    expect(await bearer(world, "another-token-of-the-owner")).toBe(200);
    const next = await connectClient(world.wsUrl, { auth: { token: "another-token-of-the-owner" } });
    expect((await byDevice.request("health")).ok).toBe(true);
    expect((await bySocket.request("health")).ok).toBe(true);
    await Promise.all([next.close(), byDevice.close(), bySocket.close()]);
    await world.dispose();
  });

  it("[HS-39] changed over the wire: the caller's own session ends too", async () => {
    const world = await startTestGateway({ tokenInFile: true });
    const client = await world.connect();
    const { hash } = await client.call<{ hash: string }>("config.get");
    const patch = { raw: '{gateway: {auth: {token: "third-token-of-the-owner"}}}', baseHash: hash };
    const closed = await timeToClose(client, async () => client.post("config.patch", patch));
    expect(closed).toMatchObject({ code: 4001 });
    expect((await expectRefused(world.wsUrl, { auth: { token: TEST_TOKEN } })).closed.code).toBe(1008);
    await (await connectClient(world.wsUrl, { auth: { token: "third-token-of-the-owner" } })).close();
    await world.dispose();
  });

  it("[HS-39] another mode with the same secret ends the sessions as well", async () => {
    const world = await startTestGateway({ tokenInFile: true });
    const client = await world.connect();
    const { hash } = await client.call<{ hash: string }>("config.get");
    const raw = JSON.stringify({ gateway: { auth: { mode: "password", password: TEST_TOKEN } } });
    client.post("config.patch", { raw, baseHash: hash });
    expect((await client.closed).code).toBe(4001);
    expect((await expectRefused(world.wsUrl, { auth: { token: TEST_TOKEN } })).closed.code).toBe(1008);
    await (await connectClient(world.wsUrl, { auth: { password: TEST_TOKEN } })).close();
    await world.dispose();
  });
});
