import { describe, expect, it } from "vitest";
import { checkDeviceProof, MAX_SKEW_MS, toDeviceId } from "#main/identity/device-proof.ts";
import type { DeviceClaim, DeviceTextVersion } from "#main/protocol/device-auth.ts";
import { toSignedText } from "#main/protocol/device-auth.ts";
import { createDevice } from "#test/fakes/device.ts";

const NOW = 1_760_000_000_000;
const claim = {
  clientId: "test",
  clientMode: "test",
  role: "operator",
  scopes: ["operator.read", "operator.write"],
  token: "secret",
  nonce: "the-nonce",
  platform: "linux",
  deviceFamily: "",
};
const device = createDevice();

function proofOf(version: DeviceTextVersion, signedAt = NOW, change: Partial<DeviceClaim> = {}) {
  const text = toSignedText(version, { ...claim, deviceId: device.id, signedAt, ...change });
  return {
    id: device.id,
    publicKey: device.publicKey,
    signature: device.sign(text),
    signedAt,
    nonce: claim.nonce as string | undefined,
  };
}

describe("a proof", () => {
  it.each([
    ["v3", true, undefined],
    ["v2", true, undefined],
    ["v1", true, undefined],
    ["v3", false, undefined],
    ["v2", false, undefined],
    ["v1", false, "DEVICE_AUTH_SIGNATURE_INVALID"],
  ] as const)("[D06] [D07] of version %s, on loopback %s, gives %s", (version, isLoopback, failure) => {
    expect(checkDeviceProof(proofOf(version), claim, NOW, isLoopback)).toBe(failure);
  });

  it.each([
    [true, undefined],
    [false, "DEVICE_AUTH_NONCE_REQUIRED"],
  ] as const)("[HS-20] of version 1 without a nonce, on loopback %s, gives %s", (isLoopback, failure) => {
    expect(checkDeviceProof({ ...proofOf("v1"), nonce: undefined }, claim, NOW, isLoopback)).toBe(failure);
    expect(checkDeviceProof({ ...proofOf("v1"), nonce: " " }, claim, NOW, isLoopback)).toBe(failure);
  });

  it("[HS-22] holds for two minutes to either side", () => {
    for (const skew of [0, -119_000, 119_000, -MAX_SKEW_MS, MAX_SKEW_MS]) {
      expect(checkDeviceProof(proofOf("v3", NOW + skew), claim, NOW, false)).toBeUndefined();
    }
    for (const skew of [-MAX_SKEW_MS - 1, MAX_SKEW_MS + 1, -NOW]) {
      expect(checkDeviceProof(proofOf("v3", NOW + skew), claim, NOW, false)).toBe("DEVICE_AUTH_SIGNATURE_EXPIRED");
    }
  });

  it.each(["deviceId", "clientId", "clientMode", "role", "token", "nonce", "platform", "deviceFamily"] as const)(
    "[HS-21] binds %s",
    (field) => {
      expect(checkDeviceProof(proofOf("v3", NOW, { [field]: "other" }), claim, NOW, true)).toBe(
        "DEVICE_AUTH_SIGNATURE_INVALID",
      );
    },
  );

  it("[HS-21] binds the scopes in their order, and the time", () => {
    const turned = proofOf("v3", NOW, { scopes: [...claim.scopes].reverse() });
    expect(checkDeviceProof(turned, claim, NOW, true)).toBe("DEVICE_AUTH_SIGNATURE_INVALID");
    expect(checkDeviceProof({ ...proofOf("v3"), signedAt: NOW + 1 }, claim, NOW, true)).toBe(
      "DEVICE_AUTH_SIGNATURE_INVALID",
    );
  });
});

describe("keys", () => {
  it("[D06] a device's id is the hex SHA-256 of its raw key", () => {
    expect(toDeviceId(Buffer.from(device.publicKey, "base64url"))).toBe(device.id);
    expect(device.id).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    "00".repeat(32),
    `01${"00".repeat(31)}`,
    `${"00".repeat(31)}80`,
    `01${"00".repeat(30)}80`,
    `ec${"ff".repeat(30)}7f`,
    `ec${"ff".repeat(30)}ff`,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  ])("[HS-24] the point of small order %s is nobody's key", (hex) => {
    const raw = Buffer.from(hex, "hex");
    const proof = { ...proofOf("v3"), id: toDeviceId(raw), publicKey: raw.toString("base64url") };
    expect(checkDeviceProof(proof, claim, NOW, true)).toBe("DEVICE_AUTH_PUBLIC_KEY_INVALID");
  });

  it("[HS-24] bytes that are no point at all are refused, not thrown", () => {
    for (let i = 2; i < 40; i++) {
      const raw = Buffer.alloc(32, i);
      const proof = { ...proofOf("v3"), id: toDeviceId(raw), publicKey: raw.toString("base64url") };
      expect(checkDeviceProof(proof, claim, NOW, true)).toBe("DEVICE_AUTH_SIGNATURE_INVALID");
    }
  });
});
