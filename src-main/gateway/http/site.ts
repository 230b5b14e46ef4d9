/**
 * The renderer's build as web chat. Public: it holds no data, the page asks for a credential itself. A navigation to
 * a path without a file gets the page; anything else without a file is a 404. Never serves what lies outside the build.
 */
import type { Context } from "hono";
import type { HttpDeps, HttpEnv } from "./deps.ts";
import { refuse } from "./failures.ts";
import { toPagePolicy } from "./headers.ts";
import { createSiteFiles, toSiteFile, type Encoding, type SiteFile, type SiteFiles } from "./site-files.ts";
import { toSitePath } from "./site-path.ts";

const MISSING_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Gatehouse</title></head>
<body>
<h1>The chat page is not built</h1>
<p>The gateway runs, but the files of its page are missing from this installation.</p>
<p>From a source checkout run <code>npm run build</code>, then load this page again.</p>
</body>
</html>
`;

/** The best encoding that a browser accepts; a weight of zero refuses one. */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding {
  const accepted = new Set<string>();
  for (const part of (acceptEncoding ?? "").toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    if (!parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))) accepted.add(name);
  }
  return accepted.has("br") ? "br" : accepted.has("gzip") ? "gzip" : "identity";
}

/** True when one of the tags of If-None-Match is ours; weak comparison (RFC 9110 §13.1.2). */
export function matchesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}

/** A person opening an address, as against a script or an image of the page. */
function isNavigation(c: Context<HttpEnv>): boolean {
  const mode = c.req.header("sec-fetch-mode");
  if (mode !== undefined) return mode === "navigate";
  return (c.req.header("accept") ?? "").includes("text/html");
}

/** The page as it is sent for a deeper address: its relative links count from the base. */
function withBase(page: SiteFile, base: string): SiteFile {
  const html = new TextDecoder().decode(page.bytes).replace(/<head[^>]*>/i, (head) => `${head}<base href="${base}/">`);
  return toSiteFile("index.html", new TextEncoder().encode(html));
}

async function sendFile(c: Context<HttpEnv>, files: SiteFiles, file: SiteFile): Promise<Response> {
  const { bytes, encoding } = await files.encode(file, chooseEncoding(c.req.header("accept-encoding")));
  const etag = `"${file.tag}${encoding === "identity" ? "" : `-${encoding}`}"`;
  const headers: Record<string, string> = {
    etag,
    vary: "accept-encoding",
    "cache-control": file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
  };
  // Pictures of the page may hold markup (SVG): the page's policy, not the API's, and no script of their own.
  headers["content-security-policy"] = toPagePolicy(c.env.incoming.headers.host);
  if (matchesTag(c.req.header("if-none-match"), etag)) return c.body(null, 304, headers);
  headers["content-type"] = file.mime;
  headers["content-length"] = String(bytes.length);
  if (encoding !== "identity") headers["content-encoding"] = encoding;
  return c.body(bytes, 200, headers);
}

/** The handler behind every path that is nothing else. */
export function siteHandler(
  deps: Pick<HttpDeps, "rendererDir" | "basePath">,
): (c: Context<HttpEnv>) => Promise<Response> {
  const files = createSiteFiles(deps.rendererDir);
  const base = (deps.basePath ?? "").replace(/\/+$/, "");
  return async (c) => {
    const path = toSitePath(c.env.incoming.url ?? "/");
    if (c.req.method !== "GET" && c.req.method !== "HEAD") {
      c.header("allow", "GET, HEAD");
      return refuse(c, path === undefined ? 404 : 405, "there is nothing here to send to", { close: true });
    }
    const notFound = () => refuse(c, 404, "there is nothing at this address");
    if (path === undefined) return notFound();
    if (base !== "" && (path === "" || `/${path}` === base)) return c.redirect(`${base}/`, 302);
    const prefix = base === "" ? "" : `${base.slice(1)}/`;
    if (!path.startsWith(prefix)) return notFound();
    const below = path.slice(prefix.length);
    const file = below === "" ? undefined : await files.find(below);
    if (file) return sendFile(c, files, file);
    if (below !== "" && below !== "index.html" && !isNavigation(c)) return notFound();
    const page = await files.find("index.html");
    if (!page) return c.html(MISSING_PAGE, 503, { "cache-control": "no-store", "retry-after": "30" });
    return sendFile(c, files, below === "" ? page : withBase(page, base));
  };
}
