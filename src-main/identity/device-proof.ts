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

/**
 * Points of small order, low 255 bits, hex (RFC 7748 §6.1 names the danger; the list is that of curve25519's eight and
 * their other spellings). Whoever names one can sign without a key: it would be everybody's identity.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);

function isSmallOrder(key: Buffer): boolean {
  const low = Buffer.from(key);
  low.writeUInt8(low.readUInt8(31) & 0x7f, 31);
  return SMALL_ORDER.has(low.toString("hex"));
}

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
  if (!key || isSmallOrder(key)) return "DEVICE_AUTH_PUBLIC_KEY_INVALID";
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
