/**
 * The desktop app put together: gateway and window side by side, tray, menu, calls, quitting. Decisions live in the
 * files beside this one; here they only meet.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { APP_SCHEME } from "#main/protocol/desktop.ts";
import { createCloseButton } from "./close-button.ts";
import type { Desktop, DesktopOptions } from "./desktop.ts";
import { askAboutClosing } from "./dialogs.ts";
import { GatewayHost } from "./gateway-host.ts";
import { createLinkOpener } from "./links.ts";
import { createPages } from "./pages.ts";
import { isAnswering, runProgram } from "./probes.ts";
import { createQuitter } from "./quit.ts";
import { showDesktop } from "./ready.ts";
import { hasTrayHost } from "./tray-host.ts";
import { MainWindow } from "./window.ts";
import { WindowStateStore } from "./window-state.ts";

/** As in electron-builder.yml. */
const APP_ID = "app.gatehouse.desktop";
/** Where the gateway listens unless told otherwise: the first guess for a page that is shown before it is up. */
const USUAL_ORIGIN = "http://127.0.0.1:18789";

/**
 * Starts the app. Call it before Electron is ready, in the first turn of the process.
 * A second start on the same state directory brings the first one's window to the front and ends.
 */
export function startDesktop(options: DesktopOptions): void {
  const { app, protocol } = options.parts;
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  app.setName("Gatehouse");
  // Windows shows notifications and groups windows only under the installer's own id.
  if (options.platform === "win32") app.setAppUserModelId(APP_ID);
  // Electron's lock belongs to this folder, which makes it one app per state directory.
  app.setPath("userData", join(options.stateDir, "desktop"));
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }
  // Whoever starts with --no-sandbox (as root, in a container) has a system that cannot: forcing it ends every process.
  if (!app.commandLine.hasSwitch("no-sandbox")) app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    {
      scheme: APP_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ]);
  const desktop = assemble(options);
  // What reaches the top of the process may have broken the gateway inside it.
  process.on("uncaughtException", (error) => void desktop.host.fall(error));
  process.on("unhandledRejection", (error) => desktop.host.log.error("a promise failed unheard", { error }));
  void desktop.host.start();
  void app.whenReady().then(() => showDesktop(desktop));
}

/** Makes everything that does not need Electron to be ready. */
function assemble(options: DesktopOptions): Desktop {
  const { parts, stateDir, clock, platform } = options;
  const isDev = !parts.app.isPackaged;
  const requestBootstrapCode = async (url: string) => {
    const owner = await options.connectOwner(url, {});
    try {
      return (await owner.request("device.bootstrap.create", {})).code;
    } finally {
      owner.close();
    }
  };
  const host = new GatewayHost({ ...options, start: options.startGateway, isAnswering, requestBootstrapCode });
  const warn = (message: string) => (error: unknown) => host.log.warn(message, { error });
  const store = new WindowStateStore(join(stateDir, "window.json"), clock, warn("the window's place was not saved"));
  const quitter = createQuitter({
    app: parts.app,
    clock,
    stop: async () => {
      store.dispose();
      await host.stop("the app quits");
    },
  });
  const window: MainWindow = new MainWindow({
    ...options,
    isDev,
    icon: join(options.resourcesDir, "icons", "256.png"),
    store,
    log: () => host.log,
    onCloseRequest: () => void closeButton.press().catch(warn("the close button failed")),
    isQuitting: () => quitter.isQuitting,
  });
  const closeButton = createCloseButton({
    platform,
    clock,
    hasTrayHost: () => hasTrayHost({ platform, env: options.env, run: runProgram }),
    behaviour: () => store.state.closeBehaviour,
    remember: (closeBehaviour) => store.update({ closeBehaviour }),
    canAsk: () => window.isLoaded,
    askInWindow: () => window.send("window.askClose", null),
    askNatively: () => askAboutClosing(parts.dialog, window.native),
    hide: () => window.hide(),
    quit: () => quitter.quit(),
  });
  const pages = createPages({
    rendererDir: options.rendererDir,
    gatewayOrigin: () => host.origin ?? store.state.gatewayOrigin ?? USUAL_ORIGIN,
  });
  const open = (url: string) => parts.shell.openExternal(url);
  const openLink = createLinkOpener({ open, clock, onError: warn("a link could not be opened") });
  return { ...options, isDev, host, store, pages, window, closeButton, openLink, quit: () => quitter.quit() };
}
