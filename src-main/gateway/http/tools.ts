/**
 * POST /tools/invoke: one tool, through the same guard as everything else. What needs an answer of the owner gets 202
 * and an id; it then runs by itself, and GET /tools/invoke/{id} tells what came of it, for an hour.
 */
import { Hono } from "hono";
import { lingering, readJsonBody } from "./body.ts";
import type { HttpDeps, HttpEnv } from "./deps.ts";
import { refuse, sendFailure } from "./failures.ts";
import { requireScope } from "./guard.ts";
import { isJson } from "./openai/messages.ts";

const MAX_WAIT_SECONDS = 120;

function toWaitMs(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds >= 0 && seconds <= MAX_WAIT_SECONDS ? seconds * 1000 : undefined;
}

export function toolRoutes(deps: Pick<HttpDeps, "tools" | "clock">): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.post("/invoke", requireScope("operator.write"), async (c) => {
    const waitMs = toWaitMs(c.req.query("wait"));
    if (waitMs === undefined)
      return refuse(c, 400, `wait is a number of seconds up to ${MAX_WAIT_SECONDS}`, { close: true });
    const body = await readJsonBody(c.env.incoming, deps.clock);
    if (!body.ok) return lingering(sendFailure(c, body.failure), c.env.incoming, deps.clock);
    const given = body.value;
    if (!isJson(given) || typeof given["tool"] !== "string")
      return refuse(c, 400, 'name the tool: {"tool": …, "args": {…}}');
    const { tool, args = {}, sessionKey, dryRun } = given;
    if (!isJson(args)) return refuse(c, 400, "args is an object");
    if (sessionKey !== undefined && typeof sessionKey !== "string") return refuse(c, 400, "sessionKey is a string");
    const request = { tool, args, ...(sessionKey === undefined ? {} : { sessionKey }) };
    if (dryRun === true) {
      const told = await deps.tools.explain(request);
      if ("error" in told) return toProblem(CODES[told.error], told.message);
      return c.json({ ok: true, dryRun: true, ...told });
    }
    const outcome = await deps.tools.invoke(request, waitMs);
    switch (outcome.state) {
      case "not-found":
      case "invalid":
        return toProblem(CODES[outcome.state], outcome.message);
      case "pending":
        return c.json({ ok: false, status: "pending", approvalId: outcome.approvalId }, 202);
      case "done": {
        const id = outcome.approvalId === undefined ? {} : { approvalId: outcome.approvalId };
        if (!outcome.isError) return c.json({ ok: true, result: outcome.text, ...id });
        return toProblem("tool_error", outcome.text, id);
      }
    }
  });
  app.get("/invoke/:id", requireScope("operator.read"), async (c) => {
    const state = await deps.tools.result(c.req.param("id"));
    return state === undefined ? refuse(c, 404, "there is no such call, or it was over an hour ago") : c.json(state);
  });
  return app;
}

const CODES = { "not-found": "not_found", invalid: "tool_error" } as const;

function toProblem(code: "not_found" | "tool_error", message: string, more: { approvalId?: string } = {}): Response {
  const body = { ok: false, error: { code, type: code, message, retryable: false }, ...more };
  return Response.json(body, { status: code === "not_found" ? 404 : 400 });
}
