/** What is asked when somebody connects, and what may be answered. The words that the files of this room share. */
import type { Clock } from "#main/base/clock.ts";
import type { ConnectParams } from "#main/protocol/frames.ts";
import type { Role, Scope } from "#main/protocol/scopes.ts";
import type { BootstrapCodes } from "./bootstrap-codes.ts";
import type { Devices } from "./devices.ts";
import type { Lockout, Source } from "./lockout.ts";

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

export function refuse(code: AuthRefusal["code"], message: string, detail: string): AuthRefusal {
  return { ok: false, code, message, details: { code: detail }, isGuess: false };
}

/** A wrong credential or a wrong signature: counted, and answered late. */
export function refuseGuess(deps: AuthDeps, attempt: ConnectAttempt, message: string, detail: string): AuthRefusal {
  deps.lockout.countFailure(attempt.source);
  return { ...refuse("INVALID_REQUEST", message, detail), isGuess: true };
}

/** @param leftMs for how long the source is locked */
export function refuseLocked(leftMs: number): AuthRefusal {
  const words = `unauthorized: too many failed attempts, try again in ${Math.ceil(leftMs / 1000)} s`;
  return { ...refuse("RATE_LIMITED", words, "AUTH_RATE_LIMITED"), retryAfterMs: Math.ceil(leftMs) };
}
