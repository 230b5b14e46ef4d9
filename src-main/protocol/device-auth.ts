/**
 * The text that a device signs with its Ed25519 key, in the three versions in the field. Pure; the gateway verifies it,
 * the window, the phone page and the command line produce it. Facts: OpenClaw gateway protocol, `protocol.md`.
 */

/** The fields that a signature binds. */
export interface DeviceClaim {
  deviceId: string;
  clientId: string;
  clientMode: string;
  role: string;
  scopes: readonly string[];
  /** Milliseconds since 1970. */
  signedAt: number;
  /** The credential in use: shared token, else device token, else bootstrap token, else empty. */
  token: string;
  nonce: string;
  platform: string;
  deviceFamily: string;
}

export type DeviceTextVersion = "v3" | "v2" | "v1";

/** Trimmed, and only ASCII letters lowered: other letters would differ between languages. */
function toAsciiLower(value: string): string {
  return value.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The signed text of one version. `v1` leaves out the nonce and is accepted on loopback only. */
export function toSignedText(version: DeviceTextVersion, claim: DeviceClaim): string {
  const parts = [
    version,
    claim.deviceId,
    claim.clientId,
    claim.clientMode,
    claim.role,
    claim.scopes.join(","),
    String(claim.signedAt),
    claim.token,
  ];
  if (version !== "v1") parts.push(claim.nonce);
  if (version === "v3") parts.push(toAsciiLower(claim.platform), toAsciiLower(claim.deviceFamily));
  return parts.join("|");
}
