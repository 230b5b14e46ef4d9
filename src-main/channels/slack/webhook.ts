/**
 * The HTTP side: is a request from Slack, and what is in it. Pure. Facts: docs.slack.dev, "Verifying requests from
 * Slack" (v0: HMAC-SHA256 over `v0:timestamp:body`, five minutes). Must never parse what is not verified.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { WebhookRequest } from "../contract.ts";
import { parseJson } from "./inbound.ts";

type Headers = WebhookRequest["headers"];

/** Seconds that a request may be old, or ahead. */
const MAX_AGE_S = 300;

/** Whether a request is new enough to be read at all. @param now milliseconds since 1970 */
export function isFresh(headers: Headers, now: number): boolean {
  const stamp = headers["x-slack-request-timestamp"] ?? "";
  return /^\d{1,12}$/.test(stamp) && Math.abs(now / 1000 - Number(stamp)) <= MAX_AGE_S;
}

/** Checks the signature over the bytes that came, in constant time. */
export function isSigned(headers: Headers, body: Uint8Array, signingSecret: string): boolean {
  const stamp = headers["x-slack-request-timestamp"] ?? "";
  const mac = createHmac("sha256", signingSecret).update(`v0:${stamp}:`).update(body).digest("hex");
  const expected = Buffer.from(`v0=${mac}`);
  const given = Buffer.from(headers["x-slack-signature"] ?? "");
  const isSame = timingSafeEqual(expected, given.length === expected.length ? given : Buffer.alloc(expected.length));
  return isSame && signingSecret !== "";
}

/** Events are JSON; commands are a form; presses are JSON in the field `payload` of a form. Undefined: neither. */
export function parseBody(headers: Headers, body: Uint8Array): unknown {
  const text = Buffer.from(body).toString("utf8");
  if (headers["content-type"]?.startsWith("application/json") === true) return parseJson(text);
  const form = new URLSearchParams(text);
  return form.has("payload") ? parseJson(form.get("payload")) : Object.fromEntries(form);
}
