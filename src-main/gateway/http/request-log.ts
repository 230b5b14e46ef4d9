/**
 * One line of the log per HTTP request, at debug: method, path, status, how long until the answer began. Never what
 * came after `?`, a header, a body or an address of a client: those are where secrets and people are.
 */
import type { MiddlewareHandler } from "hono";
import type { HttpDeps, HttpEnv } from "./deps.ts";

/** Letters of a path that are written down. */
const MAX_PATH = 200;

/** The path of a request target as it may be logged: without query and without a host, cut when long. */
function toLoggedPath(target: string | undefined): string {
  const path = (target ?? "").replace(/^[a-z]+:\/\/[^/?#]*/i, "").replace(/[?#].*$/s, "");
  return path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path;
}

/** For every route, before all others, so that refusals are counted too. */
export function requestLog(deps: Pick<HttpDeps, "log" | "clock">): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const started = deps.clock.monotonic();
    await next();
    const ms = Math.round((deps.clock.monotonic() - started) * 10) / 10;
    deps.log.debug("http", { method: c.req.method, path: toLoggedPath(c.env.incoming.url), status: c.res.status, ms });
  };
}
