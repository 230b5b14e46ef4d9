/**
 * Decides, before anything else is read, whether a request or an upgrade may be looked at: the Host it names, the
 * Origin of the page that sent it, and who claims to have forwarded it. Pure. This is what keeps web pages and DNS
 * rebinding out; it is not a credential.
 */
import { parseAddress } from "#main/base/address.ts";
import { isLoopbackAddress, normalizeAddress, type Source } from "#main/identity/lockout.ts";
import { APP_ORIGIN } from "#main/protocol/desktop.ts";

export interface AdmissionRules {
  /** The address listened on. */
  boundHost: string;
  allowedOrigins: readonly string[];
  allowedHosts: readonly string[];
  trustedProxies: readonly string[];
}

/** The parts of a request that count. Header names in lower case. */
export interface AdmissionRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  remoteAddress: string | undefined;
  /** Came through the socket that only this user can open: Host and Origin say nothing there. */
  isLocalSocket: boolean;
}

export type Admission = { ok: true; source: Source } | { ok: false; status: 400 | 403 | 421; message: string };

/** Headers that only a proxy adds. */
const FORWARDING =
  /^(?:forwarded|via|x-forwarded(?:-.+)?|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip|tailscale-.+)$/;

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Host name of a Host header, lower case, without port, brackets or a trailing dot. Undefined when malformed. */
export function toHostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec((header ?? "").trim());
  const name = match?.[1] ?? match?.[2];
  return name?.toLowerCase().replace(/\.$/, "");
}

/**
 * An address that Tailscale gives to a machine: 100.64.0.0/10 or fd7a:115c:a1e0::/48.
 * Source: https://tailscale.com/kb/1015/100.x-addresses and https://tailscale.com/kb/1033/ip-and-dns-addresses
 */
function isTailnetAddress(address: string): boolean {
  const [a = 0, b = 0, ...rest] = parseAddress(address) ?? [];
  if (rest.length === 2) return a === 100 && (b & 0xc0) === 64;
  return [a, b, ...rest.slice(0, 4)].join() === "253,122,17,92,161,224";
}

function isAllowedHost(name: string, rules: AdmissionRules): boolean {
  if (name === "localhost" || name === "::1" || isLoopbackAddress(name)) return true;
  const isAny = rules.boundHost === "0.0.0.0" || rules.boundHost === "::";
  if (!isAny && name === rules.boundHost.toLowerCase()) return true;
  // A tailnet's names are given out by its owner; they are ours only where the tailnet itself is what we listen on.
  if (name.endsWith(".ts.net") && isTailnetAddress(rules.boundHost)) return true;
  return rules.allowedHosts.some((allowed) => allowed.toLowerCase() === name);
}

function isAllowedOrigin(origin: string, host: string, rules: AdmissionRules): boolean {
  if (origin === APP_ORIGIN) return true;
  if (origin === `http://${host}` || origin === `https://${host}`) return true;
  return rules.allowedOrigins.includes(origin);
}

/** The client behind a trusted proxy: the last address of X-Forwarded-For that is not itself a trusted proxy. */
function toForwardedAddress(header: string | undefined, trusted: readonly string[]): string | undefined {
  const hops = (header ?? "").split(",").map((hop) => normalizeAddress(hop.trim()));
  return hops.findLast((hop) => hop !== "" && !trusted.includes(hop));
}

/**
 * @param options.needsOrigin false for static files and probes: those answer any page, since they tell it nothing
 */
export function admit(request: AdmissionRequest, rules: AdmissionRules, options: { needsOrigin: boolean }): Admission {
  const origin = one(request.headers["origin"]);
  if (request.isLocalSocket) return { ok: true, source: { address: "local-socket", isLoopback: true } };
  const address = normalizeAddress(request.remoteAddress);
  const isTrusted = rules.trustedProxies.includes(address);
  const isForwarded = Object.keys(request.headers).some((name) => FORWARDING.test(name));
  if (isForwarded && !isTrusted && isLoopbackAddress(address)) {
    return { ok: false, status: 403, message: "forwarded by a proxy that gateway.trustedProxies does not list" };
  }
  const host = one(request.headers["host"])?.trim().toLowerCase();
  const name = toHostName(host);
  if (host === undefined || name === undefined) return { ok: false, status: 400, message: "bad Host header" };
  if (!isAllowedHost(name, rules)) {
    return {
      ok: false,
      status: 421,
      message: "this name is not one of this gateway's; add it to gateway.allowedHosts",
    };
  }
  if (origin !== undefined && options.needsOrigin && !isAllowedOrigin(origin, host, rules)) {
    return {
      ok: false,
      status: 403,
      message: "this page may not connect; its origin is not in gateway.allowedOrigins",
    };
  }
  const client =
    isForwarded && isTrusted
      ? toForwardedAddress(one(request.headers["x-forwarded-for"]), rules.trustedProxies)
      : address;
  const isLoopback = !isForwarded && isLoopbackAddress(address);
  return { ok: true, source: { address: client ?? address, isLoopback, ...(origin === undefined ? {} : { origin }) } };
}
