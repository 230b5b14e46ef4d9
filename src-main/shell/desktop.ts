/**
 * What the app is made of, as types: the parts of Electron, what `main.ts` says about the world, and the pieces that the
 * shell puts together. Nothing here loads Electron.
 */
import type * as Electron from "electron";
import type { Clock } from "#main/base/clock.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ConnectOwner } from "./approvals/waiting.ts";
import type { CloseButton } from "./close-button.ts";
import type { GatewayHost, RunningGateway } from "./gateway-host.ts";
import type { LinkOpener } from "./links.ts";
import type { Pages } from "./pages.ts";
import type { MainWindow } from "./window.ts";
import type { WindowStateStore } from "./window-state.ts";

/** The parts of Electron in use; a test hands in its own. */
export type ElectronParts = Pick<
  typeof Electron,
  | "app"
  | "BrowserWindow"
  | "Menu"
  | "Notification"
  | "Tray"
  | "clipboard"
  | "dialog"
  | "ipcMain"
  | "nativeTheme"
  | "protocol"
  | "screen"
  | "session"
  | "shell"
>;

/** What the app is told at its start. */
export interface DesktopOptions {
  parts: ElectronParts;
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  /** Absolute. Everything the app keeps is in it, Chromium's profile too, so that two of them never meet. */
  stateDir: string;
  /** Absolute: the built renderer, the built preload, the pictures. */
  rendererDir: string;
  preload: string;
  resourcesDir: string;
  clock: Clock;
  /** Used while no gateway's log is there. */
  log: Logger;
  /** Throws Refused `LOCKED` with details `{pid, url}` when another gateway owns the state directory. */
  startGateway(onLogLine: (line: string) => void): Promise<RunningGateway>;
  /** The owner's way into the gateway in use, wherever it runs. */
  connectOwner: ConnectOwner;
}

/** What the pieces share. */
export interface Desktop extends DesktopOptions {
  isDev: boolean;
  host: GatewayHost;
  store: WindowStateStore;
  pages: Pages;
  window: MainWindow;
  closeButton: CloseButton;
  openLink: LinkOpener;
  quit(): void;
}
