/** The shared secret of the gateway: given in the configuration, or made at the first start and kept with the secrets. */
import { createSecret } from "#main/base/ids.ts";
import type { Config } from "#main/config/schema.ts";
import { ACCOUNTS, type SecretStore } from "#main/secrets/contract.ts";

/**
 * The token of this gateway when the configuration gives none. Where nothing can be kept it lasts for this run only:
 * then the owner's programs come in through the user's own socket.
 */
export async function ownGatewayToken(config: Config, secrets: SecretStore): Promise<string> {
  const kept = secrets.get(ACCOUNTS.gatewayToken);
  if (kept !== undefined) return kept;
  const made = createSecret();
  const { token, password } = config.gateway.auth;
  if (!token && !password && secrets.canStore) await secrets.set(ACCOUNTS.gatewayToken, made);
  return made;
}

/** What counts now. With mode password and none set, nothing matches: the gateway stays closed rather than open. */
export function toSharedSecret(
  config: Config,
  ownToken: string,
): { mode: "token" | "password"; value: string | undefined } {
  const { mode, token, password } = config.gateway.auth;
  if (mode === "password") return { mode, value: password === "" ? undefined : password };
  return { mode, value: token === undefined || token === "" ? ownToken : token };
}
