/**
 * Reads the first frame of a connection: is it `connect`, do its parameters fit, is there a version that both speak.
 * Pure; says what to answer and how to close, and decides nothing about who it is.
 */
import { Compile, type Validator } from "typebox/compile";
import { CLOSE } from "#main/protocol/errors.ts";
import { ConnectParams, PROTOCOL_MAX, PROTOCOL_MIN, RequestFrame, type ErrorShape } from "#main/protocol/frames.ts";
import { explainErrors } from "#main/protocol/validate.ts";

export interface FrameValidators {
  request: Validator;
  connect: Validator;
}

/** Compiled once, by the server, and shared by all connections. */
export function createFrameValidators(): FrameValidators {
  return { request: Compile(RequestFrame), connect: Compile(ConnectParams) };
}

/** How a connection that is not let in ends. Without `id` and `error` it is closed without an answer. */
export interface FirstRefusal {
  ok: false;
  id: string | undefined;
  error: ErrorShape;
  closeCode: number;
  reason: string;
}

export interface FirstRequest {
  ok: true;
  id: string;
  params: ConnectParams;
  protocol: 3 | 4;
}

const NOT_CONNECT = "invalid handshake: first request must be connect";

/** The value of a text frame; undefined when it is not JSON. */
export function parseFrame(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** The id that a frame can be answered under, well formed or not. */
export function idOf(frame: unknown): string | undefined {
  const id = typeof frame === "object" && frame !== null && "id" in frame ? frame.id : undefined;
  return typeof id === "string" && id.length >= 1 && id.length <= 128 ? id : undefined;
}

/** @param startingFor milliseconds until clients may connect; undefined when they may */
export function readFirstFrame(
  frame: unknown,
  validators: FrameValidators,
  startingFor: number | undefined,
): FirstRequest | FirstRefusal {
  const id = idOf(frame);
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
    return refuse(undefined, "invalid handshake");
  }
  const isConnect = "method" in frame && frame.method === "connect";
  if (!isConnect) return refuse(id, NOT_CONNECT);
  if (!validators.request.Check(frame)) {
    const message = `invalid request frame: ${explainErrors(validators.request.Errors(frame))}`;
    return refuse(id, message, "invalid request frame");
  }
  const request = frame as RequestFrame;
  if (startingFor !== undefined) {
    const message = "the gateway is starting or stopping";
    const error: ErrorShape = { code: "UNAVAILABLE", message, retryable: true, retryAfterMs: startingFor };
    return { ok: false, id, error, closeCode: CLOSE.starting, reason: "starting" };
  }
  const given = request.params ?? {};
  if (!validators.connect.Check(given)) {
    return refuse(id, `invalid connect params: ${explainErrors(validators.connect.Errors(given))}`);
  }
  const params = given as ConnectParams;
  const protocol = Math.min(params.maxProtocol, PROTOCOL_MAX);
  if (protocol < PROTOCOL_MIN || protocol < params.minProtocol) {
    const message = "protocol mismatch";
    const details = { code: "PROTOCOL_MISMATCH", expectedProtocol: PROTOCOL_MAX, minimumProtocol: PROTOCOL_MIN };
    const error: ErrorShape = { code: "INVALID_REQUEST", message, details };
    return { ok: false, id, error, closeCode: CLOSE.version, reason: message };
  }
  return { ok: true, id: request.id, params, protocol: protocol as 3 | 4 };
}

function refuse(id: string | undefined, message: string, reason = message): FirstRefusal {
  return { ok: false, id, error: { code: "INVALID_REQUEST", message }, closeCode: CLOSE.policy, reason };
}
