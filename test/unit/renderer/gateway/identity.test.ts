/** The device of a window: its key, its signature, and which credential it signs. */
import { createHash, createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toSignedText } from "#main/protocol/device-auth.ts";
import { type ClientFacts, type Credential, loadIdentity, toConnectParams } from "#renderer/gateway/identity.ts";
import type { Vault } from "#renderer/gateway/vault.ts";

const CLIENT: ClientFacts = {
  id: "gatehouse-web",
  version: "1",
  platform: "Web",
  displayName: "Browser",
  locale: "en",
};

function createVault(): Vault & { values: Map<string, unknown> } {
  const values = new Map<string, unknown>();
  return {
    values,
    get: async <T>(name: string) => values.get(name) as T | undefined,
    put: async (name, value) => void values.set(name, value),
    delete: async (name) => void values.delete(name),
  };
}

async function connect(credential: Credential) {
  const identity = await loadIdentity(createVault());
  const params = await toConnectParams(identity, credential, CLIENT, "nonce", 1234);
  const device = params.device;
  if (!device) throw new Error("no device");
  return { params, device };
}

describe("the device of a window", () => {
  it("[D06] is named by the SHA-256 of its raw public key", async () => {
    const { device } = await connect({ kind: "token", token: "secret" });
    const raw = Buffer.from(device.publicKey, "base64url");
    expect(raw).toHaveLength(32);
    expect(device.id).toBe(createHash("sha256").update(raw).digest("hex"));
  });

  it("signs the challenge together with the credential in use", async () => {
    for (const credential of [
      { kind: "token", token: "secret" },
      { kind: "bootstrap", code: "secret" },
      { kind: "device", token: "secret", scopes: ["operator.read"] },
    ] as const) {
      const { params, device } = await connect(credential);
      const text = toSignedText("v3", {
        deviceId: device.id,
        clientId: "gatehouse-web",
        clientMode: "ui",
        role: "operator",
        scopes: params.scopes ?? [],
        signedAt: 1234,
        token: "secret",
        nonce: "nonce",
        platform: "web",
        deviceFamily: "",
      });
      const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: device.publicKey }, format: "jwk" });
      const isGood = (signed: string) =>
        verify(null, Buffer.from(signed), key, Buffer.from(device.signature, "base64url"));
      expect(isGood(text)).toBe(true);
      expect(isGood(text.replace("secret", "other"))).toBe(false);
    }
  });

  it("asks only for what a device was given, and for everything when the owner brings a code", async () => {
    const kept = await connect({ kind: "device", token: "t", scopes: ["operator.read"] });
    const fresh = await connect({ kind: "bootstrap", code: "c" });
    expect(kept.params.scopes).toEqual(["operator.read"]);
    expect(fresh.params.scopes).toContain("operator.admin");
  });

  it("keeps a private key that cannot be read out, and the same one for the next visit", async () => {
    const vault = createVault();
    const first = await loadIdentity(vault);
    const again = await loadIdentity(vault);
    expect(again.deviceId).toBe(first.deviceId);
    const { privateKey } = vault.values.get("key") as CryptoKeyPair;
    expect(privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("pkcs8", privateKey)).rejects.toThrow(/extractable|export/);
  });
});
