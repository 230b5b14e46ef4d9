/** Devices: how they prove their key, what they are given, and who decides about it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { OWNER_SCOPES } from "#main/protocol/scopes.ts";
import { createDevice, type ProofOptions, type TestDevice } from "#test/fakes/device.ts";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import { connectClient, expectRefused, WireClient, type ConnectOptions } from "#test/fakes/wire-client.ts";

let world: TestGateway;
let device: TestDevice;
beforeAll(async () => {
  world = await startTestGateway();
});
afterAll(() => world.dispose());
beforeEach(() => {
  device = createDevice();
});

const READ = ["operator.read"];
const ui = { id: "gatehouse-desktop", mode: "ui" } as const;

/** A window of the app's own page: it has an origin, so nothing happens in silence. */
function asPage(options: ConnectOptions = {}): ConnectOptions {
  return { client: ui, origin: world.url, auth: { token: TEST_TOKEN }, device, ...options };
}

/** A program on this machine with a device of its own. */
function asProgram(options: ConnectOptions = {}): ConnectOptions {
  return { client: { id: "test", mode: "test" }, auth: { token: TEST_TOKEN }, device, ...options };
}

async function pairedDevice(scopes: readonly string[], target = device): Promise<string> {
  const client = await connectClient(world.wsUrl, asProgram({ scopes, device: target }));
  const token = client.hello?.auth.deviceToken ?? "";
  await client.close();
  return token;
}

type Refusal = Awaited<ReturnType<typeof expectRefused>>;
const detail = (refusal: Refusal) => (refusal.error.details as { code?: string } | undefined)?.code;
const requestIdOf = (refusal: Refusal) => (refusal.error.details as { requestId: string }).requestId;

describe("the proof", () => {
  it.each(["v1", "v2", "v3"] as const)("[D06] [D07] accepts the text %s", async (version) => {
    const client = await connectClient(world.wsUrl, asProgram({ scopes: READ, proof: { version } }));
    expect(client.hello?.auth).toMatchObject({ role: "operator", scopes: READ, method: "token" });
    await client.close();
  });

  it("[D07] compares platform and family trimmed and in ASCII lower case", async () => {
    const client = await connectClient(
      world.wsUrl,
      asProgram({
        scopes: READ,
        client: { id: "test", mode: "test", platform: " MacOS ", deviceFamily: "ÉTUI" },
        proof: { claim: { platform: "macos", deviceFamily: "Étui" } },
      }),
    );
    await client.close();
  });

  const cases: [string, string, ProofOptions][] = [
    ["HS-19", "DEVICE_AUTH_NONCE_MISMATCH", { proof: { nonce: "another" } }],
    ["HS-19", "DEVICE_AUTH_NONCE_MISMATCH", { claim: { nonce: "old" }, proof: { nonce: "old" } }],
    ["HS-20", "DEVICE_AUTH_NONCE_REQUIRED", { proof: { nonce: undefined } }],
    ["HS-20", "DEVICE_AUTH_NONCE_REQUIRED", { proof: { nonce: "" } }],
    ["HS-20", "DEVICE_AUTH_NONCE_REQUIRED", { proof: { nonce: "   " } }],
    ["HS-21", "DEVICE_AUTH_SIGNATURE_INVALID", { claim: { token: "other" } }],
    ["HS-21", "DEVICE_AUTH_SIGNATURE_INVALID", { claim: { scopes: ["operator.admin"] } }],
    ["HS-21", "DEVICE_AUTH_SIGNATURE_INVALID", { claim: { role: "node" } }],
    ["HS-21", "DEVICE_AUTH_SIGNATURE_INVALID", { claim: { clientId: "cli" } }],
    ["HS-21", "DEVICE_AUTH_SIGNATURE_INVALID", { claim: { nonce: "x" } }],
    ["HS-21", "DEVICE_AUTH_SIGNATURE_INVALID", { claim: { platform: "ios" } }],
    ["HS-21", "DEVICE_AUTH_SIGNATURE_INVALID", { proof: { signature: "AAAA" } }],
    ["HS-21", "DEVICE_AUTH_SIGNATURE_INVALID", { proof: { signature: Buffer.alloc(64).toString("base64url") } }],
    ["HS-23", "DEVICE_AUTH_DEVICE_ID_MISMATCH", { proof: { id: "0".repeat(64) } }],
    ["HS-23", "DEVICE_AUTH_DEVICE_ID_MISMATCH", { proof: { id: "x" } }],
    ["HS-24", "DEVICE_AUTH_PUBLIC_KEY_INVALID", { proof: { publicKey: "AAAA" } }],
    ["HS-24", "DEVICE_AUTH_PUBLIC_KEY_INVALID", { proof: { publicKey: Buffer.alloc(32).toString("base64url") } }],
    ["HS-24", "DEVICE_AUTH_PUBLIC_KEY_INVALID", { proof: { publicKey: "!".repeat(43) } }],
  ];
  it.each(cases)("[%s] answers %s to %j", async (_row, code, proof) => {
    const refusal = await expectRefused(world.wsUrl, asProgram({ scopes: READ, proof }));
    expect(detail(refusal)).toBe(code);
    expect(refusal.closed.code).toBe(1008);
  });

  it("[HS-19] a proof for the challenge of another connection is none", async () => {
    const first = await WireClient.open(world.wsUrl);
    const stolen = await first.nonce();
    const refusal = await expectRefused(
      world.wsUrl,
      asProgram({ scopes: READ, proof: { claim: { nonce: stolen }, proof: { nonce: stolen } } }),
    );
    expect(detail(refusal)).toBe("DEVICE_AUTH_NONCE_MISMATCH");
    await first.terminate();
  });

  it.each([-119_000, 119_000 - 2000])("[HS-22] accepts a clock that is %i ms off", async (skew) => {
    const options = asProgram({ scopes: READ, proof: { signedAt: Date.now() + skew } });
    await (await connectClient(world.wsUrl, options)).close();
  });

  it.each([-125_000, 125_000, -86_400_000])("[HS-22] refuses a clock that is %i ms off", async (skew) => {
    const refusal = await expectRefused(
      world.wsUrl,
      asProgram({ scopes: READ, proof: { signedAt: Date.now() + skew } }),
    );
    expect(detail(refusal)).toBe("DEVICE_AUTH_SIGNATURE_EXPIRED");
  });

  it.each([
    ["padding", (key: string) => `${key}=`],
    ["plain base64", (key: string) => Buffer.from(key, "base64url").toString("base64")],
    ["hex", (key: string) => Buffer.from(key, "base64url").toString("hex")],
    ["a space", (key: string) => `${key} `],
  ])("[HS-24] the same key with %s is refused, not taken for another device", async (_name, spell) => {
    await pairedDevice(READ);
    const publicKey = spell(device.publicKey);
    if (publicKey === device.publicKey) return;
    const refusal = await expectRefused(world.wsUrl, asProgram({ scopes: READ, proof: { proof: { publicKey } } }));
    expect(detail(refusal)).toBe("DEVICE_AUTH_PUBLIC_KEY_INVALID");
  });

  it("[D02] a password is not part of the signed text, and its length changes nothing", async () => {
    const other = await startTestGateway({
      config: { gateway: { auth: { mode: "password", password: "pass word" } } },
    });
    for (const token of ["", "pass word"]) {
      const client = await connectClient(other.wsUrl, {
        ...asProgram({ scopes: READ, auth: { password: "pass word" }, proof: { claim: { token } } }),
      });
      expect(client.hello?.auth.method).toBe("password");
      await client.close();
    }
    const wrong = { auth: { password: "pass word " }, scopes: READ };
    expect(detail(await expectRefused(other.wsUrl, asProgram(wrong)))).toBe("AUTH_PASSWORD_MISMATCH");
    const missing = await expectRefused(other.wsUrl, asProgram({ auth: {}, scopes: READ }));
    expect(detail(missing)).toBe("AUTH_PASSWORD_MISSING");
    const bearer = await fetch(`${other.url}/v1/models`, { headers: { authorization: "Bearer pass word" } });
    expect(bearer.status).toBe(200);
    await bearer.body?.cancel();
    await other.dispose();
  });
});

describe("without a device", () => {
  it("[D01] [D04] the command line of this machine keeps the scopes it asks for", async () => {
    for (const id of ["cli", "gateway-client"] as const) {
      for (const mode of ["cli", "backend"] as const) {
        const client = await world.connect({ client: { id, mode } });
        expect(client.hello?.auth.scopes).toEqual([...OWNER_SCOPES]);
        await client.close();
      }
    }
  });

  it("[D10] a probe gets no scope: health answers, status does not", async () => {
    const client = await world.connect({ client: { id: "openclaw-probe", mode: "probe" } });
    expect(client.hello?.auth.scopes).toEqual([]);
    expect((await client.request("health")).ok).toBe(true);
    expect(await client.refusal("status")).toMatchObject({
      code: "FORBIDDEN",
      details: { code: "MISSING_SCOPE", missingScope: "operator.read", requiredScopes: ["operator.read"] },
    });
    await client.close();
  });

  it.each([
    ["a page of the app", { client: ui }],
    ["another mode", { client: { id: "cli", mode: "ui" } }],
    ["another program", { client: { id: "test", mode: "cli" } }],
    ["a node", { client: { id: "cli", mode: "cli" }, role: "node" }],
  ] as [string, ConnectOptions][])("[HS-30] [HS-29] %s is told that it needs an identity", async (_name, options) => {
    const refusal = await expectRefused(world.wsUrl, { auth: { token: TEST_TOKEN }, ...options });
    expect(refusal.error).toMatchObject({ code: "NOT_PAIRED", message: "device identity required" });
    expect(refusal.closed.code).toBe(1008);
  });

  it("[HS-30] the same command line from a page is told so, too", async () => {
    const refusal = await expectRefused(world.wsUrl, { auth: { token: TEST_TOKEN }, origin: world.url });
    expect(refusal.error.code).toBe("NOT_PAIRED");
  });

  it("[HS-31] who asks for no scopes gets none", async () => {
    const client = await world.connect({ scopes: undefined });
    expect(client.hello?.auth.scopes).toEqual([]);
    expect((await client.refusal("sessions.list")).code).toBe("FORBIDDEN");
    await client.close();
  });

  it("[HS-30] a scope that does not exist is not granted", async () => {
    const client = await world.connect({ scopes: ["operator.root", "admin", "*", "operator.read"] });
    expect(client.hello?.auth.scopes).toEqual(READ);
    await client.close();
  });

  it("[D01] the user's own socket needs no credential and knows no device", async () => {
    const client = await connectClient("ws://localhost/", { socketPath: world.socketPath });
    expect(client.hello?.auth).toMatchObject({ method: "local-socket", scopes: [...OWNER_SCOPES] });
    await client.close();
    const paired = await connectClient("ws://localhost/", {
      ...asProgram({ scopes: READ, auth: { deviceToken: "whatever" } }),
      socketPath: world.socketPath,
    });
    expect(paired.hello?.auth.scopes).toEqual(READ);
    await paired.close();
  });
});

describe("pairing", () => {
  it.each([[["operator.read"]], [["operator.read", "operator.write", "operator.talk"]], [[]]])(
    "[D09] [HS-27] a program on this machine is paired in silence with %j",
    async (scopes) => {
      const client = await connectClient(world.wsUrl, asProgram({ scopes }));
      expect(client.hello?.auth).toMatchObject({ scopes, deviceToken: expect.stringMatching(/^[\w-]{43}$/) });
      await client.close();
    },
  );

  it.each([["operator.admin"], ["operator.approvals"], ["operator.pairing"], ["operator.questions"]])(
    "[HS-27] [D09] %s waits for the owner",
    async (scope) => {
      const refusal = await expectRefused(world.wsUrl, asProgram({ scopes: ["operator.read", scope] }));
      expect(refusal.error).toMatchObject({
        code: "NOT_PAIRED",
        details: { code: "PAIRING_REQUIRED", reason: "not-paired", requestId: expect.any(String) },
      });
      expect(refusal.closed.code).toBe(1008);
    },
  );

  it("[HS-28] a page is never paired in silence, whatever it asks for", async () => {
    const refusal = await expectRefused(world.wsUrl, asPage({ scopes: READ }));
    expect(detail(refusal)).toBe("PAIRING_REQUIRED");
  });

  it("[D09] nobody is paired in silence when the owner switched that off", async () => {
    const other = await startTestGateway({ config: { gateway: { pairing: { autoApproveLocal: false } } } });
    const refusal = await expectRefused(other.wsUrl, asProgram({ scopes: READ }));
    expect(detail(refusal)).toBe("PAIRING_REQUIRED");
    await other.dispose();
  });

  it("[E01] [E02] [E11] a request is made once, told to those who may answer, and approved once", async () => {
    const owner = await world.connect();
    const bystander = await world.connect({ scopes: ["operator.write", "operator.approvals"] });
    const options = asPage({ scopes: [...OWNER_SCOPES] });
    const requestId = requestIdOf(await expectRefused(world.wsUrl, options));
    expect(requestIdOf(await expectRefused(world.wsUrl, options))).toBe(requestId);
    const told = owner.events("device.pair.requested");
    expect(told).toHaveLength(1);
    expect(told[0]?.payload).toMatchObject({ requestId, deviceId: device.id, role: "operator" });
    const list = await owner.call<{ pending: { requestId: string; isRepair: boolean }[] }>("device.pair.list");
    expect(list.pending.find((row) => row.requestId === requestId)).toMatchObject({ isRepair: false });
    expect(JSON.stringify(list)).not.toContain("token_hash");

    const approved = await owner.call("device.pair.approve", { requestId });
    expect(approved).toMatchObject({ requestId, device: { deviceId: device.id, roles: ["operator"] } });
    expect((await owner.event("device.pair.resolved")).payload).toMatchObject({ requestId, decision: "approved" });
    for (const method of ["device.pair.approve", "device.pair.reject"]) {
      expect((await owner.refusal(method, { requestId })).code).toBe("INVALID_REQUEST");
    }
    const client = await connectClient(world.wsUrl, options);
    expect(client.hello?.auth.scopes).toEqual([...OWNER_SCOPES]);
    await bystander.request("health");
    expect(bystander.events("device.pair.requested")).toEqual([]);
    expect(bystander.events("device.pair.resolved")).toEqual([]);
    await Promise.all([client.close(), owner.close(), bystander.close()]);
  });

  it("[E01] [E04] a rejected request stays rejected, and the next one is a new one", async () => {
    const owner = await world.connect();
    const requestId = requestIdOf(await expectRefused(world.wsUrl, asPage({ scopes: READ })));
    expect(await owner.call("device.pair.reject", { requestId })).toEqual({ requestId, deviceId: device.id });
    expect((await owner.refusal("device.pair.approve", { requestId })).code).toBe("INVALID_REQUEST");
    expect(requestIdOf(await expectRefused(world.wsUrl, asPage({ scopes: READ })))).not.toBe(requestId);
    await owner.close();
  });

  it("[HS-36] a request that was replaced by another one cannot be approved any more", async () => {
    const owner = await world.connect();
    const old = requestIdOf(await expectRefused(world.wsUrl, asPage({ scopes: READ })));
    const next = requestIdOf(await expectRefused(world.wsUrl, asPage({ scopes: ["operator.admin"] })));
    expect(next).not.toBe(old);
    expect((await owner.refusal("device.pair.approve", { requestId: old })).code).toBe("INVALID_REQUEST");
    const list = await owner.call<{ pending: { deviceId: string }[] }>("device.pair.list");
    expect(list.pending.filter((row) => row.deviceId === device.id)).toHaveLength(1);
    await owner.close();
  });

  it("[HS-32] more scopes than granted wait for approval, the old ones go on meanwhile, and the same token gets the new", async () => {
    const deviceToken = await pairedDevice(READ);
    const more = asPage({ auth: { deviceToken }, scopes: ["operator.read", "operator.approvals"] });
    const refusal = await expectRefused(world.wsUrl, more);
    expect(refusal.error.details).toMatchObject({ code: "PAIRING_REQUIRED", reason: "scope-upgrade" });
    const still = await connectClient(world.wsUrl, asPage({ auth: { deviceToken }, scopes: READ }));
    expect(still.hello?.auth).toMatchObject({ scopes: READ, method: "device-token" });
    expect((await still.refusal("sessions.patch", { key: "x", pinned: true })).code).toBe("FORBIDDEN");
    const owner = await world.connect();
    await owner.call("device.pair.approve", { requestId: requestIdOf(refusal) });
    const wider = await connectClient(world.wsUrl, more);
    expect(wider.hello?.auth.scopes).toEqual(["operator.read", "operator.approvals"]);
    await Promise.all([still.close(), wider.close(), owner.close()]);
  });

  it("[HS-33] an operator's device is no node, and a node holds no scope of operators", async () => {
    const deviceToken = await pairedDevice(READ);
    const asNode = asProgram({ role: "node", scopes: [...OWNER_SCOPES], client: { id: "node-host", mode: "node" } });
    expect(detail(await expectRefused(world.wsUrl, { ...asNode, auth: { deviceToken } }))).toBe(
      "AUTH_DEVICE_TOKEN_MISMATCH",
    );
    const refusal = await expectRefused(world.wsUrl, asNode);
    expect(refusal.error.details).toMatchObject({ reason: "role-upgrade" });
    const owner = await world.connect();
    await owner.call("device.pair.approve", { requestId: requestIdOf(refusal) });
    const node = await connectClient(world.wsUrl, asNode);
    expect(node.hello?.auth).toMatchObject({ role: "node", scopes: [] });
    expect((await node.request("health")).ok).toBe(true);
    for (const method of ["status", "config.set", "device.pair.list"]) {
      expect(await node.refusal(method, {})).toMatchObject({ code: "FORBIDDEN", message: "unauthorized role: node" });
    }
    await Promise.all([node.close(), owner.close()]);
  });

  it("[HS-25] another platform under the same key is asked about again", async () => {
    const deviceToken = await pairedDevice(READ);
    const spoof = asPage({ auth: { deviceToken }, scopes: READ, client: { ...ui, platform: "windows" } });
    const refusal = await expectRefused(world.wsUrl, spoof);
    expect(refusal.error.details).toMatchObject({ code: "PAIRING_REQUIRED", reason: "metadata-upgrade" });
  });

  it("[E10] pairing again keeps the day of the first time and says that it is a repair", async () => {
    const owner = await world.connect();
    await pairedDevice(READ);
    type List = {
      paired: { deviceId: string; createdAtMs: number }[];
      pending: { requestId: string; isRepair: boolean }[];
    };
    const before = await owner.call<List>("device.pair.list");
    const requestId = requestIdOf(await expectRefused(world.wsUrl, asPage({ scopes: ["operator.admin"] })));
    const pending = await owner.call<List>("device.pair.list");
    expect(pending.pending.find((row) => row.requestId === requestId)?.isRepair).toBe(true);
    await owner.call("device.pair.approve", { requestId });
    const after = await owner.call<List>("device.pair.list");
    const created = (list: List) => list.paired.find((row) => row.deviceId === device.id)?.createdAtMs;
    expect(created(after)).toBe(created(before));
    await owner.close();
  });

  it("[HS-35] [HS-34] [PR-08] nobody approves, rotates, revokes or removes beyond what they hold, and learns nothing by trying", async () => {
    const limited = await world.connect({ scopes: ["operator.pairing", "operator.read"] });
    const admin = requestIdOf(await expectRefused(world.wsUrl, asPage({ scopes: ["operator.admin"] })));
    const refused = await limited.refusal("device.pair.approve", { requestId: admin });
    expect(await limited.refusal("device.pair.approve", { requestId: "nothing" })).toEqual(refused);

    const strong = createDevice();
    await pairedDevice(["operator.read", "operator.write"], strong);
    const wide = { deviceId: strong.id, role: "operator", scopes: ["operator.admin"] };
    const rotation = await limited.refusal("device.token.rotate", wide);
    expect(await limited.refusal("device.token.rotate", { ...wide, scopes: ["operator.write"] })).toEqual(rotation);
    expect(await limited.refusal("device.token.rotate", { ...wide, deviceId: "nobody" })).toEqual(rotation);
    expect(await limited.refusal("device.token.rotate", { deviceId: strong.id, role: "node" })).toEqual(rotation);

    const removal = await limited.refusal("device.pair.remove", { deviceId: strong.id });
    expect(await limited.refusal("device.pair.remove", { deviceId: "nobody" })).toEqual(removal);
    const revocation = { deviceId: strong.id, role: "operator" };
    expect(await limited.refusal("device.token.revoke", revocation)).toEqual(removal);
    expect(await limited.refusal("device.token.revoke", { ...revocation, deviceId: "nobody" })).toEqual(removal);

    const owner = await world.connect();
    expect((await owner.request("device.token.revoke", revocation)).ok).toBe(true);
    await Promise.all([limited.close(), owner.close()]);
  });

  it("[HS-34] even the owner does not rotate a token beyond what its device is paired for", async () => {
    await pairedDevice(READ);
    const owner = await world.connect();
    const error = await owner.refusal("device.token.rotate", {
      deviceId: device.id,
      role: "operator",
      scopes: ["operator.read", "operator.admin"],
    });
    expect(error.code).toBe("FORBIDDEN");
    const rotated = await owner.call("device.token.rotate", { deviceId: device.id, role: "operator" });
    expect(rotated).toMatchObject({ scopes: READ, tokenDelivery: "withheld-cross-device" });
    expect(rotated["token"]).toBeUndefined();
    await owner.close();
  });
});

it("[E06] a device holds sixteen connections, and the newest are those that stay", async () => {
  await pairedDevice(READ);
  const clients = [];
  for (let i = 0; i < 17; i++) clients.push(await connectClient(world.wsUrl, asProgram({ scopes: READ })));
  const [first, ...rest] = clients;
  expect(await first?.closed).toEqual({ code: 1008, reason: "too many connections of this device" });
  for (const client of rest) expect((await client.request("health")).ok).toBe(true);
  await Promise.all(rest.map((client) => client.close()));
});

describe("one-time codes", () => {
  it("[HS-37] [E13] pairs the owner's next page once, and never again", async () => {
    const { code } = world.gateway.createBootstrapCode();
    const options = asPage({ auth: { bootstrapToken: code }, scopes: [...OWNER_SCOPES] });
    const page = await connectClient(world.wsUrl, options);
    expect(page.hello?.auth).toMatchObject({ method: "bootstrap-token", deviceToken: expect.any(String) });
    const deviceToken = page.hello?.auth.deviceToken ?? "";
    await page.close();
    const again = await connectClient(world.wsUrl, asPage({ auth: { deviceToken }, scopes: [...OWNER_SCOPES] }));
    expect(again.hello?.auth).toMatchObject({ method: "device-token", scopes: [...OWNER_SCOPES] });
    await again.close();
    const second = await expectRefused(world.wsUrl, { ...options, device: createDevice() });
    expect(detail(second)).toBe("AUTH_BOOTSTRAP_TOKEN_INVALID");
  });

  it("[HS-37] gives no more than its maker held, and is used up by the attempt", async () => {
    const maker = await world.connect({ scopes: ["operator.admin"] });
    const { code } = await maker.call<{ code: string; url: string }>("device.bootstrap.create");
    const node = asPage({ auth: { bootstrapToken: code }, role: "node", scopes: [] });
    expect((await expectRefused(world.wsUrl, node)).error.code).toBe("NOT_PAIRED");
    const later = asPage({ auth: { bootstrapToken: code }, scopes: READ });
    expect(detail(await expectRefused(world.wsUrl, later))).toBe("AUTH_BOOTSTRAP_TOKEN_INVALID");
    await maker.close();
  });

  it("[HS-37] a code without a device pairs nobody and is not used up", async () => {
    const { code } = world.gateway.createBootstrapCode();
    const refusal = await expectRefused(world.wsUrl, { auth: { bootstrapToken: code } });
    expect(refusal.error.code).toBe("NOT_PAIRED");
    const page = await connectClient(world.wsUrl, asPage({ auth: { bootstrapToken: code }, scopes: READ }));
    await page.close();
  });
});
