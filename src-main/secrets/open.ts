/**
 * Chooses where secrets are kept and opens it: the keychain, else nothing but the environment; the encrypted file where
 * the owner agreed to it. Never writes a secret in plain text, and never stops the start: what is missing is said.
 */
import { join } from "node:path";
import { readIfExists, writeFileAtomic } from "#main/base/atomic-file.ts";
import type { Clock } from "#main/base/clock.ts";
import { messageOf, Refused } from "#main/base/errors.ts";
import { Lane } from "#main/base/lane.ts";
import type { Logger } from "#main/base/logger.ts";
import type { SecretsBackendName, SecretStore } from "./contract.ts";
import {
  findKey,
  hasSecretsFile,
  KEY_VARIABLE,
  makeKeyFile,
  openSecretsFile,
  secretsFilePath,
} from "./encrypted-file.ts";
import { variableOf } from "./environment.ts";
import { openKeychain, type Keyring } from "./keychain.ts";
import type { Vault } from "./vault.ts";

export interface SecretsOptions {
  /** `secrets.backend` of the configuration. */
  backend: "auto" | "keychain" | "file" | "environment";
  /** Absolute. */
  stateDir: string;
  env: Readonly<Record<string, string | undefined>>;
  log: Logger;
  clock: Clock;
  /** Loads the keychain's library; keytar unless told. */
  loadKeyring?: () => Promise<Keyring>;
}

const HOW_TO_KEEP = `Keys can come from environment variables; to keep them, agree to an encrypted file or set ${KEY_VARIABLE}`;

/** Which back end was in use last; no secret. */
const recordPath = (stateDir: string) => join(stateDir, "secrets.backend");

class OpenSecrets implements SecretStore {
  readonly #options: SecretsOptions;
  readonly #lane = new Lane();
  #vault: Vault | undefined;
  problem: string | undefined;
  /** What `get` answers from: as the vault holds it. */
  #values: Map<string, string>;

  /** @param opened a vault, or why there is none */
  constructor(options: SecretsOptions, opened: Vault | string) {
    this.#options = options;
    if (typeof opened === "string") this.problem = opened;
    else this.#vault = opened;
    this.#values = new Map(this.#vault?.entries);
  }

  get backend(): SecretsBackendName {
    return this.#vault?.backend ?? "environment";
  }

  get canStore(): boolean {
    return this.#vault !== undefined;
  }

  get(account: string): string | undefined {
    return this.#values.get(account) ?? (this.#options.env[variableOf(account)] || undefined);
  }

  accounts(): readonly string[] {
    return [...this.#values.keys()];
  }

  set(account: string, value: string): Promise<void> {
    return this.#lane.run(async () => {
      if (value === "") throw new Refused("INVALID_REQUEST", `the secret ${account} is empty; delete it instead`);
      await this.#needVault().set(account, value);
      this.#values.set(account, value);
    });
  }

  delete(account: string): Promise<void> {
    return this.#lane.run(async () => {
      if (!this.#values.has(account)) return;
      await this.#needVault().delete(account);
      this.#values.delete(account);
    });
  }

  consentToFile(): Promise<void> {
    return this.#lane.run(async () => {
      const { stateDir, env, log } = this.#options;
      if (this.#vault?.backend === "file") return;
      if (this.#vault !== undefined) {
        throw new Refused(
          "INVALID_REQUEST",
          "secrets are in the keychain, which is safer than a file; nothing was changed",
        );
      }
      const key = await findKey(stateDir, env, log);
      if (key === undefined) await refuseLostKey(stateDir);
      this.#vault = await openSecretsFile(stateDir, key ?? (await makeKeyFile(stateDir, log)), log);
      this.#values = new Map(this.#vault.entries);
      this.problem = undefined;
      await recordBackend(stateDir, "file", log);
    });
  }

  #needVault(): Vault {
    if (this.#vault !== undefined) return this.#vault;
    throw new Refused("UNAVAILABLE", `the secret cannot be kept: ${this.problem ?? HOW_TO_KEEP}`);
  }
}

async function refuseLostKey(stateDir: string): Promise<void> {
  if (!(await hasSecretsFile(stateDir))) return;
  const message = `${secretsFilePath(stateDir)} is there, but its key is not: set ${KEY_VARIABLE} or bring back the key file. It was left as it is`;
  throw new Refused("UNAVAILABLE", message);
}

async function recordedBackend(stateDir: string): Promise<string | undefined> {
  const bytes = await readIfExists(recordPath(stateDir)).catch(() => undefined);
  return bytes?.toString("utf8").trim();
}

async function recordBackend(stateDir: string, backend: SecretsBackendName, log: Logger): Promise<void> {
  if ((await recordedBackend(stateDir)) === backend) return;
  await writeFileAtomic(recordPath(stateDir), `${backend}\n`).catch((thrown: unknown) => {
    log.warn(`a later change of the keychain will not be noticed: ${messageOf(thrown)}`);
  });
}

async function openFile({ stateDir, env, log }: SecretsOptions): Promise<Vault> {
  const key = await findKey(stateDir, env, log);
  if (key !== undefined) return openSecretsFile(stateDir, key, log);
  await refuseLostKey(stateDir);
  const message = `there is no key for the encrypted file yet: set ${KEY_VARIABLE} to 32 bytes in base64, or agree to a key file`;
  throw new Refused("UNAVAILABLE", message);
}

function openInKeychain({ stateDir, clock, loadKeyring }: SecretsOptions): Promise<Vault> {
  return openKeychain(stateDir, clock, loadKeyring).catch((thrown: unknown) => {
    throw new Refused("UNAVAILABLE", `no keychain can be used: ${messageOf(thrown)}. ${HOW_TO_KEEP}`);
  });
}

/** The keychain first; the file where the owner once agreed to it, or gives a key for it. */
function openAutomatically(options: SecretsOptions, recorded: string | undefined): Promise<Vault> {
  if (recorded === "file") return openFile(options);
  return openInKeychain(options).catch((thrown: unknown) => {
    if (recorded === "keychain") {
      // Going on in a file would hide that the keys are still in the keychain.
      const message = `the keychain that was in use before cannot be opened, and what it holds is out of reach until it can. ${messageOf(thrown)}`;
      throw new Refused("UNAVAILABLE", message);
    }
    if (options.env[KEY_VARIABLE]) return openFile(options);
    throw thrown;
  });
}

async function openBackend(options: SecretsOptions, recorded: string | undefined): Promise<Vault> {
  if (options.backend === "auto") return openAutomatically(options, recorded);
  if (options.backend === "keychain") return openInKeychain(options);
  if (options.backend === "file") return openFile(options);
  const message =
    'secrets come from the environment only, as the configuration says; change secrets.backend to "auto" to keep them';
  throw new Refused("UNAVAILABLE", message);
}

/**
 * Opens the store and reads everything once. Never throws: where nothing can be kept, `canStore` is false and `problem`
 * says why and what to do.
 */
export async function openSecrets(options: SecretsOptions): Promise<SecretStore> {
  const { stateDir, log } = options;
  const recorded = await recordedBackend(stateDir);
  const opened = await openBackend(options, recorded).catch(messageOf);
  if (typeof opened === "string") log.warn(opened);
  else {
    const { backend } = opened;
    if (recorded !== undefined && recorded !== backend) {
      log.warn(
        `secrets are kept in the ${backend} now; before, it was the ${recorded}, and what is kept there is not read`,
      );
    }
    if (recorded !== backend) await recordBackend(stateDir, backend, log);
  }
  return new OpenSecrets(options, opened);
}
