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

type Verdict = AuthGrant | AuthRefusal;

/** What a device asks for. */
interface Wish {
  facts: DeviceFacts;
  role: Role;
  scopes: Scope[];
}

export async function authorize(deps: AuthDeps, attempt: ConnectAttempt): Promise<Verdict> {
  const locked = deps.lockout.lockedFor(attempt.source);
  const credential =
    locked === undefined ? await findCredential(deps, attempt) : await findWhileLocked(deps, attempt, locked);
  if ("ok" in credential) return credential;
  const refusal = checkProof(deps, attempt, credential);
  if (refusal) return refusal;
  const wish = toWish(attempt);
  const grant = wish ? await grantDevice(deps, attempt, credential, wish) : grantDeviceless(attempt, credential);
  if (grant.ok) deps.lockout.countSuccess(attempt.source);
  return grant;
}

/** Without a device only this machine's own command line, holding the shared secret, is let in. */
function grantDeviceless(attempt: ConnectAttempt, credential: Credential): Verdict {
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

/** Undefined when no device is named. */
function toWish({ params }: ConnectAttempt): Wish | undefined {
  const { client, device, role = "operator" } = params;
  if (!device) return undefined;
  const { id: clientId, displayName, platform, deviceFamily } = client;
  const { id: deviceId, publicKey } = device;
  const facts = { deviceId, publicKey, displayName, platform, deviceFamily, clientId };
  // The scopes are those of operators: a node holds none of them, whatever it asks for.
  return { facts, role, scopes: role === "operator" ? toScopes(params.scopes) : [] };
}

async function grantDevice(
  deps: AuthDeps,
  attempt: ConnectAttempt,
  credential: Credential,
  wish: Wish,
): Promise<Verdict> {
  if (credential.kind === "bootstrap") return redeem(deps, attempt, wish, credential.code);
  const { source } = attempt;
  const { facts, role, scopes } = wish;
  const { deviceId } = facts;
  const paired = await deps.devices.find(deviceId);
  const reason = toPairingReason(paired, wish);
  const method = credential.kind === "device" ? "device-token" : credential.method;
  if (reason !== undefined) {
    const isSilent =
      credential.kind === "shared" &&
      source.isLoopback &&
      source.origin === undefined &&
      role === "operator" &&
      deps.autoApproveLocal() &&
      (reason === "metadata-upgrade" || coveredBy(scopes, new Set(LOCAL_SCOPES)));
    if (!isSilent) return askOwner(deps, attempt, wish, reason);
    await deps.devices.pair(facts, role, reason === "metadata-upgrade" ? [] : scopes);
  }
  if (credential.kind === "device" && !coveredBy(scopes, new Set(credential.scopes))) {
    return askOwner(deps, attempt, wish, "scope-upgrade");
  }
  await deps.devices.touch(deviceId, credential.kind === "device" ? credential.hash : undefined);
  const grant: AuthGrant = { ok: true, role, scopes, method, deviceId };
  if (credential.kind !== "shared" || (await deps.devices.hasToken(deviceId, role))) return grant;
  const scopesOfToken = (await deps.devices.find(deviceId))?.scopes ?? [];
  const { token, issuedAtMs } = await deps.devices.issueToken(deviceId, role, scopesOfToken);
  return { ...grant, deviceToken: token, issuedAtMs };
}

/** Why the pairing row does not cover what is asked. Undefined: it does. Pure. */
function toPairingReason(
  paired: Awaited<ReturnType<Devices["find"]>>,
  { facts, role, scopes }: Wish,
): PairingReason | undefined {
  if (!paired) return "not-paired";
  if (!paired.roles.includes(role)) return "role-upgrade";
  if (!coveredBy(scopes, new Set(paired.scopes))) return "scope-upgrade";
  const same = (a: string | null | undefined, b: string | null | undefined) => (a ?? "") === (b ?? "");
  const isSamePlace =
    same(paired.record.platform, facts.platform) && same(paired.record.device_family, facts.deviceFamily);
  return isSamePlace ? undefined : "metadata-upgrade";
}

async function redeem(deps: AuthDeps, attempt: ConnectAttempt, wish: Wish, code: string): Promise<Verdict> {
  const { facts, role, scopes } = wish;
  const { deviceId } = facts;
  const granted = deps.codes.redeem(code);
  if (granted === "unknown" || granted === "expired") {
    const words = granted === "expired" ? "this code has expired" : "this code was used already or is unknown";
    return refuseGuess(deps, attempt, `unauthorized: ${words}; ask for a new one`, "AUTH_BOOTSTRAP_TOKEN_INVALID");
  }
  if (role !== "operator" || !coveredBy(scopes, new Set(granted))) {
    return refuse("NOT_PAIRED", "this code does not cover what was asked for", "AUTH_BOOTSTRAP_TOKEN_INVALID");
  }
  await deps.devices.pair(facts, role, scopes);
  const { token, issuedAtMs } = await deps.devices.issueToken(deviceId, role, scopes);
  await deps.devices.touch(deviceId);
  return { ok: true, role, scopes, method: "bootstrap-token", deviceId, deviceToken: token, issuedAtMs };
}

async function askOwner(
  deps: AuthDeps,
  attempt: ConnectAttempt,
  { facts, role, scopes }: Wish,
  reason: PairingReason,
): Promise<AuthRefusal> {
  const request = await deps.devices.request(facts, { role, scopes, reason, remoteAddress: attempt.source.address });
  const refusal = refuse(
    "NOT_PAIRED",
    "pairing required: approve this device on the gateway's own window or with `gatehouse devices approve`",
    "PAIRING_REQUIRED",
  );
  const details = { ...refusal.details, reason, requestId: request.request_id, deviceId: facts.deviceId };
  return { ...refusal, details };
}
