/**
 * Where a redirect leads, and what may go along. Pure. Must never carry a credential or a body to another origin.
 */
import { Refused } from "../errors.ts";
import type { Ask } from "./exchange.ts";
import { checkUrl, type CheckedUrl } from "./url.ts";

/** Headers that say nothing about who asks. */
const HARMLESS = /^(accept|accept-language|user-agent)$/i;
const ABOUT_A_BODY = /^content-/i;

/**
 * The next request. 303, and 301 and 302 after a POST, become a GET without a body (RFC 9110 §15.4, as browsers do);
 * to another origin every request does. Throws Refused for a target that `checkUrl` refuses.
 * @param location the header as it came: relative, absolute, or nonsense
 */
export function nextAsk(ask: Ask, status: number, location: string): { checked: CheckedUrl; ask: Ask } {
  // Node reads header bytes one by one; what servers send there in practice is UTF-8.
  const target = Buffer.from(location, "latin1").toString("utf8").trim();
  // An absolute target is judged as written: resolving it first would straighten odd spellings out.
  const isAbsolute = /^([a-z][a-z0-9+.-]*:|[\\/]{2})/i.test(target);
  if (!isAbsolute && !URL.canParse(target, ask.url.href)) {
    throw new Refused("FORBIDDEN", "The address leads on to something that is not an address.");
  }
  const written = /^[\\/]{2}/.test(target) ? `${ask.url.protocol}${target}` : target;
  const checked = checkUrl(isAbsolute ? written : new URL(target, ask.url).href);
  const isSameOrigin = checked.url.origin === ask.url.origin;
  const keepsBody = isSameOrigin && (status === 307 || status === 308 || ask.method === "GET");
  const headers = Object.fromEntries(
    Object.entries(ask.headers).filter(
      ([name]) => (isSameOrigin || HARMLESS.test(name)) && (keepsBody || !ABOUT_A_BODY.test(name)),
    ),
  );
  const method = keepsBody ? ask.method : "GET";
  return { checked, ask: { url: checked.url, method, headers, body: keepsBody ? ask.body : undefined } };
}
