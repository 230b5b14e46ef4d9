/**
 * Secrets in one encrypted file, `secrets.enc`, for servers and for computers without a keychain. AES-256-GCM over the
 * whole map with a fresh nonce for each write. A file that cannot be opened is never touched and never begun anew.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { join } from "node:path";
import { ensureDir, readIfExists, tightenMode, writeFileAtomic } from "#main/base/atomic-file.ts";
import { Refused } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import type { Vault } from "./vault.ts";

export const secretsFilePath = (stateDir: string) => join(stateDir, "secrets.enc");
export const keyFilePath = (stateDir: string) => join(stateDir, "secret.key");

/** Variable that holds the key: 32 bytes in base64. */
export const KEY_VARIABLE = "GATEHOUSE_SECRET_KEY";

/*
 * Layout: 8 bytes of magic and version, 12 of nonce, 16 of tag, then the ciphertext of a JSON object. Magic and version
 * are authenticated with the rest. Sizes of nonce and tag: NIST SP 800-38D §5.2.1.
 */
const HEADER = Buffer.from("GHSECR\u0000\u0001", "latin1");
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Throws Refused `INVALID_REQUEST` that says where the key came from, never what it is. */
function decodeKey(text: string, source: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, "base64");
  if (key.length === 32 && /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return key;
  throw new Refused("INVALID_REQUEST", `${source} must hold 32 bytes in base64 (for example: openssl rand -base64 32)`);
}

/**
 * The key: from the environment, else from the key file, else undefined.
 * Throws Refused when one is there and malformed, or cannot be read.
 */
export async function findKey(
  stateDir: string,
  env: Readonly<Record<string, string | undefined>>,
  log: Logger,
): Promise<Buffer | undefined> {
  const given = env[KEY_VARIABLE];
  if (given) return decodeKey(given, KEY_VARIABLE);
  const path = keyFilePath(stateDir);
  const held = await readIfExists(path);
  if (held === undefined) return undefined;
  await tightenMode(path, 0o600, log);
  return decodeKey(held.toString("latin1"), path);
}

/** Makes the key file. Only after the owner agreed. Throws Refused when the disk does not take it. */
export async function makeKeyFile(stateDir: string, log: Logger): Promise<Buffer> {
  const key = randomBytes(32);
  await ensureDir(stateDir, log);
  await writeFileAtomic(keyFilePath(stateDir), `${key.toString("base64")}\n`);
  return key;
}

/** True when there is an encrypted file already: it must never be begun anew. */
export async function hasSecretsFile(stateDir: string): Promise<boolean> {
  return (await readIfExists(secretsFilePath(stateDir))) !== undefined;
}

export function encryptMap(entries: ReadonlyMap<string, string>, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(HEADER);
  const plain = JSON.stringify(Object.fromEntries(entries));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([HEADER, nonce, cipher.getAuthTag(), body]);
}

/** Throws Refused `UNAVAILABLE` when the key is wrong or a byte was changed: the two cannot be told apart. */
export function decryptMap(bytes: Buffer, key: Buffer, path: string): Map<string, string> {
  const start = HEADER.length + NONCE_BYTES + TAG_BYTES;
  if (bytes.length < start || !bytes.subarray(0, HEADER.length).equals(HEADER)) {
    throw new Refused("UNAVAILABLE", `${path} is no file of secrets of this version; it was left as it is`);
  }
  try {
    const nonce = bytes.subarray(HEADER.length, HEADER.length + NONCE_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(HEADER);
    decipher.setAuthTag(bytes.subarray(HEADER.length + NONCE_BYTES, start));
    const plain = Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]).toString("utf8");
    const map: unknown = JSON.parse(plain);
    return new Map(Object.entries(map as Record<string, string>));
  } catch (thrown) {
    const message = `${path} cannot be opened: the key is not the one it was made with, or the file was changed. It was left as it is`;
    throw new Refused("UNAVAILABLE", message, { cause: thrown });
  }
}

/** Opens the file, or begins an empty one in memory where there is none. Throws Refused as `decryptMap` does. */
export async function openSecretsFile(stateDir: string, key: Buffer, log: Logger): Promise<Vault> {
  const path = secretsFilePath(stateDir);
  const bytes = await readIfExists(path);
  await tightenMode(path, 0o600, log);
  const entries = bytes === undefined ? new Map<string, string>() : decryptMap(bytes, key, path);
  const keep = async (change: (next: Map<string, string>) => void) => {
    const next = new Map(entries);
    change(next);
    await ensureDir(stateDir, log);
    await writeFileAtomic(path, encryptMap(next, key));
    change(entries);
  };
  return {
    backend: "file",
    entries,
    set: (account, value) => keep((next) => next.set(account, value)),
    delete: (account) => keep((next) => next.delete(account)),
  };
}
