/**
 * Secrets in the keychain of the operating system, through keytar. Every call has a time limit: a locked keyring may
 * wait for a person. Never writes anything anywhere else.
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { Clock } from "#main/base/clock.ts";
import { AppError, messageOf, Refused } from "#main/base/errors.ts";
import type { Vault } from "./vault.ts";

/** The part of keytar in use. */
export interface Keyring {
  findCredentials(service: string): Promise<{ account: string; password: string }[]>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/** The keychain answers at once or asks a person something; nobody may be there to answer. Milliseconds. */
const READ_LIMIT_MS = 3000;
/** A write may bring up a prompt that a person just asked for. */
const WRITE_LIMIT_MS = 30_000;

/** Loads the native library. Throws when there is none for this computer, or it lacks a system library. */
async function loadKeytar(): Promise<Keyring> {
  const { default: keytar } = (await import("keytar")) as unknown as { default: Keyring };
  return keytar;
}

/** Two state directories on one computer do not share secrets. */
function serviceNameOf(stateDir: string): string {
  return `Gatehouse-${createHash("sha256").update(resolve(stateDir)).digest("hex").slice(0, 8)}`;
}

function within<T>(work: Promise<T>, limitMs: number, clock: Clock): Promise<T> {
  return new Promise((done, fail) => {
    const timer = clock.after(limitMs, () => {
      fail(new Refused("UNAVAILABLE", `the keychain did not answer within ${limitMs / 1000} s; it may be locked`));
    });
    work.then(done, fail).finally(() => void timer.dispose());
  });
}

function toRefused(verb: string, thrown: unknown): Refused {
  if (thrown instanceof AppError) return new Refused("UNAVAILABLE", thrown.message, { cause: thrown });
  return new Refused("UNAVAILABLE", `the keychain could not ${verb}: ${messageOf(thrown)}`, { cause: thrown });
}

/**
 * Reads everything in one call.
 * Throws Refused `UNAVAILABLE` with the reason when there is no keychain, or it is locked.
 */
export async function openKeychain(
  stateDir: string,
  clock: Clock,
  load: () => Promise<Keyring> = loadKeytar,
): Promise<Vault> {
  const service = serviceNameOf(stateDir);
  try {
    const keyring = await load();
    const write = async (what: string, act: () => Promise<unknown>) => {
      try {
        await within(act(), WRITE_LIMIT_MS, clock);
      } catch (thrown) {
        throw toRefused(what, thrown);
      }
    };
    const found = await within(keyring.findCredentials(service), READ_LIMIT_MS, clock);
    return {
      backend: "keychain",
      entries: new Map(found.map(({ account, password }) => [account, password])),
      set: (account, value) => write("keep the secret", () => keyring.setPassword(service, account, value)),
      delete: (account) => write("delete the secret", () => keyring.deletePassword(service, account)),
    };
  } catch (thrown) {
    throw toRefused("be read", thrown);
  }
}
