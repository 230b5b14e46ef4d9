/**
 * All HTTP routes of the gateway behind one request listener. Order matters: name and headers for everything, then
 * probes, then the API behind origin and credential, then the page. Holds no state and starts nothing: the server,
 * its limits and its sockets belong to whoever listens.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { avatarRoutes } from "./avatar.ts";
import type { HttpDeps, HttpEnv } from "./deps.ts";
import { refuse, sendThrown } from "./failures.ts";
import { requireCredential, requireHost } from "./guard.ts";
import { securityHeaders, toPlainHeaders } from "./headers.ts";
import { healthRoutes } from "./health.ts";
import { openaiRoutes } from "./openai/routes.ts";
import { requestLog } from "./request-log.ts";
import { siteHandler } from "./site.ts";
import { toolRoutes } from "./tools.ts";
import { webhookRoutes } from "./webhooks.ts";

/** Paths behind the credential, unknown ones below them included. */
const GUARDED = ["/v1", "/v1/*", "/api", "/api/*", "/tools", "/tools/*"] as const;

function routes(deps: HttpDeps): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(requestLog(deps));
  app.use(securityHeaders());
  // Before the name is looked at: a platform comes by the public one. Its signature proves it.
  app.route("/channels", webhookRoutes(deps));
  app.use(requireHost(deps));
  app.route("/", healthRoutes(deps));
  app.route("/avatar", avatarRoutes(deps));
  const credential = requireCredential(deps);
  for (const path of GUARDED) app.use(path, credential);
  app.route("/v1", openaiRoutes(deps));
  app.route("/tools", toolRoutes(deps));
  for (const path of GUARDED) app.all(path, (c) => refuse(c, 404, "unknown address", { close: true }));
  app.all("*", siteHandler(deps));
  app.onError((error, c) => sendThrown(c, error, deps.log));
  return app;
}

/**
 * Builds the listener for `http.createServer`.
 * @returns never throws and never rejects; a request that cannot be parsed is answered with 400
 */
export function createHttpApp(deps: HttpDeps): (req: IncomingMessage, res: ServerResponse) => void {
  const app = routes(deps);
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    overrideGlobalObjects: false,
    // Bodies are read by `body.ts` alone; what a refused request still sends is not worth reading.
    autoCleanupIncoming: false,
    errorHandler: () => {
      const error = { code: "INVALID_REQUEST", message: "this request cannot be read", retryable: false };
      const headers = { ...toPlainHeaders(), "content-type": "application/json", connection: "close" };
      return new Response(JSON.stringify({ error }), { status: 400, headers });
    },
  });
  return (req, res) => void listener(req, res);
}
