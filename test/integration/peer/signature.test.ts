/**
 * Signatures that OpenClaw's own reference client made (`@openclaw/gateway-client` 2026.9.1), with a key and a token
 * thrown away since. They cannot be replayed over a wire, for each binds its challenge; the check itself can be.
 */
import { describe, expect, it } from "vitest";
import { checkDeviceProof } from "#main/identity/device-proof.ts";

const proof = {
  id: "8b9d1e836e717bad5e77c5b3c3a6702c3b6edcb6993736f3faae9973da4f778a",
  publicKey: "4ZKEtGiZbYV3e4erJ_ruZVwBraYBn9KMBtkYsX_pqis",
  signature: "P8HpSLSuGgJO9CYrYIRyGfldZ3T-Umt9hIRMhldoS9U22BAvcEKieL2jlNMFiBK9DzAh-lPilLUqSRF4jg6ODQ",
  signedAt: 1_795_159_215_402,
  nonce: "14eed996-75e6-4884-8f57-275fd820d180",
};
/** Platform and family as they stood in the connect frame, capitals included. */
const said = {
  clientId: "cli",
  clientMode: "cli",
  role: "operator",
  scopes: ["operator.read"],
  token: "T0123456789abcdefT",
  nonce: proof.nonce,
  platform: "linux",
  deviceFamily: "Linux",
};
const now = proof.signedAt + 1000;

describe("the reference client's v3 signature", () => {
  it("[D07] holds over platform and family, lower-cased", () => {
    expect(checkDeviceProof(proof, said, now, false)).toBeUndefined();
  });

  it.each([
    ["family", { deviceFamily: "Windows" }],
    ["platform", { platform: "win32" }],
    ["scopes", { scopes: ["operator.read", "operator.admin"] }],
    ["token", { token: "another" }],
    ["role", { role: "node" }],
  ])("[D07] does not hold for another %s", (_what, change) => {
    expect(checkDeviceProof(proof, { ...said, ...change }, now, true)).toBe("DEVICE_AUTH_SIGNATURE_INVALID");
  });

  it("[D07] does not hold for another challenge, or two minutes later", () => {
    const other = "00000000-0000-4000-8000-000000000000";
    expect(checkDeviceProof(proof, { ...said, nonce: other }, now, true)).toBe("DEVICE_AUTH_NONCE_MISMATCH");
    expect(checkDeviceProof(proof, said, now + 120_000, true)).toBe("DEVICE_AUTH_SIGNATURE_EXPIRED");
  });
});
