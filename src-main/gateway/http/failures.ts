/**
 * How a refusal leaves over HTTP: one envelope, `{error: {code, message, retryable}}`, and OpenAI's own shape below
 * /v1, since its clients read that. Never carries a stack, a path or a secret.
 */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { AppError, isAbort, NetworkError, RemoteError } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import type { Logger } from "#main/base/logger.ts";
import type { HttpEnv } from "./deps.ts";

export interface HttpFailure {
  status: number;
  /** Stable, upper case; below /v1 the lower-case word of OpenAI's list in `openaiCode`. */
  code: string;
  message: string;
  retryAfterMs?: number;
  /** Below /v1: `error.code`, for example `model_not_found`. */
  openaiCode?: string;
  /** Below /v1: `error.type`; absent: by status. */
  openaiType?: string;
  /** Below /v1: the field that was wrong. */
  param?: string;
  /** The request's body was not read: the connection cannot be used again. */
  close?: boolean;
}

const STATUS_CODES: Readonly<Record<number, string>> = {
  400: "INVALID_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  408: "TIMEOUT",
  409: "CONFLICT",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  421: "MISDIRECTED",
  429: "RATE_LIMITED",
  499: "CLIENT_CLOSED",
  502: "BAD_GATEWAY",
  503: "UNAVAILABLE",
  504: "GATEWAY_TIMEOUT",
};

/** The envelope's code for a status. */
export function codeOfStatus(status: number): string {
  return STATUS_CODES[status] ?? (status >= 500 ? "INTERNAL" : "INVALID_REQUEST");
}

/** A failure whose code follows from its status. */
export function failure(status: number, message: string, more: Partial<HttpFailure> = {}): HttpFailure {
  return { status, code: codeOfStatus(status), message, ...more };
}

/** Statuses after which the same request may work later. */
function isRetryable(status: number): boolean {
  return status === 408 || status === 429 || status >= 502;
}

/** The `type` that OpenAI's clients expect beside a status. */
function openaiTypeOf(status: number): string {
  if (status === 429) return "rate_limit_error";
  if (status >= 500) return "server_error";
  return "invalid_request_error";
}

/** `error` of OpenAI's shape: https://platform.openai.com/docs/guides/error-codes */
export function toOpenaiError(problem: HttpFailure): Record<string, unknown> {
  return {
    message: problem.message,
    type: problem.openaiType ?? openaiTypeOf(problem.status),
    param: problem.param ?? null,
    code: problem.openaiCode ?? (problem.status === 401 ? "invalid_api_key" : null),
  };
}

/** True for the paths whose clients read OpenAI's shape. */
function isOpenaiPath(path: string): boolean {
  return path === "/v1" || path.startsWith("/v1/");
}

/** Answers with a failure, in the shape of the path. */
export function sendFailure(c: Context<HttpEnv>, problem: HttpFailure): Response {
  const headers: Record<string, string> = { "cache-control": "no-store" };
  if (problem.retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(problem.retryAfterMs / 1000));
  if (problem.status === 401) headers["www-authenticate"] = "Bearer";
  if (problem.close) headers["connection"] = "close";
  const error = isOpenaiPath(c.req.path)
    ? toOpenaiError(problem)
    : { code: problem.code, message: problem.message, retryable: isRetryable(problem.status) };
  return c.json({ error }, problem.status as ContentfulStatusCode, headers);
}

/** Answers with a failure whose code follows from its status. */
export function refuse(c: Context<HttpEnv>, status: number, message: string, more?: Partial<HttpFailure>): Response {
  return sendFailure(c, failure(status, message, more));
}

const CODE_STATUSES: Readonly<Record<string, number>> = {
  INVALID_REQUEST: 400,
  NOT_LINKED: 401,
  NOT_PAIRED: 401,
  FORBIDDEN: 403,
  APPROVAL_NOT_FOUND: 404,
  ALREADY_RESOLVED: 409,
  RATE_LIMITED: 429,
  NOT_FOUND: 404,
  UNAVAILABLE: 503,
  AGENT_TIMEOUT: 504,
};

/**
 * The status of anything thrown by the rooms below: ours by its code, a service's answer 502, a service that cannot be
 * reached 504. Undefined: a mistake of ours, for the log and an INTERNAL with an id.
 */
export function failureOf(thrown: unknown): HttpFailure | undefined {
  if (!(thrown instanceof AppError)) return undefined;
  const status =
    CODE_STATUSES[thrown.code] ??
    (thrown instanceof RemoteError ? 502 : thrown instanceof NetworkError ? 504 : undefined);
  if (status === undefined) return undefined;
  const retry = thrown.retryAfterMs === undefined ? {} : { retryAfterMs: thrown.retryAfterMs };
  return failure(status, thrown.message, retry);
}

/** Answers for anything thrown by a route. A mistake of ours gets an id under which the log has it. */
export function sendThrown(c: Context<HttpEnv>, thrown: unknown, log: Logger): Response {
  if (isAbort(thrown)) return refuse(c, 499, "the client went away", { close: true });
  const known = failureOf(thrown);
  if (known) return sendFailure(c, { ...known, close: true });
  const id = createId("err");
  log.error("http request failed", { id, method: c.req.method, path: c.req.path, error: thrown });
  return refuse(c, 500, `something went wrong here; the log has it under ${id}`, { close: true });
}
