/**
 * The moment Electron is ready: guards first, then the pages and the window's calls, then the window itself. Nothing is
 * shown before everything that limits it stands.
 */
import { APP_SCHEME } from "#main/protocol/desktop.ts";
import type { Desktop } from "./desktop.ts";
import { askWhereToSave } from "./dialogs.ts";
import { guardContents, guardSession } from "./guards.ts";
import { serveCalls, type CallHandlers } from "./ipc.ts";
import { saveFile } from "./save-file.ts";
import { createSurroundings } from "./surroundings.ts";

/** Opens the window on an app that `startDesktop` has put together. */
export function showDesktop(desktop: Desktop): void {
  const { parts, host, pages, window, store } = desktop;
  const { nativeTheme } = parts;
  nativeTheme.themeSource = store.state.theme ?? "system";
  nativeTheme.on("updated", () => window.paintBackground());
  parts.app.on("web-contents-created", (_event, contents) => guardContents(contents, desktop.openLink));
  guardSession(parts.session.defaultSession, { gatewayOrigin: () => host.origin, isDev: desktop.isDev });
  parts.protocol.handle(APP_SCHEME, (request) => pages.handle(request));
  const around = createSurroundings(desktop);
  serveCalls(parts.ipcMain, createHandlers(desktop, around.setReportedRunning), () => window.contents);
  const onState = () => {
    const { origin, state } = host;
    if (origin !== undefined) store.update({ gatewayOrigin: origin });
    // The page was given a policy for another address: only a new load can change that.
    if (origin !== undefined && pages.wasServed && pages.allowedOrigin !== origin) window.reload();
    window.send("gateway.state", state);
    around.update();
  };
  host.onState(onState);
  onState();
  window.show();
}

/** What each call of the window does. Arguments were checked before; nothing here trusts the page further than that. */
function createHandlers(desktop: Desktop, setRunning: (running: number) => void): CallHandlers {
  const { parts, window, store, host } = desktop;
  const saving = {
    folder: parts.app.getPath("downloads"),
    ask: (path: string) => askWhereToSave(parts.dialog, window.native, path),
  };
  return {
    "gateway.address": (options) => host.address(options),
    "gateway.state": () => host.state,
    "gateway.retry": () => void host.retry(),
    "shell.openExternal": (url) => desktop.openLink(url),
    "shell.saveFile": (file) => saveFile(file, saving),
    "window.setTheme"(theme) {
      parts.nativeTheme.themeSource = theme;
      store.update({ theme });
    },
    "window.setZoom": (factor) => window.setZoom(factor),
    "window.setCloseBehaviour": (behaviour) => desktop.closeButton.answer(behaviour),
    "tray.setState": ({ running }) => setRunning(running),
  };
}
