/**
 * The headers of every answer. The page may run its own scripts and talk to this gateway, nothing else; everything
 * that is not the page may do nothing at all in a browser. Never names a server or its version.
 */
import type { MiddlewareHandler } from "hono";
import type { HttpEnv } from "./deps.ts";

const COMMON: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy":
    "accelerometer=(), autoplay=(self), camera=(self), display-capture=(), geolocation=(), gyroscope=(), " +
    "magnetometer=(), microphone=(self), midi=(), payment=(), usb=()",
};

const API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What may stand in a policy as a host: a name or address with a port. Anything else would end the directive. */
const PLAIN_HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The policy of the page. `connect-src` names our own sockets as well as 'self', since not every browser counts
 * `ws:` to the same host as 'self'. Styles may be inline (highlighted code sets colours on its spans); scripts never.
 */
export function toPagePolicy(host: string | undefined): string {
  const sockets = host !== undefined && PLAIN_HOST.test(host) ? ` ws://${host} wss://${host}` : "";
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' data: blob:",
    `connect-src 'self'${sockets}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The headers of an answer that is not the page, for where no context exists (a request that cannot be parsed). */
export function toPlainHeaders(): Record<string, string> {
  return { ...COMMON, "content-security-policy": API_POLICY };
}

/** Puts the common headers on each answer; a route that sends the page sets its own policy before. */
export function securityHeaders(): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(COMMON)) c.res.headers.set(name, value);
    if (!c.res.headers.has("content-security-policy")) c.res.headers.set("content-security-policy", API_POLICY);
  };
}
