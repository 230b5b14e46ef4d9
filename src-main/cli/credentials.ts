/**
 * The owner's credential for the gateway of a state directory: what was said on the command line or in the
 * environment, else what the configuration or the secrets hold. Never prints or keeps a value.
 */
import { createSystemClock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { silentLogger } from "#main/base/logger.ts";
import type { ConfigService } from "#main/config/contract.ts";
import { ACCOUNTS } from "#main/secrets/contract.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Credential {
  auth: { token: string } | { password: string };
  /** Where it comes from, for a message: `--token`, `GATEHOUSE_GATEWAY_TOKEN`. */
  source: string;
}

const VARIABLES = ["GATEHOUSE_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_TOKEN", "CODERCLAW_GATEWAY_TOKEN"] as const;

/** What a person said for this one call: it is used or refused, never replaced by another. */
export function saidCredential(token: string | undefined, env: Environment): Credential | undefined {
  if (token) return { auth: { token }, source: "--token" };
  for (const name of VARIABLES) {
    const value = env[name];
    if (value) return { auth: { token: value }, source: name };
  }
  return undefined;
}

/** The configuration without following the file. The caller disposes it. */
export async function readConfig(
  stateDir: string,
  configPath: string | undefined,
  env: Environment,
): Promise<ConfigService & Disposable> {
  const { createConfigService } = await import("#main/config/service.ts");
  const clock = createSystemClock();
  return createConfigService({ stateDir, path: configPath, env, log: silentLogger, clock, watch: false });
}

/** What is kept: the configuration first, then the secrets, each looked up only when the one before did not do. */
export async function* keptCredentials(
  stateDir: string,
  configPath: string | undefined,
  env: Environment,
): AsyncGenerator<Credential> {
  const config = await readConfig(stateDir, configPath, env);
  const { gateway, secrets } = config.current;
  const { path } = config.state;
  await config.dispose();
  const { mode, token, password } = gateway.auth;
  const written = mode === "password" ? password : token;
  const toAuth = (value: string) => (mode === "password" ? { password: value } : { token: value });
  if (written) yield { auth: toAuth(written), source: `gateway.auth.${mode} of ${path}` };
  const { openSecrets } = await import("#main/secrets/open.ts");
  const clock = createSystemClock();
  const store = await openSecrets({ backend: secrets.backend, stateDir, env, log: silentLogger, clock });
  const kept = store.get(ACCOUNTS.gatewayToken);
  if (kept) yield { auth: toAuth(kept), source: `the secrets (${store.backend})` };
}
