/**
 * The HTTP side of an OpenAI-compatible service: one POST that streams, one GET that lists. No retry of a failed call;
 * only a field that a server does not know is left out and remembered. Must never follow a redirect with the key.
 */
import type { Disposable } from "#main/base/disposable.ts";
import { isAbort } from "#main/base/errors.ts";
import type { HttpAnswer } from "#main/base/http/client.ts";
import { ProviderError, type ModelRequest, type ProviderContext, type ProviderEvent } from "../contract.ts";
import { createChunkReader, recordOf, type ChunkReader } from "./chunks.ts";
import { toFormatError, toNetworkError, toStatusError, toStreamError, type Service } from "./failure.ts";
import { refusedField, toBody } from "./request.ts";
import { createSseParser, type SseEvent } from "./sse.ts";

export const DEFAULT_BASE_URL = "https://api.openai.com/v1";

/** An error body is read up to here, a whole answer up to there. */
const MAX_ERROR_LENGTH = 64 * 1024;
const MAX_ANSWER_LENGTH = 16 * 1024 * 1024;
/** How long a connection may stay open once the answer is over. */
const LINGER_MS = 1000;

/** Streams one answer. `without` is the provider's own memory of refused fields, by model. */
export async function* streamChat(
  context: ProviderContext,
  request: ModelRequest,
  without: Map<string, Set<string>>,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent> {
  const service = serviceOf(context);
  try {
    const response = await postChat(context, service, request, without, signal);
    const type = response.headers.get("content-type") ?? "";
    if (type.includes("text/html")) throw toFormatError(service, "answered with a web page");
    if (type.includes("application/json")) yield* readWhole(service, response);
    else yield* readStream(context, service, response);
  } catch (thrown) {
    throw signal.aborted ? signal.reason : thrown;
  }
}

/** GET, parsed. `path` begins with a slash. */
export async function getJson(context: ProviderContext, path: string, signal: AbortSignal): Promise<unknown> {
  const service = serviceOf(context);
  const response = await send(context, service, path, { method: "GET", signal });
  return readJson(service, response);
}

async function readJson(service: Service, response: HttpAnswer): Promise<unknown> {
  const body = parse(await readText(service, response, MAX_ANSWER_LENGTH));
  if (body === undefined) throw toFormatError(service, "answered with something that is not JSON");
  return body;
}

async function postChat(
  context: ProviderContext,
  service: Service,
  request: ModelRequest,
  memory: Map<string, Set<string>>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const without = memory.get(request.model) ?? new Set<string>();
  const official = service.host === new URL(DEFAULT_BASE_URL).host;
  for (;;) {
    const body = toBody(request, official, without);
    try {
      return await send(context, service, "/chat/completions", { method: "POST", signal, body: JSON.stringify(body) });
    } catch (thrown) {
      const field = thrown instanceof ProviderError ? fieldToDrop(thrown, body) : undefined;
      if (field === undefined) throw thrown;
      without.add(field);
      memory.set(request.model, without);
      context.log.info("model service does not know a field, left out from now on", { provider: context.id, field });
    }
  }
}

/** Only a plain refusal (400, 422) that names the field. Each is dropped once, so this ends. */
function fieldToDrop(error: ProviderError, body: Record<string, unknown>): string | undefined {
  if (error.status !== 400 && error.status !== 422) return undefined;
  return refusedField(error.message, body);
}

/** A response with status 2xx; everything else is thrown. */
async function send(
  context: ProviderContext,
  service: Service,
  path: string,
  ask: { method: "GET" | "POST"; signal: AbortSignal; body?: string },
): Promise<HttpAnswer> {
  const key = context.apiKey();
  const headers: Record<string, string> = { accept: ask.body === undefined ? "application/json" : "text/event-stream" };
  if (ask.body !== undefined) headers["content-type"] = "application/json";
  if (key !== undefined) headers["authorization"] = `Bearer ${key}`;
  for (const [name, value] of Object.entries(context.headers)) headers[name.toLowerCase()] = value;
  if (context.baseUrl === undefined && headers["authorization"] === undefined) {
    throw new ProviderError("auth", `No key is set for ${context.id} (${service.host}). Add one in Settings.`);
  }
  let response: HttpAnswer;
  try {
    response = await context.call(`${context.baseUrl ?? DEFAULT_BASE_URL}${path}`, { ...ask, headers });
  } catch (thrown) {
    if (ask.signal.aborted || isAbort(thrown)) throw thrown;
    throw toNetworkError(service, thrown, "call");
  }
  if (response.status >= 200 && response.status < 300) return response;
  const text = await readText(service, response, MAX_ERROR_LENGTH).catch(() => "");
  throw toStatusError(service, response, parse(text) ?? text, context.clock.now());
}

/**
 * Reads the stream to its end even when the answer is over, so that the connection can be used again; a server that
 * keeps it open is left after a moment.
 */
async function* readStream(
  context: ProviderContext,
  service: Service,
  response: HttpAnswer,
): AsyncGenerator<ProviderEvent> {
  const parser = createSseParser();
  const reader = createChunkReader();
  let done = false;
  let told = false;
  let leave: Disposable | undefined;
  let isLeft = false;
  const hangUp = () => {
    isLeft = true;
    response.body.destroy();
  };
  try {
    for await (const bytes of readBody(service, response)) {
      for (const event of done ? [] : pushBytes(service, parser, bytes)) {
        done = isDone(event);
        if (done) break;
        yield* readEvent(service, reader, event);
      }
      if (done || reader.isFinished) leave ??= context.clock.after(LINGER_MS, hangUp);
      if (done && !told) yield* reader.finish(true);
      told = done;
    }
  } catch (thrown) {
    // Left by ourselves: the answer was over.
    if (!isLeft) throw thrown;
  } finally {
    void leave?.dispose();
  }
  if (done) return;
  const rest = parser.end();
  const ended = rest !== undefined && isDone(rest);
  // An event without its closing line may be cut: what cannot be read of it is left to the missing `end`.
  if (rest !== undefined && !ended && parse(rest.data) !== undefined) yield* readEvent(service, reader, rest);
  yield* reader.finish(ended);
}

/** A server that ignores `stream` sends the whole answer at once. */
async function* readWhole(service: Service, response: HttpAnswer): AsyncGenerator<ProviderEvent> {
  const body = await readJson(service, response);
  const reader = createChunkReader();
  yield* readEvent(service, reader, { event: "", data: JSON.stringify(body) });
  yield* reader.finish(false);
}

function readEvent(service: Service, reader: ChunkReader, event: SseEvent): ProviderEvent[] {
  const chunk = parse(event.data);
  if (event.event === "error") throw toStreamError(service, chunk ?? event.data);
  if (chunk === undefined) throw toFormatError(service, "sent a piece of the answer that is not JSON");
  const error = recordOf(chunk)?.["error"];
  if (error !== undefined && error !== null) throw toStreamError(service, chunk);
  return reader.read(chunk);
}

function isDone(event: SseEvent): boolean {
  return event.data.trim() === "[DONE]";
}

function pushBytes(service: Service, parser: ReturnType<typeof createSseParser>, bytes: Uint8Array): SseEvent[] {
  try {
    return parser.push(bytes);
  } catch {
    throw toFormatError(service, "sent a piece of the answer that is longer than anything allowed");
  }
}

async function* readBody(service: Service, response: HttpAnswer): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of response.body) yield bytes;
  } catch (thrown) {
    if (isAbort(thrown)) throw thrown;
    throw toNetworkError(service, thrown, "answer");
  }
}

async function readText(service: Service, response: HttpAnswer, limit: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of readBody(service, response)) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > limit) throw toFormatError(service, "answered with more than is allowed");
  }
  return text + decoder.decode();
}

function serviceOf(context: ProviderContext): Service {
  let host = "its configured address";
  try {
    host = new URL(context.baseUrl ?? DEFAULT_BASE_URL).host;
  } catch {
    // Not an address: fetch says so.
  }
  return { id: context.id, host, secrets: [context.apiKey(), ...Object.values(context.headers)] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
