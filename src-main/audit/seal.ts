/**
 * The cryptography of the record. Values: AES-256-GCM (NIST SP 800-38D), a fresh random 96-bit nonce per entry, the
 * entry's place as associated data. Chain: SHA-256 over the previous hash and every column. Head: HMAC-SHA-256. Pure.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import type { AuditRecord } from "#main/store/audit.ts";

const TAG_BYTES = 16;
/** What the first entry follows. */
export const GENESIS = "0".repeat(64);

export interface AuditKey {
  /** First 16 hex digits of the SHA-256 of the key: tells which key an entry needs, and nothing else. */
  id: string;
  seal: Buffer;
  mac: Buffer;
}

/** @param secret 32 bytes, base64. Two keys are derived from it (HKDF, RFC 5869), so that one never serves two uses */
export function toAuditKey(secret: string): AuditKey {
  const raw = Buffer.from(secret, "base64");
  if (raw.length !== 32) throw new Error("the audit key is not 32 bytes");
  const derive = (info: string) => Buffer.from(hkdfSync("sha256", raw, Buffer.alloc(0), info, 32));
  return {
    id: createHash("sha256").update(raw).digest("hex").slice(0, 16),
    seal: derive("audit seal"),
    mac: derive("audit head"),
  };
}

export function createAuditSecret(): string {
  return randomBytes(32).toString("base64");
}

/** What binds a value to its place: a value moved to another entry does not open. */
function placeOf(entry: { seq: number; id: string; type: string }): Buffer {
  return Buffer.from(`${entry.seq}|${entry.id}|${entry.type}`, "utf8");
}

export function seal(
  key: AuditKey,
  entry: { seq: number; id: string; type: string },
  value: unknown,
): { nonce: Buffer; sealed: Buffer } {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key.seal, nonce);
  cipher.setAAD(placeOf(entry));
  const body = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
  return { nonce, sealed: Buffer.concat([body, cipher.getAuthTag()]) };
}

/** Throws when a bit of value, nonce or place is not as it was. */
export function open(key: AuditKey, record: AuditRecord): unknown {
  const sealed = Buffer.from(record.sealed);
  const decipher = createDecipheriv("aes-256-gcm", key.seal, Buffer.from(record.nonce), { authTagLength: TAG_BYTES });
  decipher.setAAD(placeOf(record));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const body = Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
  return JSON.parse(body.toString("utf8"));
}

/** Hash of an entry over its predecessor's and all its columns but the hash itself. */
export function toChainHash(record: Omit<AuditRecord, "hash">): string {
  const columns = [
    record.prev_hash,
    record.seq,
    record.id,
    record.ts,
    record.type,
    record.level,
    record.actor,
    record.target,
    record.session_key,
    record.correlation_id,
    record.key_id,
    Buffer.from(record.nonce).toString("base64"),
    Buffer.from(record.sealed).toString("base64"),
  ];
  return createHash("sha256").update(JSON.stringify(columns), "utf8").digest("hex");
}

export function toHeadMac(key: AuditKey, seq: number, hash: string): string {
  return createHmac("sha256", key.mac).update(`${seq}|${hash}`, "utf8").digest("hex");
}

export function isHeadMac(key: AuditKey, seq: number, hash: string, mac: string): boolean {
  const expected = Buffer.from(toHeadMac(key, seq, hash), "hex");
  const given = Buffer.from(mac, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
