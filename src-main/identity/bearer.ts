/**
 * What a Bearer credential on HTTP may do: the same secrets as on the WebSocket, the same lock-out. A device token needs
 * no signature here, and nothing here pairs a device.
 */
import { sleep } from "#main/base/clock.ts";
import { OWNER_SCOPES, type Scope } from "#main/protocol/scopes.ts";
import type { AuthDeps } from "./attempt.ts";
import { parseScopes } from "./devices.ts";
import type { Source } from "./lockout.ts";
import { isSameSecret } from "./secret-digest.ts";

export type BearerVerdict =
  | { ok: true; scopes: ReadonlySet<Scope>; method: string }
  | { ok: false; status: 401 | 429; message: string; retryAfterMs?: number };

/** How long a wrong guess waits for its answer. */
const GUESS_DELAY_MS = 250;

/** @param header the whole `Authorization` header */
export async function authorizeBearer(
  deps: AuthDeps,
  header: string | undefined,
  source: Source,
): Promise<BearerVerdict> {
  const token = /^Bearer +(\S(?:.*\S)?)\s*$/i.exec(header ?? "")?.[1];
  // Nobody guesses a device token: it counts for a locked source too.
  const row = token === undefined ? undefined : await deps.devices.findToken(token);
  if (row) {
    deps.lockout.countSuccess(source);
    await deps.devices.touch(row.device_id, row.token_hash);
    return { ok: true, scopes: new Set(parseScopes(row.scopes)), method: "device-token" };
  }
  const locked = deps.lockout.lockedFor(source);
  if (locked !== undefined) {
    return { ok: false, status: 429, message: "too many failed attempts", retryAfterMs: Math.ceil(locked) };
  }
  if (token === undefined) {
    return { ok: false, status: 401, message: "missing credential: send Authorization: Bearer <token>" };
  }
  const shared = deps.shared();
  if (shared.value !== undefined && isSameSecret(token, shared.value)) {
    deps.lockout.countSuccess(source);
    return { ok: true, scopes: new Set(OWNER_SCOPES), method: shared.mode };
  }
  deps.lockout.countFailure(source);
  await sleep(deps.clock, GUESS_DELAY_MS);
  return { ok: false, status: 401, message: "wrong credential" };
}
