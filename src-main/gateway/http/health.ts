/**
 * The probes. They need no credential, so they say little: alive, ready, version, how long. Never a path, a name or a
 * problem in words.
 */
import { Hono } from "hono";
import type { HttpDeps, HttpEnv } from "./deps.ts";
import { refuse } from "./failures.ts";

const HEALTH_PATHS = ["/health", "/health/live", "/health/ready", "/api/v1/health"] as const;

const RETRY_AFTER_SECONDS = 5;

/** Routes of the probes: GET and HEAD, anything else 405. */
export function healthRoutes(deps: Pick<HttpDeps, "health">): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const fresh = { "cache-control": "no-store" };
  app.get("/health", (c) => {
    const { version, uptimeSeconds } = deps.health();
    return c.json({ status: "ok", version, uptime_seconds: uptimeSeconds }, 200, fresh);
  });
  app.get("/api/v1/health", (c) => {
    const { version, uptimeSeconds, ready, problems } = deps.health();
    const state = ready ? (problems.length === 0 ? "ok" : "degraded") : "starting";
    const uptime = { uptime_secs: uptimeSeconds, uptime_seconds: uptimeSeconds };
    return c.json({ status: "ok", version, ...uptime, components: { gateway: { status: state } } }, 200, fresh);
  });
  app.get("/health/live", (c) => c.json({ status: "ok" }, 200, fresh));
  app.get("/health/ready", (c) => {
    if (deps.health().ready) return c.json({ status: "ready" }, 200, fresh);
    return c.json({ status: "not_ready" }, 503, { ...fresh, "retry-after": String(RETRY_AFTER_SECONDS) });
  });
  for (const path of HEALTH_PATHS) {
    app.all(path, (c) => {
      c.header("allow", "GET, HEAD");
      return refuse(c, 405, "a probe answers GET and HEAD only");
    });
  }
  return app;
}
