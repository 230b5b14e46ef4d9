/**
 * One request: is the method known, may this connection call it, do the parameters fit, what does the handler say. The
 * one place where anything thrown becomes an answer; nothing thrown is trusted to shape it beyond its code and words.
 */
import { Compile, type Validator } from "typebox/compile";
import { AppError, messageOf, Refused } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import type { Logger } from "#main/base/logger.ts";
import { ERROR_CODES, type ErrorCode } from "#main/protocol/errors.ts";
import type { ErrorShape } from "#main/protocol/frames.ts";
import { METHODS, type MethodName, type MethodParams, type MethodResult } from "#main/protocol/methods/index.ts";
import { mayUse, type Scope } from "#main/protocol/scopes.ts";
import { explainErrors } from "#main/protocol/validate.ts";
import { toRefusal } from "#main/store/database.ts";

/** Who calls, as a handler sees it. */
export interface Caller {
  connId: string;
  role: string;
  scopes: ReadonlySet<Scope>;
  caps: ReadonlySet<string>;
  deviceId?: string | undefined;
  /** Sends the first answer of a two-phase method. */
  accept(payload: unknown): void;
  /** The subscriptions of this connection; handlers of `*.subscribe` change them. */
  subscriptions: { sessions: boolean; messages: Set<string> };
}

/** Whom the record names: the device that calls, or the connection of one that has none. */
export function actorOf(caller: Caller): string {
  return caller.deviceId ?? caller.connId;
}

/** A request that cannot be followed, in words for whoever sent it. For handlers to throw. */
export function invalid(message: string): Refused {
  return new Refused("INVALID_REQUEST", message);
}

/** Answers one method. Gets validated parameters and a caller that holds the scope. Throws Refused to refuse. */
export type Handler<N extends MethodName> = (
  params: MethodParams<N>,
  caller: Caller,
) => MethodResult<N> | Promise<MethodResult<N>>;

/** One handler for every declared method: leaving one out does not compile. */
export type Handlers = { [N in MethodName]: Handler<N> };

/** The handlers of one area: those of `<area>.…`. */
export type HandlersOf<Area extends string> = Pick<Handlers, Extract<MethodName, `${Area}.${string}`>>;

export type Outcome = { ok: true; payload: unknown } | { ok: false; error: ErrorShape };

/** Answers at once where the handler does. */
export type Dispatch = (method: string, params: unknown, caller: Caller) => Outcome | Promise<Outcome>;

export function createDispatch(handlers: Handlers, log: Logger): Dispatch {
  const validators = new Map<MethodName, Validator>();
  return (method, params, caller) => {
    if (!isMethod(method)) return refuse("INVALID_REQUEST", `unknown method: ${method.slice(0, 128)}`);
    const spec = METHODS[method];
    if (caller.role !== "operator" && spec.scope !== "none") {
      return refuse("FORBIDDEN", `unauthorized role: ${caller.role}`);
    }
    if (!mayUse(caller.scopes, spec.scope)) return missingScope(method, spec.scope);
    const given = params ?? {};
    const validator = validators.get(method) ?? Compile(spec.params);
    validators.set(method, validator);
    if (!validator.Check(given)) {
      return refuse("INVALID_REQUEST", `invalid ${method} params: ${explainErrors(validator.Errors(given))}`);
    }
    try {
      const handler = handlers[method] as (params: unknown, caller: Caller) => unknown;
      const result = handler(given, caller);
      if (!(result instanceof Promise)) return { ok: true, payload: result };
      return result.then(
        (payload: unknown) => ({ ok: true, payload }) as const,
        (error: unknown) => ({ ok: false, error: toErrorShape(error, method, log) }) as const,
      );
    } catch (error) {
      return { ok: false, error: toErrorShape(error, method, log) };
    }
  };
}

/** Own properties only: `constructor` and `__proto__` are no methods. */
function isMethod(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

function refuse(code: ErrorCode, message: string): Outcome {
  return { ok: false, error: { code, message } };
}

function missingScope(method: string, scope: Scope | "none"): Outcome {
  const details = { code: "MISSING_SCOPE", missingScope: scope, requiredScopes: [scope], method };
  return { ok: false, error: { code: "FORBIDDEN", message: `missing scope: ${scope}`, details } };
}

function isWireCode(code: string): code is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(code);
}

/** What a client is told of anything thrown. */
function toErrorShape(thrown: unknown, method: string, log: Logger): ErrorShape {
  const error = thrown instanceof AppError ? thrown : toRefusal(thrown, "of this gateway");
  if (error instanceof AppError && error.code !== "BUG") {
    const code = isWireCode(error.code) ? error.code : "UNAVAILABLE";
    const details = { ...error.details, ...(isWireCode(error.code) ? {} : { code: error.code }) };
    return {
      code,
      message: error.message,
      ...(Object.keys(details).length > 0 ? { details } : {}),
      ...(error.retryAfterMs === undefined ? {} : { retryable: true, retryAfterMs: error.retryAfterMs }),
    };
  }
  const errorId = createId("err");
  log.error("a method failed", { method, errorId, error: error.stack ?? messageOf(error) });
  return { code: "INTERNAL", message: `internal error (${errorId} in the log)`, details: { errorId } };
}
