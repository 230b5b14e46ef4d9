/**
 * The bridge between the window and Electron's main process: one typed map, read by both. Small and fixed on purpose:
 * no file system, no raw IPC, no long-lived token. Everything else the window does goes over the gateway's WebSocket.
 */

/** Where the gateway is, and a code for one connection if the window has no device credential yet. */
export interface GatewayAddress {
  /** `ws://127.0.0.1:PORT` */
  url: string;
  /** Single use, two minutes. Traded for a device of the window's own. */
  bootstrapCode?: string;
}

export type GatewayState =
  | { state: "starting" }
  | { state: "ready"; attached: boolean }
  | { state: "failed"; message: string; logTail: string[] };

/** Calls from the window to main, by channel name. */
export interface DesktopCalls {
  "gateway.address": (options: { needsCode: boolean }) => GatewayAddress;
  "gateway.state": () => GatewayState;
  /** Tries again after `failed`; what comes of it is announced as `gateway.state`. */
  "gateway.retry": () => void;
  /** Opens http(s) and mailto links in the system's browser after a check; everything else is refused. */
  "shell.openExternal": (url: string) => boolean;
  /** Saves text through the system's dialog; false when the person cancels. */
  "shell.saveFile": (file: { fileName: string; content: string }) => boolean;
  "window.setTheme": (theme: "light" | "dark" | "system") => void;
  "window.setZoom": (factor: number) => void;
  /** What the close button does on Windows and Linux. Asked once. */
  "window.setCloseBehaviour": (behaviour: "tray" | "quit") => void;
  /** Unread and running work, for tray and badge. */
  "tray.setState": (state: { running: number }) => void;
}

/** Announcements from main to the window. */
export interface DesktopEvents {
  "gateway.state": GatewayState;
  /** A menu or tray item was chosen. */
  "menu.command": "new-chat" | "settings" | "palette" | "search";
  /** An approval was chosen in the tray or a notification; without an id, all of them. */
  "approvals.review": { approvalId?: string; sessionKey?: string };
  /** The zoom was changed by menu or keys: the page keeps it with its settings, and must not set the old one again. */
  "window.zoom": number;
  /** First close on a system where closing can hide: the window asks what to do. */
  "window.askClose": null;
}

export type DesktopCallName = keyof DesktopCalls;
export type DesktopEventName = keyof DesktopEvents;

/** What the preload puts on `window.gatehouse`. */
export interface DesktopBridge {
  platform: "darwin" | "win32" | "linux";
  call<N extends DesktopCallName>(name: N, ...args: Parameters<DesktopCalls[N]>): Promise<ReturnType<DesktopCalls[N]>>;
  on<N extends DesktopEventName>(name: N, listener: (payload: DesktopEvents[N]) => void): () => void;
}

export const DESKTOP_CALLS: readonly DesktopCallName[] = [
  "gateway.address",
  "gateway.state",
  "gateway.retry",
  "shell.openExternal",
  "shell.saveFile",
  "window.setTheme",
  "window.setZoom",
  "window.setCloseBehaviour",
  "tray.setState",
];

export const DESKTOP_EVENTS: readonly DesktopEventName[] = [
  "gateway.state",
  "menu.command",
  "approvals.review",
  "window.zoom",
  "window.askClose",
];

/** The window's own scheme and origin. */
export const APP_SCHEME = "gatehouse";
export const APP_ORIGIN = "gatehouse://app";
