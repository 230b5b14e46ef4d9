/**
 * GET /avatar/<agentId>: an agent's emoji or initial as a small picture. It needs no credential, since an `<img>` cannot
 * carry one: whoever knows an agent's id learns its sign and nothing else. Never holds script, style or a link, and
 * never takes an id in any spelling but the plain one.
 */
import { createHash } from "node:crypto";
import { Hono } from "hono";
import type { AgentSign, HttpDeps, HttpEnv } from "./deps.ts";
import { refuse } from "./failures.ts";
import { matchesTag } from "./site.ts";

/**
 * What an agent is called and drawn as. Never decides whether the agent exists.
 * @param agents of the configuration in force; the default agent needs no entry
 */
export function signOf(agents: Readonly<Record<string, Partial<AgentSign>>>, agentId: string): AgentSign {
  const agent = Object.hasOwn(agents, agentId) ? agents[agentId] : undefined;
  const emoji = agent?.emoji?.trim() ?? "";
  return { name: agent?.name ?? "Gatehouse", ...(emoji === "" ? {} : { emoji }) };
}

/** The path as it stands in the request line: an id of letters, digits, `-` and `_`, nothing encoded. */
const PATH = /^\/avatar\/([A-Za-z0-9][A-Za-z0-9_-]{0,63})(?:\?|$)/;
/** A sign of more code points than this is nobody's emoji. */
const MAX_CODE_POINTS = 12;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** The first visible letter or emoji of a text; undefined when there is none. */
function firstSign(text: string | undefined): string | undefined {
  const plain = (text ?? "")
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, "")
    .trim();
  const [first] = new Intl.Segmenter("en", { granularity: "grapheme" }).segment(plain);
  return first === undefined ? undefined : [...first.segment].slice(0, MAX_CODE_POINTS).join("");
}

/** A colour of its own for each agent, dark enough for white letters. */
function toHue(agentId: string): number {
  return createHash("sha256").update(agentId).digest().readUInt16BE(0) % 360;
}

/**
 * The picture. Pure: the same agent looks the same everywhere.
 * @returns SVG of 64 by 64 units, drawn by attributes alone
 */
export function toAvatar(agentId: string, { name, emoji }: AgentSign): string {
  const sign = firstSign(emoji) ?? firstSign(name)?.toUpperCase() ?? "?";
  const text = sign.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? "");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">` +
    `<rect width="64" height="64" rx="14" fill="hsl(${toHue(agentId)}, 45%, 38%)"/>` +
    `<text x="32" y="34" fill="#fff" font-family="system-ui, sans-serif" font-size="34" text-anchor="middle" ` +
    `dominant-baseline="central">${text}</text></svg>`
  );
}

/** The route: 404 for an agent that is not there and for every other spelling, 405 for anything but reading. */
export function avatarRoutes(deps: Pick<HttpDeps, "agent">): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.all("*", (c) => {
    if (c.req.method !== "GET" && c.req.method !== "HEAD") {
      c.header("allow", "GET, HEAD");
      return refuse(c, 405, "a picture is only read", { close: true });
    }
    const agentId = PATH.exec(c.env.incoming.url ?? "")?.[1];
    const agent = agentId === undefined ? undefined : deps.agent(agentId);
    if (agentId === undefined || agent === undefined) return refuse(c, 404, "there is no such agent");
    const svg = toAvatar(agentId, agent);
    const etag = `"${createHash("sha256").update(svg).digest("base64url").slice(0, 16)}"`;
    const headers = { etag, "cache-control": "private, max-age=300" };
    if (matchesTag(c.req.header("if-none-match"), etag)) return c.body(null, 304, headers);
    return c.body(svg, 200, { ...headers, "content-type": "image/svg+xml; charset=utf-8" });
  });
  return app;
}
