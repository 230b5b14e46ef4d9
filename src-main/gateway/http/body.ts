/**
 * Reads a JSON body with a limit on bytes and time. Called after the credential was checked, never before; what is
 * over the limit is not parsed.
 */
import type { IncomingMessage } from "node:http";
import type { Clock } from "#main/base/clock.ts";
import { failure, type HttpFailure } from "./failures.ts";

/** Bytes of a request's body, at most. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** A body that takes longer is a slow-loris. */
const BODY_TIMEOUT_MS = 30_000;

/** A client that is refused while it sends is read from for so long, or it would meet a closed door before the answer. */
const LINGER_MS = 2000;
const LINGER_BYTES = 32 * 1024 * 1024;

export type BodyOutcome<T> = { ok: true; value: T } | { ok: false; failure: HttpFailure };

function refused(status: number, message: string): { ok: false; failure: HttpFailure } {
  return { ok: false, failure: failure(status, message, { close: true }) };
}

function isJson(contentType: string | undefined): boolean {
  const [mime = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  if (mime.trim() !== "application/json") return false;
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith("charset="));
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset);
}

/**
 * The parsed body of a request.
 * @returns a failure of 415 (not JSON), 413 (over `MAX_BODY_BYTES`), 408 (too slow) or 400 (not parsable, cut off)
 */
export async function readJsonBody(incoming: IncomingMessage, clock: Clock): Promise<BodyOutcome<unknown>> {
  const { headers } = incoming;
  if (!isJson(headers["content-type"])) {
    return refused(415, "send the body as Content-Type: application/json, in UTF-8");
  }
  if ((headers["content-encoding"] ?? "identity") !== "identity") return refused(415, "send the body uncompressed");
  const bytes = await readRawBody(incoming, clock, MAX_BODY_BYTES);
  if (!bytes.ok) return bytes;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.value);
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, failure: failure(400, "the body is not valid JSON") };
  }
}

function tooLarge(maxBytes: number): { ok: false; failure: HttpFailure } {
  return refused(413, `the body is larger than ${maxBytes} bytes`);
}

/** The raw bytes of a request, which its signature may cover. Stops listening, and reading, at the limit. */
export function readRawBody(incoming: IncomingMessage, clock: Clock, maxBytes: number): Promise<BodyOutcome<Buffer>> {
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve(tooLarge(maxBytes));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (outcome: BodyOutcome<Buffer>) => {
      void timer.dispose();
      incoming.off("data", onData).off("end", onEnd).off("close", onCut).off("error", onCut);
      if (!outcome.ok) incoming.pause();
      resolve(outcome);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) finish(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const onEnd = () => finish({ ok: true, value: Buffer.concat(chunks) });
    const onCut = () => finish(refused(400, "the body was cut off"));
    const timer = clock.after(BODY_TIMEOUT_MS, () => finish(refused(408, "the body took longer than 30 s")));
    incoming.on("data", onData).on("end", onEnd).on("close", onCut).on("error", onCut);
  });
}

/** Throws away what still comes, up to the limits above. */
function discard(incoming: IncomingMessage, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    if (incoming.complete || incoming.destroyed) return resolve();
    let length = 0;
    const finish = () => {
      void timer.dispose();
      incoming.off("data", onData).off("end", finish).off("close", finish).off("error", finish).pause();
      resolve();
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > LINGER_BYTES) finish();
    };
    const timer = clock.after(LINGER_MS, finish);
    incoming.on("data", onData).on("end", finish).on("close", finish).on("error", finish).resume();
    return undefined;
  });
}

/**
 * The same answer, sent whole at once, whose connection closes only when the client has stopped sending. Only for
 * callers whose credential was right: from others nothing more is read.
 */
export async function lingering(answer: Response, incoming: IncomingMessage, clock: Clock): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(bytes);
      await discard(incoming, clock);
      controller.close();
    },
  });
  const headers = new Headers(answer.headers);
  headers.set("content-length", String(bytes.length));
  return new Response(stream, { status: answer.status, headers });
}
