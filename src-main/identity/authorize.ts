/**
 * Decides who a connection is and what it may do. Every connection authenticates, loopback too. The order matters:
 * lock-out first, then the credential, then the device's proof, then the pairing row; nothing a client says of itself
 * widens what the owner granted.
 */
import type { Clock } from "#main/base/clock.ts";
import type { ConnectParams } from "#main/protocol/frames.ts";
import { coveredBy, isScope, LOCAL_SCOPES, OWNER_SCOPES, type Role, type Scope } from "#main/protocol/scopes.ts";
import type { BootstrapCodes } from "./bootstrap-codes.ts";
import { checkDeviceProof } from "./device-proof.ts";
import type { DeviceFacts, Devices, PairingReason } from "./devices.ts";
import type { Lockout, Source } from "./lockout.ts";
import { isSameSecret } from "./secret-digest.ts";

/** What a refused client is told. */
export interface AuthRefusal {
  ok: false;
  code: "INVALID_REQUEST" | "NOT_PAIRED" | "RATE_LIMITED" | "UNAVAILABLE";
  message: string;
  details: Record<string, unknown>;
  retryAfterMs?: number;
  /** A wrong guess: the answer is held back for a moment. */
  isGuess: boolean;
}

export interface AuthGrant {
  ok: true;
  role: Role;
  scopes: Scope[];
  /** How it was shown: token, password, device-token, bootstrap-token, local-socket. */
  method: string;
  deviceId?: string;
  /** Set once per issue. */
  deviceToken?: string;
  issuedAtMs?: number;
}

export interface ConnectAttempt {
  params: ConnectParams;
  /** The challenge that was sent on this connection. */
  nonce: string;
  source: Source;
  /** Came through the socket that only this user can open. */
  isLocalSocket: boolean;
}

export interface AuthDeps {
  clock: Clock;
  devices: Devices;
  codes: BootstrapCodes;
  lockout: Lockout;
  /** The shared secret in force. Undefined while none is set: then nothing matches. */
  shared(): { mode: "token" | "password"; value: string | undefined };
  autoApproveLocal(): boolean;
}

/** Programs that may work without a device identity on this machine. */
const DEVICELESS_IDS: readonly string[] = ["cli", "gateway-client", "gatehouse-cli"];
const DEVICELESS_MODES: readonly string[] = ["cli", "backend"];

type Credential =
  | { kind: "shared"; method: string; value: string }
  | { kind: "device"; value: string; deviceId: string; scopes: Scope[]; hash: string }
  | { kind: "bootstrap"; value: string };

export async function authorize(deps: AuthDeps, attempt: ConnectAttempt): Promise<AuthGrant | AuthRefusal> {
  const locked = deps.lockout.lockedFor(attempt.source);
  if (locked !== undefined) {
    const seconds = Math.ceil(locked / 1000);
    return {
      ...refuse(
        "RATE_LIMITED",
        `unauthorized: too many failed attempts, try again in ${seconds} s`,
        "AUTH_RATE_LIMITED",
      ),
      retryAfterMs: Math.ceil(locked),
    };
  }
  const credential = await findCredential(deps, attempt);
  if ("ok" in credential) return credential;
  const proof = checkProof(deps, attempt, credential);
  if (proof) return proof;
  const grant = attempt.params.device
    ? await grantDevice(deps, attempt, credential)
    : grantDeviceless(attempt, credential);
  if (grant.ok) deps.lockout.countSuccess(attempt.source);
  return grant;
}

async function findCredential(deps: AuthDeps, attempt: ConnectAttempt): Promise<Credential | AuthRefusal> {
  const auth = attempt.params.auth ?? {};
  const deviceId = attempt.params.device?.id;
  if (attempt.isLocalSocket) return { kind: "shared", method: "local-socket", value: auth.token ?? "" };
  const shared = deps.shared();
  const given = shared.mode === "password" ? auth.password : auth.token;
  if (given !== undefined && given !== "" && shared.value !== undefined && isSameSecret(given, shared.value)) {
    return { kind: "shared", method: shared.mode, value: given };
  }
  // Older clients of the peer put a stored device token where the shared one goes.
  const deviceToken = auth.deviceToken ?? (deviceId === undefined ? undefined : auth.token);
  if (deviceToken !== undefined && deviceToken !== "") {
    const row = await deps.devices.findToken(deviceToken);
    if (row && row.device_id === deviceId && row.role === (attempt.params.role ?? "operator")) {
      const scopes = (JSON.parse(row.scopes) as string[]).filter(isScope);
      return { kind: "device", value: deviceToken, deviceId: row.device_id, scopes, hash: row.token_hash };
    }
  }
  if (auth.bootstrapToken !== undefined && auth.bootstrapToken !== "")
    return { kind: "bootstrap", value: auth.bootstrapToken };
  const wasGiven = [auth.token, auth.password, auth.deviceToken].some((value) => value !== undefined && value !== "");
  const what = shared.mode === "password" ? "PASSWORD" : "TOKEN";
  const name = `gateway ${shared.mode}`;
  if (!wasGiven) return refuse("INVALID_REQUEST", `unauthorized: ${name} missing`, `AUTH_${what}_MISSING`);
  if (auth.deviceToken !== undefined && auth.token === undefined) {
    return guess(deps, attempt, "unauthorized: device token unknown, expired or revoked", "AUTH_DEVICE_TOKEN_MISMATCH");
  }
  return guess(deps, attempt, `unauthorized: ${name} mismatch`, `AUTH_${what}_MISMATCH`);
}

function checkProof(deps: AuthDeps, attempt: ConnectAttempt, credential: Credential): AuthRefusal | undefined {
  const { params } = attempt;
  if (!params.device) return undefined;
  const failure = checkDeviceProof(
    params.device,
    {
      clientId: params.client.id,
      clientMode: params.client.mode,
      role: params.role ?? "operator",
      scopes: params.scopes ?? [],
      token: credential.value,
      nonce: attempt.nonce,
      platform: params.client.platform,
      deviceFamily: params.client.deviceFamily ?? "",
    },
    deps.clock.now(),
    attempt.source.isLoopback,
  );
  return failure === undefined ? undefined : guess(deps, attempt, toProofWords(failure), failure);
}

function toProofWords(failure: string): string {
  if (failure === "DEVICE_AUTH_SIGNATURE_EXPIRED")
    return "device signature expired: check that the clocks of both devices agree";
  return `device ${failure.replace("DEVICE_AUTH_", "").toLowerCase().replaceAll("_", " ")}`;
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
  const wanted = toScopes(params.scopes);
  const facts: DeviceFacts = {
    deviceId: device.id,
    publicKey: device.publicKey,
    displayName: client.displayName,
    platform: client.platform,
    deviceFamily: client.deviceFamily,
    clientId: client.id,
  };
  if (credential.kind === "bootstrap") return redeem(deps, attempt, facts, role, wanted, credential.value);
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
  await deps.devices.touch(device.id);
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
    return guess(deps, attempt, `unauthorized: ${words}; ask for a new one`, "AUTH_BOOTSTRAP_TOKEN_INVALID");
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

function refuse(code: AuthRefusal["code"], message: string, detail: string): AuthRefusal {
  return { ok: false, code, message, details: { code: detail }, isGuess: false };
}

function guess(deps: AuthDeps, attempt: ConnectAttempt, message: string, detail: string): AuthRefusal {
  deps.lockout.countFailure(attempt.source);
  return { ...refuse("INVALID_REQUEST", message, detail), isGuess: true };
}

/** What a Bearer credential on HTTP may do; the same secrets as on the WebSocket, the same lock-out. */
export async function authorizeBearer(
  deps: AuthDeps,
  header: string | undefined,
  source: Source,
): Promise<
  | { ok: true; scopes: ReadonlySet<Scope>; method: string }
  | { ok: false; status: 401 | 429; message: string; retryAfterMs?: number }
> {
  const locked = deps.lockout.lockedFor(source);
  if (locked !== undefined) {
    return { ok: false, status: 429, message: "too many failed attempts", retryAfterMs: Math.ceil(locked) };
  }
  const token = /^Bearer +(\S+)\s*$/i.exec(header ?? "")?.[1];
  if (token === undefined)
    return { ok: false, status: 401, message: "missing credential: send Authorization: Bearer <token>" };
  const shared = deps.shared();
  if (shared.value !== undefined && isSameSecret(token, shared.value)) {
    deps.lockout.countSuccess(source);
    return { ok: true, scopes: new Set(OWNER_SCOPES), method: shared.mode };
  }
  const row = await deps.devices.findToken(token);
  if (row) {
    deps.lockout.countSuccess(source);
    await deps.devices.touch(row.device_id, row);
    return { ok: true, scopes: new Set((JSON.parse(row.scopes) as string[]).filter(isScope)), method: "device-token" };
  }
  deps.lockout.countFailure(source);
  return { ok: false, status: 401, message: "wrong credential" };
}
