import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import {
  Devices,
  type DeviceChange,
  type DeviceFacts,
  type DeviceLimits,
  type PairingWish,
} from "#main/identity/devices.ts";
import { OWNER_SCOPES, type Scope } from "#main/protocol/scopes.ts";
import { openDatabase } from "#main/store/database.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { tempState } from "#test/fakes/temp-state.ts";

const owner: ReadonlySet<Scope> = new Set(OWNER_SCOPES);
const limited: ReadonlySet<Scope> = new Set<Scope>(["operator.pairing", "operator.read"]);
const DAY_MS = 86_400_000;

async function setUp(change: Partial<DeviceLimits> = {}) {
  const clock = createManualClock();
  const dir = tempState();
  const open = {
    path: join(dir, "test.db"),
    backupsDir: join(dir, "backups"),
    clock,
    log: silentLogger,
    wasUnclean: false,
  };
  const database = await openDatabase(open);
  onTestFinished(() => database.close());
  const limits = { requestSeconds: 300, maxDevices: 50, maxPendingDevices: 25, ...change };
  const devices = new Devices({ db: database.db, clock, limits: () => limits });
  const changes: DeviceChange[] = [];
  devices.onChange((one) => changes.push(one));
  return { clock, devices, changes };
}

const facts = (name: string, more: Partial<DeviceFacts> = {}): DeviceFacts => ({
  deviceId: name,
  publicKey: `key-${name}`,
  platform: "linux",
  ...more,
});
const wish = (scopes: Scope[] = ["operator.read"], more: Partial<PairingWish> = {}): PairingWish => ({
  role: "operator",
  scopes,
  reason: "not-paired",
  remoteAddress: "127.0.0.1",
  ...more,
});

describe("a request", () => {
  it("[E01] [E02] waits, is the same for the same wish, and is answered once", async () => {
    const { devices, changes } = await setUp();
    const first = await devices.request(facts("a"), wish());
    expect((await devices.request(facts("a"), wish())).request_id).toBe(first.request_id);
    expect(changes.map((change) => change.type)).toEqual(["requested"]);
    await devices.approve(first.request_id, owner);
    await expect(devices.approve(first.request_id, owner)).rejects.toThrow("cannot be answered");
    await expect(devices.reject(first.request_id)).rejects.toThrow("cannot be answered");
    expect((await devices.find("a"))?.scopes).toEqual(["operator.read"]);
  });

  it("[E01] rejected pairs nobody", async () => {
    const { devices, changes } = await setUp();
    const { request_id: id } = await devices.request(facts("a"), wish());
    await devices.reject(id);
    await expect(devices.approve(id, owner)).rejects.toThrow("cannot be answered");
    expect(await devices.find("a")).toBeUndefined();
    expect(changes.at(-1)).toMatchObject({ type: "resolved", decision: "rejected" });
  });

  it("[E05] runs out after five minutes, is told, and cannot be approved a moment later", async () => {
    const { clock, devices, changes } = await setUp();
    const { request_id: id } = await devices.request(facts("a"), wish());
    await clock.advance(299_999);
    expect((await devices.list()).pending).toHaveLength(1);
    await clock.advance(1);
    await expect(devices.approve(id, owner)).rejects.toThrow("cannot be answered");
    await devices.expire();
    expect(changes.at(-1)).toMatchObject({ type: "resolved", requestId: id, decision: "expired" });
    expect((await devices.list()).pending).toEqual([]);
  });

  it("[E06] [PR-02] beyond the limit is refused, the oldest stay, and many at once do not slip through", async () => {
    const { devices } = await setUp();
    const asked = await Promise.allSettled(
      Array.from({ length: 60 }, (_, i) => devices.request(facts(`d${i}`), wish())),
    );
    expect(asked.filter((one) => one.status === "fulfilled")).toHaveLength(25);
    const { pending } = await devices.list();
    expect(new Set(pending.map((row) => row.device_id))).toEqual(
      new Set(Array.from({ length: 25 }, (_, i) => `d${i}`)),
    );
    await expect(devices.request(facts("late"), wish())).rejects.toMatchObject({
      code: "RATE_LIMITED",
      retryAfterMs: 300_000,
    });
    // Who waits already may change its mind all the same.
    await expect(devices.request(facts("d3"), wish(["operator.write"]))).resolves.toMatchObject({ device_id: "d3" });
  });

  it("[E02] ten of one device at once are one request", async () => {
    const { devices } = await setUp();
    const all = await Promise.all(Array.from({ length: 10 }, () => devices.request(facts("a"), wish())));
    expect(new Set(all.map((row) => row.request_id)).size).toBe(1);
  });

  it("[HS-36] replaces the one before it", async () => {
    const { devices, changes } = await setUp();
    const old = await devices.request(facts("a"), wish());
    await devices.request(facts("a"), wish(["operator.admin"]));
    await expect(devices.approve(old.request_id, owner)).rejects.toThrow("cannot be answered");
    expect(changes[1]).toMatchObject({ type: "resolved", requestId: old.request_id, decision: "expired" });
  });

  it("[HS-35] wider than the approver holds is refused with the text of an unknown one", async () => {
    const { devices } = await setUp();
    const wide = await devices.request(facts("a"), wish(["operator.admin"]));
    const own = await devices.request(facts("b"), wish(["operator.read"]));
    const message = async (id: string) =>
      devices.approve(id, limited).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await message(wide.request_id)).toBe(await message("unknown"));
    expect(await message(own.request_id)).toBe("");
    // Who holds admin may: it is the scope that guards.
    await expect(devices.approve(wide.request_id, new Set<Scope>(["operator.admin"]))).resolves.toBeDefined();
  });
});

describe("a paired device", () => {
  it("[E10] keeps the day it came and gains what it is approved for", async () => {
    const { clock, devices } = await setUp();
    await devices.pair(facts("a"), "operator", ["operator.read"]);
    const before = await devices.find("a");
    await clock.advance(DAY_MS);
    await devices.pair(facts("a"), "node", ["operator.write"]);
    const after = await devices.find("a");
    expect(after?.record.created_at).toBe(before?.record.created_at);
    expect(after?.record.approved_at).toBe((before?.record.approved_at ?? 0) + DAY_MS);
    expect(after).toMatchObject({ roles: ["operator", "node"], scopes: ["operator.read", "operator.write"] });
  });

  it("[E09] with another key under the same id is an error", async () => {
    const { devices } = await setUp();
    await devices.pair(facts("a"), "operator", []);
    await expect(devices.pair(facts("a", { publicKey: "other" }), "operator", [])).rejects.toThrow("another key");
  });

  it("[E06] beyond the limit pushes out the one seen longest ago, and cuts it", async () => {
    const { clock, devices, changes } = await setUp({ maxDevices: 3 });
    for (const name of ["a", "b", "c"]) {
      await devices.pair(facts(name), "operator", []);
      await clock.advance(1000);
    }
    await devices.touch("a");
    await devices.pair(facts("d"), "operator", []);
    expect((await devices.list()).devices.map((row) => row.device_id)).toEqual(["a", "c", "d"]);
    expect(changes).toContainEqual({ type: "cut", deviceId: "b" });
  });

  it("[E06] many at once do not pass the limit", async () => {
    const { devices } = await setUp({ maxDevices: 5 });
    await Promise.all(Array.from({ length: 20 }, (_, i) => devices.pair(facts(`d${i}`), "operator", [])));
    expect((await devices.list()).devices).toHaveLength(5);
  });
});

describe("a token", () => {
  async function withToken(scopes: Scope[] = ["operator.read"]) {
    const world = await setUp();
    await world.devices.pair(facts("a"), "operator", scopes);
    return { ...world, ...(await world.devices.issueToken("a", "operator", scopes)) };
  }

  it("[I11] [D08] [PR-06] is found by itself only, one per role, 256 bits", async () => {
    const { devices, token } = await withToken();
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(await devices.findToken(token)).toMatchObject({ device_id: "a", role: "operator" });
    expect(await devices.findToken(`${token}x`)).toBeUndefined();
    const next = await devices.issueToken("a", "operator", ["operator.read"]);
    expect(await devices.findToken(token)).toBeUndefined();
    expect(await devices.findToken(next.token)).toBeDefined();
    const { tokens } = await devices.list();
    expect(tokens).toHaveLength(1);
    expect(JSON.stringify(tokens)).not.toContain(next.token);
  });

  it("[E07] [PR-07] counts for ninety days", async () => {
    const { clock, devices, token } = await withToken();
    await clock.advance(90 * DAY_MS - 1);
    expect(await devices.findToken(token)).toBeDefined();
    await clock.advance(1);
    expect(await devices.findToken(token)).toBeUndefined();
    expect(await devices.hasToken("a", "operator")).toBe(false);
  });

  it("[PR-07] remembers when it was used", async () => {
    const { clock, devices, token } = await withToken();
    const row = await devices.findToken(token);
    await clock.advance(5000);
    await devices.touch("a", row?.token_hash);
    expect((await devices.findToken(token))?.last_used_at).toBe(clock.now());
    expect((await devices.find("a"))?.record.last_seen_at).toBe(clock.now());
  });

  it("[E03] goes with its device, and does not come back when that is paired again", async () => {
    const { devices, token } = await withToken();
    await devices.remove("a", owner);
    expect(await devices.findToken(token)).toBeUndefined();
    await devices.pair(facts("a"), "operator", ["operator.read"]);
    expect(await devices.findToken(token)).toBeUndefined();
  });

  it("[HS-32] widens when more is approved, and never by asking", async () => {
    const { devices, token } = await withToken();
    const { request_id: id } = await devices.request(facts("a"), wish(["operator.write"], { reason: "scope-upgrade" }));
    expect((await devices.findToken(token))?.scopes).toBe('["operator.read"]');
    await devices.approve(id, owner);
    expect((await devices.findToken(token))?.scopes).toBe('["operator.read","operator.write"]');
  });

  it("[HS-34] is not rotated wider than its device, nor than the caller holds, with one text", async () => {
    const { devices } = await withToken(["operator.read", "operator.write"]);
    const message = async (id: string, scopes: Scope[] | undefined, held: ReadonlySet<Scope>) =>
      devices.rotate(id, "operator", scopes, held).then(
        () => "",
        (error: Error) => error.message,
      );
    const text = await message("nobody", undefined, owner);
    expect(text).not.toBe("");
    expect(await message("a", ["operator.admin"], owner)).toBe(text);
    expect(await message("a", ["operator.write"], limited)).toBe(text);
    expect(await message("a", ["operator.read"], limited)).toBe("");
  });

  it("[PR-08] is not revoked, and its device not removed, by one who holds less", async () => {
    const { devices, token, changes } = await withToken(["operator.read", "operator.write"]);
    const before = changes.length;
    const text = await devices.remove("nobody", limited).catch((error: Error) => error.message);
    await expect(devices.remove("a", limited)).rejects.toThrow(String(text));
    await expect(devices.revoke("a", "operator", limited)).rejects.toThrow(String(text));
    await expect(devices.revoke("a", "node", owner)).rejects.toThrow(String(text));
    expect(await devices.findToken(token)).toBeDefined();
    expect(changes).toHaveLength(before);
    await devices.revoke("a", "operator", owner);
    expect(await devices.findToken(token)).toBeUndefined();
    expect(changes.at(-1)).toEqual({ type: "cut", deviceId: "a", role: "operator" });
  });
});
