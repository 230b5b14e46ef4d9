/**
 * What a channel keeps between starts: small texts in the database, and a vault whose values are encrypted
 * (AES-256-GCM, NIST SP 800-38D) under a key that lies with the secrets, so that a copy of the database opens no account.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { Lane } from "#main/base/lane.ts";
import type { Logger } from "#main/base/logger.ts";
import { ACCOUNTS, type SecretStore } from "#main/secrets/contract.ts";
import { readChannelMemory, writeChannelMemory, type AccountRef } from "#main/store/channels/memory.ts";
import type { Database } from "#main/store/database.ts";
import { ChannelError, type ChannelMemory } from "./contract.ts";

export interface MemoryDeps {
  db: Database;
  secrets: SecretStore;
  log: Logger;
  /** Resolves when what was committed is safe from a power cut. */
  flush(): Promise<void>;
}

const VAULT = "vault:";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Both memories of an account, read once. Names of the vault are apart from the others. */
export async function openMemories(
  deps: MemoryDeps,
  of: AccountRef,
): Promise<{ memory: ChannelMemory; vault: ChannelMemory }> {
  const entries = await readChannelMemory(deps.db, of);
  const write = async (name: string, value: string | undefined) => {
    await writeChannelMemory(deps.db, of, name, value);
    if (value === undefined) entries.delete(name);
    else entries.set(name, value);
  };
  // A key that was used must not come back after a power cut; an offset may: the inbox knows what came twice.
  const writeSealed = async (name: string, value: string | undefined) => {
    await write(VAULT + name, value);
    await deps.flush();
  };
  // One after another: two first values at once would each make a key, and what is sealed under the lost one is lost.
  const keys = new Lane();
  return {
    memory: {
      get: (name) => entries.get(name),
      set: (name, value) => write(name, value),
      delete: (name) => write(name, undefined),
    },
    vault: {
      get(name) {
        const sealed = entries.get(VAULT + name);
        if (sealed === undefined) return undefined;
        const value = unseal(sealed, keyHeld(deps.secrets, of), VAULT + name);
        if (value === undefined) {
          deps.log.warn("what a channel kept cannot be opened: its key is gone, or it was changed", { ...of, name });
        }
        return value;
      },
      async set(name, value) {
        const key = await keys.run(() => vaultKey(deps.secrets, of));
        await writeSealed(name, seal(value, key, VAULT + name));
      },
      delete: (name) => writeSealed(name, undefined),
    },
  };
}

/** Throws ChannelError `auth` when there is nowhere to keep a key: credentials are never kept in the clear. */
async function vaultKey(secrets: SecretStore, { channel, account }: AccountRef): Promise<Buffer> {
  const name = ACCOUNTS.channelVault(channel, account);
  const held = secrets.get(name);
  if (held !== undefined) return Buffer.from(held, "base64");
  if (!secrets.canStore) {
    const hint = "Agree to the encrypted file under Settings, or unlock the keychain.";
    throw new ChannelError("auth", `there is no keychain to keep the key of this account's credentials in. ${hint}`);
  }
  const made = randomBytes(32);
  await secrets.set(name, made.toString("base64"));
  return made;
}

function keyHeld(secrets: SecretStore, { channel, account }: AccountRef): Buffer | undefined {
  const held = secrets.get(ACCOUNTS.channelVault(channel, account));
  return held === undefined ? undefined : Buffer.from(held, "base64");
}

/** @param name bound to the value: one cannot be put in the place of another */
function seal(value: string, key: Buffer, name: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(name));
  const body = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
}

/** @returns undefined when it cannot be opened: the key is gone, or the value is not ours */
function unseal(sealed: string, key: Buffer | undefined, name: string): string | undefined {
  if (!key) return undefined;
  const bytes = Buffer.from(sealed, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(name));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
