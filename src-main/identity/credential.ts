/**
 * Which credential was shown, and whether the device that shows it holds its key. Compares in constant time; counts
 * wrong guesses; grants nothing by itself.
 */
import type { Scope } from "#main/protocol/scopes.ts";
import { refuse, refuseGuess, refuseLocked, type AuthDeps, type AuthRefusal, type ConnectAttempt } from "./attempt.ts";
import { checkDeviceProof, type ProofFailure } from "./device-proof.ts";
import { parseScopes } from "./devices.ts";
import { isSameSecret } from "./secret-digest.ts";

/** `signed`: what the signature may name as the credential, most likely first. */
export type Credential = { signed: readonly string[] } & (
  | { kind: "shared"; method: string }
  | { kind: "device"; scopes: Scope[]; hash: string }
  | { kind: "bootstrap"; code: string }
);

const isGiven = (value: string | undefined): value is string => value !== undefined && value !== "";

export async function findCredential(deps: AuthDeps, attempt: ConnectAttempt): Promise<Credential | AuthRefusal> {
  const auth = attempt.params.auth ?? {};
  // The text names the first of these that was given, whichever of them counts (protocol.md); a password is none.
  const named = auth.token ?? auth.deviceToken ?? auth.bootstrapToken ?? "";
  if (attempt.isLocalSocket) return { kind: "shared", method: "local-socket", signed: [named] };
  const shared = deps.shared();
  const given = shared.mode === "password" ? auth.password : auth.token;
  if (isGiven(given) && shared.value !== undefined && isSameSecret(given, shared.value)) {
    return { kind: "shared", method: shared.mode, signed: [named, given] };
  }
  const device = await findDeviceCredential(deps, attempt);
  if (device) return device;
  if (isGiven(auth.bootstrapToken)) {
    return { kind: "bootstrap", code: auth.bootstrapToken, signed: [auth.bootstrapToken, named] };
  }
  const what = shared.mode === "password" ? "PASSWORD" : "TOKEN";
  const name = `gateway ${shared.mode}`;
  if (![auth.token, auth.password, auth.deviceToken].some(isGiven)) {
    return refuse("INVALID_REQUEST", `unauthorized: ${name} missing`, `AUTH_${what}_MISSING`);
  }
  if (auth.deviceToken !== undefined && auth.token === undefined) {
    const words = "unauthorized: device token unknown, expired or revoked";
    return refuseGuess(deps, attempt, words, "AUTH_DEVICE_TOKEN_MISMATCH");
  }
  return refuseGuess(deps, attempt, `unauthorized: ${name} mismatch`, `AUTH_${what}_MISMATCH`);
}

async function findDeviceCredential(deps: AuthDeps, attempt: ConnectAttempt): Promise<Credential | undefined> {
  const { auth = {}, device, role = "operator" } = attempt.params;
  if (!device) return undefined;
  // Older clients of the peer put a stored device token where the shared one goes.
  for (const token of [auth.deviceToken, auth.token].filter(isGiven)) {
    const row = await deps.devices.findToken(token);
    if (!row || row.device_id !== device.id || row.role !== role) continue;
    const signed = [token, auth.token ?? token];
    return { kind: "device", scopes: parseScopes(row.scopes), hash: row.token_hash, signed };
  }
  return undefined;
}

/**
 * What a locked source may still show: a device token, which nobody guesses (256 bits), with the proof of its device.
 * So that nobody locks out the owner's paired devices by guessing from behind the same address.
 */
export async function findWhileLocked(
  deps: AuthDeps,
  attempt: ConnectAttempt,
  leftMs: number,
): Promise<Credential | AuthRefusal> {
  const credential = await findDeviceCredential(deps, attempt);
  return credential && proofFailure(deps, attempt, credential) === undefined ? credential : refuseLocked(leftMs);
}

/** @returns undefined when no device is named, or its proof holds */
export function checkProof(deps: AuthDeps, attempt: ConnectAttempt, credential: Credential): AuthRefusal | undefined {
  const failure = proofFailure(deps, attempt, credential);
  return failure === undefined ? undefined : refuseGuess(deps, attempt, toProofWords(failure), failure);
}

function proofFailure(deps: AuthDeps, attempt: ConnectAttempt, credential: Credential): ProofFailure | undefined {
  const { nonce, params, source } = attempt;
  const { device, role = "operator", scopes = [] } = params;
  if (!device) return undefined;
  const { id: clientId, mode: clientMode, platform, deviceFamily = "" } = params.client;
  const claim = { clientId, clientMode, role, scopes, nonce, platform, deviceFamily };
  const failures = [...new Set(credential.signed)].map((token) =>
    checkDeviceProof(device, { ...claim, token }, deps.clock.now(), source.isLoopback),
  );
  return failures.includes(undefined) ? undefined : failures[0];
}

function toProofWords(failure: ProofFailure): string {
  if (failure === "DEVICE_AUTH_SIGNATURE_EXPIRED") {
    return "device signature expired: check that the clocks of both devices agree";
  }
  return `device ${failure.replace("DEVICE_AUTH_", "").toLowerCase().replaceAll("_", " ")}`;
}
