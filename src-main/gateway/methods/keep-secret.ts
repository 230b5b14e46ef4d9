/** Keeping the owner's secrets, for the methods that take them in: nothing is kept in a file without consent. */
import { Refused } from "#main/base/errors.ts";
import type { SecretStore } from "#main/secrets/contract.ts";

/** Sees to a place for secrets. Throws Refused `UNAVAILABLE` where there is none. @param hint what to do without one */
export async function requirePlace(secrets: SecretStore, consentFile: boolean, hint: string): Promise<void> {
  if (!secrets.canStore && consentFile) await secrets.consentToFile();
  if (secrets.canStore) return;
  throw new Refused("UNAVAILABLE", secrets.problem ?? hint, { details: { code: "CONSENT_REQUIRED" } });
}

/** Takes a secret away, if it is kept. */
export async function dropSecret(secrets: SecretStore, account: string): Promise<void> {
  if (secrets.canStore && secrets.get(account) !== undefined) await secrets.delete(account);
}
