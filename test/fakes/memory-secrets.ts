import { Refused } from "#main/base/errors.ts";
import { Lane } from "#main/base/lane.ts";
import type { SecretStore } from "#main/secrets/contract.ts";

/** Secrets in memory. Passes the same contract suite as the real back ends; like them, a change takes a moment. */
export function createMemorySecrets(initial: Readonly<Record<string, string>> = {}): SecretStore {
  const values = new Map(Object.entries(initial));
  const lane = new Lane();
  const change = (make: () => void) =>
    lane.run(async () => {
      await new Promise(setImmediate);
      make();
    });
  return {
    backend: "keychain",
    canStore: true,
    problem: undefined,
    get: (account) => values.get(account),
    async set(account, value) {
      if (value === "") throw new Refused("INVALID_REQUEST", `the secret ${account} is empty; delete it instead`);
      await change(() => void values.set(account, value));
    },
    delete: (account) => change(() => void values.delete(account)),
    accounts: () => [...values.keys()],
    async consentToFile() {
      throw new Refused("INVALID_REQUEST", "secrets are in the keychain");
    },
  };
}
