/** The rules of who gets in, each with the same attempt under the rule relaxed: it is the rule that decides. */
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import type { AuthDeps, ConnectAttempt } from "#main/identity/authorize.ts";
import { authorize } from "#main/identity/authorize.ts";
import { authorizeBearer } from "#main/identity/bearer.ts";
import { BootstrapCodes } from "#main/identity/bootstrap-codes.ts";
import { Devices } from "#main/identity/devices.ts";
import { Lockout, type Source } from "#main/identity/lockout.ts";
import { openDatabase } from "#main/store/database.ts";
import { createDevice, type TestDevice } from "#test/fakes/device.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { toConnectParams, type ConnectOptions } from "#test/fakes/wire-client.ts";

const NONCE = "nonce";
const local: Source = { address: "127.0.0.1", isLoopback: true };
const page: Source = { ...local, origin: "http://page.example" };
const remote: Source = { address: "203.0.113.7", isLoopback: false };

async function setUp(change: Partial<AuthDeps> = {}) {
  const clock = createManualClock();
  const dir = tempState();
  const open = { path: join(dir, "t.db"), backupsDir: join(dir, "b"), clock, log: silentLogger, wasUnclean: false };
  const database = await openDatabase(open);
  onTestFinished(() => database.close());
  const limits = { requestSeconds: 300, maxDevices: 50, maxPendingDevices: 25 };
  const deps: AuthDeps = {
    clock,
    devices: new Devices({ db: database.db, clock, limits: () => limits }),
    codes: new BootstrapCodes(clock),
    lockout: new Lockout(clock),
    shared: () => ({ mode: "token", value: "secret" }),
    autoApproveLocal: () => true,
    ...change,
  };
  const attempt = (options: ConnectOptions, source: Source, isLocalSocket = false): ConnectAttempt => ({
    params: toConnectParams(
      { ...options, ...(options.device ? { proof: { signedAt: clock.now(), ...options.proof } } : {}) },
      NONCE,
    ),
    nonce: NONCE,
    source,
    isLocalSocket,
  });
  const ask = async (options: ConnectOptions, source: Source, isLocalSocket = false) => {
    const verdict = await authorize(deps, attempt(options, source, isLocalSocket));
    return verdict.ok ? { ...verdict, detail: "" } : { ...verdict, detail: String(verdict.details["code"]) };
  };
  return { clock, deps, ask };
}

const secret = { token: "secret" };
const asTest = (device: TestDevice, more: ConnectOptions = {}): ConnectOptions => ({
  client: { id: "test", mode: "test" },
  auth: secret,
  scopes: ["operator.read"],
  device,
  ...more,
});

describe("[D09] pairing in silence", () => {
  it.each([
    ["a program on this machine", local, ["operator.read"], true],
    ["a page on this machine", page, ["operator.read"], false],
    ["a program elsewhere", remote, ["operator.read"], false],
    ["a program that wants admin", local, ["operator.admin"], false],
  ] as const)("[HS-27] [HS-28] [D09] of %s", async (_name, source, scopes, isLetIn) => {
    const { ask } = await setUp();
    const verdict = await ask(asTest(createDevice(), { scopes: [...scopes] }), source);
    expect(verdict.ok).toBe(isLetIn);
    if (!isLetIn) expect(verdict.detail).toBe("PAIRING_REQUIRED");
  });

  it("[HS-27] is off where the owner says so", async () => {
    const { ask } = await setUp({ autoApproveLocal: () => false });
    expect((await ask(asTest(createDevice()), local)).detail).toBe("PAIRING_REQUIRED");
  });

  it("[HS-28] counts for a page once the owner has approved it", async () => {
    const { ask, deps } = await setUp();
    const device = createDevice();
    const refused = await ask(asTest(device), page);
    const { requestId } = (refused as unknown as { details: { requestId: string } }).details;
    await deps.devices.approve(requestId, new Set(["operator.admin"]));
    const granted = await ask(asTest(device), page);
    expect(granted).toMatchObject({ ok: true, scopes: ["operator.read"], deviceToken: expect.any(String) });
    const again = await ask(asTest(device), page);
    expect(again).toMatchObject({ ok: true });
    expect(again).not.toHaveProperty("deviceToken");
  });
});

describe("the lock-out", () => {
  const guess = (ask: Awaited<ReturnType<typeof setUp>>["ask"]) => ask({ auth: { token: "wrong" } }, page);

  it("[HT-06] stops the eleventh guess, and without it the eleventh is like the first", async () => {
    const guarded = await setUp();
    for (let i = 0; i < 10; i++) expect((await guess(guarded.ask)).detail).toBe("AUTH_TOKEN_MISMATCH");
    expect((await guess(guarded.ask)).detail).toBe("AUTH_RATE_LIMITED");

    class NeverLocks extends Lockout {
      override lockedFor(): undefined {
        return undefined;
      }
    }
    const open = await setUp({ lockout: new NeverLocks(createManualClock()) });
    for (let i = 0; i < 11; i++) expect((await guess(open.ask)).detail).toBe("AUTH_TOKEN_MISMATCH");
  });

  it("[HT-06] stops the right token too, for five minutes", async () => {
    const { ask, clock } = await setUp();
    for (let i = 0; i < 10; i++) await guess(ask);
    expect((await ask(asTest(createDevice()), page)).detail).toBe("AUTH_RATE_LIMITED");
    await clock.advance(300_000);
    expect((await ask(asTest(createDevice()), page)).detail).toBe("PAIRING_REQUIRED");
  });

  it("[HT-07] lets a paired device through with its own token and key, and with both only", async () => {
    const { ask } = await setUp();
    const device = createDevice();
    const token = ((await ask(asTest(device), local)) as { deviceToken?: string }).deviceToken ?? "";
    for (let i = 0; i < 10; i++) await ask({ auth: { token: "wrong" } }, remote);
    expect((await ask(asTest(device, { auth: { deviceToken: token } }), remote)).ok).toBe(true);
    for (const attempt of [
      asTest(createDevice(), { auth: { deviceToken: token } }),
      asTest(device, { auth: { deviceToken: "other" } }),
      asTest(device, { auth: { deviceToken: token }, proof: { claim: { nonce: "x" } } }),
      asTest(device),
    ]) {
      expect((await ask(attempt, remote)).detail).toBe("AUTH_RATE_LIMITED");
    }
  });

  it("[HT-06] counts guesses on HTTP and on the WebSocket together", async () => {
    const { ask, deps, clock } = await setUp();
    for (let i = 0; i < 5; i++) {
      await guess(ask);
      const bearing = authorizeBearer(deps, "Bearer wrong", page);
      await clock.advance(250);
      expect(await bearing).toMatchObject({ ok: false, status: 401 });
    }
    expect((await guess(ask)).detail).toBe("AUTH_RATE_LIMITED");
    expect(await authorizeBearer(deps, "Bearer secret", page)).toMatchObject({
      status: 429,
      retryAfterMs: expect.any(Number),
    });
    expect(await authorizeBearer(deps, "Bearer secret", local)).toMatchObject({ ok: true, method: "token" });
  });
});

describe("credentials", () => {
  it.each([
    [{}, "AUTH_TOKEN_MISSING", false],
    [{ token: "" }, "AUTH_TOKEN_MISSING", false],
    [{ token: "Secret" }, "AUTH_TOKEN_MISMATCH", true],
    [{ token: "secret " }, "AUTH_TOKEN_MISMATCH", true],
    [{ password: "secret" }, "AUTH_TOKEN_MISMATCH", true],
    [{ deviceToken: "x" }, "AUTH_DEVICE_TOKEN_MISMATCH", true],
  ])("[D01] [D02] [HS-29] in token mode %j is %s", async (auth, detail, isGuess) => {
    const { ask } = await setUp();
    expect(await ask({ auth }, local)).toMatchObject({ ok: false, detail, isGuess });
  });

  it.each([
    [{ password: "secret" }, ""],
    [{ password: "secret", token: "wrong" }, ""],
    [{ token: "secret" }, "AUTH_PASSWORD_MISMATCH"],
    [{ password: "SECRET" }, "AUTH_PASSWORD_MISMATCH"],
    [{ password: " secret" }, "AUTH_PASSWORD_MISMATCH"],
    [{ password: "" }, "AUTH_PASSWORD_MISSING"],
    [{}, "AUTH_PASSWORD_MISSING"],
  ])("[D02] in password mode %j is %j", async (auth, detail) => {
    const { ask } = await setUp({ shared: () => ({ mode: "password", value: "secret" }) });
    expect((await ask({ auth }, local)).detail).toBe(detail);
  });

  it.each(["", "secret", "undefined"])("[D02] where no secret is set, %j matches nothing", async (password) => {
    const { ask } = await setUp({ shared: () => ({ mode: "password", value: undefined }) });
    expect((await ask({ auth: { password } }, local)).ok).toBe(false);
  });

  it("[D08] a stale shared token beside a good device token does not stand in its way", async () => {
    const { ask } = await setUp();
    const device = createDevice();
    const token = ((await ask(asTest(device), local)) as { deviceToken?: string }).deviceToken ?? "";
    for (const auth of [{ deviceToken: token }, { token: "stale", deviceToken: token }, { token }]) {
      expect(await ask(asTest(device, { auth }), local)).toMatchObject({ ok: true, method: "device-token" });
    }
  });

  it.each(["", "Bearer", "Bearer ", "Basic secret", "secret", "Bearer secret extra", "bearersecret"])(
    "[D03] the header %j is refused",
    async (header) => {
      const { deps, clock } = await setUp();
      const bearing = authorizeBearer(deps, header, local);
      await clock.advance(250);
      expect(await bearing).toMatchObject({ ok: false, status: 401 });
    },
  );

  it("[D03] a device's token is a Bearer with its scopes", async () => {
    const { ask, deps } = await setUp();
    const token = ((await ask(asTest(createDevice()), local)) as { deviceToken?: string }).deviceToken ?? "";
    const verdict = await authorizeBearer(deps, `bearer ${token}`, remote);
    expect(verdict).toEqual({ ok: true, scopes: new Set(["operator.read"]), method: "device-token" });
  });
});

describe("without a device", () => {
  it.each([
    [local, {}, true],
    [page, {}, false],
    [remote, {}, false],
    [local, { client: { mode: "ui" } }, false],
    [local, { client: { id: "test" } }, false],
    [local, { role: "node" }, false],
    [local, { client: { id: "openclaw-tui", mode: "probe" } }, true],
  ] as [Source, ConnectOptions, boolean][])(
    "[HS-30] [D04] %j with %j gets in: %s",
    async (source, options, isLetIn) => {
      const { ask } = await setUp();
      const verdict = await ask({ auth: secret, ...options }, source);
      expect(verdict.ok).toBe(isLetIn);
      if (!isLetIn) expect(verdict.detail).toBe("DEVICE_IDENTITY_REQUIRED");
    },
  );
});
