/**
 * Serves the window's own pages under `gatehouse://app`: the built renderer and one page of our own for when it keeps
 * crashing. Every answer carries the content security policy; nothing outside the renderer's folder is ever read.
 */
import { readFile, realpath } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { APP_ORIGIN } from "#main/protocol/desktop.ts";

export const START_PAGE = `${APP_ORIGIN}/index.html`;
export const CRASH_PAGE = `${APP_ORIGIN}/crashed.html`;

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

/** Loads no script, so that it works whatever is wrong with the renderer. */
const CRASH_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Gatehouse</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; place-content: center; min-height: 100vh; margin: 0; padding: 0 2rem; text-align: center; }
a { color: inherit; }
</style>
</head>
<body>
<main>
<h1>The window stopped working</h1>
<p>It crashed several times in a row. The gateway is still running, and nothing you sent is lost.</p>
<p><a href="${START_PAGE}">Open it again</a></p>
</main>
</body>
</html>
`;

/** `http://127.0.0.1:1` → `ws://127.0.0.1:1`, and https likewise. */
export function toWebSocketUrl(origin: string): string {
  return origin.replace(/^http/, "ws");
}

/**
 * The policy of every page. Scripts come from the package alone; the network is the one gateway.
 * Inline styles stay allowed: highlighted code carries its colours that way, and a style cannot load from elsewhere.
 * @param gatewayOrigin `http://127.0.0.1:18789`; undefined while no gateway is known: then no connection at all
 */
export function toContentSecurityPolicy(gatewayOrigin: string | undefined): string {
  const connect = gatewayOrigin === undefined ? "'none'" : `${gatewayOrigin} ${toWebSocketUrl(gatewayOrigin)}`;
  const media = gatewayOrigin === undefined ? "" : ` ${gatewayOrigin}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data: blob:${media}`,
    `media-src 'self' blob:${media}`,
    "font-src 'self' data:",
    "worker-src 'self'",
    `connect-src ${connect}`,
    "frame-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** True for the addresses of our own pages, and nothing that only looks like them. */
export function isOwnPage(raw: string): boolean {
  if (!URL.canParse(raw)) return false;
  const url = new URL(raw);
  return `${url.protocol}//${url.host}` === APP_ORIGIN && url.username === "" && url.password === "";
}

export interface Pages {
  /** Answers one request of the window. Never throws. */
  handle(request: { method: string; url: string }): Promise<Response>;
  /** The gateway that the start page served last may talk to; undefined when none was named or none was served. */
  readonly allowedOrigin: string | undefined;
  /** True once the start page was served. */
  readonly wasServed: boolean;
}

/**
 * @param rendererDir absolute path of the built renderer
 * @param gatewayOrigin asked at each request, since the gateway starts beside the window
 */
export function createPages(options: { rendererDir: string; gatewayOrigin: () => string | undefined }): Pages {
  let allowedOrigin: string | undefined;
  let wasServed = false;
  return {
    get allowedOrigin() {
      return allowedOrigin;
    },
    get wasServed() {
      return wasServed;
    },
    async handle(request) {
      const origin = options.gatewayOrigin();
      const path = toPagePath(request);
      if (path === undefined) return answer(404, ".txt", "Not found", origin);
      if (path === "crashed.html") return answer(200, ".html", CRASH_HTML, origin);
      // Noted before the file is read: a gateway that comes up meanwhile must see that this page is made for another.
      if (path === "index.html") {
        allowedOrigin = origin;
        wasServed = true;
      }
      const bytes = await readInside(options.rendererDir, path);
      if (bytes === undefined) return answer(404, ".txt", "Not found", origin);
      return answer(200, extname(path), request.method === "HEAD" ? "" : bytes, origin);
    },
  };
}

/** The path inside the renderer's folder that a request asks for, or undefined when it may not be answered. */
function toPagePath(request: { method: string; url: string }): string | undefined {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  if (!isOwnPage(request.url)) return undefined;
  const path = decodePath(new URL(request.url).pathname);
  if (path === undefined || /[\\:\0]/.test(path)) return undefined;
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.some((part) => part.startsWith("."))) return undefined;
  return parts.length === 0 ? "index.html" : parts.join("/");
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Links are followed first and must end inside, so that one left in the folder opens nothing else. */
async function readInside(root: string, path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const [realRoot, file] = await Promise.all([realpath(root), realpath(join(root, path))]);
    if (!file.startsWith(realRoot + sep)) return undefined;
    return new Uint8Array(await readFile(file));
  } catch {
    return undefined;
  }
}

function answer(
  status: number,
  ext: string,
  body: string | Uint8Array<ArrayBuffer>,
  origin: string | undefined,
): Response {
  return new Response(body, {
    status,
    headers: {
      "content-type": TYPES[ext.toLowerCase()] ?? "application/octet-stream",
      "content-security-policy": toContentSecurityPolicy(origin),
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cache-control": "no-cache",
    },
  });
}
