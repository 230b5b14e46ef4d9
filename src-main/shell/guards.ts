/**
 * What no page may do, whatever runs in it: leave our origin, open windows, embed other contents, get a permission,
 * reach any address but the gateway's, download. Decisions are pure; the two `guard…` functions tie them to Electron.
 */
import type { Session, WebContents } from "electron";
import { APP_ORIGIN } from "#main/protocol/desktop.ts";
import type { LinkOpener } from "./links.ts";
import { isOwnPage, toWebSocketUrl } from "./pages.ts";

/**
 * Permissions that our own page gets. Since Chromium 142 a page needs one to reach 127.0.0.1 at all; the request
 * filter below keeps that to the gateway.
 */
const OWN_PERMISSIONS = new Set([
  "clipboard-sanitized-write",
  "local-network",
  "local-network-access",
  "loopback-network",
]);

/** @param requester origin or address of the page that asks; `gatehouse://app` or `gatehouse://app/index.html` */
export function isPermissionAllowed(permission: string, requester: string): boolean {
  return OWN_PERMISSIONS.has(permission) && isOwnPage(requester);
}

/**
 * True when a page may load this address.
 * @param gatewayOrigin `http://127.0.0.1:18789`, undefined while there is none
 * @param isDev also lets the developer tools load their own pages
 */
export function isRequestAllowed(raw: string, gatewayOrigin: string | undefined, isDev: boolean): boolean {
  if (!URL.canParse(raw)) return false;
  const url = new URL(raw);
  if (url.protocol === "data:") return true;
  if (url.protocol === "blob:") return raw.startsWith(`blob:${APP_ORIGIN}/`);
  if (url.protocol === "devtools:") return isDev;
  if (isOwnPage(raw)) return true;
  if (gatewayOrigin === undefined || url.username !== "" || url.password !== "") return false;
  const origin = `${url.protocol}//${url.host}`;
  return origin === gatewayOrigin || origin === toWebSocketUrl(gatewayOrigin);
}

/** Denies by default everything that Chromium asks of a session. */
export function guardSession(
  session: Session,
  options: { gatewayOrigin: () => string | undefined; isDev: boolean },
): void {
  session.setPermissionCheckHandler((_contents, permission, origin) => isPermissionAllowed(permission, origin));
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(isPermissionAllowed(permission, details.requestingUrl)),
  );
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, answer) =>
    answer({ cancel: !isRequestAllowed(details.url, options.gatewayOrigin(), options.isDev) }),
  );
  session.on("will-download", (event) => event.preventDefault());
}

/** The part of WebContents that is guarded. */
export type GuardedContents = Pick<WebContents, "on" | "setWindowOpenHandler">;

/** Keeps one page where it is. Links that people click open outside after a check. */
export function guardContents(contents: GuardedContents, openLink: LinkOpener): void {
  contents.on("will-navigate", (event) => {
    if (isOwnPage(event.url)) return;
    event.preventDefault();
    openLink(event.url);
  });
  contents.on("will-frame-navigate", (event) => {
    if (!event.isMainFrame) event.preventDefault();
  });
  contents.on("will-redirect", (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openLink(url);
    return { action: "deny" };
  });
}
