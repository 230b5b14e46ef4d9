/** Checks that a device holds the key it names: Ed25519 over the text of `protocol/device-auth`. Pure but for the time. */
import { createHash, createPublicKey, verify } from "node:crypto";
import { toSignedText, type DeviceClaim, type DeviceTextVersion } from "#main/protocol/device-auth.ts";

export type ProofFailure =
  | "DEVICE_AUTH_SIGNATURE_INVALID"
  | "DEVICE_AUTH_NONCE_REQUIRED"
  | "DEVICE_AUTH_NONCE_MISMATCH"
  | "DEVICE_AUTH_SIGNATURE_EXPIRED"
  | "DEVICE_AUTH_DEVICE_ID_MISMATCH"
  | "DEVICE_AUTH_PUBLIC_KEY_INVALID";

export interface DeviceProof {
  id: string;
  /** Raw 32 bytes, base64url without padding. */
  publicKey: string;
  /** 64 bytes, base64url without padding. */
  signature: string;
  signedAt: number;
  nonce?: string | undefined;
}

export const MAX_SKEW_MS = 120_000;
/** DER prefix of an Ed25519 public key (RFC 8410 §4). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Strict base64url without padding of exactly `length` bytes; another spelling of the same bytes is refused. */
function decode(text: string, length: number): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.length === length && bytes.toString("base64url") === text ? bytes : undefined;
}

/** `device.id` of a key: hex SHA-256 of its raw bytes. */
export function toDeviceId(rawPublicKey: Uint8Array): string {
  return createHash("sha256").update(rawPublicKey).digest("hex");
}

/**
 * @param claim what the signature must bind; its `nonce` is the challenge that was sent
 * @param now milliseconds since 1970
 * @param isLoopback whether the old text without a nonce is accepted
 * @returns undefined when the proof holds
 */
export function checkDeviceProof(
  proof: DeviceProof,
  claim: Omit<DeviceClaim, "deviceId" | "signedAt">,
  now: number,
  isLoopback: boolean,
): ProofFailure | undefined {
  const key = decode(proof.publicKey, 32);
  if (!key) return "DEVICE_AUTH_PUBLIC_KEY_INVALID";
  if (toDeviceId(key) !== proof.id) return "DEVICE_AUTH_DEVICE_ID_MISMATCH";
  if (Math.abs(now - proof.signedAt) > MAX_SKEW_MS) return "DEVICE_AUTH_SIGNATURE_EXPIRED";
  const nonce = proof.nonce ?? "";
  if (nonce.trim() === "" && !isLoopback) return "DEVICE_AUTH_NONCE_REQUIRED";
  if (nonce.trim() !== "" && nonce !== claim.nonce) return "DEVICE_AUTH_NONCE_MISMATCH";
  const signature = decode(proof.signature, 64);
  if (!signature) return "DEVICE_AUTH_SIGNATURE_INVALID";
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: "der", type: "spki" });
  const versions: DeviceTextVersion[] = nonce.trim() === "" ? ["v1"] : isLoopback ? ["v3", "v2", "v1"] : ["v3", "v2"];
  const full: DeviceClaim = { ...claim, deviceId: proof.id, signedAt: proof.signedAt };
  const holds = versions.some((version) =>
    verify(null, Buffer.from(toSignedText(version, full), "utf8"), publicKey, signature),
  );
  if (holds) return undefined;
  return nonce.trim() === "" ? "DEVICE_AUTH_NONCE_REQUIRED" : "DEVICE_AUTH_SIGNATURE_INVALID";
}
