/**
 * Who gets past the door. `Host` is checked on every route, the page's origin and the credential on every route but
 * static files and probes, and all of it before a byte of the body is read. Never adds an
 * Access-Control-Allow-Origin: no other page has business here.
 */
import type { Context, MiddlewareHandler } from "hono";
import { mayUse, type Scope } from "#main/protocol/scopes.ts";
import type { HttpDeps, HttpEnv } from "./deps.ts";
import { refuse } from "./failures.ts";

/** The address of the other side; "" on a Unix socket. */
function remoteAddressOf(c: Context<HttpEnv>): string {
  return c.env.incoming.socket.remoteAddress ?? "";
}

/** True when the request announces a body: after a refusal its connection cannot be used again. */
function hasBody(c: Context<HttpEnv>): boolean {
  const { headers } = c.env.incoming;
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** For every route: the name we were called by. Origins are left to `requireCredential`. */
export function requireHost(deps: Pick<HttpDeps, "checkOrigin">): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const { origin: _leftToTheCredential, ...headers } = c.env.incoming.headers;
    const verdict = deps.checkOrigin(headers, remoteAddressOf(c));
    if (!verdict.ok) return refuse(c, verdict.status, verdict.message, { close: hasBody(c) });
    await next();
    return undefined;
  };
}

/** For every route but static files and probes: the page's origin, then the credential. */
export function requireCredential(deps: Pick<HttpDeps, "authenticate" | "checkOrigin">): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const { headers } = c.env.incoming;
    const remoteAddress = remoteAddressOf(c);
    const close = hasBody(c);
    const verdict = deps.checkOrigin(headers, remoteAddress);
    if (!verdict.ok) return refuse(c, verdict.status, verdict.message, { close });
    const auth = await deps.authenticate(headers, remoteAddress);
    if (!auth.ok) {
      const retry = auth.retryAfterMs === undefined ? {} : { retryAfterMs: auth.retryAfterMs };
      return refuse(c, auth.status, auth.message, { close, ...retry });
    }
    c.set("scopes", auth.scopes);
    await next();
    return undefined;
  };
}

/** For one route, after `requireCredential`: the least scope that may call it. */
export function requireScope(needed: Scope): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (!mayUse(c.get("scopes"), needed)) {
      return refuse(c, 403, `this credential lacks the scope ${needed}`, { close: hasBody(c) });
    }
    await next();
    return undefined;
  };
}
