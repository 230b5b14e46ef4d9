/**
 * /v1: the routes that OpenAI's clients call. The credential was checked before; here come the scope, the body and the
 * run. A client that goes away aborts its run.
 */
import { Hono, type Context } from "hono";
import { createId } from "#main/base/ids.ts";
import { AppError, isAbort } from "#main/base/errors.ts";
import { lingering, readJsonBody } from "../body.ts";
import type { CompletionEvent, HttpDeps, HttpEnv, ListedModel } from "../deps.ts";
import { type HttpFailure, failure, failureOf, refuse, sendFailure, toOpenaiError } from "../failures.ts";
import { requireScope } from "../guard.ts";
import { createAnswerHead, cutAtStop, toChunks, toCompletion, toHttpFailure } from "./answer.ts";
import { parseCompletion, type ParsedCompletion } from "./request.ts";
import { SSE_HEADERS, toEventStream } from "../sse.ts";

/** How long a stream waits for the first event, so that an early failure still gets its own status. */
const FIRST_EVENT_MS = 5000;

type OpenaiDeps = Pick<HttpDeps, "models" | "complete" | "clock" | "log">;

function toModelObject(model: ListedModel): Record<string, unknown> {
  return { id: model.ref, object: "model", created: model.created ?? 0, owned_by: model.provider };
}

/** The failure behind anything thrown, with the field a refusal names; our own mistakes go to the log under an id. */
function describe(thrown: unknown, deps: Pick<HttpDeps, "log">): HttpFailure {
  const known = failureOf(thrown);
  if (!known) {
    const id = createId("err");
    deps.log.error("completion failed", { id, error: thrown });
    return failure(500, `something went wrong here; the log has it under ${id}`);
  }
  const details = thrown instanceof AppError ? thrown.details : undefined;
  const { param, openaiCode } = details ?? {};
  return {
    ...known,
    ...(typeof param === "string" ? { param } : {}),
    ...(typeof openaiCode === "string" ? { openaiCode } : {}),
  };
}

/** A signal that follows the client's connection and can be aborted by hand. */
function followClient(c: Context<HttpEnv>): AbortController {
  const controller = new AbortController();
  const client = c.req.raw.signal;
  if (client.aborted) controller.abort(client.reason);
  else client.addEventListener("abort", () => controller.abort(client.reason), { once: true });
  return controller;
}

/** Puts a step that was already taken back in front of its iterator. */
async function* resume<T>(first: Promise<IteratorResult<T>>, rest: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    for (let step = await first; !step.done; step = await rest.next()) yield step.value;
  } finally {
    await rest.return?.();
  }
}

async function sendStream(c: Context<HttpEnv>, deps: OpenaiDeps, parsed: ParsedCompletion): Promise<Response> {
  const controller = followClient(c);
  const events = cutAtStop(deps.complete(parsed.request, controller.signal), parsed.stop);
  const first = events.next();
  const early = await new Promise<IteratorResult<CompletionEvent> | undefined>((resolve, reject) => {
    const timer = deps.clock.after(FIRST_EVENT_MS, () => resolve(undefined));
    void first.then(resolve, reject).finally(() => void timer.dispose());
  });
  if (early && !early.done && early.value.type === "error") {
    await events.return(undefined);
    return sendFailure(c, toHttpFailure(early.value));
  }
  const options = { ...parsed, head: createAnswerHead(parsed.model, deps.clock.now()) };
  const stream = toEventStream(toChunks(resume(first, events), options), deps.clock, {
    describe: (thrown) =>
      isAbort(thrown) ? undefined : JSON.stringify({ error: toOpenaiError(describe(thrown, deps)) }),
    onCancel: () => controller.abort(),
  });
  return c.body(stream, 200, SSE_HEADERS);
}

async function sendWhole(c: Context<HttpEnv>, deps: OpenaiDeps, parsed: ParsedCompletion): Promise<Response> {
  const controller = followClient(c);
  const events = cutAtStop(deps.complete(parsed.request, controller.signal), parsed.stop);
  const answer = await toCompletion(events, createAnswerHead(parsed.model, deps.clock.now()));
  if (!answer.ok) return sendFailure(c, answer.failure);
  return c.json(answer.body, 200, { "cache-control": "no-store" });
}

async function complete(c: Context<HttpEnv>, deps: OpenaiDeps): Promise<Response> {
  const body = await readJsonBody(c.env.incoming, deps.clock);
  if (!body.ok) return lingering(sendFailure(c, body.failure), c.env.incoming, deps.clock);
  try {
    const headers = {
      agentId: c.req.header("x-gatehouse-agent-id"),
      sessionKey: c.req.header("x-gatehouse-session-key"),
    };
    const parsed = parseCompletion(body.value, headers, deps.clock.now());
    return await (parsed.stream ? sendStream(c, deps, parsed) : sendWhole(c, deps, parsed));
  } catch (error) {
    if (isAbort(error)) return refuse(c, 499, "the client went away");
    return sendFailure(c, describe(error, deps));
  }
}

/** Routes below /v1. */
export function openaiRoutes(deps: OpenaiDeps): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const read = requireScope("operator.read");
  app.get("/models", read, async (c) => {
    const data = (await deps.models()).map(toModelObject);
    return c.json({ object: "list", data }, 200, { "cache-control": "no-store" });
  });
  app.get("/models/:id{.+}", read, async (c) => {
    const id = c.req.param("id");
    const model = (await deps.models()).find((row) => row.ref === id);
    if (model) return c.json(toModelObject(model), 200, { "cache-control": "no-store" });
    const more = { param: "model", openaiCode: "model_not_found" };
    return refuse(c, 404, `The model \`${id}\` does not exist.`, more);
  });
  app.post("/chat/completions", requireScope("operator.write"), (c) => complete(c, deps));
  app.on(["GET", "PUT", "PATCH", "DELETE", "OPTIONS"], "/chat/completions", (c) => {
    c.header("allow", "POST");
    return refuse(c, 405, "chat completions are asked for with POST", { close: true });
  });
  return app;
}
