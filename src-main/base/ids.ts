import { randomBytes, randomUUID } from "node:crypto";

/** `<prefix>_` and 128 random bits in base64url: unguessable, unique without coordination. Example: `run_3q2-7w…`. */
export function createId(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString("base64url")}`;
}

/** A secret of 256 random bits in base64url (RFC 4648 §5, no padding). */
export function createSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function createUuid(): string {
  return randomUUID();
}
