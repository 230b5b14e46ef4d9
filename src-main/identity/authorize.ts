/**
 * Decides who a connection is and what it may do. Every connection authenticates, loopback too. The order matters:
 * lock-out first, then the credential, then the device's proof, then the pairing row; nothing a client says of itself
 * widens what the owner granted.
 */
import { coveredBy, isScope, LOCAL_SCOPES, type Role, type Scope } from "#main/protocol/scopes.ts";
import {
  refuse,
  refuseGuess,
  type AuthDeps,
  type AuthGrant,
  type AuthRefusal,
  type ConnectAttempt,
} from "./attempt.ts";
import { checkProof, findCredential, findWhileLocked, type Credential } from "./credential.ts";
import type { DeviceFacts, Devices, PairingReason } from "./devices.ts";

export type { AuthDeps, AuthGrant, AuthRefusal, ConnectAttempt } from "./attempt.ts";

/** Programs that may work without a device identity on this machine. */
const DEVICELESS_IDS: readonly string[] = ["cli", "gateway-client", "gatehouse-cli"];
const DEVICELESS_MODES: readonly string[] = ["cli", "backend"];

export async function authorize(deps: AuthDeps, attempt: ConnectAttempt): Promise<AuthGrant | AuthRefusal> {
  const locked = deps.lockout.lockedFor(attempt.source);
  const credential =
    locked === undefined ? await findCredential(deps, attempt) : await findWhileLocked(deps, attempt, locked);
  if ("ok" in credential) return credential;
  const refusal = checkProof(deps, attempt, credential);
  if (refusal) return refusal;
  const grant = attempt.params.device
    ? await grantDevice(deps, attempt, credential)
    : grantDeviceless(attempt, credential);
  if (grant.ok) deps.lockout.countSuccess(attempt.source);
  return grant;
}

/** Without a device only this machine's own command line, holding the shared secret, is let in. */
function grantDeviceless(attempt: ConnectAttempt, credential: Credential): AuthGrant | AuthRefusal {
  const { client } = attempt.params;
  const isLocalProgram =
    attempt.source.isLoopback && attempt.source.origin === undefined && credential.kind === "shared";
  const method = credential.kind === "shared" ? credential.method : credential.kind;
  if (isLocalProgram && (attempt.params.role ?? "operator") === "operator") {
    if (client.mode === "probe") return { ok: true, role: "operator", scopes: [], method };
    if (DEVICELESS_IDS.includes(client.id) && DEVICELESS_MODES.includes(client.mode)) {
      return { ok: true, role: "operator", scopes: toScopes(attempt.params.scopes), method };
    }
  }
  return refuse("NOT_PAIRED", "device identity required", "DEVICE_IDENTITY_REQUIRED");
}

function toScopes(wanted: readonly string[] | undefined): Scope[] {
  return [...new Set((wanted ?? []).filter(isScope))];
}

async function grantDevice(
  deps: AuthDeps,
  attempt: ConnectAttempt,
  credential: Credential,
): Promise<AuthGrant | AuthRefusal> {
  const { params, source } = attempt;
  const { device, client } = params;
  if (!device) return refuse("NOT_PAIRED", "device identity required", "DEVICE_IDENTITY_REQUIRED");
  const role: Role = params.role ?? "operator";
  // The scopes are those of operators: a node holds none of them, whatever it asks for.
  const wanted = role === "operator" ? toScopes(params.scopes) : [];
  const facts: DeviceFacts = {
    deviceId: device.id,
    publicKey: device.publicKey,
    displayName: client.displayName,
    platform: client.platform,
    deviceFamily: client.deviceFamily,
    clientId: client.id,
  };
  if (credential.kind === "bootstrap") return redeem(deps, attempt, facts, role, wanted, credential.code);
  const paired = await deps.devices.find(device.id);
  const reason = toPairingReason(paired, facts, role, wanted);
  const method = credential.kind === "device" ? "device-token" : credential.method;
  if (reason !== undefined) {
    const isSilent =
      credential.kind === "shared" &&
      source.isLoopback &&
      source.origin === undefined &&
      role === "operator" &&
      deps.autoApproveLocal() &&
      (reason === "metadata-upgrade" || coveredBy(wanted, new Set(LOCAL_SCOPES)));
    if (!isSilent) return askOwner(deps, attempt, facts, role, wanted, reason);
    await deps.devices.pair(facts, role, reason === "metadata-upgrade" ? [] : wanted);
  }
  if (credential.kind === "device" && !coveredBy(wanted, new Set(credential.scopes))) {
    return askOwner(deps, attempt, facts, role, wanted, "scope-upgrade");
  }
  await deps.devices.touch(device.id, credential.kind === "device" ? credential.hash : undefined);
  const needsToken = credential.kind === "shared" && !(await deps.devices.hasToken(device.id, role));
  const scopesOfToken = (await deps.devices.find(device.id))?.scopes ?? [];
  const issued = needsToken ? await deps.devices.issueToken(device.id, role, scopesOfToken) : undefined;
  return {
    ok: true,
    role,
    scopes: wanted,
    method,
    deviceId: device.id,
    ...(issued ? { deviceToken: issued.token, issuedAtMs: issued.issuedAtMs } : {}),
  };
}

/** Why the pairing row does not cover what is asked. Undefined: it does. Pure. */
function toPairingReason(
  paired: Awaited<ReturnType<Devices["find"]>>,
  facts: DeviceFacts,
  role: string,
  wanted: readonly Scope[],
): PairingReason | undefined {
  if (!paired) return "not-paired";
  if (!paired.roles.includes(role)) return "role-upgrade";
  if (!coveredBy(wanted, new Set(paired.scopes))) return "scope-upgrade";
  const same = (a: string | null | undefined, b: string | null | undefined) => (a ?? "") === (b ?? "");
  const isSamePlace =
    same(paired.record.platform, facts.platform) && same(paired.record.device_family, facts.deviceFamily);
  return isSamePlace ? undefined : "metadata-upgrade";
}

async function redeem(
  deps: AuthDeps,
  attempt: ConnectAttempt,
  facts: DeviceFacts,
  role: Role,
  wanted: readonly Scope[],
  code: string,
): Promise<AuthGrant | AuthRefusal> {
  const granted = deps.codes.redeem(code);
  if (granted === "unknown" || granted === "expired") {
    const words = granted === "expired" ? "this code has expired" : "this code was used already or is unknown";
    return refuseGuess(deps, attempt, `unauthorized: ${words}; ask for a new one`, "AUTH_BOOTSTRAP_TOKEN_INVALID");
  }
  if (role !== "operator" || !coveredBy(wanted, new Set(granted))) {
    return refuse("NOT_PAIRED", "this code does not cover what was asked for", "AUTH_BOOTSTRAP_TOKEN_INVALID");
  }
  await deps.devices.pair(facts, role, wanted);
  const issued = await deps.devices.issueToken(facts.deviceId, role, wanted);
  await deps.devices.touch(facts.deviceId);
  return {
    ok: true,
    role,
    scopes: [...wanted],
    method: "bootstrap-token",
    deviceId: facts.deviceId,
    deviceToken: issued.token,
    issuedAtMs: issued.issuedAtMs,
  };
}

async function askOwner(
  deps: AuthDeps,
  attempt: ConnectAttempt,
  facts: DeviceFacts,
  role: Role,
  wanted: readonly Scope[],
  reason: PairingReason,
): Promise<AuthRefusal> {
  const request = await deps.devices.request(facts, {
    role,
    scopes: wanted,
    reason,
    remoteAddress: attempt.source.address,
  });
  const refusal = refuse(
    "NOT_PAIRED",
    "pairing required: approve this device on the gateway's own window or with `gatehouse devices approve`",
    "PAIRING_REQUIRED",
  );
  return {
    ...refusal,
    details: { ...refusal.details, reason, requestId: request.request_id, deviceId: facts.deviceId },
  };
}
