/**
 * What a closed connection means to a person: a login, an approval to wait for, or only a pause. Pure. Must never show a
 * credential.
 */
import type { ClientState, GatewayError } from "#main/protocol/client.ts";
import type { HelloOk } from "#main/protocol/frames.ts";

/** Why the login screen is shown. */
export type LoginReason = "first-visit" | "revoked" | "wrong-token" | "code-used" | "locked" | "refused";

/** The connection as the screens see it. */
export type Link =
  | { phase: "starting" }
  | { phase: "connecting" }
  | { phase: "online"; hello: HelloOk }
  /** `retryAt`: milliseconds since 1970 of the next attempt. */
  | { phase: "offline"; reason: string; retryAt?: number }
  | { phase: "login"; reason: LoginReason; message?: string }
  | { phase: "pairing"; requestId: string }
  | { phase: "failed"; reason: "gateway" | "insecure" | "version"; message: string; logTail: readonly string[] };

function detailsOf(error: GatewayError | undefined): { code?: unknown; requestId?: unknown } {
  return typeof error?.details === "object" && error.details !== null ? error.details : {};
}

/**
 * The screen for a connection that ended.
 * @param used the kind of credential of the attempt
 */
export function toLink(
  state: Extract<ClientState, { phase: "disconnected" }>,
  used: "device" | "bootstrap" | "token",
  now: number,
): Link {
  const details = detailsOf(state.error);
  if (details.code === "PAIRING_REQUIRED") return { phase: "pairing", requestId: String(details.requestId ?? "") };
  if (state.code === 4001) return { phase: "login", reason: "revoked" };
  if (details.code === "PROTOCOL_MISMATCH" || state.code === 1002) {
    return { phase: "failed", reason: "version", message: state.reason, logTail: [] };
  }
  if (details.code === "AUTH_RATE_LIMITED") return { phase: "login", reason: "locked", message: state.reason };
  if (state.retryInMs !== undefined) return { phase: "offline", reason: state.reason, retryAt: now + state.retryInMs };
  if (state.error) {
    const reason = { device: "revoked", bootstrap: "code-used", token: "wrong-token" } as const;
    const isAuth = String(details.code ?? "").startsWith("AUTH_") || /unauthorized/i.test(state.reason);
    return { phase: "login", reason: isAuth ? reason[used] : "refused", message: state.reason };
  }
  // Refused without an answer, and no further attempt is planned: only another credential can help.
  return { phase: "login", reason: "refused", message: state.reason };
}
