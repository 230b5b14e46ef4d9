import { Refused } from "#main/base/errors.ts";
import type { SecretStore } from "#main/secrets/contract.ts";

/** Secrets in memory. Passes the same contract suite as the real back ends. */
export function createMemorySecrets(initial: Readonly<Record<string, string>> = {}): SecretStore {
  const values = new Map(Object.entries(initial));
  return {
    backend: "keychain",
    canStore: true,
    problem: undefined,
    get: (account) => values.get(account),
    async set(account, value) {
      if (value === "") throw new Refused("INVALID_REQUEST", `the secret ${account} is empty; delete it instead`);
      // As a disk or a keychain does, it takes a moment.
      await new Promise(setImmediate);
      values.set(account, value);
    },
    async delete(account) {
      values.delete(account);
    },
    accounts: () => [...values.keys()],
    async consentToFile() {
      throw new Refused("INVALID_REQUEST", "secrets are in the keychain");
    },
  };
}
