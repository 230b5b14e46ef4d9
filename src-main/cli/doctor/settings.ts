/** The configuration file and where secrets are. Names the places of secrets in plain text, never their values. */
import { createSystemClock } from "#main/base/clock.ts";
import { silentLogger } from "#main/base/logger.ts";
import type { ConfigState } from "#main/config/contract.ts";
import { secretsIn } from "#main/config/redact.ts";
import type { Environment } from "../credentials.ts";
import { fault, fine, warning, type Finding } from "./finding.ts";

export function checkConfig(state: ConfigState): Finding[] {
  const where = state.exists ? state.path : `${state.path} (not there: all defaults)`;
  const findings = [
    ...state.issues.map(({ path, message }) => fault("configuration", message, path)),
    ...state.warnings.map(({ path, message }) => warning("configuration", message, path)),
  ];
  return findings.length > 0 ? findings : [fine("configuration", where)];
}

/** Secrets that stand in the file as they are. */
export function checkPlainSecrets(state: ConfigState): Finding[] {
  return secretsIn(state.written).map(({ path }) =>
    warning("secrets", `a secret stands in ${state.path} in plain text; Settings can move it to the keychain`, path),
  );
}

/** Where secrets are kept, found out without the gateway. A machine without a keychain is not wrong in itself. */
export async function checkSecrets(state: ConfigState, stateDir: string, env: Environment): Promise<Finding[]> {
  const { openSecrets } = await import("#main/secrets/open.ts");
  const { backend } = state.config.secrets;
  const store = await openSecrets({ backend, stateDir, env, log: silentLogger, clock: createSystemClock() });
  return describeSecrets(store.backend, store.canStore, store.problem, backend);
}

/** @param wanted the back end that the configuration asks for */
export function describeSecrets(
  backend: string,
  canStore: boolean,
  problem: string | undefined,
  wanted: string,
): Finding[] {
  const how = canStore ? `kept in the ${backend}` : "from the environment only";
  const isRefused = !canStore && (wanted === "keychain" || wanted === "file");
  if (isRefused) return [fault("secrets", problem ?? `${wanted} is wanted and cannot be used`, "secrets.backend")];
  return [fine("secrets", problem === undefined ? how : `${how}: ${problem}`)];
}
