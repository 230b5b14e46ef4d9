/** A device with an Ed25519 key of its own, as a phone or a window has one. Signs what the protocol says, or what a test wants. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { toSignedText, type DeviceClaim, type DeviceTextVersion } from "#main/protocol/device-auth.ts";
import type { ConnectParams } from "#main/protocol/frames.ts";

export interface TestDevice {
  /** Hex SHA-256 of the raw public key. */
  id: string;
  /** Raw 32 bytes, base64url. */
  publicKey: string;
  /** Ed25519 over UTF-8, base64url. */
  sign(text: string): string;
}

export function createDevice(): TestDevice {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  return {
    id: createHash("sha256").update(raw).digest("hex"),
    publicKey: raw.toString("base64url"),
    sign: (text) => signText(text, privateKey),
  };
}

function signText(text: string, key: KeyObject): string {
  return sign(null, Buffer.from(text, "utf8"), key).toString("base64url");
}

export interface ProofOptions {
  version?: DeviceTextVersion;
  /** Stamp in the proof; now unless told. */
  signedAt?: number;
  /** Fields of the signed text that differ from what is sent. */
  claim?: Partial<DeviceClaim>;
  /** Fields of the proof that differ from what is right. `nonce: undefined` leaves it out. */
  proof?: Partial<Record<keyof NonNullable<ConnectParams["device"]>, unknown>>;
}

/** The `device` block for these parameters and this challenge. */
export function toProof(
  device: TestDevice,
  params: ConnectParams,
  nonce: string,
  options: ProofOptions = {},
): NonNullable<ConnectParams["device"]> {
  const { auth = {} } = params;
  const signedAt = options.signedAt ?? Date.now();
  const claim: DeviceClaim = {
    deviceId: device.id,
    clientId: params.client.id,
    clientMode: params.client.mode,
    role: params.role ?? "operator",
    scopes: params.scopes ?? [],
    signedAt,
    token: auth.token ?? auth.deviceToken ?? auth.bootstrapToken ?? "",
    nonce,
    platform: params.client.platform,
    deviceFamily: params.client.deviceFamily ?? "",
    ...options.claim,
  };
  const proof = {
    id: device.id,
    publicKey: device.publicKey,
    signature: device.sign(toSignedText(options.version ?? "v3", claim)),
    signedAt,
    nonce,
    ...options.proof,
  };
  return JSON.parse(JSON.stringify(proof)) as NonNullable<ConnectParams["device"]>;
}
