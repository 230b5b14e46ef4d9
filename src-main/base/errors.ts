/**
 * The error kinds of the whole gateway, named by who failed. Nothing else is thrown on purpose. Only the codes of
 * `protocol/errors` cross the wire; `gateway/dispatch` turns everything else into INTERNAL with an id for the log.
 */

/** Options that every kind takes. */
export interface AppErrorOptions {
  /** The thrown value behind this one. Logged, never sent to a client. */
  cause?: unknown;
  /** Milliseconds after which the same call may work. */
  retryAfterMs?: number;
  /** Machine-readable facts that are safe to send to the caller. */
  details?: Record<string, unknown>;
}

/** An error with a stable code and a message that says what happened, where, and what to do. Never holds a secret. */
export class AppError extends Error {
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }
}

/** The other side answered and said no: a provider's 401, a channel's 400. */
export class RemoteError extends AppError {}

/** The other side could not be reached, or stopped answering. */
export class NetworkError extends AppError {}

/** We refuse: bad input, a missing right, a limit, a state in which the call makes no sense. */
export class Refused extends AppError {}

/** The refusal of a call that cannot be done as it was asked, in words for whoever asked. */
export function refuse(message: string, options?: AppErrorOptions): Refused {
  return new Refused("INVALID_REQUEST", message, options);
}

/** We are wrong: an invariant of our own does not hold. */
export class Bug extends AppError {
  constructor(message: string, options: AppErrorOptions = {}) {
    super("BUG", message, options);
  }
}

/** The message of any thrown value, without trusting what it is. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === "string" ? thrown : "unknown error";
}

/** True for what an AbortSignal makes a call throw. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === "AbortError" || thrown.name === "APIUserAbortError");
}
